"""How old a fact is and how much that widens its spread."""

import math
from datetime import date

from rules.model import Grade, ShelfLife

SHELF_LIFE_MONTHS: dict[ShelfLife, int] = {"version": 3, "state": 12, "lasting": 24}
WIDER_EACH_HALF_YEAR = 0.10
HALF_LEVEL = 0.125
SPREAD: dict[Grade, float] = {
    "measured": 0.0,
    "official": 0.10,
    "reported": 0.20,
    "judgement": 0.30,
    "unknown": 1.0,
}
"""Half-width of the uniform spread around a value, by grade; `unknown` covers the whole range."""


def months_past(as_of: str, shelf_life: ShelfLife, today: date) -> int:
    """Months beyond the shelf life; 0 while it is fresh."""
    year, month = (int(part) for part in as_of.split("-"))
    age = (today.year - year) * 12 + today.month - month
    return max(0, age - SHELF_LIFE_MONTHS[shelf_life])


def half_width(grade: Grade, as_of: str, shelf_life: ShelfLife, today: date) -> float:
    """Half-width of a level's spread: never under half a level, wider by grade and with age."""
    spread = max(SPREAD[grade], HALF_LEVEL)
    return spread + WIDER_EACH_HALF_YEAR * math.ceil(months_past(as_of, shelf_life, today) / 6)
