"""The few names of msgspec that this package uses, on the standard library: for the bundle.

msgspec is compiled for each Python and system, so that a file which runs anywhere cannot carry it.
Types are read from the annotations' text, since Python 3.8 cannot evaluate `float | None`; what a
`Meta` demands is held. Whatever this lets pass is decoded by msgspec itself once the machine file
is read.
"""

from __future__ import annotations

import ast
import copy
import json as _json
import re
import sys
from types import SimpleNamespace
from typing import Any, Callable, Dict, Tuple

_MISSING: Any = object()
_PLAIN = {"str": str, "bool": bool, "int": int, "float": float}
_RANGES: Dict[str, Callable[[Any, Any], bool]] = {
    "ge": lambda value, bound: value >= bound,
    "gt": lambda value, bound: value > bound,
    "le": lambda value, bound: value <= bound,
    "min_length": lambda value, bound: len(value) >= bound,
    "max_length": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, bound: re.search(bound, value) is not None,
}


class MsgspecError(Exception):
    """Base of what goes wrong here."""


class DecodeError(MsgspecError):
    """Not JSON."""


class ValidationError(DecodeError):
    """JSON of another shape."""


class Meta:
    """What a value must be beside its type."""

    def __init__(self, **bounds: Any) -> None:
        unknown = set(bounds) - set(_RANGES)
        if unknown:
            raise TypeError("the stand-in knows no " + ", ".join(sorted(unknown)))
        self.bounds = bounds


class _StructMeta(type):
    """Takes fields from the annotations, in order, those of the bases first."""

    def __new__(
        mcs, name: str, bases: Tuple[type, ...], namespace: Dict[str, Any], **options: Any
    ) -> _StructMeta:
        fields: Dict[str, Tuple[Any, str]] = {}
        types: Dict[str, str] = {}
        for base in reversed(bases):
            fields.update(getattr(base, "_fields_", {}))
        module = namespace.get("__module__", "")
        for field, annotation in namespace.get("__annotations__", {}).items():
            if not field.startswith("_"):
                fields[field] = (namespace.get(field, _MISSING), module)
                types[field] = annotation
        inherited = any(getattr(base, "_forbid_", False) for base in bases)
        namespace["_fields_"], namespace["_types_"] = fields, types
        namespace["_forbid_"] = options.get("forbid_unknown_fields", inherited)
        return super().__new__(mcs, name, bases, namespace)

    def __init__(
        cls, name: str, bases: Tuple[type, ...], namespace: Dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, namespace)


class Struct(metaclass=_StructMeta):
    """Frozen, compared and hashed by its values."""

    _fields_: Dict[str, Tuple[Any, str]]
    """Default and module by name."""

    def __init__(self, *values: Any, **named: Any) -> None:
        named.update(zip(self._fields_, values))
        for field, (default, _) in self._fields_.items():
            value = named.pop(field, _MISSING)
            if value is _MISSING:
                if default is _MISSING:
                    raise TypeError("{} needs {}".format(type(self).__name__, field))
                value = copy.copy(default)
            object.__setattr__(self, field, value)
        if named:
            raise TypeError("{} has no {}".format(type(self).__name__, ", ".join(named)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("it is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        return "{}({})".format(type(self).__name__, _as_dict(self))

    def _values(self) -> Tuple[Any, ...]:
        return tuple(getattr(self, field) for field in self._fields_)


def _as_dict(value: Any) -> Any:
    if isinstance(value, Struct):
        return {field: getattr(value, field) for field in value._fields_}
    raise TypeError("cannot be encoded: " + type(value).__name__)


def _replace(value: Any, **changes: Any) -> Any:
    return type(value)(**{**_as_dict(value), **changes})


def to_builtins(value: Any) -> Any:
    """The value as dicts, lists and what JSON has."""
    return _json.loads(_json.dumps(value, default=_as_dict))


def _encode(value: Any) -> bytes:
    text = _json.dumps(value, default=_as_dict, separators=(",", ":"), ensure_ascii=False)
    # A path may be bytes of another encoding.
    return text.encode("utf-8", "replace")


def _format(data: bytes, indent: int = 2) -> bytes:
    return _json.dumps(_json.loads(data), indent=indent, ensure_ascii=False).encode("utf-8")


def _decode(data: bytes, type: Any = None) -> Any:
    try:
        plain = _json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise DecodeError(str(error)) from None
    return plain if type is None else convert(plain, type)


def _no_number(name: str) -> Any:
    raise ValueError(name + " is no number of JSON")


def convert(value: Any, type: Any) -> Any:
    """A struct from plain data. Raises ValidationError."""
    return _struct(value, type)


def _struct(value: Any, wanted: Any) -> Any:
    if not isinstance(value, dict):
        raise ValidationError("Expected `object`")
    if wanted._forbid_ and set(value) - set(wanted._fields_):
        raise ValidationError("Object contains unknown field")
    found = {}
    for field, (default, module) in wanted._fields_.items():
        if field in value:
            check = _check_of(_annotation(wanted, field), module)
            try:
                found[field] = check(value[field])
            except ValidationError as error:
                raise ValidationError("{} - in `{}`".format(error, field)) from None
        elif default is _MISSING:
            raise ValidationError("missing required field `{}`".format(field))
    return wanted(**found)


def _annotation(wanted: Any, field: str) -> str:
    for base in wanted.__mro__:
        if field in vars(base).get("_types_", {}):
            return str(vars(base)["_types_"][field])
    raise KeyError(field)


Check = Callable[[Any], Any]
"""Gives the value as its type, or raises ValidationError."""
_checks: Dict[Tuple[str, str], Check] = {}


def _check_of(annotation: str, module: str) -> Check:
    """Made once for each text: a window has some ten thousand values."""
    key = (annotation, module)
    if key not in _checks:
        tree = ast.parse(annotation, mode="eval").body
        _checks[key] = _made(tree, vars(sys.modules[module]), module)
    return _checks[key]


def _made(node: ast.expr, names: Dict[str, Any], module: str) -> Check:
    if isinstance(node, ast.BinOp):
        return _either(_made(node.left, names, module), _made(node.right, names, module))
    if isinstance(node, ast.Constant) and node.value is None:
        return _one_of([None])
    if isinstance(node, ast.Name):
        return _named(node.id, names, module)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        inner: Any = node.slice
        if type(inner).__name__ == "Index":  # Python 3.8 wraps it
            inner = inner.value
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        return _generic(node.value.id, parts, names, module)
    raise TypeError("the stand-in does not know a type of " + module)


def _named(name: str, names: Dict[str, Any], module: str) -> Check:
    if name in _PLAIN:
        return _plain(_PLAIN[name])
    meant = names[name]
    if isinstance(meant, str):
        return _check_of(meant, module)
    return lambda value: _struct(value, meant)


def _generic(name: str, parts: Any, names: Dict[str, Any], module: str) -> Check:
    if name == "Literal":
        return _one_of([ast.literal_eval(part) for part in parts])
    if name == "Annotated":
        metas = [
            eval(compile(ast.Expression(part), module, "eval"), dict(names)) for part in parts[1:]
        ]
        return _bounded(_made(parts[0], names, module), metas)
    if name == "dict":
        return _dict(*(_made(part, names, module) for part in parts))
    if name == "tuple":
        endless = isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis
        given = parts[:1] if endless else parts
        return _tuple([_made(part, names, module) for part in given], endless)
    raise TypeError("the stand-in does not know " + name)


def _refused() -> ValidationError:
    return ValidationError("not what was expected")


def _plain(wanted: Any) -> Check:
    def check(value: Any) -> Any:
        if type(value) is wanted:
            return value
        if wanted is float and type(value) is int:
            try:
                return float(value)
            except OverflowError:
                raise _refused() from None
        raise _refused()

    return check


def _one_of(allowed: Any) -> Check:
    def check(value: Any) -> Any:
        # A true 1 is no 1.
        if any(value == one and type(value) is type(one) for one in allowed):
            return value
        raise _refused()

    return check


def _either(first: Check, second: Check) -> Check:
    def check(value: Any) -> Any:
        try:
            return first(value)
        except ValidationError:
            return second(value)

    return check


def _bounded(inner: Check, metas: Any) -> Check:
    bounds = [(_RANGES[name], limit) for meta in metas for name, limit in meta.bounds.items()]

    def check(value: Any) -> Any:
        found = inner(value)
        for holds, limit in bounds:
            if not holds(found, limit):
                raise _refused()
        return found

    return check


def _dict(key: Check, each: Check) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _refused()
        return {key(name): each(one) for name, one in value.items()}

    return check


def _tuple(inner: Any, endless: bool) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, list) or not (endless or len(value) == len(inner)):
            raise _refused()
        if endless:
            return tuple(map(inner[0], value))
        return tuple(one(each) for one, each in zip(inner, value))

    return check


json = SimpleNamespace(encode=_encode, decode=_decode, format=_format)
structs = SimpleNamespace(replace=_replace)
