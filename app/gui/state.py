"""What the pages share: answers, machine, recommendation, and the work that changes them.

The only object that pages know of each other. It decides nothing itself: knowledge, decisions and
probes come from `app.advice` and `rules`, always off the GUI thread.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.gui.background import Background
from app.kept import kept_folder, let_old_ones_go, new_kept_path, remove_unchanged
from app.paths import ASSETS
from app.settings import Settings, save_changes
from app.theme import Theme, load_theme

if TYPE_CHECKING:
    import msgspec

    # At run time these come with numpy and YAML, which the first paint must not wait for.
    from PySide6.QtWidgets import QWidget

    from app.installing.results import Verification
    from app.report import Report
    from app.sessions import Opened
    from app.what_ifs import WhatIf
    from probes.results import Machine, Measurement, ProbeEvent, Tier
    from rules.existing import Existing
    from rules.model import Answers, Knowledge
    from rules.questionnaire import Settled
    from rules.recommendation import Recommendation

KEEP_MILLISECONDS = 250
"""A change reaches the disk this much later, with all that came meanwhile."""

Answer = str | tuple[str, ...]
Replaced = TypeVar("Replaced", bound="msgspec.Struct")

DRAWING = ("decide", "what-if")
"""Jobs that keep a processor busy, and so wait while a round is measured."""

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
    has been loaded, `recommendation` until there is an answer to decide on. `importance_before` are
    the wishes before any weight was moved by hand; `first_verdict` is the last recommendation made
    without measurements.
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
    view_wanted = Signal(str)
    """A view of the page that has just come to the front: of knowledge, `then_and_now` or the id
    of a concept."""
    settings_changed = Signal()
    answers_put_away = Signal()
    """`start_anew` took answers away that `bring_back` brings back."""
    file_opened = Signal(str)
    file_saved = Signal(str)
    what_ifs_changed = Signal()
    notes_changed = Signal()
    installation_changed = Signal()
    session_kept = Signal()
    """The running session is on the disk as it is now."""
    history_changed = Signal()
    history_wanted = Signal()
    existing_read = Signal(object, object)
    """What a file of requirements said (an `Existing`), and where the answers disagree."""
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
        self._written_settings: Settings = self.settings
        """As this run read or wrote them last; only the writing thread looks at it."""
        self.theme: Theme = theme or load_theme("light")
        self.today: date = today or date.today()
        self.knowledge: Knowledge | None = None
        self.machine: Machine | None = None
        self.machine_file: str | None = None
        """The name of the file that the machine came from, where it was not read here."""
        self.recommendation: Recommendation | None = None
        self.first_verdict: Recommendation | None = None
        self.settled: Settled | None = None
        self.starter_outcome: Any = None
        """The `app.starter.Outcome` of the last run from the starter page."""
        self.probing: bool = False
        self._tier: Tier | None = None
        self._measured: list[Measurement] = []
        """While measuring: the valid times by now, which the ranking already follows."""
        self._continued: Machine | None = None
        """While a stopped measurement is continued: what it had come to."""
        self.looking: bool = False
        self.session_path: Path | None = None
        """Where the session was saved or opened last."""
        self.what_ifs: tuple[WhatIf, ...] = ()
        """Those that were kept, in the order in which they were."""
        self.notes: str = ""
        self.installation: Verification | None = None
        """What a resolver said last of an install line."""
        self._answers: Answers | None = None
        self.pinned: dict[str, Answer | None] = {}
        """What was answered to the questions whose answers are only pretended now."""
        self._pretended: dict[str, Answer | None] = {}
        """What is pretended; of those that are not pinned any more it says nothing."""
        self._anchor: Answers | None = None
        """What a what-if is compared with: the answers when their verdict was first looked at."""
        self._put_away: _PutAway | None = None
        self.kept_path: Path | None = None
        """Where this run keeps the session; None until there is something to keep."""
        self._kept_source: tuple[Path, int] | None = None
        """The kept file of an earlier run that was opened, and when it had been written."""
        self._opening = False
        self._keep_failed = False
        self._file_to_open: Path | None = None
        self.importance_before: Mapping[str, int] = {}
        self._saved: _Content | None = None
        """What the file holds that was opened or saved last; None before there is one."""
        self._cancel = threading.Event()
        self._probe_thread: threading.Thread | None = None
        self._background = Background(self)
        self._background.failed.connect(self._on_job_failed)
        # A thread of its own: what has to reach the disk does not wait for a report's charts.
        self._writer = Background(self)
        self._writer.failed.connect(self._on_writing_failed)
        self._numbers = itertools.count()
        self._weighing: int | None = None
        """The number of the decision that is under way."""
        # A timer and no queued call: painting comes before it.
        self._settle_soon = QTimer(self)
        self._settle_soon.setSingleShot(True)
        self._settle_soon.timeout.connect(self._settle)
        self._keep_soon = QTimer(self)
        self._keep_soon.setSingleShot(True)
        self._keep_soon.setInterval(KEEP_MILLISECONDS)
        self._keep_soon.timeout.connect(self._keep_now)
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
        is_due = self.is_weighing or self._settle_soon.isActive() or self.probing
        return not is_due and self._background.is_idle() and self._writer.is_idle()

    @property
    def is_weighing(self) -> bool:
        """A decision on the latest answers is under way."""
        return self._weighing is not None

    # Knowledge

    def load_knowledge(self) -> None:
        def load() -> Knowledge:
            from rules import load_knowledge
            from rules.texts import translated

            return translated(load_knowledge())

        def loaded(knowledge: Knowledge) -> None:
            self.knowledge = knowledge
            self.knowledge_loaded.emit()
            self._reconsider()
            if self._file_to_open is not None:
                self.open_file(self._file_to_open)

        self.in_background("knowledge", load, loaded)

    # Answers

    def set_answers(
        self, answers: Answers, importance_before: Mapping[str, int] | None = None
    ) -> None:
        """Take a whole document, as when a file is opened. Its weights are where Reset goes, unless
        they had been moved there already: then those before that."""
        before = answers.importance if importance_before is None else importance_before
        self.importance_before = before
        self.pinned.clear()
        self._change_answers(answers)

    def set_several(self, given: Mapping[str, Answer]) -> None:
        """Answer several questions at once, as when a conflict is repaired."""
        self._change_answers(_changed(self.answers, answers={**self.answers.answers, **given}))

    def reset_importance(self) -> None:
        """Take back the weights that were moved by hand since the answers were opened."""
        self._change_answers(_changed(self.answers, importance=dict(self.importance_before)))

    def set_answer(self, question_id: str, value: str | tuple[str, ...]) -> None:
        """Answer one question; `()` takes the answer back, `unknown` says that nobody knows."""
        answers = dict(self.answers.answers)
        if value == ():
            answers.pop(question_id, None)
        else:
            answers[question_id] = value
        self._change_answers(_changed(self.answers, answers=answers))

    def pretend(self, question_id: str, value: Answer | None) -> None:
        """Answer otherwise for a moment, None for no answer: what was answered stays pinned, and
        that is what is kept and saved."""
        self._pretended[question_id] = value
        self.pinned.setdefault(question_id, self.answers.answers.get(question_id))
        if _is_same(value, self.pinned[question_id]):
            del self.pinned[question_id], self._pretended[question_id]
        self._change_answers(_with(self.answers, {question_id: value}))

    def stop_pretending(self) -> None:
        """Back to the pinned answers."""
        self._change_answers(self.given)

    def take_over_pretended(self) -> None:
        """What was pretended are the answers from now on."""
        self.pinned.clear()
        self.answers_changed.emit()
        self._keep()

    @property
    def given(self) -> Answers:
        """The answers without what is only pretended."""
        return _with(self.answers, self.pinned) if self.pinned else self.answers

    def set_importance(self, target: str, importance: int) -> None:
        """How much a group or criterion matters, -2 to 2; 0 takes the wish back."""
        wishes = {**self.answers.importance, target: importance}
        wishes = {name: wish for name, wish in wishes.items() if wish}
        self._change_answers(_changed(self.answers, importance=wishes))

    def set_override(self, fact_id: str, level: int, reason: str) -> None:
        """Let a fact count as another level, as the person's own judgement; a reason is needed.

        Raises ValueError for a level that is none, an empty reason or a fact that is not there.
        """
        import msgspec

        from rules.model import Override

        facts = self.knowledge.frameworks if self.knowledge is not None else ()
        if not any(fact.id == fact_id for one in facts for fact in one.facts):
            raise ValueError(f"{fact_id}: is no fact of the knowledge")
        if not reason.strip():
            raise ValueError(f"{fact_id}: say why it should count otherwise")
        try:
            change = msgspec.convert({"level": level, "reason": reason.strip()}, Override)
        except msgspec.ValidationError:
            raise ValueError(f"{fact_id}: {level} is no level; they go from 0 to 4") from None
        overrides = {**self.answers.override, fact_id: change}
        self._change_answers(_changed(self.answers, override=overrides))

    def clear_override(self, fact_id: str) -> None:
        """Let a fact count as the knowledge has it."""
        overrides = {one: it for one, it in self.answers.override.items() if one != fact_id}
        self._change_answers(_changed(self.answers, override=overrides))

    def _change_answers(self, answers: Answers) -> None:
        if answers == self._answers:
            return
        self._answers = answers
        # What was answered elsewhere meanwhile is an answer, and no longer pretended.
        for name in [one for one in self.pinned if self._is_answered_otherwise(one)]:
            del self.pinned[name]
        self.answers_changed.emit()
        self._reconsider()
        self._keep()

    def _is_answered_otherwise(self, question_id: str) -> bool:
        return self.answers.answers.get(question_id) != self._pretended[question_id]

    def _reconsider(self) -> None:
        """Decide anew, in the background."""
        knowledge, answers, machine, today = (
            self.knowledge,
            self.answers,
            self._machine_so_far(),
            self.today,
        )
        if knowledge is None:
            return

        def decide() -> Recommendation | None:
            if not answers.answers and not answers.must_use:
                return None
            from app.advice import advise

            return advise(knowledge, answers, machine, today)

        number = self._weighing = next(self._numbers)

        def decided(recommendation: Recommendation | None) -> None:
            if self._weighing == number:
                self._weighing = None
                self._settle_soon.start()
            self._on_decided(recommendation)

        self.in_background("decide", decide, decided)
        if self.probing:
            # The decision may wait for the end of a round; this is too little to disturb one.
            self._settle_soon.start()

    def _settle(self) -> None:
        """Find what is settled by now, once the decision is on the screen: both in Python at the
        same time, the picture would wait for this."""
        knowledge, answers, machine, today = (
            self.knowledge,
            self.answers,
            self._machine_so_far(),
            self.today,
        )
        if knowledge is None:
            return

        def settle() -> Settled:
            from app.advice import machine_facts
            from rules.questionnaire import prefill, settled

            # As the decision does: what this machine answers by itself is not open.
            facts = machine_facts(machine) if machine is not None else {}
            return settled(knowledge, prefill(knowledge, answers, facts), today)

        self.in_background("settle", settle, self._on_settled)

    def _machine_so_far(self) -> Machine | None:
        """The machine, while measuring with what is measured by now."""
        if self.machine is None or not self._measured:
            return self.machine
        import msgspec

        again = {one.workload for one in self._measured}
        earlier = self._continued.measurements if self._continued is not None else ()
        kept = [one for one in earlier if one.workload not in again]
        return msgspec.structs.replace(
            self.machine, tier=self._tier, measurements=(*kept, *self._measured)
        )

    def _on_settled(self, settled: Settled) -> None:
        self.settled = settled
        self.settled_changed.emit()

    def _on_decided(self, recommendation: Recommendation | None) -> None:
        if recommendation is None and self.recommendation is None:
            return
        self.recommendation = recommendation
        if recommendation is None:
            self.first_verdict = None
        elif recommendation.machine is None:
            self.first_verdict = recommendation
        self.recommendation_changed.emit()

    # Sessions

    @property
    def is_modified(self) -> bool:
        """Whether there is something that no file of the person's holds (it is kept all the
        same)."""
        now = self._content()
        if self._saved is not None:
            return now != self._saved
        return bool(now.answers.answers or now.answers.must_use or now.what_ifs or now.notes)

    def _content(self) -> _Content:
        return _Content(self.given, self.what_ifs, self.notes)

    def _put_by(self) -> _PutAway:
        """The session as it is, to be brought back."""
        return _PutAway(
            self.given,
            self.importance_before,
            self.machine,
            self.machine_file,
            self.what_ifs,
            self.notes,
            self.session_path,
            self.kept_path,
            self._kept_source,
            self._saved,
        )

    def start_anew(self) -> None:
        """Empty answers; what was there can be brought back."""
        from rules.model import Answers

        before = self._put_by()
        self._part_with_session()
        self.session_path = self._saved = None
        self._set_what_ifs(())
        self.set_notes("")
        self.set_answers(Answers())
        if before.answers.answers or before.what_ifs or before.notes:
            self._put_away = before
            self.answers_put_away.emit()

    def bring_back(self) -> None:
        """Undo `start_anew`."""
        before = self._put_away
        if before is None:
            return
        self._put_away = None
        self._part_with_session()
        if before.machine is not None and before.machine != self.machine:
            self.set_machine(before.machine, before.machine_file)
        self.session_path = before.session_path
        self.kept_path, self._kept_source = before.kept_path, before.kept_source
        self._saved = before.saved
        self._set_what_ifs(before.what_ifs)
        self.set_notes(before.notes)
        self.set_answers(before.answers, before.importance_before)

    def open_file(self, path: Path) -> None:
        """Take over an answers file, a machine file or a session."""
        knowledge = self.knowledge
        if knowledge is None:
            self._file_to_open = path
            return
        self._file_to_open = None
        from app.existing import names_requirements

        if names_requirements(path):
            self.open_existing(path)
            return

        def read() -> tuple[Opened, int]:
            from app.sessions import open_file

            written = path.stat().st_mtime_ns if path.exists() else 0
            return open_file(path, knowledge), written

        def opened(result: tuple[Opened, int]) -> None:
            content, written = result
            before = self._put_by() if content.answers is not None and self.is_modified else None
            if content.answers is None:
                if content.machine is not None:
                    self.set_machine(content.machine, path.name)
                    self._keep()
            else:
                self._take_over(path, content, written)
            self._remember(path)
            self.file_opened.emit(str(path))
            if before is not None:
                self._put_away = before
                self.answers_put_away.emit()

        # Under a name of its own: of several files that are dropped together each is opened.
        self.in_background(f"open {next(self._numbers)}", read, opened)

    def _take_over(self, path: Path, content: Opened, written: int) -> None:
        """What was opened lies on the disk already: it is kept anew once it has been changed."""
        assert content.answers is not None
        self._part_with_session()
        is_kept = path.parent == kept_folder()
        self.session_path = path if content.is_session and not is_kept else None
        self._kept_source = (path, written) if is_kept else None
        self._opening = True
        try:
            self._set_what_ifs(content.what_ifs)
            self.set_notes(content.notes)
            self.set_installation(content.installation)
            if content.machine is not None:
                self.set_machine(content.machine)
            self.set_answers(content.answers, content.importance_before)
        finally:
            self._opening = False
        self._saved = self._content()

    def open_existing(self, path: Path) -> None:
        """Read what the code there is asks for; it fills in what the answers leave open."""
        knowledge = self.knowledge
        if knowledge is None:
            return

        def read() -> Existing:
            from app.existing import read_existing

            return read_existing(path, knowledge)

        def fill_in(existing: Existing) -> None:
            from rules.existing import prefill_existing

            filled = prefill_existing(knowledge, self.answers, existing)
            self._change_answers(filled.answers)
            self._remember(path)
            self.existing_read.emit(existing, filled.disagreements)

        self.in_background("open", read, fill_in)

    def save_session(self, path: Path) -> None:
        content = self._content()

        def saved(_: None) -> None:
            self.session_path, self._saved = path, content
            self._remember(path)
            self.file_saved.emit(str(path))

        self._writer.submit("save", self._saving(path), saved, must_run=True)

    def _keep(self) -> None:
        """Keep the running session on disk soon, so that neither closing nor a power cut loses
        anything."""
        # Not started anew by each change: a slider that is dragged on and on is kept as well.
        if not self._opening and not self._keep_soon.isActive():
            self._keep_soon.start()

    def _keep_now(self) -> None:
        self._keep_soon.stop()
        answers = self.answers
        is_empty = not (answers.answers or answers.must_use or self.what_ifs or self.notes)
        if is_empty and self.kept_path is None:
            return
        is_first = self.kept_path is None
        self.kept_path = path = self.kept_path or new_kept_path(datetime.now(UTC))
        save, source = self._saving(path), self._kept_source
        self._kept_source = None

        def keep() -> None:
            save()
            if source is not None:
                remove_unchanged(*source)
            if is_first:
                let_old_ones_go()

        self._writer.submit("keep", keep, self._on_kept, must_run=True)

    def _on_kept(self, _: None) -> None:
        self._keep_failed = False
        self.session_kept.emit()

    def _part_with_session(self) -> None:
        """Let the running session lie where it is kept; what comes next is kept beside it."""
        if self._keep_soon.isActive():
            self._keep_now()
        self.kept_path = self._kept_source = self._anchor = None

    def _saving(self, path: Path) -> Callable[[], None]:
        # Taken now: the answers may move on before the thread gets to it.
        answers, machine = self.given, self.machine
        what_ifs, notes, installation = self.what_ifs, self.notes, self.installation
        before = dict(self.importance_before)
        importance_before = None if before == answers.importance else before

        def save() -> None:
            from app.sessions import Session, save_session

            session = Session(
                saved_utc=datetime.now(UTC).isoformat(timespec="seconds"),
                answers=answers,
                machine=machine,
                what_ifs=what_ifs,
                notes=notes,
                installation=installation,
                importance_before=importance_before,
            )
            save_session(path, session)

        return save

    # What-ifs and notes

    def consider(self) -> None:
        """The verdict on these answers is being looked at: from here on, changes are what-ifs."""
        if self._anchor is None and self.answers.answers:
            self._anchor = _changed(self.answers, importance=dict(self.importance_before))

    def what_if_label(self) -> str:
        """What the person has changed to get here, in words."""
        if self.knowledge is None:
            return ""
        from app.what_ifs import label_of

        return label_of(self.knowledge, self._anchor or self.answers, self.answers)

    def keep_what_if(self, label: str = "") -> None:
        """Put the answers as they are now, and what they lead to, among the kept what-ifs."""
        knowledge, answers, machine, today = (
            self.knowledge,
            self.answers,
            self._machine_so_far(),
            self.today,
        )
        if knowledge is None:
            return
        from app.sessions import MOST_WHAT_IFS
        from app.what_ifs import LONGEST_LABEL

        if len(self.what_ifs) >= MOST_WHAT_IFS:
            self.failed.emit(
                self.tr("A session keeps at most {number} what-ifs; remove one first.").format(
                    number=MOST_WHAT_IFS
                )
            )
            return
        label = (label.strip() or self.what_if_label())[:LONGEST_LABEL]

        def tried() -> WhatIf:
            from app.what_ifs import try_out

            return try_out(label, knowledge, answers, machine, today)

        self.in_background("what-if", tried, lambda one: self._set_what_ifs((*self.what_ifs, one)))

    def rename_what_if(self, number: int, label: str) -> None:
        from app.what_ifs import LONGEST_LABEL

        label = label.strip()[:LONGEST_LABEL]
        if label:
            kept = list(self.what_ifs)
            kept[number] = _changed(kept[number], label=label)
            self._set_what_ifs(tuple(kept))

    def remove_what_if(self, number: int) -> None:
        self._set_what_ifs((*self.what_ifs[:number], *self.what_ifs[number + 1 :]))

    def use_what_if(self, number: int) -> None:
        """Go on with the answers of a kept what-if; the kept ones stay."""
        self.pinned.clear()
        self._change_answers(self.what_ifs[number].answers)

    def _set_what_ifs(self, what_ifs: tuple[WhatIf, ...]) -> None:
        if what_ifs != self.what_ifs:
            self.what_ifs = what_ifs
            self.what_ifs_changed.emit()
            self._keep()

    def set_notes(self, notes: str) -> None:
        if notes != self.notes:
            self.notes = notes
            self.notes_changed.emit()
            self._keep()

    def set_installation(self, found: Verification | None) -> None:
        """Keep what a resolver said; it is shown beside the line that it was asked for."""
        if found != self.installation:
            self.installation = found
            self.installation_changed.emit()
            self._keep()

    # Machine

    def set_machine(self, machine: Machine, file: str | None = None) -> None:
        """Take over what a machine is; `file` names where it was read, if not here."""
        self.machine, self.machine_file = machine, file
        self.machine_changed.emit()
        self._reconsider()

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

    def telling_workloads(self) -> tuple[str, ...]:
        """Those that count for the answers: they are measured first."""
        if self.knowledge is None:
            return ()
        from rules import telling_workloads

        return telling_workloads(self.knowledge, self.answers)

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
        self._measured.clear()
        self._tier = tier
        first = self.telling_workloads()

        def measure() -> None:
            from app.advice import measure, prepare_probe

            try:
                plan = prepare_probe(tier, frameworks, pythons, workloads, first=first)
                machine = measure(plan, self.probe_event.emit, cancel)
            except Exception as error:  # noqa: BLE001 - shown or raised in the GUI thread
                self._probe_done.emit(None, error)
            else:
                self._probe_done.emit(machine, None)

        self._probe_thread = threading.Thread(target=measure, name="probe", daemon=True)
        self._probe_thread.start()

    def continue_probe(self) -> None:
        """Measure what the last run here did not come to; what it came to stays."""
        from app.continuing import left_over, measured_frameworks

        machine = self.machine
        if machine is None or machine.tier is None or self.probing:
            return
        if missing := left_over(machine):
            self._continued = machine
            frameworks = measured_frameworks(machine)
            self.start_probe(machine.tier, frameworks, workloads=missing)

    def cancel_probe(self) -> None:
        """Ask the running probe to end; it answers with `probe_finished`."""
        self._cancel.set()

    def _on_probe_event(self, event: ProbeEvent) -> None:
        if event.measurement is not None and event.measurement.verdict.status == "valid":
            self._measured.append(event.measurement)
            self._reconsider()
        # Draws would take time from the round that is running.
        if event.kind == "item_started":
            for key in DRAWING:
                self._background.hold(key)
        elif event.kind != "log":
            self._go_on_drawing()

    def _go_on_drawing(self) -> None:
        for key in DRAWING:
            self._background.release(key)

    def _on_probe_done(self, machine: Machine | None, error: Exception | None) -> None:
        self._join_probe()
        self.probing = False
        self._measured.clear()
        self._go_on_drawing()
        before, self._continued = self._continued, None
        if machine is not None:
            if before is not None:
                from app.continuing import continued

                machine = continued(before, machine)
            self.set_machine(machine)
            self._keep()
            self._add_machine_to_history(machine)
        self.probe_finished.emit()
        if error is not None:
            self._on_job_failed("probe", error)

    def add_report_to_history(self, report: Report) -> None:
        """Keep a copy of what was exported, unless the history is switched off."""

        def add() -> None:
            from app.history import add_report
            from app.report import to_json

            add_report(to_json(report))

        self._add_to_history(add)

    def _add_machine_to_history(self, machine: Machine) -> None:
        def add() -> None:
            from app.history import add_machine

            add_machine(machine)

        self._add_to_history(add)

    def _add_to_history(self, add: Callable[[], None]) -> None:
        settings = self.settings

        def added() -> bool:
            from app.history import is_kept

            if is_kept(settings):
                add()
            return is_kept(settings)

        def then(is_news: bool) -> None:
            if is_news:
                self.history_changed.emit()

        # Under a name of its own: what follows must not take its place.
        self._writer.submit(f"history {next(self._numbers)}", added, then, must_run=True)

    def _join_probe(self) -> None:
        if self._probe_thread is not None:
            self._probe_thread.join()
            self._probe_thread = None

    # Settings

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing may move: as set here, or as the system asks."""
        from app.gui.system_look import wants_less_motion

        return self.settings.reduced_motion or wants_less_motion()

    def change_settings(self, **changes: Any) -> None:
        """Take over now and save in the background."""
        settings = replace(self.settings, **changes)
        if settings == self.settings:
            return
        self.settings = settings
        self.settings_changed.emit()

        def save() -> None:
            save_changes(self._written_settings, settings)
            self._written_settings = settings

        self._writer.submit("settings", save, lambda _: None, must_run=True)

    def _remember(self, path: Path) -> None:
        if path.is_relative_to(ASSETS) or path.parent == kept_folder():
            return  # these are offered anyway
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
        self._settle_soon.stop()
        if self._keep_soon.isActive():
            self._keep_now()
        self._background.stop()
        self._writer.stop()

    def _on_job_failed(self, key: str, error: Exception) -> None:
        if key == "look":
            self.looking = False
        if key == "decide":
            self._weighing = None
            self._settle_soon.start()
        # Our own error types carry a text for people, OSError names the file and why; anything
        # else is a mistake of ours and goes to the hook for unexpected errors.
        own = type(error).__module__.partition(".")[0] in ("app", "rules", "probes")
        if isinstance(error, OSError) and error.filename is not None:
            self.failed.emit(f"{error.filename}: {error.strerror}")
        elif own or isinstance(error, OSError):
            self.failed.emit(str(error))
        else:
            raise error

    def _on_writing_failed(self, key: str, error: Exception) -> None:
        if key == "keep" and isinstance(error, OSError):
            # Told once, not with each answer that follows.
            if not self._keep_failed:
                self._keep_failed = True
                self.failed.emit(
                    self.tr(
                        "The running session cannot be kept on this disk, so closing would lose "
                        "it: {reason}. Save it elsewhere with File, Save session as."
                    ).format(reason=f"{error.filename}: {error.strerror}")
                )
            return
        self._on_job_failed(key, error)


class _Content(NamedTuple):
    """What a person would save."""

    answers: Answers
    what_ifs: tuple[WhatIf, ...]
    notes: str


class _PutAway(NamedTuple):
    """A session that made way for an empty one."""

    answers: Answers
    importance_before: Mapping[str, int]
    machine: Machine | None
    machine_file: str | None
    what_ifs: tuple[WhatIf, ...]
    notes: str
    session_path: Path | None
    kept_path: Path | None
    kept_source: tuple[Path, int] | None
    saved: _Content | None


def _with(answers: Answers, given: Mapping[str, Answer | None]) -> Answers:
    """Some questions answered so, or not at all where there is None."""
    changed = {**answers.answers, **given}
    return _changed(
        answers, answers={name: one for name, one in changed.items() if one is not None}
    )


def _is_same(one: Answer | None, other: Answer | None) -> bool:
    """In whatever order the options were chosen."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return set(one) == set(other)
    return one == other


def _changed(before: Replaced, **changes: Any) -> Replaced:
    import msgspec  # the first paint does not wait for it

    return msgspec.structs.replace(before, **changes)
