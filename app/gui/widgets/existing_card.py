"""What the code there is written with: chosen by hand, or read from the project's own files."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.gui.widgets.basic import Button, Card, Muted, PrimaryButton
from app.gui.widgets.layouts import Flow


class ExistingCard(Card):
    """Frameworks to choose, several at will, and a way to read them from a file.

    Signals: `chosen(tuple)` with option ids in the order shown; `file_wanted()`.
    """

    chosen = Signal(tuple)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What is your code written with?"))
        self.body.addWidget(
            Muted(
                self.tr(
                    "Choose all that should live on, or let a requirements.txt, pyproject.toml or "
                    "environment.yml say it: that finds retired libraries too."
                )
            )
        )
        holder = QWidget()
        self._choices = Flow(holder)
        self.body.addWidget(holder)
        self.choices: dict[str, Button] = {}
        self._wait = Muted(self.tr("The knowledge is being read ..."))
        self.body.addWidget(self._wait)
        actions = QWidget()
        row = Flow(actions)
        self.go = PrimaryButton(self.tr("Stay or move?"))
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        self.file = Button(self.tr("Read a file ..."), icon_name="open")
        self.file.setEnabled(False)
        self.file.clicked.connect(self.file_wanted)
        row.addWidget(self.go)
        row.addWidget(self.file)
        self.body.addWidget(actions)

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Ids and texts, once they are known."""
        self._wait.hide()
        self.file.setEnabled(True)
        for identifier, text in options:
            choice = Button(text)
            choice.setCheckable(True)
            choice.toggled.connect(self._on_toggled)
            self._choices.addWidget(choice)
            self.choices[identifier] = choice

    def marked(self) -> tuple[str, ...]:
        """The options chosen so far, in the order shown."""
        return tuple(name for name, choice in self.choices.items() if choice.isChecked())

    def _on_toggled(self) -> None:
        self.go.setEnabled(bool(self.marked()))

    def _on_go(self) -> None:
        marked = self.marked()
        for choice in self.choices.values():
            choice.setChecked(False)
        self.chosen.emit(marked)
