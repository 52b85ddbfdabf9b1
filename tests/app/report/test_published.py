"""The figures that older articles published stand beside what was measured here."""

import msgspec
import pytest

from app import report as reports
from app.report.published import BATCHES, PANELS
from probes.worker import workloads
from rules.model import Claim

SAID = "On ResNet-50 JAX trains at 110 to 120 percent of PyTorch's speed."


def claims():
    return tuple(
        Claim(
            id=name,
            said=SAID if name == "claim.resnet_ratios" else f"Said of {name}.",
            now="Nobody knows.",
            verdict="unsupported",
            grade="official",
            source="https://example.org",
            as_of="2026-01",
        )
        for name in PANELS
    )


def with_networks(machine):
    """The machine with made-up times of three modes on the networks."""
    (base,) = [one for one in machine.measurements if one.verdict.status == "valid"][:1]
    made = [
        msgspec.structs.replace(
            base,
            framework=mode.partition("/")[0],
            mode=mode,
            workload=workload,
            purpose="training" if workload.endswith("_train") else "inference",
            median_seconds=seconds,
            peak_resident_bytes=held << 20,
        )
        for workload in dict.fromkeys(PANELS.values())
        for mode, seconds, held in (
            ("pytorch/eager", 0.2, 900),
            ("pytorch/compiled", 0.16, 1000),
            ("jax/jit", 0.32, 700),
        )
    ]
    return msgspec.structs.replace(machine, measurements=(*machine.measurements, *made))


def published(report):
    found = [one for each in report.sections if each.id == "then-and-now" for one in each.blocks]
    tables = [one for one in found if "older articles" in getattr(one, "caption", "")]
    return [[cell.text for cell in row] for one in tables for row in one.rows]


def test_each_published_table_stands_beside_what_this_machine_measured(
    recommended, knowledge, machine
):
    told = msgspec.structs.replace(knowledge, claims=claims())
    rows = published(reports.build(recommended(), told, machine=with_networks(machine)))
    assert [row[0] for row in rows][:1] == [SAID]
    training, bert, memory, inference = (row[1] for row in rows)
    assert training == (
        "Of the speed of PyTorch (pytorch/compiled): JAX (jax/jit) 50 %. "
        "On cpu, 4 images of 128 x 128 a step."
    )
    assert "32 tokens" in bert
    assert memory.startswith("While ResNet-50 was trained, at most, libraries included: JAX ")
    assert "PyTorch" in memory.partition(" and ")[2]
    assert "PyTorch (pytorch/compiled) is fastest" in inference
    assert "JAX (jax/jit) 2.0 x" in inference


def test_nothing_is_said_of_figures_that_nobody_measured_here(recommended, knowledge, machine):
    told = msgspec.structs.replace(knowledge, claims=claims())
    assert published(reports.build(recommended(), told, machine=machine)) == []


@pytest.mark.parametrize(("identifier", "cpu"), sorted(BATCHES))
def test_the_batch_that_is_told_is_the_one_that_is_measured(identifier, cpu):
    one = workloads.find(identifier, "cpu" if cpu else "gpu")
    said = BATCHES[identifier, cpu]
    assert said.startswith(f"{one.batch} ")
    assert str(one.extent) in said
