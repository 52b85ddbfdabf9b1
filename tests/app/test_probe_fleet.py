"""`probe --cluster` and `--make-bundle`: the table, the exit code, and words that are wrong."""

import zipfile

import pytest

from app.__main__ import main
from app.cli.probe_fleet import bundle_arguments, fleet_lines, outcome
from probes import fleet as fleets
from probes.fleet import Fleet, Node, NodeFramework, with_groups


def node(name, state="measured", **more):
    return Node(name=name, state=state, **more)


def measured(name, control, group="g", **more):
    works = NodeFramework(framework="jax", version="0.10.2", state="works", reason=None)
    values = {
        "group": group,
        "hardware": "A Processor, 8 cores",
        "control_seconds": control,
        "frameworks": (works,),
    }
    return node(name, **{**values, **more})


@pytest.fixture
def fleet():
    broken = NodeFramework(
        framework="pytorch", version="2.13.0", state="broken", reason="no library"
    )
    nodes = (
        measured("alpha", 0.0100),
        measured("beta", 0.0125, accelerator="cuda:0"),
        measured("gamma", 0.0100, frameworks=(broken,)),
        measured("delta", 0.0500, group="h", hardware="Another, 2 cores"),
        node("epsilon", "lost", reason="the connection to the node was lost"),
    )
    return Fleet(cluster="tcp://head:8786", nodes=with_groups(nodes))


def test_the_table_groups_equal_hardware_and_names_who_is_slow_broken_or_lost(fleet):
    assert fleet_lines(fleet) == [
        "Nodes of tcp://head:8786\n------------------------",
        "",
        "Group 1: A Processor, 8 cores",
        "node         state      control  frameworks",
        "alpha        measured  10.00 ms  jax 0.10.2",
        "beta cuda:0  measured  12.50 ms  jax 0.10.2",
        "gamma        measured  10.00 ms  pytorch 2.13.0 (broken)",
        "",
        "Group 2: Another, 2 cores",
        "node   state      control  frameworks",
        "delta  measured  50.00 ms  jax 0.10.2",
        "",
        "Without a result",
        "epsilon  lost: the connection to the node was lost",
        "",
        "- beta cuda:0: its control product runs 20 % below the median of its group, on the same",
        "  hardware: look at cooling, power limits and what else runs.",
        "- gamma: pytorch: no library",
    ]


def test_a_missing_result_is_done_in_part_and_named(fleet, capsys):
    assert outcome(fleet) == 3
    assert capsys.readouterr().err == (
        "framework-advisor: missing: epsilon: lost: the connection to the node was lost\n"
    )


def test_all_measured_is_done_and_a_stop_is_told_as_such(capsys):
    whole = Fleet(cluster="local:1", nodes=(measured("a", 0.01),))
    assert outcome(whole) == 0
    assert outcome(Fleet(cluster="local:1", nodes=(), cancelled=True)) == 130
    assert "what was done is kept" in capsys.readouterr().err


def test_what_a_node_calls_itself_cannot_steer_a_terminal(capsys):
    evil = "\x1b[2J\nroot"
    nodes = (
        measured(evil, 0.01, hardware=evil),
        node(evil, "failed", reason=evil),
    )
    fleet = Fleet(cluster="tcp://head:8786", nodes=nodes)
    assert "\x1b" not in "\n".join(fleet_lines(fleet))
    outcome(fleet)
    assert "\x1b" not in capsys.readouterr().err


WRONG = {
    "no cluster": (["--cluster", "head"], "give tcp://HOST:PORT"),
    "an unknown framework": (
        ["--cluster", "local:2", "--frameworks", "pytorhc"],
        "did you mean 'pytorch'",
    ),
    "an option without a value": (
        ["--cluster", "slurm:2", "--cluster-option", "cores"],
        "write NAME=VALUE",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_word_ends_before_any_node_is_asked(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(fleets, "probe_fleet", None)
    assert main(["probe", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_without_dask_the_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    assert main(["probe", "--cluster", "local:1"]) == 2
    assert "pip install distributed" in capsys.readouterr().err


def test_nodes_are_told_what_was_chosen():
    from argparse import Namespace
    from pathlib import Path

    args = Namespace(
        tier="standard",
        frameworks=("jax", "keras"),
        workloads=None,
        python=[Path("/opt/a"), Path("/opt/b")],
        all=True,
    )
    assert bundle_arguments(args) == (
        "--tier", "standard", "--frameworks", "jax,keras", "--python", "/opt/b", "--all",
    )  # fmt: skip


def test_the_bundle_is_written_whole_and_says_how_it_is_run(tmp_path, capsys):
    path = tmp_path / "probe.pyz"
    assert main(["probe", "--make-bundle", str(path)]) == 0
    assert "python3 probe.pyz --out machine.json" in capsys.readouterr().err
    assert zipfile.ZipFile(path).testzip() is None
    assert main(["probe", "--make-bundle", str(tmp_path / "nowhere" / "probe.pyz")]) == 2
