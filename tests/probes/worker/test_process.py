"""A worker as a real process: what it says and what it never says."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[3] / "probes" / "worker" / "__main__.py"


def test_the_hello_names_protocol_python_and_process(start_worker):
    worker = start_worker()
    assert worker.hello["type"] == "hello"
    assert worker.hello["protocol"] == 1
    assert worker.hello["python"] == ".".join(map(str, sys.version_info[:3]))
    assert worker.hello["pid"] == worker.process.pid
    assert worker.hello["foreign_modules"] == []


def test_the_hello_tells_when_our_packages_have_leaked_into_the_interpreter(start_worker, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import app", encoding="utf-8")
    (tmp_path / "app.py").write_text("", encoding="utf-8")
    worker = start_worker(environment={"PYTHONPATH": str(tmp_path)})
    assert worker.hello["foreign_modules"] == ["app"]


def test_its_own_modules_cannot_be_imported_by_their_bare_names(start_worker, tmp_path):
    # A framework that imports something called `timing` or `protocol` must not get ours.
    (tmp_path / "numpy.py").write_text(
        "try:\n    import protocol\nexcept ImportError:\n    raise ImportError('not ours')\n"
        "raise ImportError('ours')\n",
        encoding="utf-8",
    )
    worker = start_worker(environment={"PYTHONPATH": str(tmp_path)})
    assert "not ours" in worker.ask("control", repeats=1)["message"]


def test_what_a_framework_prints_from_python_or_c_never_reaches_the_replies(start_worker, tmp_path):
    (tmp_path / "numpy.py").write_text(
        textwrap.dedent("""
            import os
            print('{"type": "result", "id": 1, "values": [0.0]}')
            os.write(1, b'{"type": "result", "id": 1, "values": [0.0]}\\n')
            raise ImportError("printed")
        """),
        encoding="utf-8",
    )
    worker = start_worker(environment={"PYTHONPATH": str(tmp_path)})
    reply = worker.ask("control", repeats=1)
    assert (reply["type"], reply["kind"]) == ("error", "import")
    assert worker.close() == (0, b"")


def test_standard_output_itself_can_be_the_private_descriptor(tmp_path):
    # Where no other descriptor can be inherited; what is printed still goes elsewhere.
    (tmp_path / "numpy.py").write_text(
        "import os\nprint('noise')\nos.write(1, b'noise')\nraise ImportError", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", MAIN, "--fd", "1"],
        input=b'{"id": 1, "do": "control"}\n{"id": 2, "do": "quit"}\n',
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["hello", "error"]
    assert done.stderr.count(b"noise") == 2


def test_the_controls_give_as_many_times_as_asked(start_worker):
    worker = start_worker()
    assert len(worker.ask("control", repeats=3)["values"]) == 3
    assert len(worker.ask("small_operations", repeats=2)["values"]) == 2


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ({"do": "import", "framework": "fortran"}, "unsupported"),
        ({"do": "import", "framework": "../serve"}, "unsupported"),
        ({"do": "import"}, "unsupported"),
        ({"do": "dance"}, "unsupported"),
        (
            {"do": "prepare", "mode": "x/y", "workload": "mlp_train", "device": "cpu"},
            "unsupported",
        ),
        (
            {"do": "measure", "mode": "x/y", "workload": "mlp_train", "device": "cpu"},
            "unsupported",
        ),
    ],
)
def test_a_command_that_cannot_be_done_is_answered_and_the_worker_goes_on(
    start_worker, command, kind
):
    worker = start_worker()
    reply = worker.ask(**command)
    assert (reply["type"], reply["kind"]) == ("error", kind)
    assert "\n" not in reply["message"]
    assert worker.ask("drop", mode="x/y", workload="w", device="cpu")["type"] == "result"


def test_a_framework_that_fails_to_import_is_an_import_error_with_its_cause(start_worker, tmp_path):
    (tmp_path / "jax.py").write_text(
        "raise OSError('libcudart.so.12: cannot open shared object file')", encoding="utf-8"
    )
    worker = start_worker(environment={"PYTHONPATH": str(tmp_path)})
    reply = worker.ask("import", framework="jax")
    assert (reply["type"], reply["kind"]) == ("error", "import")
    assert reply["message"] == "OSError: libcudart.so.12: cannot open shared object file"
    assert "Traceback" in reply["detail"]


def test_quit_and_a_closed_channel_both_end_the_process(start_worker):
    quitting, abandoned = start_worker(), start_worker()
    quitting.process.stdin.write(b'{"id": 1, "do": "quit"}\n')
    quitting.process.stdin.flush()
    assert quitting.process.wait(30) == 0
    assert abandoned.close()[0] == 0


def test_it_runs_under_python_38(start_worker, python38):
    worker = start_worker(python38)
    assert worker.hello["python"].startswith("3.8.")
    assert worker.hello["foreign_modules"] == []
    reply = worker.ask("control", repeats=1)
    # numpy is the user's affair: with it there are times, without it a reason.
    assert len(reply.get("values", [])) == 1 or reply["kind"] == "import"
    assert worker.close()[0] == 0
