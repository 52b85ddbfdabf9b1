"""How the window feels: from an answer to the redrawn ranking, and the event loop while measuring.

Each in a process of its own, offscreen, on the real window with the real knowledge. From an answer
to the redrawn ranking is until its chart has painted the new figures: on the recommendation page
with the chart in sight, for answers one soon after the other, for answers from rest (when the
processor's caches hold other things), and for weights moved by the sliders. Besides, a timer of one
millisecond runs along: what it comes too late is how long the event loop was not there for anybody.
Nothing is asserted about time; the budgets are 50 ms to the redraw, and 99.9 % of the lags under
20 ms with none over 50 ms while measuring.
"""

import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from budgets import record

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = 40
TIER = "standard"
SOON, REST = 250, 1_000
"""Milliseconds from a redraw to the next answer: the movement of the bars has ended, and the page
below is done."""
WAIT_MILLISECONDS = 600_000


def run(what):
    subprocess.run(
        [sys.executable, __file__, what],
        check=True,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )


def test_from_an_answer_to_the_ranking():
    run("answers")


def test_the_event_loop_while_measuring():
    run("probe")


class Bench:
    """The real window with a state of its own, and a loop that runs until something happened."""

    def __init__(self):
        from PySide6.QtCore import QEventLoop, QTimer
        from PySide6.QtWidgets import QApplication

        import rules
        from app.gui.launch import spare_the_collector, take_turns_often
        from app.gui.state import State
        from app.gui.style import apply_theme
        from app.gui.window import MainWindow
        from app.theme import load_theme

        self.paints = Paints()
        self.application = QApplication(["framework-advisor", "-style", "fusion"])
        self._loop, self._timer = QEventLoop, QTimer
        take_turns_often()
        theme = load_theme("light")
        apply_theme(self.application, theme)
        self.state = State(theme)
        self.window = MainWindow(self.state)
        self.window.resize(1280, 800)
        self.window.show()
        self.until(self.state.knowledge_loaded, self.state.load_knowledge)
        spare_the_collector()
        example = ROOT / "assets" / "examples" / "student.yaml"
        answers = rules.load_answers(example, self.state.knowledge)
        self.until(self.state.recommendation_changed, lambda: self.state.set_answers(answers))

    def until(self, signal, start):
        """Seconds from `start()` to the signal and to the end of the painting that follows."""
        loop = self._loop()
        signal.connect(loop.quit)
        timer = self._timer()
        timer.setSingleShot(True)
        timer.timeout.connect(loop.quit)
        timer.start(WAIT_MILLISECONDS)
        before = time.perf_counter()
        start()
        loop.exec()
        assert timer.isActive(), "it took too long"
        signal.disconnect(loop.quit)
        self.application.processEvents()
        return time.perf_counter() - before

    def rest(self, milliseconds):
        loop = self._loop()
        self._timer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def close(self):
        self.window.close()
        self.state.shutdown()


class Lags:
    """How much too late a timer of one millisecond comes, in seconds."""

    def __init__(self):
        from PySide6.QtCore import Qt, QTimer

        self.found, self._last = [], time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._tick)

    def _tick(self):
        now = time.perf_counter()
        self.found.append(now - self._last)
        self._last = now

    def start(self):
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self):
        self._timer.stop()
        self.found.sort()
        return self.found


def answers():
    """One answer after the other, with the ranking in sight."""
    bench = Bench()
    bench.window.show_step("recommendation")
    bench.rest(REST)
    page = bench.window.page("recommendation")
    next(one for one in page.jumps if one.text() == "Ranking").click()
    bench.rest(REST)
    goals = itertools.cycle(("research", "production", "prototype", "learn"))
    weights = itertools.cycle((1, 2, 1, -1, -2, 0))
    for what, pause, change in (
        (
            "redraw_soon",
            SOON,
            lambda: bench.state.set_answer("goal", next(goals)),
        ),
        ("redraw_rest", REST, lambda: bench.state.set_answer("goal", next(goals))),
        (
            "redraw_slider",
            SOON,
            lambda: page.what_if.sliders["people"].setValue(next(weights)),
        ),
    ):
        _time_redraws(bench, page.ranking.chart, what, pause, change)
    bench.close()


def _time_redraws(bench, chart, what, pause, change):
    seconds = []
    lags = Lags()
    lags.start()
    count = ANSWERS if pause == SOON else ANSWERS // 2
    for _ in range(count):
        before = time.perf_counter()
        bench.until(bench.state.recommendation_changed, change)
        seconds.append(bench.paints.first_of(chart.rows()) - before)
        bench.rest(pause)
    longest = lags.stop()[-1]
    bare = statistics.median(bare_decision(bench) for _ in range(ANSWERS // 2))
    note = f"the event loop was away for {longest * 1e3:.0f} ms at most"
    record(what, [one * 1e3 for one in seconds], [one / bare for one in seconds], note)


def bare_decision(bench):
    """Seconds of the decision alone, for the answers just now."""
    import rules
    from rules.model import Measurements

    state = bench.state
    before = time.perf_counter()
    rules.decide(state.knowledge, state.answers, Measurements(), state.today)
    return time.perf_counter() - before


class Paints:
    """When a ranking has been painted with which rows."""

    def __init__(self):
        from app.gui.widgets.ranking import RankingChart

        self._painted = painted = []
        paint = RankingChart.paintEvent

        def timed(self, event):
            paint(self, event)
            painted.append((self.rows(), time.perf_counter()))

        # Before the first one is made: later, Qt would not find the replacement.
        RankingChart.paintEvent = timed

    def first_of(self, rows):
        found = next(at for painted, at in self._painted if painted is rows)
        self._painted.clear()
        return found


def probe():
    """The lags of a timer while frameworks are measured, with the page of it in sight."""
    bench = Bench()
    bench.window.show_step("machine")
    bench.until(bench.state.machine_changed, bench.state.look)
    bench.rest(REST)
    rest = Lags()
    rest.start()
    bench.rest(REST * 5)
    longest_at_rest = rest.stop()[-1]
    lags = Lags()

    def start():
        lags.start()
        bench.state.start_probe(TIER, frameworks=["jax", "pytorch"])

    seconds = bench.until(bench.state.probe_finished, start)
    found = lags.stop()
    share = sum(one < 0.02 for one in found) / len(found)
    note = (
        f"{TIER} probe, {seconds:.0f} s, {len(found)} lags, 99.9 % under "
        f"{found[int(0.999 * len(found))] * 1e3:.1f} ms; at rest {longest_at_rest * 1e3:.1f} ms"
    )
    record("lag_share", [100 * share], note=note)
    record("lag_longest", [found[-1] * 1e3], [found[-1] / longest_at_rest])
    # Late: it imports what would be in the way of measuring.
    from test_probes import record_cost

    record_cost(bench.state.machine)
    bench.close()


if __name__ == "__main__":
    {"answers": answers, "probe": probe}[sys.argv[1]]()
