"""What is one click away: a button with a chevron that shows or hides what is below it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.widgets.basic import QuietButton


class Disclosure(QWidget):
    """Fill `body`. Signals: `toggled(bool)`."""

    toggled = Signal(bool)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.button = QuietButton(text, "chevron-right")
        self.button.align_with_text()
        self.button.setCheckable(True)
        self.button.toggled.connect(self._on_toggled)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._content = QWidget()
        self._content.setVisible(False)
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 4, 0, 4)
        self.body.setSpacing(8)
        layout.addWidget(self._content)

    def set_text(self, text: str) -> None:
        self.button.setText(text)

    def open(self, shown: bool = True) -> None:
        self.button.setChecked(shown)

    def _on_toggled(self, shown: bool) -> None:
        self.button.set_icon("chevron-down" if shown else "chevron-right")
        self._content.setVisible(shown)
        self.toggled.emit(shown)
