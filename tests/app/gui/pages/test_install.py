"""Beside the install line: verify it, have it set up, cancel; what came of it, in words."""

import threading
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.gui.pages.recommendation import Page
from app.gui.recommendation import install
from app.installing import creating, verifying
from app.installing.creating import Created, Progress
from app.installing.results import InstallError, Library, Package, Verification

LINE = "pip install torch"


@pytest.fixture
def panel(session, shown, give, recommend, at_rest):
    page = shown(Page(session))
    give(recommend())
    at_rest()
    page.complete()
    at_rest()
    yield page.next.install
    page.next.install.run.stop_and_wait()


def found(target, state="verified", **changes):
    return Verification(
        state=state,
        summary="What pip said.",
        line=LINE,
        target=target,
        resolver="pip 26.3",
        asked_utc="2026-11-21T10:00:00+00:00",
        packages=(Package(name="torch", version="2.13.0", requested=True, bytes=180_000_000),),
        **changes,
    )


def said(widget):
    QApplication.processEvents()  # new rows are shown only then
    labels = widget.findChildren(QLabel)
    return "\n".join(one.text() for one in labels if one.isVisibleTo(widget) and one.text())


@pytest.fixture
def answer(monkeypatch):
    """Lets pip answer with a state; gives what it was asked."""
    asked = []

    def answer(state, **changes):
        def verify(chosen, cancel):
            asked.append((chosen.line, chosen.framework, chosen.packages))
            return found(chosen.target, state, **changes)

        monkeypatch.setattr(verifying, "verify_chosen", verify)
        return asked

    return answer


def test_at_first_the_line_is_said_to_be_not_verified(panel):
    assert panel.state.text().startswith("Not verified")
    assert panel.verify.isEnabled()
    assert panel.set_up.isEnabled()
    assert not panel.going.isVisibleTo(panel)


def test_verify_asks_and_tells_state_day_size_and_packages(panel, answer, qtbot, session):
    asked = answer("verified")
    with qtbot.waitSignal(panel.verified):
        panel.verify.click()
    assert asked == [(LINE, "pytorch", panel._chosen.packages)]
    assert panel.state.text() == "Verified (2026-11-21 10:00:00 UTC, asked of pip 26.3)"
    assert panel.state.property("role") == "good"
    assert "To download: 180 MB." in said(panel)
    assert "torch 2.13.0" in said(panel)
    assert session.installation.state == "verified"


@pytest.mark.parametrize(
    ("outcome", "role"),
    [
        ("not_verified", "muted"),
        ("cancelled", "muted"),
        ("conflicts", "bad"),
        ("cpu_only", "bad"),
        ("driver_too_old", "bad"),
    ],
)
def test_what_is_not_verified_does_not_look_like_it(panel, answer, qtbot, outcome, role):
    answer(outcome)
    with qtbot.waitSignal(panel.verified):
        panel.verify.click()
    assert panel.state.property("role") == role
    assert not panel.state.text().startswith("Verified")


def test_what_was_said_of_another_line_is_not_shown_beside_this_one(
    panel, answer, qtbot, give, recommend, at_rest, session
):
    answer("verified")
    with qtbot.waitSignal(panel.verified):
        panel.verify.click()
    other = recommend()
    install = msgspec.structs.replace(other.stack.install, command="pip install jax")
    stack = msgspec.structs.replace(other.stack, install=install)
    panel.show_advice(msgspec.structs.replace(other, stack=stack))
    assert panel.state.text().startswith("Not verified")
    panel.show_advice(other)
    assert panel.state.text().startswith("Verified")


def test_a_line_that_is_none_says_why_and_offers_nothing(panel, recommend):
    other = recommend()
    install = msgspec.structs.replace(other.stack.install, command="# see the maker's page")
    stack = msgspec.structs.replace(other.stack, install=install)
    panel.show_advice(msgspec.structs.replace(other, stack=stack))
    assert not panel.verify.isEnabled()
    assert not panel.set_up.isEnabled()
    assert "no line that can be run" in said(panel)


def test_asking_can_be_cancelled(panel, monkeypatch, qtbot):
    def wait(chosen, cancel):
        assert cancel.wait(60)
        return found(chosen.target, "cancelled")

    monkeypatch.setattr(verifying, "verify_chosen", wait)
    panel.verify.click()
    assert panel.going.isVisibleTo(panel)
    assert not panel.verify.isEnabled()
    with qtbot.waitSignal(panel.verified):
        panel.cancel.click()
    assert panel.state.text().startswith("Cancelled")
    assert panel.verify.isEnabled()


@pytest.fixture
def a_plan(monkeypatch, tmp_path):
    """What would be done is known without asking anybody."""
    begun = []

    def prepare(folder, chosen):
        return creating.Plan(
            folder=folder, python="python", chosen=chosen, lines=(), task="image_classification"
        )

    monkeypatch.setattr(creating, "prepare", prepare)
    monkeypatch.setattr(creating, "what_it_brings", lambda plan, cancel: found(plan.chosen.target))
    return begun


def ask(panel, qtbot, folder):
    panel.set_up.click()
    panel.folder.setText(str(folder))
    with qtbot.waitSignal(panel.run.planned):
        panel.ask.click()


def test_the_download_is_said_before_anything_is_made(panel, a_plan, monkeypatch, qtbot, tmp_path):
    made = []
    monkeypatch.setattr(creating, "create", lambda *given: made.append(given))
    ask(panel, qtbot, tmp_path / "new")
    assert "180 MB, 1 package," in said(panel)
    assert "its own cache" in said(panel)
    assert panel.agree.isVisibleTo(panel)
    panel.leave.click()
    assert made == []
    assert not panel.where.isVisibleTo(panel)
    assert list(tmp_path.iterdir()) == []


def test_setting_up_shows_progress_and_the_end(panel, a_plan, monkeypatch, qtbot, tmp_path):
    told = threading.Event()

    def create(plan, on_progress, cancel, known_bytes):
        assert known_bytes == 180_000_000
        on_progress(Progress("install", "downloaded 90 MB of 180 MB", 0.5))
        assert told.wait(60)
        return Created(state="done", summary="The environment is there.", folder=plan.folder)

    monkeypatch.setattr(creating, "create", create)
    ask(panel, qtbot, tmp_path / "new")
    panel.agree.click()
    qtbot.waitUntil(lambda: "90 MB of 180 MB" in panel.now.text())
    assert panel.bar.value() == 50
    with qtbot.waitSignal(panel.run.created):
        told.set()
    assert panel.state.text() == "Set up"
    assert "The environment is there." in said(panel)
    assert not panel.going.isVisibleTo(panel)


def test_setting_up_can_be_cancelled(panel, a_plan, monkeypatch, qtbot, tmp_path):
    def create(plan, on_progress, cancel, known_bytes):
        assert cancel.wait(60)
        return Created(state="cancelled", summary="It was removed.", folder=plan.folder)

    monkeypatch.setattr(creating, "create", create)
    ask(panel, qtbot, tmp_path / "new")
    panel.agree.click()
    with qtbot.waitSignal(panel.run.created):
        panel.cancel.click()
    assert panel.state.text() == "Cancelled"
    assert "It was removed." in said(panel)


def test_a_folder_that_cannot_be_used_is_told(panel, monkeypatch, qtbot, tmp_path):
    def refuse(folder, chosen):
        raise InstallError(f"{folder}: is not empty; choose a folder that is new or empty")

    monkeypatch.setattr(creating, "prepare", refuse)
    panel.set_up.click()
    panel.folder.setText(str(tmp_path))
    with qtbot.waitSignal(panel.run.failed):
        panel.ask.click()
    assert "is not empty" in said(panel)
    assert not panel.agree.isVisibleTo(panel)


def test_what_was_measured_there_can_be_taken_over(panel, qtbot):
    created = Created(state="done", summary="There.", folder=Path("/env"))
    panel._on_created(created)
    assert not panel.use_times.isVisibleTo(panel)
    panel._on_created(msgspec.structs.replace(created, machine=object()))
    with qtbot.waitSignal(panel.machine_wanted) as wanted:
        panel.use_times.click()
    assert wanted.args == [Path("/env/machine.json")]


def libraries(*packages):
    return tuple(Library(name=one, package=one, purpose=f"{one} helps.") for one in packages)


def test_libraries_are_named_with_what_they_are_for_and_can_be_left_out(
    panel, a_plan, qtbot, tmp_path
):
    panel._chosen = msgspec.structs.replace(panel._chosen, libraries=libraries("timm"))
    ask(panel, qtbot, tmp_path / "new")
    assert "With it timm. timm helps." in said(panel)
    assert "On the disk of the folder it needs 360 MB to 1.1 GB" in said(panel)
    assert panel.framework_only.isVisibleTo(panel)
    panel.framework_only.click()
    assert not panel.agree.isVisibleTo(panel)  # something else is to be said first
    with qtbot.waitSignal(panel.run.planned):
        panel.ask.click()
    assert "timm" not in said(panel)
    assert panel._plan.chosen.libraries == ()


def test_a_disk_that_is_too_full_is_told_and_nothing_can_be_begun(
    panel, a_plan, monkeypatch, qtbot, tmp_path
):
    def refuse(plan, brings):
        raise InstallError("its disk has 5 MB free, and setting up needs at least 360 MB there")

    monkeypatch.setattr(creating, "require_space", refuse)
    panel.set_up.click()
    panel.folder.setText(str(tmp_path / "new"))
    with qtbot.waitSignal(panel.run.failed):
        panel.ask.click()
    assert "needs at least 360 MB" in said(panel)
    assert not panel.agree.isVisibleTo(panel)


def test_the_driver_of_the_machine_that_counts_is_asked_for(panel, recommend, monkeypatch):
    places = []
    monkeypatch.setattr(
        install, "of_recommendation", lambda *given, **named: places.append(named) or panel._chosen
    )
    panel.set_place(lambda: ("a machine", ("a floor",)))
    panel.show_advice(recommend())
    assert places == [{"machine": "a machine", "floors": ("a floor",)}]
