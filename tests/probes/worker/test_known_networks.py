"""ResNet-50 and BERT-base in each framework, small: the same code with few and narrow blocks.

At their full size a probe's own proof looks at them; here that would take minutes.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODES = {
    "pytorch/eager": ("torch", None),
    "tensorflow/graph": ("tensorflow", None),
    "jax/jit": ("jax", None),
    "keras/torch": ("torch", "torch"),
    "paddlepaddle/eager": ("paddle", None),
}
PROOFS = """
import json, sys
from probes.worker import equal_work, reference, workloads
from probes.worker.contract import load_adapter

framework, variant, backend = sys.argv[1:]
adapter = load_adapter(framework)
adapter.import_framework(backend or None)
adapter.set_track("strict_fp32")
small = {
    "resnet": {"width": 8, "blocks": (1, 2), "extent": 32},
    "bert": {"width": 128, "blocks": (2,), "extent": 8, "rows": 100},
}
said = {}
for name in ("resnet50_train", "resnet50_inference", "bert_base_train", "bert_base_inference"):
    workload = workloads.find(name)
    workload = workload._replace(**small[workload.model])
    task = adapter.prepare(workload, variant, "cpu")
    placed = [task.place(one.arrays()) for one in workloads.input_sets(workload)]
    right = reference.expected(workload)
    proof, _ = equal_work.prove(task, workload, right, placed, equal_work.TOLERANCE)
    said[name] = [proof.passed, proof.max_rel_err, proof.reason]
print("\\n" + json.dumps(said))
"""

pytestmark = [pytest.mark.slow, pytest.mark.frameworks]


@pytest.mark.parametrize("mode", MODES)
def test_the_known_networks_do_equal_work_in_each_framework(mode, tmp_path):
    module, backend = MODES[mode]
    framework, _, variant = mode.partition("/")
    for needed in (module, framework if backend else module):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    # A process of its own for each: frameworks in one process take each other's threads.
    done = subprocess.run(
        [sys.executable, "-c", PROOFS, framework, variant, backend or ""],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(tmp_path), "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    proofs = json.loads(done.stdout.splitlines()[-1])
    assert len(proofs) == 4
    for name, (passed, error, reason) in proofs.items():
        assert passed, (name, reason)
        assert error < 1e-4
