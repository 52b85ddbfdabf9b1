"""`gui`: the window; with no display it says so instead of dying in Qt."""

import argparse
import sys
from pathlib import Path

from app.interrupts import cancelled_by_signals
from app.system_libraries import install_line, missing_packages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exit-after-paint", action="store_true", help="leave once the first page is painted"
    )
    parser.add_argument(
        "--screenshots", type=Path, metavar="DIR", help="write a picture of every page and leave"
    )
    parser.add_argument(
        "file", nargs="?", type=Path, help="answers, machine file or session to open"
    )


def run(args: argparse.Namespace) -> int:
    from app.display import has_display, is_real_window, needs_x11

    if not has_display():
        sys.stderr.write(
            "framework-advisor: there is no display; `framework-advisor` does the same job in the "
            "terminal, and QT_QPA_PLATFORM=offscreen lets the window paint unseen\n"
        )
        return 2
    if args.file is not None and not args.file.exists():
        sys.stderr.write(f"framework-advisor: {args.file}: there is no such file\n")
        return 2
    if needs_x11() and (missing := missing_packages(True)):
        # Qt would find its plug-in, fail to load it and abort with a message of its own.
        _say_missing(missing, "a library of its window system is missing")
        return 2
    # Noted and no more: an exception while Qt is being loaded, or inside of its event loop, ends in
    # a crash or is lost.
    with cancelled_by_signals() as stopped:
        try:
            from app.gui.launch import run_window
        except ImportError as error:
            missing = missing_packages(is_real_window())
            if not missing:
                raise
            _say_missing(missing, str(error))
            return 2
        if stopped.is_set():
            raise KeyboardInterrupt
        if args.screenshots is None:
            return run_window(args, stopped)
    return run_window(args)


def _say_missing(packages: tuple[str, ...], reason: str) -> None:
    sys.stderr.write(
        f"framework-advisor: Qt cannot be loaded ({reason}); run: {install_line(packages)}\n"
    )
