"""Whether there is a display to open a window on; knows no Qt."""

import os
import sys


def has_display() -> bool:
    """A set QT_QPA_PLATFORM counts: whoever sets it has chosen where the window goes."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def is_real_window() -> bool:
    """Whether Qt's X11 plug-in will be loaded (and its libraries are needed)."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    return bool(os.environ.get("DISPLAY")) and platform in ("", "xcb")


def needs_x11() -> bool:
    """Whether Qt has no other way to a screen than its X11 plug-in."""
    named = os.environ.get("QT_QPA_PLATFORM") == "xcb"
    return is_real_window() and (named or not os.environ.get("WAYLAND_DISPLAY"))
