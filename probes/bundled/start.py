"""The bundle's first lines: unpack beside nothing of the user's, make the paths, measure.

Syntax of any Python 3, so that a version that is too old can still be told so.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

import os
import shutil
import sys
import tempfile
import zipfile

OLDEST = (3, 8)


class Folder:
    """tempfile.TemporaryDirectory with what Python 3.10 added to it."""

    def __init__(self, prefix=None, ignore_cleanup_errors=False):
        self.name = tempfile.mkdtemp(prefix=prefix)
        self.ignored = ignore_cleanup_errors

    def __enter__(self):
        return self.name

    def __exit__(self, *error):
        shutil.rmtree(self.name, ignore_errors=self.ignored)


def fail(message):
    sys.stderr.write("framework-advisor probe: " + message + "\n")
    return 2


def use(folder):
    """What is compiled has a stand-in, and what a newer Python has, a name for the older ones."""
    sys.path[:0] = [folder, os.path.join(folder, "carried"), os.path.join(folder, "standins")]
    sys.path.append(os.path.join(folder, "where_missing"))
    import datetime
    import functools
    import typing

    if not hasattr(functools, "cache"):
        functools.cache = functools.lru_cache(maxsize=None)
    if not hasattr(datetime, "UTC"):
        datetime.UTC = datetime.timezone.utc
    if not hasattr(typing, "Annotated"):
        typing.Annotated = None  # type: ignore[assignment]
    if sys.version_info[:2] < (3, 10):
        tempfile.TemporaryDirectory = Folder


def main():
    if sys.version_info[:2] < OLDEST:
        return fail(
            "needs Python {} or newer, this is {}".format(
                ".".join(map(str, OLDEST)), sys.version.split()[0]
            )
        )
    try:
        import numpy  # noqa: F401
    except ImportError:
        return fail(
            "needs numpy in this Python ({}): install it, or run another Python "
            "that has a framework".format(sys.executable)
        )
    if not os.path.exists("/proc/stat"):
        try:
            import psutil  # noqa: F401
        except ImportError:
            return fail(
                "needs psutil on this system: {} -m pip install psutil".format(sys.executable)
            )
    inside = os.environ.pop("ADVISOR_PROBE_FOLDER", None)
    folder = tempfile.mkdtemp(prefix="framework-advisor-bundle-", dir=inside)
    try:
        with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
            archive.extractall(folder)
        sys.path[:] = [
            entry for entry in sys.path if entry != os.path.dirname(os.path.abspath(__file__))
        ]
        use(folder)
        from probes.bundled import command

        return command.main(sys.argv[1:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
