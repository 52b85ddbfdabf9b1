"""The report: one document, built from a recommendation, and one writer per format."""

from app.report.as_html import to_html
from app.report.as_json import LARGEST_BYTES, from_json, to_json
from app.report.as_markdown import to_markdown
from app.report.as_pdf import to_pdf
from app.report.building import build
from app.report.document import Report, ReportError
from app.report.writing import SUFFIXES, check_path, require_suffix, write

__all__ = [
    "LARGEST_BYTES",
    "SUFFIXES",
    "Report",
    "ReportError",
    "build",
    "check_path",
    "from_json",
    "require_suffix",
    "to_html",
    "to_json",
    "to_markdown",
    "to_pdf",
    "write",
]
