"""Makes values of our structs from their types, and damages files that were whole."""

import json
import random

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

WIDEST = 3
"""Entries of a list that has no limits of its own: more of them find nothing more."""
TEXTS = (
    "", " ", "pytorch", "none", "unknown", "cpu", "1", "2026-11", "é漢字", "a\nb", "\x1b[2J",
    "\u202eevil", "../../etc/passwd", "<script>", "{{ 7 * 7 }}", "\x00", "x" * 300, "nan",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 5, 2**31, 2**63, 2**64, -(2**63), 10**25, 0.0, -0.0, 0.5, 1e-320, 1e308, -1e308,
)  # fmt: skip


def values(type_, **fields: st.SearchStrategy) -> st.SearchStrategy:
    """Values of a struct, edge cases among them; of the named fields, what these give."""
    return _struct(inspect.type_info(type_), fields)


def _values(info) -> st.SearchStrategy:
    for kind, made in _MAKERS.items():
        if isinstance(info, kind):
            return made(info)
    raise TypeError(f"nothing is made up for {info}")


def _struct(info, given=None) -> st.SearchStrategy:
    given = given or {}
    of = {
        one.name: given[one.name] if one.name in given else _values(one.type) for one in info.fields
    }
    fields = {one.name: of[one.name] for one in info.fields if one.required}
    optional = {one.name: of[one.name] for one in info.fields if not one.required}
    return st.fixed_dictionaries(fields, optional=optional).map(lambda given: info.cls(**given))


def _text(info) -> st.SearchStrategy:
    if info.pattern is not None:
        return st.from_regex(info.pattern, fullmatch=True)
    long = info.max_length
    sampled = [one for one in TEXTS if long is None or len(one) <= long]
    # JSON in UTF-8 has no lone surrogates.
    signs = st.characters(exclude_categories=["Cs"])
    return st.sampled_from(sampled) | st.text(signs, max_size=min(long or 20, 20))


def _int(info) -> st.SearchStrategy:
    low = -(2**63) if info.ge is None else info.ge
    return st.integers(low, 2**63 if info.le is None else info.le)


def _float(info) -> st.SearchStrategy:
    return st.floats(
        info.ge if info.gt is None else info.gt,
        info.le,
        exclude_min=info.gt is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def _sequence(info) -> st.SearchStrategy:
    least = info.min_length or 0
    most = max(least, min(WIDEST, WIDEST if info.max_length is None else info.max_length))
    return st.lists(_values(info.item_type), min_size=least, max_size=most).map(tuple)


def _mapping(info) -> st.SearchStrategy:
    return st.dictionaries(_values(info.key_type), _values(info.value_type), max_size=WIDEST)


_MAKERS = {
    inspect.StructType: _struct,
    inspect.StrType: _text,
    inspect.BoolType: lambda info: st.booleans(),
    inspect.IntType: _int,
    inspect.FloatType: _float,
    inspect.NoneType: lambda info: st.none(),
    inspect.LiteralType: lambda info: st.sampled_from(info.values),
    inspect.TupleType: lambda info: st.tuples(*map(_values, info.item_types)),
    inspect.VarTupleType: _sequence,
    inspect.DictType: _mapping,
    inspect.UnionType: lambda info: st.one_of(*map(_values, info.types)),
}


def damaged_bytes(data: bytes, dice: random.Random) -> bytes:
    """One to three of: a flipped bit, a byte, a lost or doubled stretch, a cut, strange bytes."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data) + 1)
        end = at + dice.randint(1, 40)
        middle = bytes([dice.randrange(256)]) if at < len(data) else b""
        data = dice.choice([
            lambda data=data, at=at, middle=middle: data[:at] + middle + data[at + 1 :],
            lambda data=data, at=at, end=end: data[:at] + data[end:],
            lambda data=data, at=at, end=end: data[:end] + data[at:],
            lambda data=data, at=at: data[:at] if dice.random() < 0.3 else data,
            lambda data=data, at=at: data[:at] + dice.choice(STRANGE_BYTES) + data[at:],
        ])()  # fmt: skip
    return data


STRANGE_BYTES = (
    b"\xff", b"\xed\xa0\x80", b"\x00", b"\r", b"\xe2\x80\xa8", b"\\ud800", b"[" * 3000,
    b"{" * 3000, b'{"a":' * 3000, b"9" * 5000, b"1e999", b"NaN", b"-", b"\\u001b[2J", b"\n\n",
    b"- " * 300, b"&a ", b"*a", b"!!x ", b"%s%s%n", b'"', b"'", b": ", b"x" * 5000,
)  # fmt: skip


def damaged_data(plain, dice: random.Random):
    """A copy of plain data with one to three values replaced, lost, doubled or moved."""
    copy = json.loads(json.dumps(plain))
    for _ in range(dice.randint(1, 3)):
        owner, key = _place(copy, dice)
        if owner is None:
            return strange(dice)
        what = dice.choice(["replace", "replace", "lose", "add", "swap"])
        if what == "replace":
            owner[key] = strange(dice)
        elif what == "lose":
            del owner[key]
        elif what == "add" and isinstance(owner, list):
            owner.insert(key, strange(dice))
        elif what == "add":
            owner[dice.choice(TEXTS)] = owner[key]
        else:
            other, at = _place(copy, dice)
            if other is not None:
                owner[key], other[at] = json.loads(json.dumps([other[at], owner[key]]))
    return copy


def _place(plain, dice: random.Random):
    """A list or mapping inside the data and one key of it; deep ones as likely as shallow ones."""
    owner, key = None, None
    inner = plain
    while isinstance(inner, dict | list) and inner:
        owner = inner
        key = dice.choice(list(inner)) if isinstance(inner, dict) else dice.randrange(len(inner))
        inner = owner[key]
        if dice.random() < 0.25:
            break
    return owner, key


def strange(dice: random.Random):
    """A value that rarely stands where it is put."""
    return dice.choice([
        None, True, False, [], {}, [[]], {"": None}, dice.choice(TEXTS), dice.choice(TEXTS),
        dice.choice(NUMBERS), dice.choice(NUMBERS), [dice.choice(TEXTS)] * 3,
        {one: one for one in TEXTS[:5]}, [None, 1, "a"], 10**400,
    ])  # fmt: skip


def with_ordinary_figures(plain):
    """The same data with numbers of everyday size, intervals in order, and nothing proven."""
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, int):
        return plain % 100 + 1
    if isinstance(plain, float):
        return abs(plain) % 1 + 0.01
    if isinstance(plain, list | tuple):
        return [with_ordinary_figures(one) for one in plain]
    if isinstance(plain, dict):
        tame = {name: with_ordinary_figures(one) for name, one in plain.items()}
        if tame.get("ci95"):
            tame["ci95"] = sorted(tame["ci95"])
        return tame
    return "unstable" if plain == "valid" else plain


def as_json(plain) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass")


def same(one, other) -> bool:
    """Equal, as JSON says it: a minus zero is a zero."""
    return msgspec.json.encode(one) == msgspec.json.encode(other) or one == other
