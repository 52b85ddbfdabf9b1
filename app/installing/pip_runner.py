"""Runs the program's own pip under any interpreter, as a child; the standard library and pip only.

    PYTHON pip_runner.py PIP_FOLDER NOTES.json ENVIRONMENT.json|- COMMAND ARGUMENT...

With `install --dry-run` it adds what pip's own report lacks: the sizes of the files, the marker
environment of another platform (pip reads markers with those of the interpreter that runs it,
github.com/pypa/pip/issues/11198), and a refusal to download a large package whole only to read what
it depends on. It ends with the program that started it: that is how long its input stays open.
"""

import contextlib
import importlib
import json
import os
import sys
import threading
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

LARGEST_FILE_BYTES = 20 * 10**6
"""A file up to this size is fetched whole where an index gives its dependencies no other way."""


def main(arguments: list[str]) -> int:
    pip_folder, notes_file, environment_file, command, *rest = arguments
    sys.path.pop(0)  # this file's folder: nothing beside it may shadow a module
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.meta_path.insert(0, _OurPip(pip_folder))
    notes: dict[str, Any] = {"pip": None, "sizes": {}, "refused": None}
    try:
        notes["pip"] = importlib.import_module("pip").__version__
        if environment_file != "-":
            with open(environment_file, encoding="utf-8") as file:
                _read_markers_as(json.load(file))
        if command == "install" and "--dry-run" in rest:
            return int(_asking(notes).main(rest))
        if command == "inspect":
            # Warnings go to the other output; this one has to be JSON alone.
            target = rest.pop()
            with open(target, "w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
                return _pip_command(command, rest)
        return _pip_command(command, rest)
    finally:
        with open(notes_file, "w", encoding="utf-8") as file:
            json.dump(notes, file)


def _pip_command(name: str, arguments: list[str]) -> int:
    return int(_of_pip("_internal.commands").create_command(name).main(arguments))


def _of_pip(name: str) -> Any:
    """A module of pip, none of whose insides is promised to stay: what changes there ends this
    program with a traceback, and so in "not verified"."""
    return importlib.import_module(f"pip.{name}")


class _OurPip:
    """Finds `pip` in one folder and nothing else, so that the environment stays its own."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [self._folder], target) if name == "pip" else None


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter shuts down.
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(130)


def _read_markers_as(environment: dict[str, str]) -> None:
    """Before anything of pip has taken the function over by name."""
    markers = _of_pip("_vendor.packaging.markers")
    here = markers.default_environment()
    if set(environment) - set(here):
        raise SystemExit("pip reads markers in a way that is not known here")
    markers.default_environment = lambda: {**here, **environment}


def _asking(notes: dict[str, Any]) -> Any:
    """The install command that notes sizes and refuses large downloads."""
    link_class = _of_pip("_internal.models.link").Link
    lazy_class = _of_pip("_internal.network.lazy_wheel").LazyZipOverHTTP
    downloader_class = _of_pip("_internal.network.download").Downloader
    install_class = _of_pip("_internal.commands.install").InstallCommand
    pip_error = _of_pip("_internal.exceptions").InstallationError
    without_secrets = _of_pip("_internal.utils.misc").redact_auth_from_url
    sizes = notes["sizes"]

    def note(url: str, size: object) -> None:
        if isinstance(size, int):
            sizes[without_secrets(url.partition("#")[0])] = size

    read_link = link_class.from_json.__func__

    def from_json(cls: Any, file_data: Any, page_url: str) -> Any:
        link = read_link(cls, file_data, page_url)
        if link is not None:
            note(link.url, file_data.get("size"))
        return link

    begin_lazily = lazy_class.__init__

    def begin(self: Any, url: str, *rest: Any, **named: Any) -> None:
        begin_lazily(self, url, *rest, **named)
        note(url, self._length)

    fetch = downloader_class.__call__

    def download(self: Any, link: Any, *rest: Any, **named: Any) -> Any:
        if not link.filename.endswith(".metadata"):
            size = _size_of(self._session, link.url)
            if size is None or size > LARGEST_FILE_BYTES:
                notes["refused"] = {"file": link.filename, "bytes": size}
                raise pip_error(f"{link.filename} would have to be downloaded whole")
        return fetch(self, link, *rest, **named)

    def run(self: Any, options: Any, arguments: list[str]) -> int:
        status = install_class.run(self, options, arguments)
        if status == 0:
            with open(options.json_report_file, encoding="utf-8") as file:
                found = [one["download_info"]["url"] for one in json.load(file)["install"]]
            session = self.get_default_session(options)
            notes["sizes"] = {url: sizes.get(url) or _size_of(session, url) for url in found}
        return int(status)

    link_class.from_json = classmethod(from_json)
    lazy_class.__init__ = begin
    downloader_class.__call__ = download
    asking_class = type("Asking", (install_class,), {"run": run})
    return asking_class("install", "asks what would be installed")


def _size_of(session: Any, url: str) -> int | None:
    """In bytes, from the file system or what the server says of the file; None where neither."""
    if url.startswith("file:"):
        with contextlib.suppress(OSError):
            path = _of_pip("_internal.utils.urls").url_to_path(url.partition("#")[0])
            return os.path.getsize(path)
        return None
    try:
        answer = session.head(url, allow_redirects=True, headers={"Accept-Encoding": "identity"})
        return int(answer.headers["Content-Length"]) if answer.status_code == 200 else None
    except Exception:  # noqa: BLE001 - a server may fail in any way: then the size is not known
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
