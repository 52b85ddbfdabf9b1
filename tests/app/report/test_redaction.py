"""With local details removed, nothing of where and by whom survives in any format."""

from pathlib import Path

import msgspec
import pytest

from app import report as reports
from app.report import as_pdf
from app.report.document import StarterRun
from app.what_ifs import WhatIf
from probes.results import Machine, decode_machine
from rules.model import Answers, Override


@pytest.fixture
def answered(recommended):
    """The answers of the decision, with some of a user's own words."""

    def made(**words) -> Answers:
        return msgspec.structs.replace(recommended().answers, **words)

    return made


CLOSED = {
    "device",
    "os",
    "kind",
    "state",
    "status",
    "purpose",
    "track",
    "tier",
    "verdict",
    "schema",
    "peak_resident_scope",
    "capability",
    "cause",
}
"""Fields that a decoder holds to a closed list: no local data fits in them."""


def with_canaries(value, key=""):
    """The same with a canary in every string that is not one of a closed list."""
    if isinstance(value, str):
        return value if key in CLOSED else f"CANARY-{key} /home/berta/{value}"
    if isinstance(value, dict):
        return {name: with_canaries(inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_canaries(inner, key) for inner in value]
    return value


def formats(report):
    """Every format, whole and on one page; of a PDF what the typesetter is given."""
    texts = {"json": reports.to_json(report).decode()}
    for short in (False, True):
        texts[f"html {short}"] = reports.to_html(report, short)
        texts[f"md {short}"] = reports.to_markdown(report, short)
        # Places where a long word may break are marked by signs that nobody sees.
        data = msgspec.json.encode(as_pdf._data(report, short)).decode()
        texts[f"pdf {short}"] = data.replace("\u200b", "")
    return texts


@pytest.fixture
def poisoned(machine) -> Machine:
    plain = with_canaries(msgspec.to_builtins(machine))
    # Settings are the one mapping with free keys.
    plain["runtimes"] = [dict(plain["frameworks"][0])]
    for finding in plain["frameworks"] + plain["runtimes"]:
        finding["settings"] = {"CANARY-setting": "CANARY-value"}
        finding["capabilities"] = [
            {
                "capability": "determinism",
                "mode": "CANARY/eager",
                "device": "cpu",
                "state": "fails",
                "note": "CANARY in /home/berta/train.py",
            }
        ]
    return msgspec.convert(plain, Machine)


def test_no_canary_in_any_string_of_the_machine_survives(recommended, knowledge, poisoned):
    quoting = recommended(
        machine=poisoned.fingerprint,
        why=(f"It broke here: {poisoned.frameworks[3].reason}", "Two", "Three"),
    )
    loud = reports.build(quoting, knowledge, poisoned)
    shown = {name for name, text in formats(loud).items() if "CANARY" in text}
    assert {"json", "html False", "md False", "pdf False"} <= shown
    quiet = reports.build(quoting, knowledge, poisoned, redact=True)
    for name, text in formats(quiet).items():
        assert "CANARY" not in text, name
        assert "berta" not in text, name


def test_what_the_user_wrote_and_the_starter_said_is_removed_too(recommended, knowledge, machine):
    run = StarterRun(
        returncode=1,
        seconds=3.0,
        metrics={"loss": 0.1, "/home/berta": 1.0},
        versions={"torch": "2.13.0+cpu", "berta": "/home/berta"},
        tail=("Traceback", "/home/berta/train.py"),
    )
    report = reports.build(recommended(), knowledge, machine, run, redact=True)
    for text in formats(report).values():
        assert "Berta" not in text
        assert "berta" not in text
    assert report.starter is not None
    assert report.starter.versions == {"torch": "2.13.0+cpu"}


def test_no_word_of_the_users_own_survives(recommended, knowledge, machine, answered):
    spoken = answered(
        exclude={"mxnet": "CANARY says Berta"},
        override={"keras.ease.general": Override(level=1, reason="CANARY in /home/berta")},
    )
    tried = WhatIf(
        label="CANARY: what Berta tried",
        answers=spoken,
        framework="keras",
        kind="close",
        top_share=0.5,
    )
    decided = recommended(answers=spoken)
    loud = reports.build(decided, knowledge, machine, what_ifs=(tried,), notes="CANARY by Berta")
    assert "CANARY" in formats(loud)["json"]
    quiet = reports.build(
        decided, knowledge, machine, redact=True, what_ifs=(tried,), notes="CANARY by Berta"
    )
    for name, text in formats(quiet).items():
        assert "CANARY" not in text, name
        assert "erta" not in text, name


def test_what_makes_a_measurement_worth_something_stays(recommended, knowledge, machine):
    report = reports.build(recommended(), knowledge, machine, redact=True)
    assert report.machine is not None
    assert report.machine.fingerprint == machine.fingerprint
    assert report.machine.hardware.cpu == machine.hardware.cpu
    assert report.machine.hardware.accelerators == machine.hardware.accelerators
    assert [one.values for one in report.machine.measurements] == [
        one.values for one in machine.measurements
    ]
    assert {one.python for one in report.machine.measurements} == {"interpreter 1"}
    assert report.machine.frameworks[0].version == "3.15.1"
    assert report.machine_counted


def test_removing_twice_changes_nothing(recommended, knowledge, machine):
    once = reports.build(recommended(), knowledge, machine, redact=True)
    twice = reports.build(once.recommendation, knowledge, once.machine, redact=True)
    assert twice == once


def test_why_a_time_counts_stays_told(recommended, knowledge, machine):
    plain = msgspec.to_builtins(machine)
    reason = "other programs used 53% of the processor"
    plain["measurements"][0]["verdict"] = {"status": "unstable", "reasons": [reason, "by berta"]}
    plain["frameworks"][0]["settings"] = {"onednn": "True", "cache": "/home/berta/cache"}
    noisy = msgspec.convert(plain, Machine)
    report = reports.build(recommended(), knowledge, noisy, redact=True)
    assert report.machine is not None
    assert report.machine.measurements[0].verdict.reasons == (reason, "(removed)")
    assert report.machine.frameworks[0].settings == {"onednn": "True"}


def test_a_recorded_probe_keeps_its_figures_and_loses_its_paths(recommended, knowledge):
    data = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"
    recorded = decode_machine(data.read_bytes(), data.name)
    loud = reports.build(recommended(), knowledge, recorded)
    assert all("/home/ada" in text for name, text in formats(loud).items() if "True" not in name)
    quiet = reports.build(recommended(), knowledge, recorded, redact=True)
    assert all("/home" not in text for text in formats(quiet).values())
    assert quiet.machine is not None
    assert [one.values for one in quiet.machine.measurements] == [
        one.values for one in recorded.measurements
    ]
    assert [one.verdict for one in quiet.machine.measurements] == [
        one.verdict for one in recorded.measurements
    ]
