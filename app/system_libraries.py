"""Which system libraries Qt needs on Linux and which of them are missing; standard library only.

Used before anything is installed and when Qt cannot be loaded, so that a person gets one line to
copy instead of a linker's message.
"""

from __future__ import annotations  # for `app.setup_checkout`, under a Python that is too old

import ctypes
import sys

# What the Qt libraries of PySide6-Essentials name as needed (`readelf -d`) and do not bring along,
# with Debian's package for each.
_ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_REAL_WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing_packages(real_window: bool) -> tuple[str, ...]:
    """Debian packages to install before Qt starts; `real_window` adds those of the X11 plug-in."""
    if not sys.platform.startswith("linux"):
        return ()
    wanted = _ALWAYS | (_REAL_WINDOW if real_window else {})
    return tuple(sorted(package for library, package in wanted.items() if not _loads(library)))


def install_line(packages: tuple[str, ...]) -> str:
    """The one line to copy."""
    return "sudo apt-get install -y " + " ".join(packages)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
