"""What the pages share: answers, machine, recommendation, and the work that changes them.

The only object that pages know of each other. It decides nothing itself: knowledge, decisions and
probes come from `app.advice` and `rules`, always off the GUI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.gui.background import Background
from app.paths import ASSETS, data_folder
from app.settings import Settings, save_settings
from app.theme import Theme, load_theme

if TYPE_CHECKING:
    # At run time these come with numpy and YAML, which the first paint must not wait for.
    from PySide6.QtWidgets import QWidget

    from app.sessions import Opened
    from probes.results import Machine, ProbeEvent, Tier
    from rules.model import Answers, Knowledge
    from rules.questionnaire import Settled
    from rules.recommendation import Recommendation

LAST_SESSION = "last-session.json"
"""In the user's data folder: the running session, kept without being asked."""

STEPS = (
    "start",
    "questions",
    "recommendation",
    "machine",
    "starter",
    "report",
    "knowledge",
    "settings",
)


class PageWidget(Protocol):
    """What a page is: a QWidget made as `Page(state)`, created when it is first shown.

    A page may also have `refresh()`, called each time it comes to the front.
    """

    step_id: str
    title: str

    def initial_focus(self) -> QWidget:
        """The widget that takes the keyboard when the page comes to the front."""
        ...


class State(QObject):
    """The answers, the machine and the advice of one session, with signals for each change.

    Attributes are read by pages and written only through the methods. `knowledge` is None until it
    has been loaded, `recommendation` until there is an answer to decide on. `baseline` is the
    recommendation before any weight was moved by hand; `first_verdict` the last one made without
    measurements.
    """

    knowledge_loaded = Signal()
    answers_changed = Signal()
    settled_changed = Signal()
    machine_changed = Signal()
    recommendation_changed = Signal()
    theme_changed = Signal()
    probe_event = Signal(object)
    """A ProbeEvent, in the GUI thread."""
    probe_finished = Signal()
    failed = Signal(str)
    """A message for the person: what, where, what to do."""
    show_step = Signal(str)
    settings_changed = Signal()
    answers_put_away = Signal()
    """`start_anew` took answers away that `bring_back` brings back."""
    file_opened = Signal(str)
    file_saved = Signal(str)
    _probe_done = Signal(object, object)

    def __init__(
        self,
        theme: Theme | None = None,
        today: date | None = None,
        settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings: Settings = settings or Settings()
        self.theme: Theme = theme or load_theme("light")
        self.today: date = today or date.today()
        self.knowledge: Knowledge | None = None
        self.machine: Machine | None = None
        self.recommendation: Recommendation | None = None
        self.baseline: Recommendation | None = None
        self.first_verdict: Recommendation | None = None
        self.settled: Settled | None = None
        self.starter_outcome: Any = None
        """The `app.starter.Outcome` of the last run from the starter page."""
        self.probing: bool = False
        self.looking: bool = False
        self.session_path: Path | None = None
        """Where the session was saved or opened last."""
        self._answers: Answers | None = None
        self._put_away: tuple[Answers, Machine | None] | None = None
        self._file_to_open: Path | None = None
        self._opened_importance: dict[str, int] = {}
        self._cancel = threading.Event()
        self._probe_thread: threading.Thread | None = None
        self._background = Background(self)
        self._background.failed.connect(self._on_job_failed)
        self._probe_done.connect(self._on_probe_done)
        self.probe_event.connect(self._on_probe_event)

    @property
    def answers(self) -> Answers:
        if self._answers is None:
            from rules.model import Answers

            self._answers = Answers()
        return self._answers

    def in_background(
        self, key: str, function: Callable[[], Any], then: Callable[[Any], None]
    ) -> None:
        """Call `function` off the GUI thread, then `then` with its result on it; of calls that
        wait under one key the latest wins. Expected errors arrive as `failed`."""
        self._background.submit(key, function, then)

    def is_idle(self) -> bool:
        """Nothing is being decided, read or measured."""
        return self._background.is_idle() and not self.probing

    # Knowledge

    def load_knowledge(self) -> None:
        def load() -> Knowledge:
            from rules import load_knowledge

            return load_knowledge()

        def loaded(knowledge: Knowledge) -> None:
            self.knowledge = knowledge
            self.knowledge_loaded.emit()
            self._reconsider()
            if self._file_to_open is not None:
                self.open_file(self._file_to_open)

        self.in_background("knowledge", load, loaded)

    # Answers

    def set_answers(self, answers: Answers) -> None:
        """Take a whole document, as when a file is opened or a conflict repaired."""
        self._opened_importance = answers.importance
        self._change_answers(answers)

    def set_answer(self, question_id: str, value: str | tuple[str, ...]) -> None:
        """Answer one question; `()` takes the answer back, `unknown` says that nobody knows."""
        answers = dict(self.answers.answers)
        if value == ():
            answers.pop(question_id, None)
        else:
            answers[question_id] = value
        self._change_answers(_changed(self.answers, answers=answers))

    def set_importance(self, target: str, importance: int) -> None:
        """How much a group or criterion matters, -2 to 2; 0 takes the wish back."""
        wishes = {**self.answers.importance, target: importance}
        wishes = {name: wish for name, wish in wishes.items() if wish}
        self._change_answers(_changed(self.answers, importance=wishes))

    def _change_answers(self, answers: Answers) -> None:
        if answers == self._answers:
            return
        self._answers = answers
        self.answers_changed.emit()
        self._reconsider()
        self._keep()

    def _reconsider(self) -> None:
        """Decide anew, in the background."""
        knowledge, answers, machine, today = (
            self.knowledge,
            self.answers,
            self.machine,
            self.today,
        )
        if knowledge is None:
            return

        def decide() -> Recommendation | None:
            if not answers.answers and not answers.must_use:
                return None
            from app.advice import advise

            return advise(knowledge, answers, machine, today)

        def settle() -> Settled:
            from app.advice import machine_facts
            from rules.questionnaire import prefill, settled

            # As the decision does: what this machine answers by itself is not open.
            facts = machine_facts(machine) if machine is not None else {}
            return settled(knowledge, prefill(knowledge, answers, facts), today)

        self.in_background("decide", decide, self._on_decided)
        self.in_background("settle", settle, self._on_settled)

    def _on_settled(self, settled: Settled) -> None:
        self.settled = settled
        self.settled_changed.emit()

    def _on_decided(self, recommendation: Recommendation | None) -> None:
        if recommendation is None and self.recommendation is None:
            return
        self.recommendation = recommendation
        if recommendation is None:
            self.baseline = self.first_verdict = None
        else:
            if recommendation.answers.importance == self._opened_importance:
                self.baseline = recommendation
            if recommendation.machine is None:
                self.first_verdict = recommendation
        self.recommendation_changed.emit()

    # Sessions

    def start_anew(self) -> None:
        """Empty answers; what was there can be brought back."""
        from rules.model import Answers

        before = self.answers
        self.session_path = None
        self.set_answers(Answers())
        if before.answers:
            self._put_away = (before, self.machine)
            self.answers_put_away.emit()

    def bring_back(self) -> None:
        """Undo `start_anew`."""
        if self._put_away is not None:
            answers, machine = self._put_away
            self._put_away = None
            if machine is not None and machine != self.machine:
                self.set_machine(machine)
            self.set_answers(answers)

    def open_file(self, path: Path) -> None:
        """Take over an answers file, a machine file or a session."""
        knowledge = self.knowledge
        if knowledge is None:
            self._file_to_open = path
            return
        self._file_to_open = None

        def read() -> Opened:
            from app.sessions import open_file

            return open_file(path, knowledge)

        def opened(content: Opened) -> None:
            self.session_path = path if content.is_session else None
            if content.machine is not None:
                self.set_machine(content.machine)
            if content.answers is not None:
                self.set_answers(content.answers)
            self._remember(path)
            self.file_opened.emit(str(path))

        self.in_background("open", read, opened)

    def save_session(self, path: Path) -> None:
        def saved(_: None) -> None:
            self.session_path = path
            self._remember(path)
            self.file_saved.emit(str(path))

        self._background.submit("save", self._saving(path), saved, must_run=True)

    def _keep(self) -> None:
        """Keep the running session on disk, so that closing or a power cut loses nothing."""

        save = self._saving(data_folder() / LAST_SESSION)
        self._background.submit("keep", save, lambda _: None, must_run=True)

    def _saving(self, path: Path) -> Callable[[], None]:
        # Taken now: the answers may move on before the thread gets to it.
        answers, machine = self.answers, self.machine

        def save() -> None:
            from app.sessions import save_session

            now = datetime.now(UTC).isoformat(timespec="seconds")
            save_session(path, answers, machine, now)

        return save

    # Machine

    def set_machine(self, machine: Machine) -> None:
        self.machine = machine
        self.machine_changed.emit()
        self._reconsider()
        if self._answers is not None and self._answers.answers:
            self._keep()

    def look(self) -> None:
        """Read hardware and installed frameworks from what lies on disk; runs nothing found."""

        def look() -> Machine:
            from app.advice import look

            return look()

        def seen(machine: Machine) -> None:
            self.looking = False
            # What was measured meanwhile says more.
            if self.machine is None:
                self.set_machine(machine)
            else:
                self.machine_changed.emit()

        self.looking = True
        self.in_background("look", look, seen)

    def start_probe(
        self,
        tier: Tier,
        frameworks: Sequence[str] | None = None,
        pythons: Sequence[Path] = (),
        workloads: Sequence[str] | None = None,
    ) -> None:
        """Measure here: `probe_event` tells how it goes, `probe_finished` that it has."""
        if self.probing:
            return
        self.probing = True
        self._cancel = cancel = threading.Event()

        def measure() -> None:
            from app.advice import measure, prepare_probe

            try:
                plan = prepare_probe(tier, frameworks, pythons, workloads)
                machine = measure(plan, self.probe_event.emit, cancel)
            except Exception as error:  # noqa: BLE001 - shown or raised in the GUI thread
                self._probe_done.emit(None, error)
            else:
                self._probe_done.emit(machine, None)

        self._probe_thread = threading.Thread(target=measure, name="probe", daemon=True)
        self._probe_thread.start()

    def cancel_probe(self) -> None:
        """Ask the running probe to end; it answers with `probe_finished`."""
        self._cancel.set()

    def _on_probe_event(self, event: ProbeEvent) -> None:
        # Draws would take time from the round that is running.
        if event.kind == "item_started":
            self._background.hold("decide")
        elif event.kind != "log":
            self._background.release("decide")

    def _on_probe_done(self, machine: Machine | None, error: Exception | None) -> None:
        self._join_probe()
        self.probing = False
        self._background.release("decide")
        if machine is not None:
            self.set_machine(machine)
        self.probe_finished.emit()
        if error is not None:
            self._on_job_failed("probe", error)

    def _join_probe(self) -> None:
        if self._probe_thread is not None:
            self._probe_thread.join()
            self._probe_thread = None

    # Settings

    @property
    def reduced_motion(self) -> bool:
        return self.settings.reduced_motion

    def change_settings(self, **changes: Any) -> None:
        """Take over now and save in the background."""
        settings = replace(self.settings, **changes)
        if settings == self.settings:
            return
        self.settings = settings
        self.settings_changed.emit()
        self._background.submit(
            "settings", lambda: save_settings(settings), lambda _: None, must_run=True
        )

    def _remember(self, path: Path) -> None:
        if path.is_relative_to(ASSETS):
            return  # an example is offered anyway
        self.change_settings(recent=self.settings.with_recent(str(path)).recent)

    # The rest

    def set_theme(self, theme: Theme) -> None:
        if theme != self.theme:
            self.theme = theme
            self.theme_changed.emit()

    def shutdown(self) -> None:
        """Cancel what runs and wait for it; afterwards no thread and no process is left."""
        self._cancel.set()
        self._join_probe()
        self._background.stop()

    def _on_job_failed(self, key: str, error: Exception) -> None:
        if key == "look":
            self.looking = False
        # Our own error types carry a text for people, OSError names the file and why; anything
        # else is a mistake of ours and goes to the hook for unexpected errors.
        own = type(error).__module__.partition(".")[0] in ("app", "rules", "probes")
        if own or isinstance(error, OSError):
            self.failed.emit(str(error))
        else:
            raise error


def _changed(before: Answers, **changes: Any) -> Answers:
    import msgspec  # the first paint does not wait for it

    return msgspec.structs.replace(before, **changes)
