"""The main window: the rail of steps, the pages and the notices above them.

Pages are found by name and made when they are first shown; the window knows none of them.
"""

import importlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.existing_words import OPEN_FILTER, summary
from app.gui.state import STEPS, State
from app.gui.style import apply_theme
from app.gui.system_look import follow, theme_name
from app.gui.tabbing import move_focus
from app.gui.widgets.basic import Heading, Icon, Notice, QuietButton, Text
from app.gui.widgets.tiles import Pressable
from app.theme import load_theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

    from app.gui.history import HistoryDialog
    from rules.existing import Existing

SMALLEST = (1024, 640)
RAIL_WIDTH = 224
RAIL_ROOM = 82
"""Beside a step's title: margins, icon, spaces."""
ASIDE = ("knowledge", "settings")
"""Steps that stand beside the flow."""


def _geometry(saved: str) -> QByteArray:
    """What was saved, or nothing where somebody has changed it by hand."""
    try:
        return QByteArray(b64decode(saved, validate=True))
    except ValueError:
        return QByteArray()


class StepButton(Pressable):
    """One step in the rail: its icon, its name and how far it is."""

    def __init__(self, step: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = step
        self.setCheckable(True)
        # The style sheet makes it high enough for two lines from the start, so that nothing jumps
        # when a note arrives; those aside never have one.
        self.setProperty("role", "step")
        self.setProperty("aside", step in ASIDE)
        self._title = title
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 10, 4)
        row.setSpacing(12)
        self._icon = Icon(step, "muted")
        row.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(0)
        # The first step is made as it will be shown: to polish a label anew asks for its QStyle,
        # whose enums cost a tenth of the time to the first paint.
        self._name = Text(title, "strong" if step == STEPS[0] else "body", wrap=False)
        self._note = Text("", "note", wrap=False)
        self._note.hide()
        words.addWidget(self._name)
        words.addWidget(self._note)
        row.addLayout(words, 1)
        for child in (self._icon, self._name, self._note):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._on_toggled)
        self.set_note("")

    def set_note(self, note: str) -> None:
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.setAccessibleName(f"{self._title}, {note}" if note else self._title)

    def _on_toggled(self, checked: bool) -> None:
        self._icon.set_icon(self.step, "accent" if checked else "muted")
        self._name.set_role("strong" if checked else "body")


class MainWindow(QMainWindow):
    """Signals `first_painted` once, when the start page has been painted."""

    first_painted = Signal()

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.setWindowTitle("Framework Advisor")
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self.pages: dict[str, QWidget] = {}
        self._history: HistoryDialog | None = None
        self._question: QMessageBox | None = None
        self._is_leaving = self._leaves_when_saved = False
        self._build()
        self._build_menus()
        self._connect()
        if not self.restoreGeometry(_geometry(state.settings.geometry)):
            self.resize(1280, 800)
        self.show_step("start")
        self.pages["start"].installEventFilter(self)

    # What stands where

    def _build(self) -> None:
        middle = QWidget()
        self.setCentralWidget(middle)
        across = QHBoxLayout(middle)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._build_rail())
        right = QVBoxLayout()
        right.setSpacing(0)
        self.notices = QVBoxLayout()
        self.notices.setContentsMargins(28, 16, 28, 0)
        self.notices.setSpacing(8)
        self._notice_room = QWidget()
        self._notice_room.setLayout(self.notices)
        self._notice_room.hide()
        right.addWidget(self._notice_room)
        self.stack = QStackedWidget()
        right.addWidget(self.stack, 1)
        across.addLayout(right, 1)

    def _build_rail(self) -> QWidget:
        titles = {
            "start": self.tr("Start"),
            "questions": self.tr("Questions"),
            "recommendation": self.tr("Recommendation"),
            "machine": self.tr("Machine"),
            "starter": self.tr("Starter code"),
            "report": self.tr("Report"),
            "knowledge": self.tr("Knowledge"),
            "settings": self.tr("Settings"),
        }
        rail = QFrame()
        rail.setProperty("role", "rail")
        rail.setFixedWidth(_rail_width(titles.values()))
        column = QVBoxLayout(rail)
        column.setContentsMargins(12, 20, 12, 16)
        column.setSpacing(4)
        name = Heading("Framework Advisor")
        name.setContentsMargins(12, 0, 0, 12)
        column.addWidget(name)
        self.step_buttons: dict[str, StepButton] = {}
        group = QButtonGroup(self)
        for step in STEPS:
            if step == ASIDE[0]:
                column.addStretch(1)
            button = StepButton(step, titles[step])
            button.clicked.connect(lambda _=False, step=step: self.show_step(step))
            group.addButton(button)
            column.addWidget(button)
            self.step_buttons[step] = button
        self.titles = titles
        return rail

    def _build_menus(self) -> None:
        file = self.menuBar().addMenu(self.tr("&File"))
        self._add(file, self.tr("&New advice"), self._on_new, QKeySequence.StandardKey.New)
        self._add(file, self.tr("&Open..."), self.ask_for_file, QKeySequence.StandardKey.Open)
        file.addSeparator()
        self._add(file, self.tr("&Save session"), self._on_save, QKeySequence.StandardKey.Save)
        self._add(
            file, self.tr("Save session &as..."), self._on_save_as, QKeySequence.StandardKey.SaveAs
        )
        file.addSeparator()
        self._add(file, self.tr("&History..."), self.show_history, QKeySequence("Ctrl+H"))
        file.addSeparator()
        leave = self._add(file, self.tr("&Quit"), self.close, QKeySequence.StandardKey.Quit)
        leave.setMenuRole(QAction.MenuRole.QuitRole)
        go = self.menuBar().addMenu(self.tr("&Go"))
        for number, step in enumerate(STEPS, start=1):
            self._add(
                go,
                self.titles[step],
                lambda step=step: self.show_step(step),
                QKeySequence(f"Ctrl+{number}"),
            )

    def _add(
        self,
        menu: QMenu,
        text: str,
        slot: object,
        keys: QKeySequence | QKeySequence.StandardKey,
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.triggered.connect(lambda _=False: slot())  # type: ignore[operator]
        menu.addAction(action)
        return action

    def _connect(self) -> None:
        state = self.state
        state.show_step.connect(self.show_step)
        state.failed.connect(self.show_failure)
        state.file_opened.connect(self._on_file_opened)
        state.file_saved.connect(self._on_file_saved)
        state.existing_read.connect(self._on_existing_read)
        state.answers_put_away.connect(self._on_answers_put_away)
        for changed in (
            state.answers_changed,
            state.what_ifs_changed,
            state.notes_changed,
            state.file_opened,
            state.file_saved,
        ):
            changed.connect(self._tell_title)
        state.settings_changed.connect(self._on_settings_changed)
        state.theme_changed.connect(self._on_theme_changed)
        for signal in (
            state.knowledge_loaded,
            state.answers_changed,
            state.machine_changed,
            state.recommendation_changed,
            state.probe_finished,
        ):
            signal.connect(self._tell_steps)
        state.probe_event.connect(self._on_probe_event)
        state.history_wanted.connect(self.show_history)
        follow(self._on_settings_changed)

    # Steps

    def page(self, step: str) -> QWidget:
        """The page of a step, made now if this is the first time."""
        if step not in self.pages:
            module = importlib.import_module(f"app.gui.pages.{step}")
            page: QWidget = module.Page(self.state)
            self.pages[step] = page
            self.stack.addWidget(page)
        return self.pages[step]

    def show_step(self, step: str) -> None:
        page = self.page(step)
        self.stack.setCurrentWidget(page)
        self.step_buttons[step].setChecked(True)
        refresh = getattr(page, "refresh", None)
        if refresh is not None:
            refresh()
        page.initial_focus().setFocus(Qt.FocusReason.OtherFocusReason)  # type: ignore[attr-defined]

    def _tell_steps(self) -> None:
        state = self.state
        notes = {"questions": self._progress(), "machine": "", "recommendation": ""}
        if state.probing:
            notes["machine"] = self.tr("measuring")
        elif state.machine is not None and state.machine.tier is not None:
            notes["machine"] = self.tr("measured")
        elif state.machine is not None:
            notes["machine"] = self.tr("not measured")
        if state.recommendation is not None:
            notes["recommendation"] = (
                self.tr("measured") if self._is_measured() else self.tr("not measured")
            )
        for step, note in notes.items():
            self.step_buttons[step].set_note(note)

    def _is_measured(self) -> bool:
        machine = self.state.machine
        return machine is not None and bool(machine.measurements)

    def _progress(self) -> str:
        knowledge = self.state.knowledge
        if knowledge is None:
            return ""
        from rules.questionnaire import to_ask

        answers = self.state.answers
        core = [one for one in to_ask(knowledge, answers) if one.stage == "core"]
        done = sum(one.id in answers.answers for one in core)
        return self.tr("{done} of {total}").format(done=done, total=len(core))

    def _on_probe_event(self, event: object) -> None:
        self.step_buttons["machine"].set_note(self.tr("measuring"))

    def _tell_title(self) -> None:
        """The session's file, with the platform's mark while it holds less than the window."""
        path = self.state.session_path
        self.setWindowTitle(f"{path.name}[*] - Framework Advisor" if path else "Framework Advisor")
        self.setWindowModified(path is not None and self.state.is_modified)

    # Files

    def _on_new(self) -> None:
        self.state.start_anew()
        self.show_step("questions")

    def _on_answers_put_away(self) -> None:
        notice = self._add_notice("info", self.tr("Your previous answers were put away."))
        back = QuietButton(self.tr("Bring them back"))
        back.clicked.connect(self.state.bring_back)
        back.clicked.connect(lambda: self._drop(notice))
        notice.buttons.insertWidget(0, back)

    def ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open answers, a session, a machine file or requirements"),
            "",
            OPEN_FILTER.format(name=self.tr("What can be opened"), all=self.tr("All files")),
        )
        if path:
            self.open_path(Path(path))

    def open_path(self, path: Path) -> None:
        self.clear_notices()
        self.state.open_file(path)

    def _on_file_opened(self, path: str) -> None:
        answered = bool(self.state.answers.answers)
        self.show_step("recommendation" if answered else "machine")

    def _on_existing_read(self, existing: "Existing", disagreements: tuple[str, ...]) -> None:
        from rules.questionnaire import Flow

        knowledge = self.state.knowledge
        assert knowledge is not None
        done = Flow(knowledge, self.state.answers, None).core_done
        self.show_step("recommendation" if done else "questions")
        ended = bool(existing.ended or disagreements or existing.unreadable)
        self._add_notice("warn" if ended else "info", summary(existing, disagreements))

    def _on_save(self) -> None:
        if self.state.session_path is None:
            self._on_save_as()
        else:
            self.state.save_session(self.state.session_path)

    def _on_save_as(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save session"), "advice-session.json", self.tr("Sessions (*.json)")
        )
        if path:
            self.state.save_session(Path(path))

    def _on_file_saved(self, path: str) -> None:
        if self._leaves_when_saved:
            self.leave()
            return
        self._add_notice("info", self.tr("Saved as {path}").format(path=path))

    # History

    def show_history(self) -> None:
        """What was measured and reported here, in a window beside this one."""
        if self._history is None:
            from app.gui.history import HistoryDialog  # with the charts' and the report's modules

            self._history = HistoryDialog(self.state, self)
            self._history.open_wanted.connect(lambda path: self.open_path(Path(path)))
        self._history.refresh()
        self._history.show()
        self._history.activateWindow()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.open_path(Path(url.toLocalFile()))

    # Notices

    def show_failure(self, text: str) -> None:
        """Say in place what went wrong; the page below stays usable."""
        self._leaves_when_saved = False
        self._add_notice("bad", text)

    def show_crash(self, details: str) -> None:
        """Offer what an earlier run left behind when it died."""
        notice = self._add_notice("warn", self.tr("Last time the program ended unexpectedly."))
        show = QuietButton(self.tr("Show what happened"))

        def open_dialog() -> None:
            from app.gui.errors import ErrorDialog

            dialog = ErrorDialog(details, self, last_time=True)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        show.clicked.connect(open_dialog)
        notice.buttons.insertWidget(0, show)

    def show_left_over(self, folders: Sequence[tuple[str, str]]) -> None:
        """Folders that were being set up, and since when, when the program was ended."""
        told = ", ".join(f"{folder} ({begun_utc})" for folder, begun_utc in folders)
        self._add_notice(
            "warn",
            self.tr(
                "Left unfinished when the program was ended: {folders}. Remove it, or choose the "
                "same folder again when you set it up."
            ).format(folders=told),
        )

    def clear_notices(self) -> None:
        for notice in self.findChildren(Notice):
            if notice.parentWidget() is self._notice_room:
                self._drop(notice)

    def _add_notice(self, kind: str, text: str) -> Notice:
        self.clear_notices()
        notice = Notice(kind, text)
        dismiss = QuietButton(self.tr("Dismiss"))
        dismiss.clicked.connect(lambda: self._drop(notice))
        notice.buttons.insertWidget(0, dismiss)
        self.notices.addWidget(notice)
        self._notice_room.show()
        return notice

    def _drop(self, notice: Notice) -> None:
        self.notices.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self._notice_room.setVisible(self.notices.count() > 0)

    # Theme

    def _on_settings_changed(self) -> None:
        self.state.set_theme(load_theme(theme_name(self.state.settings)))

    def _on_theme_changed(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, self.state.theme)

    # Keyboard

    def focusNextPrevChild(self, forward: bool) -> bool:
        return move_focus(self, forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Reached only where nothing with the focus has a use for it.
        if event.key() == Qt.Key.Key_Escape and self.notices.count():
            self.clear_notices()
        else:
            super().keyPressEvent(event)

    # Life

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Only the start page is watched, and only until it has been painted for the first time.
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self.first_painted.emit()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        path = self.state.session_path
        if path is not None and self.state.is_modified and not self._is_leaving:
            event.ignore()
            self._ask_to_save(path)
            return
        geometry = b64encode(self.saveGeometry().data()).decode()
        self.state.change_settings(geometry=geometry)
        self.state.shutdown()
        event.accept()

    def leave(self) -> None:
        """Close without asking: what the session's file does not hold is kept all the same."""
        self._is_leaving = True
        self.close()

    def _ask_to_save(self, path: Path) -> None:
        if self._question is not None:
            self._question.activateWindow()
            return
        from app.gui.leaving import ask_to_save

        def save() -> None:
            self._leaves_when_saved = True
            self.state.save_session(path)

        self._question = ask_to_save(self, path.name, save, self.leave)
        self._question.finished.connect(self._on_question_gone)

    def _on_question_gone(self, _: int) -> None:
        self._question = None


def _rail_width(titles: Iterable[str]) -> int:
    """Wide enough for the longest step in the stronger font that the chosen one has."""
    longest = max(titles, key=len)
    if len(longest) <= len("Recommendation"):
        return RAIL_WIDTH  # English: measured once, and the first paint waits for no font
    font = QFont(QGuiApplication.font())
    font.setPixelSize(14)
    font.setWeight(QFont.Weight.DemiBold)
    return max(RAIL_WIDTH, QFontMetrics(font).horizontalAdvance(longest) + RAIL_ROOM)
