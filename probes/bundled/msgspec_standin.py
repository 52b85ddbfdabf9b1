"""The few names of msgspec that this package uses, on the standard library: for the bundle.

msgspec is compiled for each Python and system, so that a file which runs anywhere cannot carry it.
Types are read from the annotations' text, since Python 3.8 cannot evaluate `float | None`; what a
`Meta` demands is held. Whatever this lets pass is decoded by msgspec itself once the machine file
is read. Slower than msgspec by far, and used where nobody waits: between measuring windows.
"""

from __future__ import annotations

import ast
import copy
import json as _json
import re
import sys
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, Tuple

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


def _encode(value: Any) -> bytes:
    text = _json.dumps(value, default=_as_dict, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


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
    return _struct(value, type, "$")


def _struct(value: Any, wanted: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise ValidationError("Expected `object` - at `{}`".format(place))
    if wanted._forbid_ and set(value) - set(wanted._fields_):
        raise ValidationError("Object contains unknown field - at `{}`".format(place))
    found = {}
    for field, (default, module) in wanted._fields_.items():
        if field in value:
            found[field] = _checked(
                value[field], _annotation(wanted, field), vars(sys.modules[module]),
                "{}.{}".format(place, field),
            )  # fmt: skip
        elif default is _MISSING:
            raise ValidationError("missing required field `{}` - at `{}`".format(field, place))
    return wanted(**found)


def _annotation(wanted: Any, field: str) -> str:
    for base in wanted.__mro__:
        if field in vars(base).get("_types_", {}):
            return str(vars(base)["_types_"][field])
    raise KeyError(field)


_parsed: Dict[str, ast.expr] = {}


def _checked(value: Any, annotation: str, names: Dict[str, Any], place: str) -> Any:
    if annotation not in _parsed:
        _parsed[annotation] = ast.parse(annotation, mode="eval").body
    return _as(value, _parsed[annotation], names, place)


def _as(value: Any, node: ast.expr, names: Dict[str, Any], place: str) -> Any:
    """The value as what an annotation says."""
    if isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            try:
                return _as(value, side, names, place)
            except ValidationError as error:
                problem = error
        raise problem
    if isinstance(node, ast.Constant) and node.value is None:
        return _require(value is None, None, place)
    if isinstance(node, ast.Name):
        return _as_named(value, node.id, names, place)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        inner: Any = node.slice
        if type(inner).__name__ == "Index":  # Python 3.8 wraps it
            inner = inner.value
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        return _as_generic(value, node.value.id, parts, names, place)
    raise TypeError("the stand-in does not know the type at " + place)


def _as_named(value: Any, name: str, names: Dict[str, Any], place: str) -> Any:
    if name in _PLAIN:
        if name == "float" and type(value) is int:
            value = float(value)
        return _require(type(value) is _PLAIN[name], value, place)
    meant = names[name]
    if isinstance(meant, str):
        return _checked(value, meant, names, place)
    return _struct(value, meant, place)


def _as_generic(value: Any, name: str, parts: Any, names: Dict[str, Any], place: str) -> Any:
    if name == "Literal":
        allowed = [ast.literal_eval(part) for part in parts]
        return _require(value in allowed, value, place)
    if name == "Annotated":
        found = _as(value, parts[0], names, place)
        for part in parts[1:]:
            meta = eval(compile(ast.Expression(part), place, "eval"), dict(names))
            for bound, limit in meta.bounds.items():
                _require(_RANGES[bound](found, limit), found, place)
        return found
    if name == "dict":
        _require(isinstance(value, dict), value, place)
        return {
            _as(key, parts[0], names, place): _as(each, parts[1], names, place + "[...]")
            for key, each in value.items()
        }
    _require(name == "tuple" and isinstance(value, list), value, place)
    return tuple(_elements(value, parts, names, place))


def _elements(value: Any, parts: Any, names: Dict[str, Any], place: str) -> Iterator[Any]:
    endless = isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis
    if not endless:
        _require(len(value) == len(parts), value, place)
    for number, each in enumerate(value):
        part = parts[0] if endless else parts[number]
        yield _as(each, part, names, "{}[{}]".format(place, number))


def _require(holds: bool, value: Any, place: str) -> Any:
    if not holds:
        raise ValidationError("not what was expected - at `{}`".format(place))
    return value


json = SimpleNamespace(encode=_encode, decode=_decode, format=_format)
structs = SimpleNamespace(replace=_replace)
