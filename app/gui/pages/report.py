"""The report page: look at it, choose format and redaction, write it where it is wanted.

The document and its writers are `app.report`'s; building and writing happen off the GUI thread,
and never while a round is being measured.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QShowEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextListFormat,
    QTextOption,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.gui.opening import open_own, open_web_address
from app.gui.state import State
from app.gui.widgets.basic import (
    Button,
    Card,
    Heading,
    Lead,
    Muted,
    Note,
    Notice,
    PathText,
    PrimaryButton,
    QuietButton,
)
from app.gui.widgets.code_view import CodeView
from app.gui.widgets.layouts import Flow, ScrollColumn
from app.paths import typed_path
from app.sessions import LONGEST_NOTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.report import Report
    from rules.model import Knowledge
    from rules.recommendation import Recommendation

FILE_NAME = "framework-advisor-report"
NOTES_PAUSE_MILLISECONDS = 400
LIST_INDENT = 20


class Page(QWidget):
    step_id = "report"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.title = self.tr("Report")
        self._stale = True
        self._report: Report | None = None
        self._written_path = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        self._stack.addWidget(self._make_empty())
        self._stack.addWidget(self._make_page())
        state.recommendation_changed.connect(self._on_changed)
        state.machine_changed.connect(self._on_changed)
        state.theme_changed.connect(self._on_theme_changed)
        state.probe_finished.connect(self._on_changed)
        state.what_ifs_changed.connect(self._on_changed)
        state.installation_changed.connect(self._on_changed)
        state.notes_changed.connect(self._on_notes_changed)

    def initial_focus(self) -> QWidget:
        return self.export if self._stack.currentIndex() else self.go_to_questions

    def refresh(self) -> None:
        # A starter run may have come to its end meanwhile, which no signal tells.
        self._stale = True
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    # Made once

    def _make_empty(self) -> QWidget:
        column = ScrollColumn(widest=720)
        card = Card()
        card.body.addWidget(Heading(self.tr("Nothing to report yet"), level=1))
        card.body.addWidget(
            Muted(
                self.tr(
                    "A report holds the recommendation with all that it rests on. Answer the "
                    "questions first."
                )
            )
        )
        self.go_to_questions = PrimaryButton(self.tr("Answer the questions"), "questions")
        self.go_to_questions.clicked.connect(lambda: self._state.show_step.emit("questions"))
        row = Flow()
        row.addWidget(self.go_to_questions)
        card.body.addLayout(row)
        column.body.addStretch(1)
        column.body.addWidget(card)
        column.body.addStretch(2)
        return column

    def _make_page(self) -> QWidget:
        self.column = ScrollColumn()
        body = self.column.body
        body.addWidget(Heading(self.tr("A report to keep and to send"), level=1))
        body.addWidget(
            Lead(
                self.tr(
                    "Verdict, reasons, all answers, weights, measurements and sources, and the one "
                    "command that repeats the decision. It stays on this machine until you send it."
                )
            )
        )
        body.addWidget(self._make_notes())
        body.addWidget(self._make_export())
        body.addWidget(self._make_preview(), 1)
        return self.column

    def _make_notes(self) -> Card:
        card = Card(self.tr("Notes"))
        card.body.addWidget(
            Muted(
                self.tr(
                    "Who decided, what was agreed, what is still to be asked. They are kept with "
                    "the session and stand in the report."
                )
            )
        )
        self.notes = QPlainTextEdit(self._state.notes)
        self.notes.setAccessibleName(self.tr("Notes for the report"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(5 * self.notes.fontMetrics().lineSpacing())
        self.notes.textChanged.connect(self._on_notes_typed)
        # The report follows when the typing pauses, not with each letter.
        self._notes_pause = QTimer(self)
        self._notes_pause.setSingleShot(True)
        self._notes_pause.setInterval(NOTES_PAUSE_MILLISECONDS)
        self._notes_pause.timeout.connect(self._on_changed)
        card.body.addWidget(self.notes)
        return card

    def _on_notes_typed(self) -> None:
        text = self.notes.toPlainText()
        if len(text) > LONGEST_NOTES:
            cursor = self.notes.textCursor()
            self.notes.setPlainText(text[:LONGEST_NOTES])
            cursor.movePosition(QTextCursor.MoveOperation.End)
            self.notes.setTextCursor(cursor)
            return
        self._state.set_notes(text)

    def _on_notes_changed(self) -> None:
        if self.notes.toPlainText() != self._state.notes:
            self.notes.setPlainText(self._state.notes)
        self._notes_pause.start()

    def _make_export(self) -> Card:
        card = Card(self.tr("Write it"))
        formats = Flow(spacing=16, row_spacing=8)
        self.formats: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        for suffix, text in (
            (".html", self.tr("HTML page, to read and to print")),
            (".pdf", self.tr("PDF, to print and to file")),
            (".md", self.tr("Markdown decision record")),
            (".json", self.tr("JSON, to replay and to process")),
        ):
            button = QRadioButton(text)
            button.toggled.connect(lambda on, suffix=suffix: self._on_format(suffix, on))
            group.addButton(button)
            formats.addWidget(button)
            self.formats[suffix] = button
        card.body.addLayout(formats)
        card.body.addLayout(self._make_extent())
        self.redact = QCheckBox(self.tr("Leave out folders, names and the host"))
        self.redact.toggled.connect(self._on_redact)
        card.body.addWidget(self.redact)
        row = QHBoxLayout()
        label = QLabel(self.tr("File"))
        self.path = QLineEdit(str(Path.cwd() / f"{FILE_NAME}.html"))
        self.path.setAccessibleName(self.tr("File to write the report to"))
        self.path.returnPressed.connect(self._on_export)
        self.path.textEdited.connect(self._on_path_edited)
        label.setBuddy(self.path)
        choose = Button(self.tr("Choose..."), icon_name="open")
        choose.setAccessibleName(self.tr("Choose the file to write"))
        choose.clicked.connect(self._on_choose)
        self.export = PrimaryButton(self.tr("Export"), "save")
        self.export.clicked.connect(self._on_export)
        for widget, stretch in ((label, 0), (self.path, 1), (choose, 0), (self.export, 0)):
            row.addWidget(widget, stretch)
        card.body.addLayout(row)
        self.waiting = Note(
            self.tr("It can be written when the measurement has ended: drawing would disturb it.")
        )
        card.body.addWidget(self.waiting)
        self.pretending = Note(
            self.tr(
                "You are pretending other answers on the recommendation page. The report is on "
                "those that you gave; a what-if that you keep there is listed in it."
            )
        )
        card.body.addWidget(self.pretending)
        self.error = Notice("bad")
        self.error.setVisible(False)
        card.body.addWidget(self.error)
        done = QHBoxLayout()
        self.written = PathText(role="good")
        self.open_written = QuietButton(self.tr("Open it"), "external")
        self.open_written.clicked.connect(lambda: open_own(self._written_path))
        done.addWidget(self.written, 1)
        done.addWidget(self.open_written)
        card.body.addLayout(done)
        self._say_written("")
        self.formats[".html"].setChecked(True)
        return card

    def _make_extent(self) -> Flow:
        extents = Flow(spacing=16)
        self.whole = QRadioButton(self.tr("Whole report"))
        self.one_page = QRadioButton(self.tr("One page"))
        self.whole.setChecked(True)
        group = QButtonGroup(self)
        for button in (self.whole, self.one_page):
            group.addButton(button)
            extents.addWidget(button)
        self.one_page.toggled.connect(self._on_extent)
        self._json_is_whole = Note(self.tr("JSON is always whole: it is what replays."))
        extents.addWidget(self._json_is_whole)
        return extents

    def _make_preview(self) -> Card:
        card = Card(self.tr("Preview"))
        self._preview_note = Note()
        card.body.addWidget(self._preview_note)
        self.preview = QStackedWidget()
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(lambda address: open_web_address(address.toString()))
        self.text.setAccessibleName(self.tr("Preview of the report"))
        # Also inside a path or an address, so that nothing has to be scrolled sideways.
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.setTabChangesFocus(True)
        self.text.document().setDocumentMargin(16)
        self.code = CodeView(self._state.theme)
        self.preview.addWidget(self.text)
        self.preview.addWidget(self.code)
        self.preview.setMinimumHeight(360)
        card.body.addWidget(self.preview, 1)
        return card

    # Showing

    def suffix(self) -> str:
        return next(suffix for suffix, button in self.formats.items() if button.isChecked())

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._show()

    def _on_theme_changed(self) -> None:
        self.code.set_theme(self._state.theme)

    def _on_redact(self) -> None:
        self._stale = True
        self._say_written("")
        self._show()

    def _on_extent(self) -> None:
        self._say_written("")
        self._show_preview()

    def _on_format(self, suffix: str, chosen: bool) -> None:
        if not chosen:
            return
        path = Path(self.path.text())
        if path.suffix.lower() != suffix and path.suffix.lower() in self.formats:
            self.path.setText(str(path.with_suffix(suffix)))
        for button in (self.whole, self.one_page):
            button.setEnabled(suffix != ".json")
        self._json_is_whole.setVisible(suffix == ".json")
        self._say_written("")
        self._show_preview()

    def _on_path_edited(self, text: str) -> None:
        self._say_written("")
        suffix = Path(text).suffix.lower()
        if suffix in self.formats:
            self.formats[suffix].setChecked(True)

    def _show(self) -> None:
        state = self._state
        knowledge, recommendation = state.knowledge, state.recommendation
        self.export.setEnabled(not state.probing)
        self.waiting.setVisible(state.probing)
        self.pretending.setVisible(bool(state.pinned))
        if recommendation is None or knowledge is None:
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        if not self._stale:
            return
        self._stale = False
        machine, starter, redact = state.machine, state.starter_outcome, self.redact.isChecked()
        what_ifs, notes, installation = state.what_ifs, state.notes, state.installation

        decided = self._decided(knowledge, recommendation)

        def build() -> "Report":
            from app.report import build

            return build(
                decided(), knowledge, machine, starter, redact, what_ifs, notes, installation
            )

        state.in_background("report", build, self._on_built)

    def _decided(
        self, knowledge: "Knowledge", recommendation: "Recommendation"
    ) -> "Callable[[], Recommendation]":
        """What a report tells: the decision on what was answered, whatever is pretended now."""
        state = self._state
        if not state.pinned:
            return lambda: recommendation
        given, machine, today = state.given, state.machine, state.today

        def decide() -> "Recommendation":
            from app.advice import advise

            return advise(knowledge, given, machine, today)

        return decide

    def _on_built(self, report: "Report") -> None:
        self._report = report
        self._show_preview()

    def _show_preview(self) -> None:
        report = self._report
        if report is None:
            return
        suffix = self.suffix()
        if suffix == ".json":

            def as_json() -> str:
                from app.report import to_json

                return to_json(report).decode()

            self._preview_note.setText(self.tr("The file as it will be."))
            self._state.in_background("report-text", as_json, self._show_json)
        else:
            one_page = self.one_page.isChecked()

            def as_text() -> str:
                from app.report import to_markdown

                return to_markdown(report, one_page)

            self._preview_note.setText(
                self.tr("The text of the page; its charts are drawn when it is written.")
                if suffix in (".html", ".pdf")
                else self.tr("The text as it will read.")
            )
            self._state.in_background("report-text", as_text, self._show_text)

    def _show_text(self, text: str) -> None:
        at = self.text.verticalScrollBar().value()
        self.text.setMarkdown(text)
        _give_room(self.text.document())
        _mark_lists(self.text.document())
        self.text.verticalScrollBar().setValue(at)
        self.preview.setCurrentWidget(self.text)

    def _show_json(self, text: str) -> None:
        self.code.set_file("report.json", text)
        self.preview.setCurrentWidget(self.code)

    # Writing

    def _on_choose(self) -> None:
        filters = {
            ".html": self.tr("HTML (*.html)"),
            ".pdf": self.tr("PDF (*.pdf)"),
            ".md": self.tr("Markdown (*.md)"),
            ".json": self.tr("JSON (*.json)"),
        }
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Write the report to"), self.path.text(), filters[self.suffix()]
        )
        if name:
            path = Path(name)
            self.path.setText(str(path if path.suffix else path.with_suffix(self.suffix())))
            self._on_path_edited(self.path.text())

    def _on_export(self) -> None:
        knowledge, recommendation = self._state.knowledge, self._state.recommendation
        if knowledge is None or recommendation is None or self._state.probing:
            return
        path = typed_path(self.path.text())
        machine, starter = self._state.machine, self._state.starter_outcome
        redact, one_page = self.redact.isChecked(), self.one_page.isChecked()
        self.error.setVisible(False)
        self._say_written("")
        self.export.setEnabled(False)
        self.export.setText(self.tr("Writing..."))

        what_ifs, notes = self._state.what_ifs, self._state.notes
        installation = self._state.installation
        decided = self._decided(knowledge, recommendation)

        def work() -> "Report | str":
            from app.report import ReportError, build, check_path, write

            try:
                check_path(path)
                report = build(
                    decided(),
                    knowledge,
                    machine,
                    starter,
                    redact,
                    what_ifs,
                    notes,
                    installation,
                )
                write(report, path, one_page)
            except ReportError as error:
                return str(error)
            return report

        self._state.in_background(
            "report-write", work, lambda outcome: self._on_exported(path, outcome)
        )

    def _on_exported(self, path: Path, outcome: "Report | str") -> None:
        """With the report that was written, or the reason why it was not."""
        self.export.setText(self.tr("Export"))
        self.export.setEnabled(not self._state.probing)
        if isinstance(outcome, str):
            self.error.set_text(outcome)
            self.error.setVisible(True)
            return
        self._state.add_report_to_history(outcome)
        self._written_path = str(path.absolute())
        self._say_written(self.tr("Written to {path}.").format(path=path))

    def _say_written(self, text: str) -> None:
        self.written.setText(text)
        self.written.setVisible(bool(text))
        self.open_written.setVisible(bool(text))


def _give_room(document: QTextDocument) -> None:
    """Headings in the window's sizes, with air above them; Markdown alone sets neither."""
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)
            spaced = QTextBlockFormat()
            spaced.setTopMargin({1: 0, 2: 20}.get(level, 12))
            spaced.setBottomMargin(6)
            cursor.mergeBlockFormat(spaced)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            sized = QTextCharFormat(cursor.charFormat())
            # While this is set, no size of ours counts.
            sized.clearProperty(QTextFormat.Property.FontSizeAdjustment)
            sized.setProperty(QTextFormat.Property.FontPixelSize, {1: 22, 2: 17}.get(level, 15))
            cursor.setCharFormat(sized)
        block = block.next()


def _mark_lists(document: QTextDocument) -> None:
    """Dots, a little inside: Markdown's asterisks get a second level's circles from Qt."""
    document.setIndentWidth(LIST_INDENT)
    block = document.begin()
    while block.isValid():
        found = block.textList()
        if found is not None and found.format().style() == QTextListFormat.Style.ListCircle:
            dotted = found.format()
            dotted.setStyle(QTextListFormat.Style.ListDisc)
            found.setFormat(dotted)
        block = block.next()
