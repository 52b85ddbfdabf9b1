"""Write a report to a file in the format that its name asks for: whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from app.files import require_writable, write_atomically
from app.report.as_html import to_html
from app.report.as_json import to_json
from app.report.as_markdown import to_markdown
from app.report.as_pdf import to_pdf
from app.report.document import Report, ReportError

_WRITERS: dict[str, Callable[[Report, bool], bytes]] = {
    ".html": lambda report, one_page: to_html(report, one_page).encode(),
    ".pdf": to_pdf,
    ".md": lambda report, one_page: to_markdown(report, one_page).encode(),
    # Always whole: it is what replays, and holds what the one page shows.
    ".json": lambda report, _: to_json(report),
}
SUFFIXES = tuple(_WRITERS)


def require_suffix(path: Path) -> None:
    """Raise ReportError, before any work is done, for a name that no writer has the format of."""
    if path.suffix.lower() not in _WRITERS:
        raise ReportError(
            f"{path}: no report format ends in {path.suffix!r}; use {', '.join(SUFFIXES)}."
        )


def check_path(path: Path) -> None:
    """Raise ReportError now for what `write` would refuse later."""
    require_suffix(path)
    try:
        require_writable(path)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}.") from error


def write(report: Report, path: Path, one_page: bool = False) -> None:
    """Write as HTML, PDF, Markdown or JSON by suffix; JSON is whole also where one page is asked.

    Raises ReportError, with nothing half-written, for an unknown suffix or where the file system
    refuses.
    """
    check_path(path)
    data = _WRITERS[path.suffix.lower()](report, one_page)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror or error}.") from error
