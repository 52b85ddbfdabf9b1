"""The install line with what can be done about it: copy it, verify it, have it set up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.gui.recommendation.cards import copy_line
from app.gui.recommendation.installing import InstallRun
from app.gui.widgets.basic import Button, Heading, Muted, PrimaryButton, Text
from app.gui.widgets.layouts import Flow
from app.gui.widgets.rows import Row, Rows, text_row
from app.installing.choosing import of_recommendation
from app.installing.lines import parse_line, without_secrets
from app.installing.results import InstallError
from app.installing.targets import target_words
from app.installing.words import GOOD, OPEN, RESOLVED, download_words, facts, headline
from app.paths import typed_path

if TYPE_CHECKING:
    from app.installing.choosing import Chosen
    from app.installing.creating import Created, Plan, Progress
    from app.installing.results import Verification
    from probes.results import Machine
    from rules.model import DriverFloor
    from rules.recommendation import Install, Recommendation

    Place = tuple[Machine | None, tuple[DriverFloor, ...]]


class InstallPanel(QWidget):
    """Signals: `verified(object)`, a Verification that is to be kept; `machine_wanted(object)`, the
    path of a machine file that was measured in a new environment."""

    verified = Signal(object)
    machine_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = InstallRun(self)
        self._place: Callable[[], Place] = lambda: (None, ())
        self._chosen: Chosen | None = None
        self._found: Verification | None = None
        self._plan: Plan | None = None
        self._known_bytes = 0
        self._machine_file: Path | None = None
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(Heading(self.tr("Install")))
        self._line = Rows(8)
        body.addWidget(self._line)
        self._make_buttons(body)
        self.state = Text(role="strong")
        body.addWidget(self.state)
        self.told = Rows(4)
        body.addWidget(self.told)
        self._make_folder(body)
        self._make_progress(body)
        self.run.verified.connect(self._on_verified)
        self.run.planned.connect(self._on_planned)
        self.run.progressed.connect(self._on_progressed)
        self.run.created.connect(self._on_created)
        self.run.failed.connect(self._on_failed)
        self._say("", "body")
        self._allow()

    # Made once

    def _make_buttons(self, body: QVBoxLayout) -> None:
        row = Flow()
        self.verify = Button(self.tr("Verify"), icon_name="check")
        self.verify.setAccessibleDescription(
            self.tr("Asks pip whether the line resolves and what it would bring; installs nothing.")
        )
        self.verify.setToolTip(self.verify.accessibleDescription())
        self.verify.clicked.connect(self._on_verify)
        self.set_up = Button(self.tr("Set it up for me"), icon_name="play")
        self.set_up.setAccessibleDescription(
            self.tr(
                "Makes an environment in a folder that you choose, and says first what it needs."
            )
        )
        self.set_up.setToolTip(self.set_up.accessibleDescription())
        self.set_up.clicked.connect(self._on_set_up)
        self.use_times = Button(self.tr("Use what was measured there"), icon_name="machine")
        self.use_times.clicked.connect(lambda: self.machine_wanted.emit(self._machine_file))
        for button in (self.verify, self.set_up, self.use_times):
            row.addWidget(button)
        body.addLayout(row)

    def _make_folder(self, body: QVBoxLayout) -> None:
        self.where = QWidget()
        column = QVBoxLayout(self.where)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(
            Muted(
                self.tr(
                    "Everything goes into this one folder, which has to be new or empty. If a step "
                    "fails or you cancel, it is removed again."
                )
            )
        )
        self.folder = QLineEdit()
        self.folder.setAccessibleName(self.tr("Folder for the environment"))
        column.addWidget(self.folder)
        self.framework_only = QCheckBox(
            self.tr("Only the framework, without the libraries of the stack")
        )
        self.framework_only.toggled.connect(self._on_left_out)
        column.addWidget(self.framework_only)
        row = Flow()
        self.choose = Button(self.tr("Choose a folder"), icon_name="open")
        self.choose.clicked.connect(self._on_choose)
        self.ask = PrimaryButton(self.tr("Say what it would download"))
        self.ask.clicked.connect(self._on_ask)
        self.agree = PrimaryButton(self.tr("Download and install"), "play")
        self.agree.clicked.connect(self._on_agree)
        self.leave = Button(self.tr("Leave it"))
        self.leave.clicked.connect(self._on_leave)
        for button in (self.choose, self.ask, self.agree, self.leave):
            row.addWidget(button)
        column.addLayout(row)
        self.where.hide()
        body.addWidget(self.where)

    def _make_progress(self, body: QVBoxLayout) -> None:
        self.going = QWidget()
        column = QVBoxLayout(self.going)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.now = Text(role="strong")
        column.addWidget(self.now)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the installation"))
        column.addWidget(self.bar)
        row = Flow()
        self.cancel = Button(self.tr("Cancel"), icon_name="stop")
        self.cancel.setAccessibleName(self.tr("Cancel the installation or the question to pip"))
        self.cancel.clicked.connect(self._on_cancel)
        row.addWidget(self.cancel)
        column.addLayout(row)
        self.going.hide()
        body.addWidget(self.going)

    # What is shown

    def set_place(self, place: Callable[[], Place]) -> None:
        """Where the machine that counts, and what the knowledge says of drivers, are to be had."""
        self._place = place

    def show_advice(self, recommendation: Recommendation) -> None:
        """The line of this recommendation; what was said of another one goes."""
        install = recommendation.stack.install if recommendation.stack else None
        self.setVisible(install is not None)
        if install is None:
            self._chosen = None
            return
        problem = ""
        try:
            machine, floors = self._place()
            chosen: Chosen | None = of_recommendation(
                recommendation, machine=machine, floors=floors
            )
            parse_line(install.command)
        except InstallError as error:
            chosen, problem = None, str(error)
        is_news = chosen != self._chosen
        self._chosen = chosen
        self._line.show_rows(self._line_rows(install, problem))
        if is_news and not self.run.is_running():
            self._on_leave()
            self._show_found()
        self._allow()

    def _line_rows(self, install: Install, problem: str) -> list[Row]:
        command = install.command
        rows = [Row(("install", command), lambda: copy_line(command, self.tr("Install line")))]
        source = self.tr("Source: {source}, {month}.").format(
            source=install.source, month=install.as_of
        )
        rows.append(text_row(" ".join(one for one in (install.note, source) if one), "note"))
        if problem:
            reason = self.tr("It cannot be verified here: {reason}.").format(reason=problem)
            rows.append(text_row(reason, "note"))
        elif self._chosen is not None and not self._chosen.target.is_this_machine:
            reason = self.tr("It is for {place}, so it cannot be set up here.").format(
                place=target_words(self._chosen.target)
            )
            rows.append(text_row(reason, "note"))
        return rows

    def show_found(self, found: Verification | None) -> None:
        """What the session holds; shown only beside the line and the place it was asked for."""
        self._found = found
        if not self.run.is_running():
            self._show_found()

    def _show_found(self) -> None:
        found, chosen = self._found, self._chosen
        if (
            found is None
            or chosen is None
            or found.line != without_secrets(chosen.line.strip())
            or found.target != chosen.target
        ):
            self._say(
                self.tr("Not verified: no resolver has been asked about this line.")
                if chosen
                else "",
                "muted",
            )
            return
        role = "good" if found.state in GOOD else "muted" if found.state in OPEN else "bad"
        names = ", ".join(f"{one.name} {one.version}" for one in found.packages)
        packages = self.tr("Packages: {names}.").format(names=names) if names else ""
        self._say(headline(found), role, found.summary, *facts(found), packages)

    def _say(self, state: str, role: str, *lines: str) -> None:
        self.state.set_role(role)
        self.state.setText(state)
        self.state.setVisible(bool(state))
        self.told.show_rows(text_row(one, "note") for one in lines if one)

    def _allow(self) -> None:
        chosen, busy = self._chosen, self.run.is_running()
        self.verify.setEnabled(chosen is not None and not busy)
        self.set_up.setEnabled(chosen is not None and chosen.target.is_this_machine and not busy)
        self.use_times.setVisible(self._machine_file is not None and not busy)
        for widget in (
            self.folder,
            self.framework_only,
            self.choose,
            self.ask,
            self.agree,
            self.leave,
        ):
            widget.setEnabled(not busy)
        self.going.setVisible(busy)
        self.cancel.setEnabled(busy)

    def _begin(self, text: str) -> None:
        self.now.setText(text)
        self.bar.setRange(0, 0)
        self._allow()

    # What is done

    def _on_verify(self) -> None:
        if self._chosen is not None:
            self.run.verify(self._chosen)
            self._begin(self.tr("Asking pip: nothing is installed."))
            self.cancel.setFocus()

    def _on_verified(self, found: Verification) -> None:
        self._found = found
        self._show_found()
        self._allow()
        self.verified.emit(found)
        self.verify.setFocus()

    def _on_set_up(self) -> None:
        assert self._chosen is not None
        if not self.folder.text():
            name = f"framework-advisor-{self._chosen.framework}"
            self.folder.setText(str(typed_path("~") / name))
        self.framework_only.setVisible(bool(self._chosen.packages))
        self._on_left_out()
        self.where.show()
        self.folder.setFocus()

    def _on_left_out(self) -> None:
        """Something else is to be installed, so it has to be said anew what that is."""
        self._plan = None
        self.agree.hide()
        self.ask.show()

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a new or empty folder"))
        if folder:
            self.folder.setText(folder)

    def _on_ask(self) -> None:
        if self._chosen is not None and self.folder.text().strip():
            only = self.framework_only.isChecked()
            chosen = self._chosen.framework_only() if only else self._chosen
            self.run.plan(typed_path(self.folder.text()), chosen)
            self._begin(self.tr("Asking pip what will be installed."))

    def _on_planned(self, plan: Plan, brings: Verification) -> None:
        self._allow()
        if brings.state not in RESOLVED:
            self._say(headline(brings), "bad", brings.summary, *brings.details)
            return
        from app.installing.creating import pip_cache, space_for, space_words

        self._plan, self._known_bytes = plan, brings.known_bytes
        lines = [brings.summary] if brings.state != "verified" else []
        if plan.unfinished_since is not None:
            lines.append(
                self.tr("What an unfinished run of {day} left there is removed first.").format(
                    day=plan.unfinished_since
                )
            )
        lines += [
            self.tr("With it {package}. {purpose}").format(package=one.package, purpose=one.purpose)
            for one in plan.chosen.libraries
            if one.package is not None
        ]
        lines += [
            self.tr("To download: {size}, {count}, into {folder}.").format(
                size=download_words(brings),
                count=self.tr("1 package")
                if len(brings.packages) == 1
                else self.tr("{count} packages").format(count=len(brings.packages)),
                folder=plan.folder,
            ),
            space_words(space_for(plan, brings)),
            self.tr("pip keeps the files in its own cache, {folder}.").format(folder=pip_cache()),
            self.tr("Then it is measured for about a minute, and a starter project runs in it.")
            if plan.task
            else self.tr("Then it is measured for about a minute."),
        ]
        self._say(self.tr("Nothing has been downloaded yet"), "body", *lines)
        self.ask.hide()
        self.agree.show()
        self.agree.setFocus()

    def _on_agree(self) -> None:
        if self._plan is not None:
            self.run.create(self._plan, self._known_bytes)
            self._begin(self.tr("Making the environment"))
            self.cancel.setFocus()

    def _on_progressed(self, progress: Progress) -> None:
        names = {
            "environment": self.tr("Environment"),
            "install": self.tr("Installing"),
            "probe": self.tr("Measuring"),
            "starter": self.tr("Starter project"),
        }
        self.now.setText(f"{names[progress.step]}: {progress.text}")
        if progress.share is None:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 100)
            self.bar.setValue(round(progress.share * 100))

    def _on_created(self, created: Created) -> None:
        self._plan = None
        self.where.hide()
        good = created.state in ("done", "in_part")
        if created.machine is not None:
            from app.installing.creating import MACHINE

            self._machine_file = created.folder / MACHINE
        states = {
            "done": self.tr("Set up"),
            "in_part": self.tr("Set up in part"),
            "failed": self.tr("Not set up"),
            "cancelled": self.tr("Cancelled"),
        }
        role = "good" if good else "muted" if created.state == "cancelled" else "bad"
        self._say(states[created.state], role, created.summary, *created.tail)
        self._allow()
        self.set_up.setFocus()

    def _on_failed(self, reason: str) -> None:
        self._say(self.tr("Nothing was done"), "bad", reason)
        self._allow()

    def _on_leave(self) -> None:
        self._plan = None
        self.where.hide()
        self._show_found()

    def _on_cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.now.setText(self.tr("Cancelling"))
        self.run.stop()
