"""What was found out about one framework beside its times: state, devices, what was tried."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.machine.words import (
    capability_state,
    capability_word,
    cause_word,
    device_word,
    is_command,
    state_icon,
    state_word,
)
from app.gui.recommendation.cards import copy_line
from app.gui.recommendation.rows import mode_name
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import Icon, Muted, Note, Text
from app.gui.widgets.disclosure import Disclosure
from probes.results import CapabilityFinding, DeviceFinding, FrameworkFinding


class Finding(QWidget):
    """One framework that was tried: what came of it, why, what to do.

    `tried` also shows what was tried on small examples.
    """

    def __init__(
        self,
        finding: FrameworkFinding,
        lookup: Lookup | None,
        tried: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        icon_name, colour = state_icon(finding.state)
        row.addWidget(Icon(icon_name, colour), 0, Qt.AlignmentFlag.AlignTop)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        row.addLayout(self._lines, 1)
        self._name = lookup.name(finding.framework) if lookup else finding.framework
        self._tell(finding)
        if tried and finding.capabilities:
            self._lines.addSpacing(4)
            self._lines.addWidget(Text(self.tr("Tried on small examples"), "strong"))
            self._lines.addLayout(self._capabilities(finding.capabilities, lookup))

    def _tell(self, finding: FrameworkFinding) -> None:
        lines = self._lines
        title = self.tr("{name} {version}: {state}").format(
            name=self._name, version=finding.version or "", state=state_word(finding.state)
        )
        lines.addWidget(Text(title, "strong"))
        if cause := cause_word(finding.cause):
            lines.addWidget(Text(cause))
        # Of a build without support, the reason says the same in the words of a program.
        if finding.reason and finding.cause != "cpu_build":
            lines.addWidget(Muted(finding.reason) if cause else Text(finding.reason))
        for device in finding.devices:
            if told := self._device(device):
                lines.addWidget(Muted(told))
        if finding.fix and is_command(finding.fix):
            lines.addWidget(Text(self.tr("What to do, in a terminal:")))
            lines.addLayout(
                copy_line(finding.fix, self.tr("What to do about {name}").format(name=self._name))
            )
        elif finding.fix:
            lines.addWidget(Text(self.tr("What to do: {fix}").format(fix=finding.fix)))
        lines.addWidget(Note(finding.python))
        if finding.detail:
            more = Disclosure(self.tr("What it printed"))
            text = Note(finding.detail)
            text.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            text.setAccessibleName(self.tr("What {name} printed").format(name=self._name))
            more.body.addWidget(text)
            lines.addWidget(more)

    def _device(self, one: DeviceFinding) -> str:
        """Where the chain from driver to a finished operation breaks, if it does."""
        device = device_word(one.device)
        if one.reason:
            return self.tr("{device}: {reason}").format(device=device, reason=one.reason)
        if one.driver_sees and one.build_supports is False:
            return self.tr(
                "{device}: the driver sees it, this build has no support for it."
            ).format(device=device)
        if one.driver_sees and one.build_supports and one.operation_ran is False:
            return self.tr("{device}: driver and build agree, but no operation ran on it.").format(
                device=device
            )
        return ""

    def _capabilities(
        self, found: tuple[CapabilityFinding, ...], lookup: Lookup | None
    ) -> QGridLayout:
        """A line each: its state, what was tried, in which mode, what was seen."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(2, 3)
        top = Qt.AlignmentFlag.AlignTop
        for row, one in enumerate(found):
            icon_name, colour, word = capability_state(one.state)
            grid.addWidget(Icon(icon_name, colour, 18, meaning=word), row, 0, top)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(Text(capability_word(one.capability)))
            mode = mode_name(one.mode, lookup) if lookup else one.mode
            place = self.tr("{mode}, on the {device}").format(
                mode=mode, device=device_word(one.device)
            )
            words.addWidget(Note(place))
            holder = QWidget()
            holder.setLayout(words)
            words.setContentsMargins(0, 0, 0, 0)
            grid.addWidget(holder, row, 1, top)
            said = self.tr("{state}: {note}").format(state=word, note=one.note)
            grid.addWidget(Muted(said), row, 2, top)
        return grid
