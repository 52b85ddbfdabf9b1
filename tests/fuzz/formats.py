"""Every format that this program reads and a stranger may have written: how it is read and written
again, with which error it is refused, and whole examples to damage."""

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml
from hypothesis import strategies as st

from app import history, report, sessions, settings
from app.existing import read_existing
from app.installing import creating
from app.installing.asking import Answer
from app.installing.judging import judge
from app.installing.lines import parse_line
from app.installing.results import InstallError, Target, Verification
from app.paths import config_folder, history_folder
from app.starter import StarterError, load_request, running
from app.what_ifs import WhatIf
from probes import messages, results
from probes.bundled import msgspec_standin
from rules import InputError, dump_answers, load_answers, load_knowledge
from rules.loading import OWN
from rules.model import Answers, Override

sys.path.insert(0, str(Path(__file__).parent))
from made_up import TEXTS, values, with_ordinary_figures

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
GOLDEN = ROOT / "tests" / "app" / "report" / "golden" / "report.json"


class Format(NamedTuple):
    """One format; `read` takes bytes and the name that it has to say in an error."""

    read: Callable[[bytes, Path], Any]
    examples: Callable[[], list[bytes]]
    errors: tuple[type[Exception], ...] = ()
    write: Callable[[Any], bytes] | None = None
    has_shape: bool = True
    """It is JSON or YAML, so that its plain data can be damaged too; JSON is YAML."""
    made_up: Callable[[], Any] | None = None
    """A strategy for whole values, where they are worth making up."""
    names_file: bool = True


@cache
def knowledge():
    return load_knowledge()


def _written(read: Callable[[Path], Any]) -> Callable[[bytes, Path], Any]:
    """For what takes a path: the bytes as a file of that name."""

    def _read(data: bytes, path: Path) -> Any:
        path.write_bytes(data)
        return read(path)

    return _read


@cache
def small_machine() -> bytes:
    """The recorded machine with two measurements of few values: as many kinds, far fewer bytes."""
    machine = results.decode_machine((DATA / "machine_quick.json").read_bytes(), "machine")
    few = tuple(
        msgspec.structs.replace(
            one,
            values=one.values[:2],
            rounds=tuple(
                msgspec.structs.replace(each, values=each.values[:2]) for each in one.rounds[:1]
            ),
        )
        for one in machine.measurements[:2]
    )
    small = msgspec.structs.replace(
        machine, measurements=few, comparisons=machine.comparisons[:1], notes=machine.notes[:1]
    )
    return results.encode_machine(small)


@cache
def session() -> bytes:
    answers = load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge())
    what_if = WhatIf(label="Other", answers=answers, framework="jax", kind="clear", top_share=0.9)
    verification = Verification(
        state="verified",
        summary="It fits.",
        line="pip install jax",
        target=Target(platform="linux", python_version="3.11"),
        asked_utc="2026-11-21T00:00:00+00:00",
    )
    return msgspec.json.encode(
        sessions.Session(
            saved_utc="2026-11-21T00:00:00+00:00",
            answers=answers,
            machine=results.decode_machine(small_machine(), "machine"),
            installation=verification,
            what_ifs=(what_if,),
            notes="A note.",
        )
    )


@cache
def right_answers():
    """Answers whose every id is known, so that most of them pass."""
    known = knowledge()
    of_questions = {}
    for question in known.questions:
        options = [one.id for one in question.options]
        one = st.sampled_from([*options, "unknown"])
        several = st.lists(st.sampled_from(options), min_size=1, max_size=3).map(tuple)
        of_questions[question.id] = one | several if question.multiple else one
    wishes = [one.id for one in (*known.groups, *known.criteria)]
    frameworks = st.sampled_from([one.id for one in known.frameworks])
    facts = st.sampled_from([one.id for each in known.frameworks for one in each.facts])
    components = st.sampled_from([one.id for one in known.components])
    return st.builds(
        Answers,
        answers=st.fixed_dictionaries({}, optional=of_questions),
        importance=st.dictionaries(st.sampled_from(wishes), st.integers(-2, 2), max_size=4),
        must_use=st.lists(frameworks, max_size=3).map(tuple),
        exclude=st.dictionaries(frameworks, st.sampled_from(TEXTS), max_size=3),
        existing_components=st.lists(components, max_size=3).map(tuple),
        override=st.dictionaries(facts, values(Override), max_size=2),
    )


@cache
def _made_up_machines():
    """As they come, and half of them with figures that a probe may have written."""
    whole = values(results.Machine, schema=st.just(results.SCHEMA))
    return whole | whole.map(
        lambda machine: msgspec.convert(
            with_ordinary_figures(msgspec.to_builtins(machine)), results.Machine
        )
    )


@cache
def _made_up_sessions():
    """Without a machine, which has values of its own."""
    what_ifs = st.lists(values(WhatIf, answers=right_answers()), max_size=2).map(tuple)
    return values(
        sessions.Session,
        schema=st.just(sessions.SCHEMA),
        machine=st.none(),
        answers=right_answers(),
        what_ifs=what_ifs,
    )


def _answers() -> list[bytes]:
    return [one.read_bytes() for one in sorted((ROOT / "assets" / "examples").glob("*.yaml"))[:4]]


def _read_pack(data: bytes, path: Path) -> Any:
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / "rules.yaml").write_bytes(data)
    return load_knowledge([folder])


def _packs() -> list[bytes]:
    return [(OWN / name).read_bytes() for name in ("gates.yaml", "conflicts.yaml", "screen.yaml")]


def _read_settings(data: bytes, path: Path) -> Any:
    config_folder().mkdir(parents=True, exist_ok=True)
    (config_folder() / settings.FILE_NAME).write_bytes(data)
    return settings.load_settings()


def _read_index(data: bytes, path: Path) -> Any:
    """The index is ours and can be made again: whatever it holds, the history can be read."""
    folder = history_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / history.INDEX).write_bytes(data)
    return history.read_history()


def _read_mark(data: bytes, path: Path) -> Any:
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / creating.MARK).write_bytes(data)
    return creating._left_unfinished(folder)


def _read_requirements(name: str) -> Callable[[bytes, Path], Any]:
    def _read(data: bytes, path: Path) -> Any:
        path = path.with_name(name)
        path.write_bytes(data)
        return read_existing(path, knowledge())

    return _read


def _judged(part: str) -> Callable[[bytes, Path], Any]:
    """What the resolver's answer is taken for, whatever stands in one part of it."""

    def _read(data: bytes, path: Path) -> Any:
        answer = msgspec.structs.replace(_recorded(), **{part: data})
        target = Target(platform="linux", python_version="3.11", is_this_machine=part != "notes")
        if part == "installed":
            target = msgspec.structs.replace(target, python=sys.executable)
        return judge(parse_line("pip install jax optax"), target, answer, "2026-11-21")

    return _read


@cache
def _recorded() -> Answer:
    folder = ROOT / "tests" / "app" / "installing"
    spec = importlib.util.spec_from_file_location("resolver_answers", folder / "record.py")
    record = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record)
    answer = record.read("good")[2]
    report = msgspec.json.decode(answer.report)
    for one in report["install"]:
        one["metadata"] = {name: one["metadata"][name] for name in ("name", "version")}
    return msgspec.structs.replace(answer, report=msgspec.json.encode(report))


def _installed() -> bytes:
    there = {"metadata": {"name": "numpy", "version": "2.4.6", "requires_dist": ["jax<1"]}}
    return msgspec.json.encode({"version": "1", "pip_version": "26.3", "installed": [there]})


STARTER = b"""# What this project was generated from
schema: framework-advisor/starter/1
framework: pytorch
task: tabular
target: none
tracker: none
size: project
notebook: false
versions:
  torch: "2.13.0"
"""
SETTINGS = msgspec.json.encode({
    "version": 1, "theme": "dark", "colours": "system", "reduced_motion": True,
    "recent": ["/a.json"], "keep_history": False, "geometry": "AAAA",
})  # fmt: skip
REQUIREMENTS = {
    "requirements.txt": b"torch[opt]>=1.7,<3 ; python_version < '3.9' --hash=sha256:aa\n"
    b"https://example.org/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl\njax @ https://e.org/j\n",
    "pyproject.toml": b'[project]\nrequires-python = ">=3.9"\ndependencies = ["torch>=2"]\n'
    b'[dependency-groups]\na = ["jax", {include-group = "b"}]\nb = []\n'
    b'[tool.poetry.dependencies]\npython = "^3.9"\nkeras = {version = "^2.3", extras = ["x"]}\n',
    "setup.cfg": b"[options]\npython_requires = >=3.8\ninstall_requires =\n    torch>=1\n    jax\n"
    b"[options.extras_require]\ngpu = mxnet\n",
    "environment.yml": b"name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.9\n"
    b"  - pytorch::pytorch=1.7.*=cuda\n  - pip:\n    - keras==2.3\n",
}
MESSAGES = (
    b'{"type":"hello","protocol":1,"python":"3.11.2","pid":1,"foreign_modules":[]}',
    b'{"type":"result","id":1,"import_seconds":1.5,"version":"2.1","devices":[{"device":"cpu",'
    b'"driver_sees":true,"build_supports":true,"operation_ran":null}],"settings":{"a":"b"}}',
    b'{"type":"result","id":2,"equal_work":{"passed":true,"max_rel_err":1e-6,"tolerance":1e-4,'
    b'"losses":[2.0,1.0],"reference_losses":[2.0,1.0]},"first_call_seconds":0.1,'
    b'"workload_version":"abc","purpose":"training"}',
    b'{"type":"result","id":3,"values":[0.1,0.2],"cpu_seconds":1,"wall_seconds":0.4}',
    b'{"type":"error","id":4,"kind":"memory","message":"no","detail":"more"}',
)
SAID = (
    messages.Hello, messages.Imported, messages.Prepared, messages.Measured, messages.Checked,
    messages.Control, messages.Done, messages.WorkerError,
)  # fmt: skip


def _read_message(data: bytes, path: Path) -> Any:
    """As every kind of message; the last refusal where it is none."""
    messages.head_of(data)
    read, refusal = [], None
    for kind in SAID:
        try:
            said = messages.decode(data, kind)
        except messages.ProtocolError as error:
            refusal = error
        else:
            assert messages.decode(msgspec.json.encode(said), kind) == said
            if isinstance(said, messages.Prepared):
                messages.equal_work(said.equal_work, "strict_fp32", said.purpose)
            read.append(said)
    if not read and refusal is not None:
        raise refusal
    return read


class Said(msgspec_standin.Struct):
    """What the bundle reads on a machine without msgspec: with its own, slower decoder."""

    type: "str"
    id: "int | None" = None
    wall_seconds: "float" = 0.0
    values: "tuple[float, ...]" = ()
    settings: "dict[str, str]" = {}  # noqa: RUF012 - the stand-in copies it


def _standin(data: bytes, path: Path) -> Any:
    return msgspec_standin.json.decode(data, type=Said)


JSON_ERRORS = (sessions.SessionError, results.MachineFileError, InputError, report.ReportError)
FORMATS = {
    "answers": Format(
        _written(lambda path: load_answers(path, knowledge())),
        _answers,
        (InputError,),
        lambda value: dump_answers(value).encode(),
        made_up=right_answers,
    ),
    "pack": Format(_read_pack, _packs, (InputError,), names_file=False),
    "machine": Format(
        lambda data, path: results.decode_machine(data, str(path)),
        lambda: [small_machine()],
        (results.MachineFileError,),
        results.encode_machine,
        made_up=_made_up_machines,
    ),
    "session": Format(
        lambda data, path: sessions.decode_session(data, str(path), knowledge()),
        lambda: [session(), *(one.read_bytes() for one in (DATA / "sessions").iterdir())],
        (sessions.SessionError, results.MachineFileError),
        msgspec.json.encode,
        made_up=_made_up_sessions,
    ),
    "any file": Format(
        _written(lambda path: sessions.open_file(path, knowledge())),
        lambda: [session(), small_machine(), *_answers()[:1]],
        JSON_ERRORS,
    ),
    "report": Format(
        lambda data, path: report.from_json(data, str(path)),
        lambda: [GOLDEN.read_bytes()],
        (report.ReportError,),
        report.to_json,
    ),
    "history entry": Format(
        lambda data, path: history.entry_of(data, str(path)),
        lambda: [small_machine(), GOLDEN.read_bytes()],
        (history.HistoryError, results.MachineFileError),
    ),
    "history index": Format(
        _read_index,
        lambda: [
            msgspec.json.encode(
                {
                    "schema": history.INDEX_SCHEMA,
                    "program_version": "0.1.0",
                    "files": {"a.json": {"size": 1, "modified_ns": 1, "problem": "cut"}},
                }
            ),
        ],
    ),
    "settings": Format(
        _read_settings, lambda: [SETTINGS], (settings.SettingsError,), names_file=False
    ),
    "message of a worker": Format(
        _read_message, lambda: list(MESSAGES), (messages.ProtocolError,), names_file=False
    ),
    "message in the bundle": Format(
        _standin,
        lambda: list(MESSAGES),
        (msgspec_standin.DecodeError, UnicodeDecodeError, RecursionError),
        names_file=False,
    ),
    "resolver's report": Format(_judged("report"), lambda: [_recorded().report]),
    "resolver's notes": Format(_judged("notes"), lambda: [_recorded().notes]),
    "resolver's environment": Format(_judged("installed"), lambda: [_installed()]),
    "starter.yaml": Format(_written(load_request), lambda: [STARTER], (StarterError,)),
    "figures of a training": Format(
        lambda data, path: running._metrics(data.decode("utf-8", "replace")),
        lambda: [b'{"epoch": 1, "loss": 0.25, "accuracy": 0.5}'],
    ),
    "mark of an unfinished folder": Format(
        _read_mark,
        lambda: [b'{"pid":1,"started":1.5,"begun_utc":"2026-11-21T00:00:00+00:00"}'],
        (InstallError,),
        names_file=False,
    ),
    **{
        name: Format(
            _read_requirements(name),
            lambda text=text: [text],
            (InputError,),
            has_shape=name == "environment.yml",
            names_file=False,
        )
        for name, text in REQUIREMENTS.items()
    },
}


def as_plain(data: bytes) -> Any:
    if data.startswith(b"{"):
        return msgspec.json.decode(data)
    return yaml.safe_load(data)
