"""Where a bundle begins: gives the environment back as the user had it, then starts the program.

What the bundle's loader set for itself must not reach the programs that this one starts: a user's
interpreter would load the bundle's libraries instead of its own.
"""

import os
import sys

LIBRARY_PATHS = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH")
PLUGIN_PATHS = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
"""Qt finds the bundle's without them, beside its libraries."""
LOADERS_OWN = ("_PYI_", "_MEIPASS2")


def give_back_environment() -> None:
    """The variables as they were before the loader: it has read its own by now."""
    for name in PLUGIN_PATHS:
        os.environ.pop(name, None)
    for name in LIBRARY_PATHS:
        before = os.environ.pop(f"{name}_ORIG", None)
        if before is not None:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)
    for name in list(os.environ):
        if name.startswith(LOADERS_OWN):
            del os.environ[name]


if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        give_back_environment()
    from app.__main__ import main

    sys.exit(main())
