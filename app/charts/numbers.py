"""How figures are said in charts and beside them: units, shares, signs. No matplotlib here."""

import math


def duration(seconds: float) -> str:
    """A time with three digits, in the unit that a person would take."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, size = next((pair for pair in units if seconds >= pair[1]), units[-1])
    value = seconds / size
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def signed(points: float) -> str:
    """`+0.125`, with a true minus sign for what is lost."""
    return f"{points:+.3f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as whole percent; what is not all and not nothing never looks like it."""
    rounded = round(share * 100)
    if rounded >= 100 and share < 1:
        return "over 99 %"
    if rounded <= 0 and share > 0:
        return "under 1 %"
    return f"{rounded} %"


def size(number_of_bytes: float) -> str:
    """`16 GiB`."""
    gibibytes = number_of_bytes / 2**30
    if gibibytes >= 10:
        return f"{gibibytes:.0f} GiB"
    if gibibytes >= 1:
        return f"{gibibytes:.1f} GiB"
    return f"{number_of_bytes / 2**20:.0f} MiB"


def rate(per_second: float, unit: str) -> str:
    """`215 GFLOP/s`, `34.1 GB/s`: decimal prefixes, as makers of processors count."""
    prefixes = (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0))
    prefix, step = next((pair for pair in prefixes if per_second >= pair[1]), prefixes[-1])
    return f"{three_digits(per_second / step)} {prefix}{unit}/s"


def three_digits(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def steps(number: float) -> str:
    """A count, with no more digits than it deserves: `4`, `412`, `12,400`, `3.10 million`."""
    if number >= 999_500:
        return f"{three_digits(number / 1e6)} million"
    whole = math.ceil(number)
    if whole > 1000:
        whole = round(whole, 2 - math.floor(math.log10(whole)))
    return f"{whole:,}"
