"""Write a report to a file in the format that its name asks for: whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from app.files import write_atomically
from app.report.as_html import to_html
from app.report.as_json import to_json
from app.report.as_markdown import to_markdown
from app.report.document import Report, ReportError

_WRITERS: dict[str, Callable[[Report], bytes]] = {
    ".html": lambda report: to_html(report).encode(),
    ".md": lambda report: to_markdown(report).encode(),
    ".json": to_json,
}
SUFFIXES = tuple(_WRITERS)


def check_path(path: Path) -> None:
    """Raise ReportError now for what `write` would refuse later: a suffix, a folder not there."""
    if path.suffix.lower() not in _WRITERS:
        known = ", ".join(SUFFIXES)
        raise ReportError(f"{path}: no report format ends in {path.suffix!r}; use {known}.")
    if not path.parent.is_dir():
        raise ReportError(f"{path}: the folder {path.parent} does not exist; make it first.")
    if path.is_dir():
        raise ReportError(f"{path}: is a folder; give a file's name.")


def write(report: Report, path: Path) -> None:
    """Write as HTML, Markdown or JSON by suffix.

    Raises ReportError, with nothing half-written, for an unknown suffix or where the file system
    refuses.
    """
    check_path(path)
    data = _WRITERS[path.suffix.lower()](report)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror or error}.") from error
