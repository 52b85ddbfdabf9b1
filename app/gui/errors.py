"""What nobody expected: one hook, one dialog with text to copy. Nothing is sent anywhere."""

import platform
import sys
import threading
import traceback
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.gui.crash_log import CrashLog
from app.gui.widgets.basic import Button, Heading, PrimaryButton, Text
from app.paths import without_home


def details_of(error: BaseException) -> str:
    """Versions and traceback as text; the home folder is written `~`."""
    text = "".join(traceback.format_exception(error))
    text += (
        f"\nPython {platform.python_version()}, PySide6 {PySide6.__version__}, "
        f"{platform.system()} {platform.release()}\n"
    )
    return without_home(text)


class ErrorDialog(QDialog):
    """Says that the program made a mistake, with the details to copy; the window stays open.

    With `last_time` the mistake was an earlier run's, which it ended.
    """

    def __init__(
        self, details: str, parent: QWidget | None = None, last_time: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Unexpected error"))
        self.resize(640, 420)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        if last_time:
            heading = self.tr("The program ended by a mistake of its own")
            text = self.tr(
                "What was answered until then is offered on the start page. The text below tells "
                "where it happened; nothing is sent anywhere unless you do."
            )
        else:
            heading = self.tr("Something went wrong inside the program")
            text = self.tr(
                "Your answers are still here and you can go on or save them. The text below "
                "tells what happened; nothing is sent anywhere unless you do."
            )
        layout.addWidget(Heading(heading))
        layout.addWidget(Text(text))
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setAccessibleName(self.tr("Details of the error"))
        layout.addWidget(self.details, 1)
        row = QHBoxLayout()
        copy = Button(self.tr("Copy details"), icon_name="copy")
        copy.clicked.connect(self._on_copy)
        close = PrimaryButton(self.tr("Go on"))
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        layout.addLayout(row)
        close.setFocus()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())


class ErrorHook(QObject):
    """Sends every unexpected exception of every thread to one dialog, one at a time."""

    _raised = Signal(object)

    def __init__(self, window: QWidget, log: CrashLog | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._log = log
        self._dialog: ErrorDialog | None = None
        self._raised.connect(self._on_raised)

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        traceback.print_exception(error)  # a terminal, if there is one, gets the unredacted text
        if issubclass(kind, Exception):
            self._raised.emit(error)

    def _on_raised(self, error: BaseException) -> None:
        # A mistake in painting would otherwise open a dialog for each frame.
        if self._dialog is None:
            details = details_of(error)
            if self._log is not None:
                self._log.note(details)
            self._dialog = ErrorDialog(details, self._window)
            self._dialog.finished.connect(self._on_closed)
            self._dialog.open()

    def _on_closed(self) -> None:
        self._dialog = None
