"""The question before a window closes whose session holds more than its file."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget


def ask_to_save(
    window: QWidget, name: str, save: Callable[[], None], leave: Callable[[], None]
) -> QMessageBox:
    """Open it over the window; `name` is the file's. Staying, as Escape does, calls nothing."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(_tr("Close the window"))
    box.setText(_tr("Save the changes to {name}?").format(name=name))
    box.setInformativeText(
        _tr(
            "Without saving, that file stays as it is. The session as it is now is kept all the "
            "same, and offered on the start page next time."
        )
    )
    calls: dict[QPushButton, Callable[[], None]] = {}
    calls[box.addButton(_tr("Save and close"), QMessageBox.ButtonRole.AcceptRole)] = save
    calls[box.addButton(_tr("Close without saving"), QMessageBox.ButtonRole.DestructiveRole)] = (
        leave
    )
    stay = box.addButton(_tr("Keep working"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(next(iter(calls)))
    box.setEscapeButton(stay)

    def answered() -> None:
        box.deleteLater()
        clicked = box.clickedButton()
        for button, call in calls.items():
            if button is clicked:
                call()

    box.finished.connect(answered)
    box.open()
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("Leaving", text)
