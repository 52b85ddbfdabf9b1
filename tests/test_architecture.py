"""What the import contracts in pyproject.toml cannot say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORK_IDS = {path.stem for path in (ROOT / "rules" / "knowledge" / "frameworks").glob("*.yaml")}
IMPORT_NAMES = {
    "torch", "tensorflow", "keras", "jax", "flax", "paddle", "mindspore", "mlx", "tinygrad",
    "mxnet", "oneflow", "theano", "caffe",
}  # fmt: skip
WORKER = ROOT / "probes" / "worker"
ADAPTERS = WORKER / "adapters"
PARTS_OF_ADAPTERS = (
    ADAPTERS, WORKER / "capabilities", WORKER / "networks", WORKER / "data_parallel",
)  # fmt: skip
"""One file for each framework, which the adapter hands its framework to."""


def python_files() -> list[Path]:
    return sorted(
        path for part in ("app", "rules", "probes") for path in (ROOT / part).rglob("*.py")
    )


def docstrings(tree: ast.AST) -> set[int]:
    """Identity of the constants that are docstrings or stand alone as one."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_names_a_framework_outside_the_adapters(path):
    if any(map(path.is_relative_to, PARTS_OF_ADAPTERS)):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ignored = docstrings(tree)
    words = re.compile(rf"\b({'|'.join(sorted(FRAMEWORK_IDS))})\b")
    named = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in ignored
        and words.search(node.value)
    ]
    assert not named


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_an_adapter_imports_a_framework(path):
    if path.is_relative_to(ADAPTERS):
        return
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    assert not imported & IMPORT_NAMES


def test_the_probes_know_the_same_frameworks_as_the_rules():
    known = yaml.safe_load((ROOT / "probes" / "frameworks.yaml").read_text(encoding="utf-8"))
    assert {entry["id"] for entry in known["frameworks"]} == FRAMEWORK_IDS


@pytest.mark.parametrize("statement", ["import app.__main__", "import app.cli.recommend"])
def test_the_command_line_imports_nothing_heavy_before_it_knows_what_is_asked(statement):
    heavy = "{'PySide6', 'matplotlib', 'numpy', 'yaml', 'msgspec', 'jinja2', 'psutil'}"
    code = f"{statement}; import sys; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "[]"


def test_no_attribute_of_a_widget_hides_a_method_of_qt():
    from PySide6 import QtWidgets

    reserved = set(dir(QtWidgets.QMainWindow))
    hidden = []
    for path in sorted((ROOT / "app" / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            hidden += [
                f"{path.relative_to(ROOT)}:{node.lineno} self.{target.attr}"
                for target in targets
                if isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == "self"
                and target.attr in reserved
            ]
    assert not hidden
