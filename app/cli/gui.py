"""`gui`: the window; with no display it says so instead of dying in Qt."""

import argparse
import sys
from pathlib import Path


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
    from app.display import has_display, is_real_window

    if not has_display():
        sys.stderr.write(
            "framework-advisor: there is no display; `framework-advisor` does the same job in the "
            "terminal, and QT_QPA_PLATFORM=offscreen lets the window paint unseen\n"
        )
        return 2
    try:
        from app.gui.launch import run_window
    except ImportError as error:
        from app.system_libraries import install_line, missing_packages

        missing = missing_packages(is_real_window())
        if not missing:
            raise
        sys.stderr.write(
            f"framework-advisor: Qt cannot be loaded ({error}); run: {install_line(missing)}\n"
        )
        return 2
    return run_window(args)
