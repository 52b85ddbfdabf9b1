"""All that is seen goes through one translation, and every page has room for a longer language.

The made-up language has an accent on each letter: a word without one was not translated.
"""

import functools
import json
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QTableView,
    QTreeView,
    QWidget,
)

import rules
from app.gui import translation
from app.gui.errors import ErrorDialog
from app.gui.history import HistoryDialog
from app.gui.screenshots import VIEWS
from app.gui.state import STEPS
from app.gui.translation import PSEUDO, PseudoTranslator, install, pseudo, translate
from app.gui.window import SMALLEST
from app.paths import ASSETS
from rules import InputError, load_knowledge, model
from rules.model import Answers, Measurements
from rules.texts import TEXT_FIELDS, listed, say, speak, translated

EXAMPLES = ("bank-tfx-estate", "retailer-leaving-mxnet", "mac-local-language-model")
MACHINE = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"
LARGER = ((1280, 800), (2560, 1440))
"""Than the smallest window."""
FIRST_ROWS = 30
"""Of a table: the others are made in the same way."""

# Fields of the knowledge that are no text: ids, names of products and people, commands, versions,
# sources, conditions. A new field has to be put on one of the two lists.
DATA_FIELDS = {
    "Answers": "schema answers importance must_use exclude existing_components override",
    "Framework": "name known_as maker first_release latest_release licence homepage lifecycle "
    "lifecycle_source lifecycle_as_of successor speaking_modes profile install derived facts "
    "capabilities",
    "Component": "name kind lifecycle frameworks packages first_release last_release "
    "also_known_as successor",
    "Learning": "framework level title author link",
    "Question": "stage multiple ask_when prefill_when options",
    "Criterion": "group weight over combine unless",
    "Gate": "kind capability over lifecycle frameworks owner",
    "Conflict": "severity set",
    "Article": "number year assumes first_releases",
    "Advice": "article part frameworks answers facts",
    "Claim": "articles verdict since frameworks",
    "DriverFloor": "platform major oldest_driver",
    "Persona": "answers importance must_use exclude expect default_is_wrong",
}
ALWAYS_DATA = {
    "id", "when", "grade", "step_grade", "shelf_life", "source", "as_of", "level", "criterion",
    "capability", "state", "capabilities", "criteria", "from_frameworks", "command", "framework",
    "weight", "unless", "facts", "target", "factor", "delivery", "packages", "frameworks", "part",
    "component", "apart", "not_with", "from_code", "to", "effort", "code", "below", "lifecycle",
    "successor", "article", "said", "named", "year", "shares", "values", "questions", "related",
    "concepts", "workload", "best_ratio", "worst_ratio",
}  # fmt: skip
NO_TEXT_AT_ALL = {
    "Record", "Source", "Profile", "SpeakingModes", "Expectation", "Override", "ShareClaim",
    "MeasuredTime", "MeasuredState", "Measurements", "Knowledge",
}  # fmt: skip


@pytest.fixture
def made_up_language(qapp):
    """The window and the rules speak it until the test ends."""
    translator = PseudoTranslator(qapp)
    qapp.installTranslator(translator)
    speak(translate)
    yield
    forget(qapp, PseudoTranslator)


def forget(qapp, kind):
    """English again; a translator that stays a child would be taken for the next one's."""
    speak(None)
    for one in qapp.findChildren(kind):
        qapp.removeTranslator(one)
        one.setParent(None)


@pytest.fixture
def painted(monkeypatch):
    """What widgets paint themselves: each text with the room it was given and what it needs."""
    texts: list[tuple[str, float, float]] = []
    draw = QPainter.drawText

    def record(painter, *args):
        text = next((one for one in args if isinstance(one, str)), "")
        room = args[0].width() if isinstance(args[0], (QRect, QRectF)) else float("inf")
        wraps = any(
            isinstance(one, (int, Qt.TextFlag, Qt.AlignmentFlag))
            and int(one) & int(Qt.TextFlag.TextWordWrap)
            for one in args
        )
        needed = 0.0 if wraps else painter.fontMetrics().horizontalAdvance(text)
        texts.append((text, room, needed))
        return draw(painter, *args)

    monkeypatch.setattr(QPainter, "drawText", record)
    return texts


def texts_of(root: QWidget):
    """Every text that can be seen or is read out, of every visible widget."""
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.isVisible():
            continue
        yield widget.accessibleName()
        yield widget.accessibleDescription()
        yield widget.toolTip()
        yield from (action.text() for action in widget.actions())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(at) for at in range(widget.count()))
        elif isinstance(widget, QAbstractItemView) and not isinstance(widget, QTreeView):
            # A tree shows the files of a project, whose names are theirs.
            yield from cells_of(widget)


def cells_of(view: QAbstractItemView):
    shown = view.model()
    if shown is None:
        return
    columns = [0]
    if not isinstance(shown, QAbstractListModel):
        columns = list(range(shown.columnCount(QModelIndex())))
    if isinstance(view, QTableView):
        columns = [one for one in columns if not view.isColumnHidden(one)]
        yield from (str(shown.headerData(at, Qt.Orientation.Horizontal) or "") for at in columns)
    for row in range(min(shown.rowCount(QModelIndex()), FIRST_ROWS)):
        yield from (str(shown.index(row, at).data() or "") for at in columns)


def names_in(knowledge, machine=None) -> re.Pattern[str]:
    """What keeps its name in every language: products, packages, people, books, the machine."""
    names = {"Framework Advisor", "pip install", knowledge.hash[:12]}
    if machine is not None:
        names |= strings_in(msgspec.to_builtins((machine.hardware, machine.frameworks)))
        names |= {one.mode.partition("/")[2] for one in machine.measurements}
    for one in knowledge.frameworks:
        names |= {one.name, one.known_as, one.maker, one.licence, one.latest_release, one.id}
        names |= {line.command for line in one.install}
    for one in knowledge.components:
        names |= {one.name, one.id, *one.packages, *one.also_known_as}
        names |= {stated.text for stated in (one.first_release, one.last_release) if stated}
    for one in knowledge.learning:
        names |= {one.title, one.author}
    for one in knowledge.deliveries:
        names |= set(one.packages)
    return names_pattern(frozenset(names))


@functools.cache
def names_pattern(names: frozenset[str]) -> re.Pattern[str]:
    ordered = sorted(filter(None, names), key=len, reverse=True)
    return re.compile("|".join(rf"(?<![\w.]){re.escape(one)}(?!\w|[._]\w)" for one in ordered))


def words_left(text: str, names: re.Pattern[str]) -> list[str]:
    """The words of a text that nobody translated."""
    text = re.sub(r"<[^>]*>|\u200b", "", text)  # links and places to break
    text = re.sub(r"https?://\S+|[~/][\w./-]+|PyPI: .*", "", names.sub("", text))
    # Names of code and of files.
    text = re.sub(r"\b[A-Za-z]\w*(?:[._]\w+)+\b|\b[A-Za-z]*[a-z][A-Z]\w*\b", "", text)
    return re.findall(r"[A-Za-z]{3,}", text)


def untranslated(root: QWidget, painted, names: re.Pattern[str]) -> list[str]:
    painted.clear()
    root.grab()
    texts = {*texts_of(root), *(text for text, _, _ in painted)}
    return sorted(text for text in texts if words_left(text, names))


def painted_too_wide(painted) -> list[str]:
    return sorted(
        f"{text}: needs {needed:.0f} px, has {room:.0f}"
        for text, room, needed in painted
        if needed > room + 1 and not text.endswith("…")
    )


def strings_in(value) -> set[str]:
    """All that a machine says of itself: names of parts, instructions, versions."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value
    return set().union(*map(strings_in, inner)) if isinstance(value, dict | list | tuple) else set()


@pytest.fixture
def walk(loaded_window, loaded, settle, painted, real_knowledge, layout_faults):
    """Go through every page and view with an example's answers; what is wrong, by place."""

    def look(place, root, larger):
        left = untranslated(root, painted, names_in(real_knowledge, loaded.machine))
        found = [f"{place}: not translated: {text}" for text in left]
        for size in (None, *larger):
            if size is not None:
                root.resize(*size)
                settle(loaded)
                painted.clear()
                root.grab()
            place = place if size is None else f"{place} at {size}"
            found += [f"{place}: painted: {text}" for text in painted_too_wide(painted)]
            found += [f"{place}: {fault}" for fault in layout_faults(root)]
        if larger:
            root.resize(*SMALLEST)
        return found

    def walk(example: str, larger=()) -> list[str]:
        loaded.open_file(ASSETS / "examples" / f"{example}.yaml")
        settle(loaded)
        loaded_window.resize(*SMALLEST)
        faults = []
        for step in STEPS:
            loaded_window.show_step(step)
            settle(loaded)
            faults += look(step, loaded_window, larger)
        loaded_window.show_step("questions")
        loaded_window.page("questions").show_map()
        settle(loaded)
        faults += look("map", loaded_window, larger)
        loaded_window.page("questions").close_map()
        loaded_window.show_step("knowledge")
        for number, view in enumerate(VIEWS, start=1):
            loaded_window.page("knowledge").show_tab(number)
            settle(loaded)
            faults += look(view, loaded_window, larger)
        loaded_window.show_history()
        settle(loaded)
        history = loaded_window.findChild(HistoryDialog)
        faults += look("history", history, ())
        history.close()
        print(*faults, sep="\n")
        return sorted(set(faults))

    return walk


def test_the_made_up_language_keeps_values_and_is_forty_percent_longer(real_knowledge):
    assert pseudo("Saved as {path}") == "Šááṽééđ ááš {path}"
    assert pseudo("&File") == "&Ƒííłéé"
    assert pseudo("see https://keras.io for more").split()[1] == "https://keras.io"
    reasons = [fact.reason for one in real_knowledge.frameworks for fact in one.facts]
    longer = sum(len(pseudo(one)) for one in reasons) / sum(map(len, reasons))
    assert 1.35 < longer < 1.45


def test_english_is_what_is_said_until_another_language_is_asked_for(qapp, monkeypatch):
    install(qapp)
    assert say("{name} leads", name="JAX") == "JAX leads"
    monkeypatch.setenv("FRAMEWORK_ADVISOR_LANGUAGE", PSEUDO)
    install(qapp)
    try:
        assert say("{name} leads", name="JAX") == "JAX łééááđš"
    finally:
        forget(qapp, PseudoTranslator)


def test_another_language_changes_no_verdict(real_knowledge, made_up_language):
    answers = Answers(answers={"work": "scratch", "domain": ("vision",), "goal": "production"})
    today = date(2026, 11, 21)
    other = rules.decide(translated(real_knowledge), answers, Measurements(), today, draws=200)
    speak(None)
    english = rules.decide(real_knowledge, answers, Measurements(), today, draws=200)
    assert [(one.framework, one.score) for one in other.ranking] == [
        (one.framework, one.score) for one in english.ranking
    ]
    assert pseudo(english.plan.phases[0].title) == other.plan.phases[0].title
    assert translated(real_knowledge) is real_knowledge


def test_every_field_of_the_knowledge_is_known_as_text_or_as_data():
    kinds = {
        name: kind
        for name, kind in vars(model).items()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    }
    assert TEXT_FIELDS.keys() <= kinds.keys()
    for name, kind in kinds.items():
        texts = set(TEXT_FIELDS.get(name, ()))
        assert texts <= set(kind.__struct_fields__), name
        if name not in NO_TEXT_AT_ALL:
            data = set(DATA_FIELDS.get(name, "").split()) | ALWAYS_DATA
            assert set(kind.__struct_fields__) - texts - data == set(), name


def test_every_page_is_translated_and_has_room_for_a_longer_language(made_up_language, walk):
    assert walk("student") == []


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_other_answers_are_translated_too(example, made_up_language, walk):
    assert walk(example, larger=LARGER) == []


@pytest.mark.slow
def test_what_was_measured_is_translated_too(made_up_language, walk, loaded):
    loaded.open_file(MACHINE)
    assert walk("student", larger=LARGER[:1]) == []


def test_the_dialog_for_mistakes_is_translated_too(
    made_up_language, qtbot, painted, real_knowledge, layout_faults
):
    dialog = ErrorDialog("details")
    qtbot.addWidget(dialog)
    dialog.show()
    assert untranslated(dialog, painted, names_in(real_knowledge)) == []
    assert layout_faults(dialog) == []


@pytest.fixture
def spoken(qapp, tmp_path, monkeypatch):
    """Writes a language's file and speaks it until the test ends."""
    monkeypatch.setattr(translation, "LANGUAGES", tmp_path)
    monkeypatch.setenv("FRAMEWORK_ADVISOR_LANGUAGE", "eo")

    def _spoken(file):
        (tmp_path / "eo.json").write_text(file, encoding="utf-8")
        translation.install(qapp)

    yield _spoken
    forget(qapp, translation.FileTranslator)


def test_a_language_is_one_file_and_what_it_lacks_is_english_and_is_listed(qapp, spoken, tmp_path):
    spoken('{"{most} and {last}": "{most} kaj {last}", "pytorch.summary": "Plej uzata."}')
    assert listed(["Keras", "JAX"]) == "Keras kaj JAX"
    assert listed(["Keras", "JAX", "MLX"]) == "Keras, JAX kaj MLX"
    summaries = {one.id: one.summary for one in translated(load_knowledge()).frameworks}
    assert summaries["pytorch"] == "Plej uzata."
    assert summaries["jax"].isascii()
    translation.write_untranslated(qapp, tmp_path)
    left = json.loads((tmp_path / "untranslated.json").read_text(encoding="utf-8"))
    assert left["jax.summary"] == summaries["jax"]
    assert left["{most}, {next}"] == "{most}, {next}"
    assert "pytorch.summary" not in left


@pytest.mark.parametrize("file", ["{", "[]", '{"a": 1}'])
def test_a_language_that_cannot_be_read_is_named(spoken, file):
    with pytest.raises(InputError, match=r"eo\.json"):
        spoken(file)


def test_a_language_that_there_is_not_is_told_with_those_that_there_are(qapp, monkeypatch):
    monkeypatch.setenv("FRAMEWORK_ADVISOR_LANGUAGE", "../themes/tokens")
    with pytest.raises(InputError, match="there is no language"):
        translation.install(qapp)
