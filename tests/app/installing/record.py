"""Records what pip really answers, for the tests beside this file: asks it, over the network.

    PYTHONPATH=. python tests/app/installing/record.py [NAME...]

Long descriptions, hashes and the machine's own folders are taken out; the rest is as it was said.
"""

import base64
import importlib
import json
import re
import sys
from pathlib import Path

import msgspec

from app.installing.asking import Answer, ask
from app.installing.lines import parse_line
from app.installing.results import Target
from app.installing.targets import make_target

FOLDER = Path(__file__).parents[2] / "data" / "resolver"
INDEX = importlib.import_module("pip._internal.models.index").PyPI.simple_url
CASES: dict[str, tuple[str, dict[str, str]]] = {
    "good": ("pip install jax optax", {}),
    "python_without_wheels": ("pip install tensorflow==2.21.0", {"python_version": "3.14"}),
    "only_a_pre_release": ("pip install tensorflow", {"python_version": "3.14"}),
    "platform_without_wheels": (
        "pip install paddlepaddle==3.3.1",
        {"platform_name": "macos_intel", "python_version": "3.12"},
    ),
    "conflicting_pin": ("pip install jax==0.10.2 numpy<2", {}),
    "unknown_package": ("pip install deep-learning-framework-that-is-none", {}),
    "unknown_version": ("pip install flax==99.0", {}),
    "cpu_wheel_on_windows": (
        "pip install torch==2.13.0 torchvision",
        {"platform_name": "windows", "python_version": "3.12", "device": "nvidia_gpu"},
    ),
    "wrong_index": (f"pip install torch --index-url {INDEX}/cu999", {}),
    "unreachable_index": ("pip install torch --index-url https://index.invalid/whl/cu130", {}),
    "yanked": ("pip install jaxlib==0.4.32", {}),
    "yanked_dependency": ("pip install jax==0.4.32", {}),
    "cuda_build": ("pip install jax[cuda13]", {"python_version": "3.12", "device": "nvidia_gpu"}),
    "cuda_12_build": (
        "pip install jax[cuda12]",
        {"python_version": "3.12", "device": "nvidia_gpu"},
    ),
    "older_release_only": ("pip install oneflow", {"python_version": "3.13"}),
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or CASES:
        text, where = CASES[name]
        target = make_target(**where)
        answer = ask(parse_line(text), target)
        content = {"line": text, "target": target, "answer": cleaned(answer)}
        data = without_hosts(msgspec.json.format(msgspec.json.encode(content), indent=1)) + b"\n"
        (FOLDER / f"{name}.json").write_bytes(data)
        sys.stderr.write(f"{name}: {answer.returncode}, {len(data)} bytes\n")


def cleaned(answer: Answer) -> dict[str, object]:
    """As plain data, so that a person can read the file."""
    report = json.loads(answer.report) if answer.report else None
    if report is not None:
        for one in report["install"]:
            wanted = ("metadata_version", "name", "version", "requires_dist", "requires_python")
            kept = {key: value for key, value in one["metadata"].items() if key in wanted}
            one["metadata"] = kept
            one["download_info"].pop("archive_info", None)
    notes = json.loads(answer.notes) if answer.notes else None
    text = json.dumps([report, notes, *map(shortened, answer.lines)])
    report, notes, *lines = json.loads(re.sub(r"file:///[^\"\s]*/", "file:///wheels/", text))
    return {
        "returncode": answer.returncode,
        "lines": [one for one in lines if tells(one)],
        "report": report,
        "notes": notes,
    }


def tells(line: str) -> bool:
    """Of thousands of wheels for other machines only those of the releases that a test is about."""
    if "none of the wheel's tags" in line:
        return (
            re.search(r"/(tensorflow-2\.2[12]|paddlepaddle-3\.3\.1|oneflow-0\.9)", line) is not None
        )
    return not re.match(r"Looking in|Using pip|WARNING: pip is using lazily", line)


def shortened(line: str) -> str:
    line = re.sub(r"#sha256=[0-9a-f]+", "", line)
    return line.replace(" (run pip debug --verbose to show compatible tags)", "")


def without_hosts(data: bytes) -> bytes:
    """Any index may have been asked: its name is none of the tests' business."""
    data = re.sub(rb"https://[^/\s\"]+/packages/(?:[^\s\"]*/)?", b"https://files.example/", data)
    return data.replace(INDEX.split("/")[2].encode(), b"index.example")


def read(name: str) -> tuple[str, Target, Answer]:
    """A recorded answer, as `ask` gave it."""
    content = json.loads((FOLDER / f"{name}.json").read_bytes())
    plain = dict(content["answer"])
    for part in ("report", "notes"):
        if plain[part] is not None:
            plain[part] = base64.b64encode(json.dumps(plain[part]).encode()).decode()
    return (
        content["line"],
        msgspec.convert(content["target"], Target),
        msgspec.convert(plain, Answer),
    )


if __name__ == "__main__":
    main()
