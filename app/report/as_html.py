"""A report as one HTML page that opens anywhere: styles and charts inside, nothing fetched.

Everything that comes from the report is escaped by the template; the charts are drawn by us and
take the page's colours, so that one drawing serves light, dark and print.
"""

import re
from dataclasses import fields
from functools import cache
from xml.etree import ElementTree

import jinja2
from markupsafe import Markup

from app.paths import ASSETS
from app.report.document import Chart, Report
from app.report.drawings import svg_of
from app.theme import Theme, Tokens, load_theme

FOLDER = ASSETS / "report"

GLYPHS = {
    "o": "●",
    "s": "■",
    "^": "▲",
    "D": "◆",
    "v": "▼",
    "P": "✚",
    "X": "✖",
    "*": "★",
    "<": "◀",
    ">": "▶",
    "p": "⬟",
    "h": "⬢",
    "d": "♦",
    "star": "✦",
    "half": "◗",
    "bar": "▬",
}
"""The theme's markers as characters, for where a name stands in a text."""


def to_html(report: Report, one_page: bool = False) -> str:
    """One self-contained file; the same report gives the same text.

    `one_page` gives the short form, which prints on one sheet of A4.
    """
    theme = load_theme("light")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["kind_of"] = environment.filters["kind_of"] = lambda it: type(it).__name__
    environment.globals["mark"] = lambda framework: _mark(theme, framework)
    environment.globals["draw"] = lambda chart: _draw(chart, report)
    environment.tests["web_address"] = is_web_address
    styles = ["report.css", "one_page.css"] if one_page else ["report.css"]
    style = "".join((FOLDER / name).read_text(encoding="utf-8") for name in styles)
    template = "one_page.html.j2" if one_page else "report.html.j2"
    return environment.get_template(template).render(
        report=report, style=Markup(_variables() + _marks(theme) + style)
    )


def is_web_address(text: str | None) -> bool:
    """Only these become links: a script's address stays text."""
    return bool(text and re.fullmatch(r"https?://[^\s<>\"'`\\]+", text))


def _draw(chart: Chart, report: Report) -> Markup:
    svg = svg_of(report, chart)
    if svg is None:
        return Markup("")
    prefix = re.sub(r"[^a-z0-9]+", "-", f"{chart.name} {chart.subject}".lower())
    return Markup(_inlined(svg, prefix, chart.alt))


def _inlined(svg: str, prefix: str, alt: str) -> str:
    """Fit for a page with others: own ids, the page's colours and width, and its words as label."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes = element.attrib
        if "id" in attributes:
            attributes["id"] = f"{prefix}-{attributes['id']}"
        if "href" in attributes:
            attributes["href"] = attributes["href"].replace("#", f"#{prefix}-", 1)
        if "clip-path" in attributes:
            attributes["clip-path"] = attributes["clip-path"].replace("#", f"#{prefix}-", 1)
        if "style" in attributes:
            attributes["style"] = re.sub(
                r"#[0-9a-f]{6}\b",
                lambda found: _variable_of().get(found[0], found[0]),
                attributes["style"].replace("font-family: sans-serif", "font-family: inherit"),
            )
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": alt, "class": "chart"}
    return ElementTree.tostring(root, encoding="unicode")


@cache
def _variable_of() -> dict[str, str]:
    """Light colour -> `var(--role)`; tokens and frameworks that share one share both themes'."""
    light = load_theme("light")
    roles = {light.colour(framework): framework for framework in reversed(light.frameworks)}
    roles |= {getattr(light.tokens, role): role.replace("_", "-") for role in reversed(_roles())}
    return {colour: f"var(--{role})" for colour, role in roles.items()}


def _roles() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Tokens))


def _variables() -> str:
    """The theme's tokens as CSS variables: light, dark where the reader prefers it, print light."""
    light, dark = _declarations(load_theme("light")), _declarations(load_theme("dark"))
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen and (prefers-color-scheme: dark){{:root{{color-scheme:dark;{dark}}}}}\n"
    )


def _declarations(theme: Theme) -> str:
    roles = {role.replace("_", "-"): getattr(theme.tokens, role) for role in _roles()}
    roles |= {framework: theme.colour(framework) for framework in theme.frameworks}
    return "".join(f"--{role}:{colour};" for role, colour in roles.items())


def _marks(theme: Theme) -> str:
    """Markers as generated content: small and coloured, beside a name that says the same."""
    # U+FE0E asks for the plain form of a character that some systems draw as an emoji.
    return "".join(
        f'.m-{framework}::before{{content:"{GLYPHS[theme.marker(framework)]}\ufe0e";'
        f"color:var(--{framework})}}"
        for framework in theme.frameworks
    )


def _mark(theme: Theme, framework: str) -> Markup:
    """Hidden from screen readers: the name stands beside."""
    known = framework if framework in theme.frameworks else "other"
    return Markup('<span class="mark m-{}" aria-hidden="true"></span> ').format(known)
