"""Puts `probe.pyz` together: this package in one file that any Python 3.8 with numpy can run.

The bundle does not measure in a way of its own, and it judges nothing later that a run here would
judge at once: it carries the modules of this package as they are, the worker among them, and runs
the same `probes.run`. A second, smaller driver that only wrote raw rounds down would have had to
repeat the order of the rounds, the gates, the controls and the limits, and each change to those
would have had to be made twice to keep the verdicts the same. What stands in the way of the modules
themselves is little, and it is dealt with here, by rule:

- Python 3.8 cannot evaluate `float | None` or `tuple[str, ...]`: annotations become text (PEP 563),
  and so do the aliases of types; `zip(strict=...)` loses a check that has been made before.
- msgspec and psutil are compiled: `probes/bundled` has stand-ins of the few names used. psutil's is
  used only where the interpreter has none. What msgspec demands of a worker's words, its stand-in
  demands too, and the machine file is decoded by msgspec itself wherever it is read.
- archspec and nvidia-ml-py are plain Python and go along as they are.
"""

import ast
import importlib.util
import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from probes.catalogue import FILE, read_catalogue_file
from probes.running import program_version

PACKAGE = Path(__file__).resolve().parent
BUNDLED = PACKAGE / "bundled"
LEFT_OUT = {"bundle.py", "fleet.py", "on_node.py"}
"""What a bundle has no use for."""
CARRIED = ("archspec", "pynvml")
"""Plain Python packages that go along, where they are installed here."""
START = b"#!/usr/bin/env python3\n"
ALIASED = {"Annotated", "Literal", "tuple", "list", "dict", "NDArray", "Callable"}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The same program gives the same bytes."""
FUTURE = "from __future__ import annotations"


def make_bundle() -> bytes:
    """The file's bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(dict(_members()).items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return START + buffer.getvalue()


def _members() -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", (BUNDLED / "start.py").read_bytes()
    for name, place in (("msgspec", "standins"), ("yaml", "standins"), ("psutil", "where_missing")):
        yield f"{place}/{name}.py", (BUNDLED / f"{name}_standin.py").read_bytes()
    modules = [*PACKAGE.glob("*.py"), BUNDLED / "__init__.py", BUNDLED / "command.py"]
    for path in modules:
        if path.name not in LEFT_OUT:
            name = path.relative_to(PACKAGE.parent).as_posix()
            yield name, for_older_pythons(path.read_text(encoding="utf-8")).encode()
    for path in (PACKAGE / "worker").rglob("*.py"):
        yield path.relative_to(PACKAGE.parent).as_posix(), path.read_bytes()
    yield f"probes/{FILE.name}", json.dumps(read_catalogue_file()).encode()
    for package in CARRIED:
        yield from _carried(package)
    version = program_version()
    yield (
        f"framework_advisor-{version}.dist-info/METADATA",
        f"Metadata-Version: 2.1\nName: framework-advisor\nVersion: {version}\n".encode(),
    )


def _carried(package: str) -> Iterator[tuple[str, bytes]]:
    """An installed package's files; what is not there is missed as it would be here."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return
    origin = Path(spec.origin)
    if origin.name != "__init__.py":
        yield f"carried/{origin.name}", origin.read_bytes()
        return
    for path in origin.parent.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(origin.parent.parent).as_posix()
            yield f"carried/{name}", path.read_bytes()


def for_older_pythons(source: str) -> str:
    """A module's text as Python 3.8 can run it, line for line where the original was."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    edits = [*_aliases(tree, source), *_strict_zips(tree, source)]
    for node, replacement in sorted(edits, key=lambda edit: edit[0].lineno, reverse=True):
        _replace(lines, node, replacement)
    if FUTURE not in source:
        first = tree.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        lines.insert((first.end_lineno or 0) if is_docstring else 0, FUTURE + "\n")
    return "".join(lines)


def _aliases(tree: ast.Module, source: str) -> Iterator[tuple[ast.expr, str]]:
    """`Name = Literal[...]` at the top of a module: its text, which the stand-in can read."""
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign) else None
        if (
            isinstance(value, ast.Subscript)
            and isinstance(value.value, ast.Name)
            and value.value.id in ALIASED
        ):
            text = ast.get_source_segment(source, value) or ""
            yield value, repr(re.sub(r"\s+", " ", text))


def _strict_zips(tree: ast.Module, source: str) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "zip"
            and any(keyword.arg == "strict" for keyword in node.keywords)
        ):
            given = ", ".join(ast.get_source_segment(source, one) or "" for one in node.args)
            yield node, f"zip({given})"


def _replace(lines: list[str], node: ast.expr, replacement: str) -> None:
    """Put text in a node's place; lines that it took and no longer needs are left empty."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first, last = node.lineno - 1, node.end_lineno - 1
    # Columns count bytes of UTF-8.
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last].encode()[node.end_col_offset :].decode()
    lines[first : last + 1] = [before + replacement + after] + ["\n"] * (last - first)
