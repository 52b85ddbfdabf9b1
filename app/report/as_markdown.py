"""A report as a Markdown decision record in the form of MADR 4 (adr.github.io/madr).

Text from the report is escaped so that it reads as it was written and nothing in it is markup.
"""

import re

import jinja2

from app.paths import ASSETS
from app.report.as_html import is_web_address
from app.report.document import Line, Report, Table


def to_markdown(report: Report, one_page: bool = False) -> str:
    """The decision record, in its short form with `one_page`; the same report, the same text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS / "report"),
        autoescape=False,  # not HTML: `plain` and `line` escape for Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"plain": plain, "line": line, "table": table, "fenced": fenced}
    environment.globals["kind_of"] = lambda block: type(block).__name__
    sections = report.one_page if one_page else report.sections
    text = environment.get_template("decision.md.j2").render(
        report=report, one_page=one_page, sections=sections
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def plain(text: str, opens_line: bool = True) -> str:
    """The text on one line, with nothing in it that Markdown or HTML would act on."""
    text = " ".join(text.split())
    text = re.sub(r"([\\`*\[\]|~$])", r"\\\1", text)
    # An underscore inside a word is no markup, and identifiers are easier to read without.
    text = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if opens_line:
        text = re.sub(r"^([#+=-])", r"\\\1", text)
        text = re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    # Bare addresses with other schemes than these two would be links in some readers.
    return re.sub(r"\b(?!https?:)([a-z][a-z0-9+.-]*):(?=\S)", r"\1&#58;", text, flags=re.IGNORECASE)


def line(it: Line, opens_line: bool = True) -> str:
    """One sentence with its stressed beginning, link and origin."""
    text = plain(it.text, opens_line)
    if is_web_address(it.link):
        text = f"[{text}](<{it.link}>)"
    if it.strong:
        text = f"**{plain(it.strong)}** {text}"
    if it.origin is not None:
        source = it.origin.source
        shown = f"[source](<{source}>)" if is_web_address(source) else plain(source)
        grade = f"{it.origin.grade}, " if it.origin.grade else ""
        text += f" ({grade}{plain(it.origin.as_of)}, {shown})"
    return text


def table(it: Table) -> str:
    """A GitHub table with its caption above."""
    rows = [
        [plain(column.title) for column in it.columns],
        ["---:" if column.numeric else "---" for column in it.columns],
        *([line(cell, opens_line=False) for cell in row] for row in it.rows),
    ]
    return f"**{plain(it.caption)}**\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def fenced(text: str) -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
