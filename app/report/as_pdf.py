"""A report as PDF/UA-1, set by Typst from the same document; charts are vectors, text is data.

The template reads the report as JSON, and a string in Typst's data is never markup. Only the fonts
that we ship and those inside Typst are used, so that a report looks the same on every machine.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from app.paths import ASSETS
from app.report.as_html import is_web_address
from app.report.document import Chart, Report, ReportError
from app.report.drawings import svg_of
from app.report.printing import printed_table
from app.theme import load_theme

FOLDER = ASSETS / "report"
FONTS = ASSETS / "fonts"


def to_pdf(report: Report, one_page: bool = False) -> bytes:
    """The same report gives the same bytes; `one_page` gives the short form, on one sheet of A4.

    Raises ReportError where Typst is not installed or refuses.
    """
    try:
        # Here, since it is large and only this format needs it.
        import typst
    except ModuleNotFoundError as error:
        raise ReportError(
            "A PDF needs Typst, which is not installed: python -m pip install typst. "
            "HTML, Markdown and JSON need nothing more."
        ) from error
    day = datetime.fromisoformat(report.recommendation.made.today).replace(tzinfo=UTC)
    try:
        data = typst.compile(
            FOLDER / ("one_page.typ" if one_page else "report.typ"),
            root=FOLDER,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"report": msgspec.json.encode(_data(report, one_page)).decode()},
            pdf_standards=["ua-1"],
            timestamp=day,
        )
    except typst.TypstError as error:
        raise ReportError(f"The PDF could not be set: {error.message}") from error
    assert isinstance(data, bytes)
    return data


def _data(report: Report, one_page: bool) -> dict[str, Any]:
    """What the template reads: the document, its charts drawn, and no address but of the web."""
    theme = load_theme("light")
    sections = report.one_page if one_page else report.sections
    plain = msgspec.to_builtins(
        {
            "title": report.title,
            "program_version": report.program_version,
            "redacted": report.redacted,
            "today": report.recommendation.made.today,
            "knowledge": report.recommendation.knowledge.version,
            "summary": report.summary,
            "sections": sections,
        }
    )
    drawings = {}
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                svg = svg_of(report, block)
                if svg is not None:
                    drawings[block.name + block.subject] = svg.replace(
                        "font-family: sans-serif", "font-family: Noto Sans"
                    )
    data: dict[str, Any] = _only_web_addresses(plain)
    for section in data["sections"]:
        section["blocks"] = [_printed(block) for block in section["blocks"]]
    return data | {
        "drawings": drawings,
        "tokens": msgspec.to_builtins(theme.tokens),
        "marks": {
            framework: {"colour": mark.colour, "shape": mark.marker}
            for framework, mark in theme.frameworks.items()
        },
    }


def _printed(block: dict[str, Any]) -> dict[str, Any]:
    if block["type"] == "table":
        return printed_table(block)
    return block | {"table": printed_table(block["table"])} if block["type"] == "chart" else block


def _only_web_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: (inner if is_web_address(inner) else None)
            if key == "link"
            else _only_web_addresses(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_only_web_addresses(inner) for inner in value]
    return value
