"""What a tracker has recorded, read back by the tracker's own means from where it keeps it."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from app import starter
from app.starter import Request
from app.starter.catalogue import catalogue
from app.starter.running import run_script

PYTHON = Path(sys.executable)
TASK = "image_classification"

# Records two epochs as train.py does; the model is a file that stands for one.
RECORD = """
import json
from pathlib import Path
import numpy as np
from metrics import tables
from tracking import Tracker

folder = Path("runs")
folder.mkdir()
model = folder / "best"
model.write_bytes(b"weights")
tracker = Tracker(folder, {"learning_rate": 0.002, "seed": 7})
for epoch, (loss, norm) in enumerate([(2.0, 1.5), (1.0, 0.5)], 1):
    values = {"loss": loss, "validation_loss": loss / 2, "learning_rate": 0.002 / epoch}
    tracker.log(epoch, {**values, "gradient_norm": norm})
truth = np.array([0, 1, 2, 2])
tracker.finish({"accuracy": 0.75}, tables(np.eye(3)[[0, 1, 2, 1]], truth), model)
"""
READ = {
    "mlflow": """
import json
from pathlib import Path
import mlflow

store = Path("runs").resolve()
mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
(run,) = mlflow.search_runs(search_all_experiments=True, output_format="list")
client = mlflow.MlflowClient()
folder = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))
matrix = json.loads((folder / "confusion_matrix.json").read_text("utf-8"))
print(json.dumps({
    "curves": {
        name: [[one.step, one.value] for one in client.get_metric_history(run.info.run_id, name)]
        for name in ("loss", "learning_rate", "gradient_norm")
    },
    "accuracy": run.data.metrics["final_accuracy"],
    "settings": run.data.params,
    "matrix": [[int(one) for one in row] for row in matrix["data"]],
    "lineage": json.loads((folder / "lineage.json").read_text("utf-8")),
    "model": (folder / "best").read_bytes().decode(),
}))
""",
    "tensorboard": """
import json
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator("runs/tensorboard")
events.Reload()
text = {
    tag: events.Tensors(tag)[0].tensor_proto.string_val[0].decode()
    for tag in events.Tags()["tensors"]
    if events.Tensors(tag)[0].tensor_proto.string_val
}
tables = {
    tag: [[cell.strip() for cell in line.strip("|").split("|")] for line in one.splitlines()]
    for tag, one in text.items()
}
scalars = lambda tag: [
    [e.step, round(float(e.tensor_proto.float_val[0]), 6)] for e in events.Tensors(tag)
]
rows = {name: dict(tables[name][2:]) for name in ("settings", "model")}
print(json.dumps({
    "curves": {name: scalars(name) for name in ("loss", "learning_rate", "gradient_norm")},
    "accuracy": scalars("final/accuracy")[0][1],
    "settings": rows["settings"],
    "matrix": [[int(one) for one in row] for row in tables["confusion_matrix"][2:]],
    "lineage": rows["model"],
    "model": open(rows["model"]["file"]).read(),
}))
""",
    "wandb": """
import json
from pathlib import Path
from wandb.proto import wandb_internal_pb2

(log,) = Path("runs").glob("wandb/offline-run-*/*.wandb")
data, at, part, messages = log.read_bytes(), 7, b"", []
# A log as LevelDB writes it: blocks of 32 KiB; of each piece checksum, length and kind before it.
while at + 7 <= len(data):
    if 32768 - at % 32768 < 7:
        at += 32768 - at % 32768
        continue
    length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
    part += data[at + 7 : at + 7 + length]
    at += 7 + length
    if kind in (1, 4):
        messages.append(part)
        part = b""
history, summary, settings, lineage, model = [], {}, {}, {}, ""
for message in messages:
    record = wandb_internal_pb2.Record()
    record.ParseFromString(message)
    kind = record.WhichOneof("record_type")
    if kind == "history":
        items = {i.key or ".".join(i.nested_key): i.value_json for i in record.history.item}
        history.append({name: json.loads(value) for name, value in items.items()})
    elif kind == "summary":
        summary |= {i.key: json.loads(i.value_json) for i in record.summary.update if i.key}
    elif kind == "run":
        settings |= {i.key: json.loads(i.value_json) for i in record.run.config.update}
    elif kind == "artifact" or (kind == "request" and record.request.HasField("log_artifact")):
        one = record.artifact if kind == "artifact" else record.request.log_artifact.artifact
        if one.type == "model":
            lineage = json.loads(one.metadata)
            (entry,) = one.manifest.contents
            model = Path(entry.local_path).read_bytes().decode()
table = next(path for path in log.parent.rglob("*.table.json") if "confusion" in path.name)
print(json.dumps({
    "curves": {
        name: [[row["_step"], row[name]] for row in history if name in row]
        for name in ("loss", "learning_rate", "gradient_norm")
    },
    "accuracy": summary["accuracy"],
    "settings": settings,
    "matrix": [[int(one) for one in row] for row in json.loads(table.read_text())["data"]],
    "lineage": lineage,
    "model": model,
}))
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("tracker", list(READ))
def test_a_record_holds_curves_tables_and_the_model_with_its_lineage(
    tracker: str, tmp_path: Path
) -> None:
    installed = starter.installed_versions(PYTHON)
    if absent := [one for one in catalogue().trackers[tracker].requires if one not in installed]:
        pytest.skip(f"{', '.join(absent)} is not installed here")
    framework = next(iter(catalogue().frameworks))
    project = starter.prepare(
        Request(framework=framework, task=TASK, tracker=tracker, versions=installed)
    )
    folder = starter.write(project, tmp_path / "project")
    (folder / "record.py").write_text(RECORD, encoding="utf-8")
    (folder / "read.py").write_text(READ[tracker], encoding="utf-8")
    recorded = run_script(folder, PYTHON, ["record.py"])
    assert recorded.returncode == 0, recorded.tail
    read = run_script(folder, PYTHON, ["read.py"])
    assert read.returncode == 0, read.tail
    found = json.loads(next(line for line in reversed(read.tail) if line.startswith("{")))
    assert found["curves"] == {
        "loss": [[1, 2.0], [2, 1.0]],
        "learning_rate": [[1, 0.002], [2, 0.001]],
        "gradient_norm": [[1, 1.5], [2, 0.5]],
    }
    assert found["accuracy"] == 0.75
    assert {name: found["settings"][name] for name in ("learning_rate", "seed")} == {
        "learning_rate": "0.002",
        "seed": "7",
    }
    # A row per true class: its number, then how often each class was said.
    assert found["matrix"] == [[0, 1, 0, 0], [1, 0, 1, 0], [2, 0, 1, 1]]
    assert found["model"] == "weights"
    assert found["lineage"]["model_sha256"] == hashlib.sha256(b"best\0weights").hexdigest()
    assert found["lineage"]["numpy"] == installed["numpy"]
    assert len(found["lineage"]["code_sha256"]) == 64
