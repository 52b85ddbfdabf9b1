"""What a command measured or wrote goes into the history as well; a failure there is only told."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report import Report
    from probes.results import Machine


def keep_machine(machine: "Machine") -> None:
    """Add a probe's machine file to the history, unless that is switched off."""
    from app.history import add_machine

    _keep(lambda: add_machine(machine))


def keep_report(report: "Report") -> None:
    """Add a report that was written to the history, unless that is switched off."""
    from app.history import add_report
    from app.report import to_json

    _keep(lambda: add_report(to_json(report)))


def _keep(add: Callable[[], object]) -> None:
    from app.history import is_kept
    from app.settings import SettingsError, load_settings

    try:
        if is_kept(load_settings()):
            add()
    except SettingsError as error:
        _say(f"not added to the history: {error}")
    except OSError as error:
        _say(f"not added to the history: {error.filename}: {error.strerror}")


def _say(text: str) -> None:
    sys.stderr.write(f"framework-advisor: {text}\n")
