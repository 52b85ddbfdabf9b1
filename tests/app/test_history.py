"""What was measured and reported comes back as a list and as trends; nothing foreign stops it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from app import history
from app.history import HistoryError, add_machine, add_report, read_history
from app.paths import history_folder
from app.report.redaction import redact_machine
from app.settings import Settings
from app.trends import LEAST_SLOWDOWN, other_hardware, regression_text, trends
from probes.results import decode_machine

RECORDED = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"
MODE, WORKLOAD = "pytorch/eager", "cnn_train"


@pytest.fixture(scope="module")
def recorded():
    return decode_machine(RECORDED.read_bytes(), "machine_quick.json")


@pytest.fixture
def run(recorded):
    """A probe run on a day, with another version of PyTorch, other times or another machine."""

    def run(day, version="2.13.0", times=1.0, control=1.0, **changes):
        hardware = changes.pop("hardware", {})
        python = changes.pop("python_version", None)
        workload_version = changes.pop("workload_version", None)
        measurements = []
        for one in recorded.measurements:
            if one.mode != MODE or one.ci95 is None:
                continue
            rounds = tuple(
                msgspec.structs.replace(
                    each,
                    control_before_seconds=each.control_before_seconds * control,
                    control_after_seconds=each.control_after_seconds * control,
                )
                for each in one.rounds
            )
            measurements.append(
                msgspec.structs.replace(
                    one,
                    median_seconds=one.median_seconds * times,
                    ci95=(one.ci95[0] * times, one.ci95[1] * times),
                    rounds=rounds,
                    workload_version=workload_version or one.workload_version,
                )
            )
        environments = tuple(
            msgspec.structs.replace(
                each,
                python_version=python or each.python_version,
                frameworks=tuple(
                    msgspec.structs.replace(one, version=version)
                    if one.framework == "pytorch"
                    else one
                    for one in each.frameworks
                ),
            )
            for each in recorded.environments
        )
        frameworks = tuple(
            msgspec.structs.replace(one, version=version) if one.framework == "pytorch" else one
            for one in recorded.frameworks
        )
        when = f"2026-11-{day:02d}T10:00:00+00:00"
        return msgspec.structs.replace(
            recorded,
            run_id=f"run-{day}-{version}-{times}",
            finished_utc=when,
            fingerprint=f"{version:->16}",
            measurements=tuple(measurements),
            comparisons=(),
            environments=environments,
            frameworks=frameworks,
            hardware=msgspec.structs.replace(recorded.hardware, **hardware),
            **changes,
        )

    return run


def report_of(machine, today="2026-11-21", framework="pytorch"):
    """A report's JSON as far as the history reads it, with what later versions may add."""
    return json.dumps(
        {
            "schema": "framework-advisor/report/1",
            "program_version": "0.1.0",
            "recommendation": {
                "made": {"today": today, "seed": 1},
                "verdict": {"framework": framework, "kind": "clear", "top_share": 0.93},
            },
            "machine": None if machine is None else msgspec.to_builtins(machine),
            "added later": True,
        }
    ).encode()


def entries(*machines):
    for one in machines:
        add_machine(one)
    return read_history().entries


def trend(*machines):
    (found,) = [
        one
        for one in trends(entries(*machines), workload=WORKLOAD, framework="pytorch")
        if one.mode == MODE
    ]
    return found


# The folder


def test_a_fresh_history_is_empty():
    assert read_history() == history.History(entries=(), left_out=())
    assert not history_folder().exists()


def test_runs_and_reports_are_listed_newest_first_with_what_they_are(run):
    add_machine(run(3))
    add_machine(run(5, "2.15.0"))
    add_report(report_of(run(5, "2.15.0")), datetime(2026, 11, 6, 9, tzinfo=UTC))
    add_report(report_of(None, framework=None), datetime(2026, 11, 7, 9, tzinfo=UTC))
    newest, report, upgraded, first = read_history().entries
    assert (newest.kind, newest.verdict, newest.machine) == ("report", None, "")
    assert (report.kind, report.verdict, report.verdict_kind) == ("report", "pytorch", "clear")
    assert report.when == "2026-11-06T09:00:00+00:00"
    assert (upgraded.kind, upgraded.tier) == ("machine", "quick")
    assert upgraded.frameworks["pytorch"] == "2.15.0"
    assert upgraded.frameworks["keras"] == "3.15.1"
    assert upgraded.machine == "AMD EPYC, 2 cores, 24 GiB, linux"
    assert first.frameworks["pytorch"] == "2.13.0"
    assert first.when == "2026-11-03T10:00:00+00:00"


def test_the_same_file_again_is_one_entry(run):
    assert add_machine(run(3)) == add_machine(run(3))
    data = report_of(None)
    assert add_report(data) == add_report(data)
    assert len(read_history().entries) == 2


def test_a_kept_machine_file_is_the_whole_file(run):
    machine = run(3)
    path = add_machine(machine)
    assert decode_machine(path.read_bytes(), "kept") == machine


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("holiday.jpg", b"\xff\xd8\xff\xe0", "no whole JSON"),
        ("notes.json", b'{"hello": 1}', "no whole JSON file of ours"),
        ("deep.json", b"[" * 200_000, "no whole JSON"),
        ("other.json", b'{"schema": "somebody-else/1"}', "another kind of file"),
        ("session.json", b'{"schema": "framework-advisor/session/2"}', "another kind of file"),
        ("newer.json", b'{"schema": "framework-advisor/machine/9"}', "machine/9"),
        ("report.json", b'{"schema": "framework-advisor/report/1"}', "damaged report"),
        ("date.json", report_of(None, today="soon"), "its date is none"),
        ("number.json", report_of(None).replace(b"0.93", b"1e999"), "damaged report"),
        ("20261121T000000Z-machine-0123456789ab.json", b"", "no whole JSON"),
    ],
)
def test_a_damaged_or_foreign_file_is_named_and_left_out(name, content, told, run):
    add_machine(run(3))
    (history_folder() / name).write_bytes(content)
    for _ in range(2):  # read, and from the index
        found = read_history()
        assert len(found.entries) == 1
        ((left_out),) = found.left_out
        assert left_out.file == name
        assert told in left_out.problem
        assert left_out.problem.isprintable()


def test_a_truncated_machine_file_and_a_folder_are_named(run):
    path = add_machine(run(3))
    add_machine(run(4))
    path.write_bytes(path.read_bytes()[:5000])
    (history_folder() / "folder.json").mkdir()
    found = read_history()
    assert len(found.entries) == 1
    assert {one.file for one in found.left_out} == {path.name, "folder.json"}


@pytest.mark.skipif(os.name == "nt", reason="pipes are files on POSIX")
def test_a_pipe_is_not_waited_for(run):
    add_machine(run(3))
    os.mkfifo(history_folder() / "pipe.json")
    assert [one.problem for one in read_history().left_out] == ["is a folder or a device"]


def test_the_index_saves_reading_and_may_be_damaged_stale_or_gone(run, monkeypatch):
    paths = [add_machine(run(day)) for day in (3, 4)]
    first = read_history()
    read = []
    real = history.entry_of

    def entry_of(data, name):
        read.append(name)
        return real(data, name)

    monkeypatch.setattr(history, "entry_of", entry_of)
    assert read_history() == first
    assert read == []
    index = history_folder() / history.INDEX
    for damage in (b"{", b"[1, 2]", b"\xff", index.read_bytes().replace(b"index/1", b"index/9")):
        read.clear()
        index.write_bytes(damage)
        assert read_history() == first
        assert sorted(read) == sorted(path.name for path in paths)
    read.clear()
    newer = msgspec.structs.replace(run(5), tier="deep")
    paths[0].write_bytes(history.encode_machine(newer))
    assert read_history().entries[0].tier == "deep"
    assert read == [paths[0].name]
    index.unlink()
    paths[1].unlink()
    assert len(read_history().entries) == 1


def test_an_index_that_cannot_be_written_is_done_without(run, monkeypatch):
    add_machine(run(3))

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "replace", refuse)
    assert len(read_history().entries) == 1


def test_deleting_takes_one_file_and_nothing_outside_the_folder(run, tmp_path):
    path = add_machine(run(3))
    add_machine(run(4))
    outside = history_folder().parent / "outside.json"
    outside.write_text("{}")
    for wrong in ("../outside", str(outside.with_suffix("")), "index", "", ".", "no-such", "a\0b"):
        with pytest.raises(HistoryError, match="not in the history"):
            history.delete(wrong)
    assert outside.exists()
    history.delete(path.stem)
    assert [one.id for one in read_history().entries] != [path.stem]
    assert len(read_history().entries) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_deleting_a_link_leaves_what_it_names(run, tmp_path):
    target = tmp_path / "mine.json"
    target.write_bytes(add_machine(run(3)).read_bytes())
    (history_folder() / "link.json").symlink_to(target)
    history.delete("link")
    assert target.exists()
    assert not (history_folder() / "link.json").is_symlink()


def test_forgetting_all_leaves_a_strangers_files_and_names_them(run):
    add_machine(run(3))
    (history_folder() / "20261121T000000Z-report-0123456789ab.json").write_text("damaged")
    (history_folder() / "my notes.txt").write_text("mine")
    read_history()
    assert history.forget_all() == (2, ["my notes.txt"])
    assert os.listdir(history_folder()) == ["my notes.txt"]


def test_history_can_be_switched_off(monkeypatch):
    assert history.is_kept(Settings())
    assert not history.is_kept(Settings(keep_history=False))
    monkeypatch.setenv(history.KEEP_VARIABLE, "0")
    assert not history.is_kept(Settings())


# Over time


def test_a_workload_over_versions_in_the_order_of_time_with_its_intervals(run):
    found = trend(run(9, "2.15.0", 0.8), run(3), run(6, "2.14.0", 0.9))
    assert [one.version for one in found.points] == ["2.13.0", "2.14.0", "2.15.0"]
    assert [one.time.median_seconds for one in found.points] == pytest.approx(
        [0.009800712500009467 * factor for factor in (1, 0.9, 0.8)]
    )
    assert found.points[0].time.low_seconds == pytest.approx(0.009276345074431447)
    assert found.points[0].time.high_seconds == pytest.approx(0.01011161800033733)
    assert found.regressions == ()


def test_a_mode_on_another_framework_names_that_ones_version_too(recorded):
    add_machine(recorded)
    (found,) = [
        one for one in trends(read_history().entries, WORKLOAD) if one.mode == "keras/torch"
    ]
    assert found.points[0].version == "3.15.1 on torch 2.13.0+cpu"


def test_an_upgrade_that_made_it_slower_is_flagged_with_both_versions(run):
    found = trend(run(3), run(6, "2.15.0", 1.25))
    (regression,) = found.regressions
    assert (regression.before_version, regression.after_version) == ("2.13.0", "2.15.0")
    assert regression.slowdown == pytest.approx(1.25)
    assert regression.in_control_products
    assert regression.also_changed == ()
    text = regression_text(found, regression)
    assert text == (
        "pytorch/eager cnn_train on cpu takes 1.25 times as long with 2.15.0 as with 2.13.0."
    )


def test_a_machine_that_runs_slower_as_a_whole_is_no_regression(run):
    assert trend(run(3), run(6, "2.15.0", 1.4, control=1.4)).regressions == ()


def test_a_control_product_that_became_faster_is_no_regression(run):
    assert trend(run(3), run(6, "2.15.0", 1.0, control=0.6)).regressions == ()


def test_intervals_that_meet_are_no_regression(run):
    # The upper end before is 1.032 times the median, the lower end after 1.08 * 0.947 of it.
    assert trend(run(3), run(6, "2.15.0", 1.08)).regressions == ()


def test_apart_but_less_than_counts_is_no_regression(run, recorded):
    narrow = [
        msgspec.structs.replace(
            machine,
            measurements=tuple(
                msgspec.structs.replace(
                    one, ci95=(one.median_seconds * 0.999, one.median_seconds * 1.001)
                )
                for one in machine.measurements
            ),
        )
        for machine in (run(3), run(6, "2.15.0", 1 + LEAST_SLOWDOWN - 0.01))
    ]
    assert trend(*narrow).regressions == ()


def test_the_same_version_twice_is_no_upgrade(run):
    assert trend(run(3), run(6, times=1.5)).regressions == ()


def test_one_quick_run_with_the_new_version_takes_the_flag_back(run):
    machines = [run(3), run(6, "2.15.0", 1.25)]
    assert trend(*machines).regressions
    assert trend(*machines, run(7, "2.15.0")).regressions == ()


def test_another_definition_of_the_workload_starts_a_trend_of_its_own(run):
    found = trends(
        entries(run(3), run(6, "2.15.0", 2.0, workload_version="other")), WORKLOAD, "pytorch"
    )
    assert [len(one.points) for one in found] == [1, 1]
    assert not [one for one in found if one.regressions]


def test_other_hardware_starts_a_trend_of_its_own_and_is_named(run):
    machines = run(3), run(6, "2.15.0", 2.0, hardware={"memory_bytes": 64 * 2**30})
    found = trends(entries(*machines), WORKLOAD, "pytorch")
    assert [len(one.points) for one in found] == [1, 1]
    assert not [one for one in found if one.regressions]
    assert set(other_hardware(found)) == {
        "AMD EPYC, 2 cores, 24 GiB, linux",
        "AMD EPYC, 2 cores, 64 GiB, linux",
    }


def test_an_upgrade_changes_the_fingerprint_but_not_the_hardware(run):
    before, after = run(3), run(6, "2.15.0")
    assert before.fingerprint != after.fingerprint
    assert history.hardware_id(before.hardware) == history.hardware_id(after.hardware)
    assert other_hardware(trends(entries(before, after))) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"available_memory_bytes": 1},
        {"os_version": "Debian 13"},
        {"governor": "powersave"},
        {"on_battery": True},
        {"memory_bytes": 24 * 2**30 + 5_000_000},
    ],
)
def test_what_software_or_the_moment_changes_is_the_same_hardware(changes, recorded):
    changed = msgspec.structs.replace(recorded.hardware, **changes)
    assert history.hardware_id(changed) == history.hardware_id(recorded.hardware)


def test_what_else_changed_with_the_upgrade_is_told(run):
    found = trend(
        run(3),
        run(
            6,
            "2.15.0",
            1.3,
            python_version="3.12.1",
            program_version="0.2.0",
            hardware={"os_version": "Debian 13"},
        ),
    )
    (regression,) = found.regressions
    assert regression.also_changed == (
        "Python: 3.11.7 -> 3.12.1",
        f"system: {found.points[0].surroundings['system']} -> Debian 13",
        "program: 0.1.0 -> 0.2.0",
    )
    assert "changed as well: Python: 3.11.7 -> 3.12.1" in regression_text(found, regression)


def test_a_run_and_the_report_that_carries_it_are_one_point(run):
    machine = run(3)
    add_report(report_of(machine), datetime(2026, 11, 20, tzinfo=UTC))
    (point,) = trend(machine).points
    assert point.when == "2026-11-03T10:00:00+00:00"


def test_redacted_reports_of_a_run_are_its_one_point_and_those_of_two_runs_are_two(run):
    first, second = run(1), run(2, times=1.01)
    for machine in (first, redact_machine(first), redact_machine(second)):
        add_report(report_of(machine))
    (trend,) = trends(read_history().entries, WORKLOAD)
    assert [one.when[:10] for one in trend.points] == ["2026-11-01", "2026-11-02"]


def test_a_report_of_today_on_an_old_run_stands_where_the_run_was(run):
    add_report(report_of(run(3)), datetime(2026, 11, 20, tzinfo=UTC))
    found = trend(run(6, "2.15.0", 1.25))
    assert [one.version for one in found.points] == ["2.13.0", "2.15.0"]
    assert found.regressions


def test_what_was_not_valid_or_has_no_interval_is_in_no_trend(recorded):
    add_machine(recorded)
    found = trends(read_history().entries)
    assert {one.workload for one in found} == {
        "mlp_train", "inference_batch1", "matrix_product", "cnn_train",
    }  # fmt: skip
    assert "paddlepaddle/eager" not in {
        one.mode for one in found if one.workload == "matrix_product"
    }
