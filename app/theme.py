"""Colours and marker shapes, from `assets/themes/tokens.toml`: for widgets, charts and reports.

Knows no Qt and no matplotlib; whoever paints turns these strings into its own colours.
"""

import functools
import tomllib
from typing import Literal

import msgspec

from app.paths import ASSETS

ThemeName = Literal["light", "dark"]


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A framework's colour by theme and its marker (matplotlib's letter)."""

    light: str
    dark: str
    marker: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    light: Tokens
    dark: Tokens
    frameworks: dict[str, Mark]


class Theme(msgspec.Struct, frozen=True):
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
    file = msgspec.convert(
        tomllib.loads((ASSETS / "themes" / "tokens.toml").read_text(encoding="utf-8")), _File
    )
    return Theme(name, file.dark if name == "dark" else file.light, file.frameworks)
