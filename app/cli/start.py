"""No command: the window, or with no display the same job in the terminal, down to a report."""

import argparse
import sys
from datetime import date
from pathlib import Path

REPORT = Path("framework-advisor-report.html")
STARTER = Path("framework-advisor-starter")
EXAMPLE = "student.yaml"


def run(args: argparse.Namespace) -> int:
    from app.display import has_display

    if has_display():
        from app.cli import gui

        return gui.run(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    return run_in_terminal()


def run_in_terminal() -> int:
    """Ask, probe, recommend, write report and starter project into the current folder."""
    import rules
    from app import advice, report
    from app.cli import ask, probe
    from app.cli.keeping import keep_machine, keep_report
    from app.cli.recommendation_text import recommendation_text
    from app.files import require_writable
    from app.paths import ASSETS

    _say("there is no display, so this is the same job in the terminal")
    require_writable(REPORT)
    knowledge = rules.load_knowledge()
    if sys.stdin.isatty():
        answers = ask.ask(knowledge, advice.machine_facts(advice.look()))
    else:
        path = ASSETS / "examples" / EXAMPLE
        _say(f"there is no terminal to ask in either: taking the answers of {path.name}")
        answers = rules.load_answers(path, knowledge)
    first = rules.telling_workloads(knowledge, answers)
    machine = probe.run_plan(advice.prepare_probe("quick", first=first), keep_machine)
    code = probe.outcome(machine)
    recommendation = advice.advise(knowledge, answers, machine, date.today())
    _write_starter(recommendation.verdict.framework, recommendation.answers.answers)
    document = report.build(recommendation, knowledge, machine)
    report.write(document, REPORT)
    keep_report(document)
    _say(f"report written: {REPORT}")
    # Last: a reader that has gone (`| head`) costs no file.
    sys.stdout.write(recommendation_text(recommendation, knowledge))
    return code


def _write_starter(framework: str | None, answers: dict[str, str | tuple[str, ...]]) -> None:
    """The starter project for the winner; where there is none for it, a line that says so."""
    from app import starter
    from app.interpreter import usual_interpreter

    if framework is None:
        return
    usual = usual_interpreter()
    try:
        project = starter.prepare(
            starter.Request(
                framework=framework,
                task=_task(framework, answers),
                versions=starter.installed_versions(Path(usual.path)) if usual else {},
            )
        )
        starter.write(project, STARTER)
    except starter.StarterError as error:
        _say(f"no starter project: {error}")
        return
    _say(f"starter project written: {STARTER}/")


def _task(framework: str, answers: dict[str, str | tuple[str, ...]]) -> str:
    from app import starter

    domain = answers.get("domain", ())
    field = domain[0] if domain and not isinstance(domain, str) else None
    # Without a task of its own the framework has no starter, and that is said with the first one.
    return starter.task_for(framework, field) or starter.offers().tasks[0].id


def _say(message: str) -> None:
    sys.stderr.write(f"framework-advisor: {message}\n")
    sys.stderr.flush()
