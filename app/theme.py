"""Colours and marker shapes, from `assets/themes/tokens.toml`: for widgets, charts and reports.

Knows no Qt and no matplotlib; whoever paints turns these strings into its own colours.
"""

import functools
import tomllib
from dataclasses import dataclass
from typing import Literal

from app.paths import ASSETS

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Tokens:
    """`#rrggbb` by role; see the file for what each is for."""

    background: str
    surface: str
    raised: str
    line: str
    strong_line: str
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
    """A framework's colour by theme and its marker (matplotlib's letter)."""

    light: str
    dark: str
    marker: str


@dataclass(frozen=True)
class Theme:
    name: ThemeName
    tokens: Tokens
    frameworks: dict[str, Mark]

    def colour(self, framework: str) -> str:
        """The framework's colour; a pack's framework without one of its own is drawn muted."""
        mark = self.frameworks.get(framework)
        if mark is None:
            return self.tokens.muted
        return mark.dark if self.name == "dark" else mark.light

    def marker(self, framework: str) -> str:
        mark = self.frameworks.get(framework)
        return mark.marker if mark else "."


@functools.cache
def load_theme(name: ThemeName) -> Theme:
    # Our own file, read before the first paint: the constructors refuse a missing or unknown role,
    # and a test reads every colour.
    file = tomllib.loads((ASSETS / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    marks = {framework: Mark(**mark) for framework, mark in file["frameworks"].items()}
    return Theme(name, Tokens(**file[name]), marks)
