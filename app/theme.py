"""Colours and marker shapes, from `assets/themes/tokens.toml`: for widgets, charts and reports.

Knows no Qt and no matplotlib; whoever paints turns these strings into its own colours.
"""

import functools
import tomllib
from dataclasses import dataclass
from typing import Literal, get_args

from app.paths import ASSETS

ThemeName = Literal[
    "light", "dark", "contrast_light", "contrast_dark", "vision_light", "vision_dark"
]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)
MARK_TOKENS = (*THEMES, "marker")
"""What each framework has in the file."""
Ground = Literal["system", "light", "dark"]
"""Whether the window is light or dark; `system` asks it each time."""
Colours = Literal["system", "standard", "contrast", "vision"]
"""Which set of colours; `system` is high contrast where the system asks for it."""


@dataclass(frozen=True)
class Tokens:
    """`#rrggbb` by role; see the file for what each is for."""

    background: str
    surface: str
    raised: str
    line: str
    strong_line: str
    track: str
    text: str
    muted: str
    accent: str
    accent_text: str
    accent_soft: str
    good: str
    warn: str
    bad: str


@dataclass(frozen=True)
class Mark:
    """A framework's colour in one theme and its marker: matplotlib's letter, or a word of ours."""

    colour: str
    marker: str


@dataclass(frozen=True)
class Theme:
    name: ThemeName
    tokens: Tokens
    frameworks: dict[str, Mark]

    def colour(self, framework: str) -> str:
        """The framework's colour; a pack's framework without one of its own is drawn muted."""
        mark = self.frameworks.get(framework)
        return mark.colour if mark else self.tokens.muted

    def marker(self, framework: str) -> str:
        mark = self.frameworks.get(framework)
        return mark.marker if mark else "."


def choose_theme(
    ground: Ground, colours: Colours, *, system_is_dark: bool, system_wants_contrast: bool
) -> ThemeName:
    """The theme for what was set, and for what the system says where that was left to it."""
    is_dark = ground == "dark" or (ground == "system" and system_is_dark)
    if colours == "system":
        colours = "contrast" if system_wants_contrast else "standard"
    if colours == "contrast":
        return "contrast_dark" if is_dark else "contrast_light"
    if colours == "vision":
        return "vision_dark" if is_dark else "vision_light"
    return "dark" if is_dark else "light"


@functools.cache
def load_theme(name: ThemeName) -> Theme:
    # Our own file, read before the first paint: the constructors refuse a missing or unknown role,
    # and a test reads every colour.
    file = tomllib.loads((ASSETS / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    marks = {
        framework: Mark(entry[name], entry["marker"])
        for framework, entry in file["frameworks"].items()
    }
    return Theme(name, Tokens(**file[name]), marks)


def drawn() -> dict[str, frozenset[str]]:
    """Framework id -> which of `MARK_TOKENS` the file gives."""
    file = tomllib.loads((ASSETS / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    return {framework: frozenset(entry) for framework, entry in file["frameworks"].items()}
