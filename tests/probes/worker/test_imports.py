"""The worker lives in other people's interpreters: what it may import and which Python it is."""

import ast
import sys
from pathlib import Path

import pytest

WORKER = Path(__file__).resolve().parents[3] / "probes" / "worker"
FILES = sorted(WORKER.rglob("*.py"))
# What an adapter may import is its framework, by the id or by a name of its own, and what that
# framework cannot be without.
OWN = {
    "pytorch": {"torch"},
    "paddlepaddle": {"paddle"},
    # Its files are flat buffers, and it does not come without that package.
    "litert": {"ai_edge_litert", "flatbuffers"},
}


def imports(tree):
    """(top-level name, whether inside a function) of every absolute import."""
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            yield name.split(".")[0], id(node) in inside


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(WORKER)))
def test_a_worker_file_imports_only_the_standard_library_numpy_and_its_framework(path):
    allowed = sys.stdlib_module_names | {"numpy"}
    own = OWN.get(path.stem, {path.stem}) if path.parent.name == "adapters" else set()
    for name, inside_a_function in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert name in allowed or (name in own and inside_a_function), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(WORKER)))
def test_a_worker_file_is_written_in_the_syntax_of_python_38(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_every_file_of_the_worker_can_be_imported_by_python_38(python38, tmp_path):
    # numpy need not be there: a stand-in is enough to run every module's own lines.
    (tmp_path / "numpy.py").write_text("ndarray = random = None\n", encoding="utf-8")
    modules = [
        ".".join(path.relative_to(WORKER).with_suffix("").parts)
        for path in FILES
        if path.name not in ("__init__.py", "__main__.py")
    ]
    script = f"""
import importlib, importlib.util, sys
sys.path.insert(0, {str(tmp_path)!r})
spec = importlib.util.spec_from_file_location(
    "w", {str(WORKER / "__init__.py")!r}, submodule_search_locations=[{str(WORKER)!r}])
sys.modules["w"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["w"])
for name in {modules!r}:
    importlib.import_module("w." + name)
print("all")
"""
    import subprocess

    done = subprocess.run([python38, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "all\n", done.stderr
