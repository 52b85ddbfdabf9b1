"""Starts the worker by path: `PYTHON -X utf8 .../worker/__main__.py --fd N`.

The package is loaded under a name of its own, and its folder is taken off the module path, so that
nothing of the program that started it can be imported by chance in the user's interpreter.
"""

import importlib.util
import os
import sys

PACKAGE = "_framework_advisor_worker"


def load_package() -> str:
    """Load it, and give the name that it now has."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != folder]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError("the worker's folder cannot be read: " + folder)
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    return PACKAGE


def main() -> int:
    package, given = load_package(), sys.argv[1:]
    # What the worker runs in processes of their own says so; see `apart.py`.
    name, given = (given[1], given[2:]) if given[:1] == ["--run"] else ("serve", given)
    return int(importlib.import_module(package + "." + name).main(given))


if __name__ == "__main__":
    sys.exit(main())
