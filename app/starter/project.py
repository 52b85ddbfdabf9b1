"""From a request to a project's files: pure, nothing is written or started."""

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.files import read_at_most
from app.starter.catalogue import (
    NONE,
    SIZES,
    TEMPLATES,
    Backend,
    Catalogue,
    Variant,
    catalogue,
    executed_label,
    executed_runs,
    run_key,
    serves,
    target_problem,
)
from app.starter.errors import StarterError, unknown
from app.starter.notebook import notebook_of
from rules.errors import one_line
from rules.texts import say

if TYPE_CHECKING:
    import jinja2

SCHEMA = "framework-advisor/starter/1"
LARGEST_REQUEST_BYTES = 100_000
CODE = (".py", ".html")
"""What files are code end with: those by which an execution is known."""
DISTRIBUTION_VERSION = re.compile(r"[0-9][0-9A-Za-z.!+-]*")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to start with. `versions` are those of the environment it will run in."""

    framework: str
    task: str
    target: str = NONE
    delivery: str | None = None
    tracker: str = NONE
    size: str = "project"
    notebook: bool = False
    versions: dict[str, str] = {}
    variant: str = NONE
    """Another way to write it, of those that the framework has; `none` is the plain one."""
    search: str = NONE
    """What searches for good settings; `none` where the project's own will do."""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one project, ready to be written."""

    name: str
    request: Request
    """As asked, with the delivery filled in."""
    files: dict[str, str]
    """Path inside the project (with `/`) to content."""
    requires: tuple[str, ...]
    """The lines of requirements.txt."""
    notes: tuple[str, ...]
    """What the person must know before relying on it."""
    executed: str
    """Whether exactly this has been executed, where, or why not; one sentence."""
    was_executed: bool


def request_problem(request: Request) -> str | None:
    """Why this request cannot be met; None when it can."""
    try:
        _checked(request, catalogue())
    except StarterError as error:
        return str(error)
    return None


def prepare(request: Request) -> Project:
    """Render the project. Raises StarterError with one clear message when it cannot be had."""
    known = catalogue()
    request = _checked(request, known)
    requires = _requirements(request, known)
    variables = _variables(request, known, requires)
    composition = _composition(request, known)
    files = {
        path: _render(template, variables)
        for path, template in composition.items()
        if path.endswith(CODE)
    }
    was_executed, variables["executed"] = _executed(request, known, _fingerprint(files))
    files |= {
        path: _render(template, variables)
        for path, template in composition.items()
        if path not in files
    }
    if request.notebook:
        files["notebook.ipynb"] = notebook_of(
            _render(_template(request, "short.py"), {**variables, "notebook": True})
        )
    return Project(
        name=str(variables["project_name"]),
        request=request,
        files=files,
        requires=requires,
        notes=_notes(request, known),
        executed=str(variables["executed"]),
        was_executed=was_executed,
    )


def _executed(request: Request, known: Catalogue, code: str) -> tuple[bool, str]:
    """Whether exactly this code has been executed, and the words for it."""
    if (variant := _variant(request, known)) is not None and variant.untried:
        return False, say("Not executed here: {detail}", detail=say(variant.untried))
    wanted = run_key(request, known)
    for run in executed_runs():
        if run_key(run, known) == wanted:
            if run.passed and run.fingerprint != code:
                return False, say(
                    "Not executed here in this form: what was run had another backend or older "
                    "templates."
                )
            return executed_label(run, ())
    return executed_label(None, ())


def fingerprint(project: Project) -> str:
    """Of the code alone: words and pins may change without another run."""
    return _fingerprint(project.files)


def load_request(path: Path) -> Request:
    """Read the `starter.yaml` of a project again. Raises StarterError."""
    try:
        data = read_at_most(path, LARGEST_REQUEST_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise StarterError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StarterError(f"{path}: cannot be read: {error}") from error
    if len(data) > LARGEST_REQUEST_BYTES:
        raise StarterError(f"{path}: is larger than any starter.yaml; is this the right file?")
    # The file is ours: flat `key: value` lines. Reading just those needs no YAML parser and gives
    # a hostile file nothing to play with.
    values: dict[str, object] = {}
    versions: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        value = value.strip().strip("'\"")
        if not colon:
            raise StarterError(
                f"{path}:{number}: expected `key: value`, found {one_line(line.strip())!r}."
            )
        if line.startswith("  "):
            versions[key.strip()] = value
        elif key != "versions":
            values[key.strip()] = {"true": True, "false": False, "null": None}.get(value, value)
    schema = values.pop("schema", None)
    if schema != SCHEMA:
        raise StarterError(f"{path}: schema is {one_line(str(schema))!r}, expected {SCHEMA!r}.")
    try:
        return msgspec.convert({**values, "versions": versions}, _StrictRequest)
    except msgspec.ValidationError as error:
        raise StarterError(f"{path}: {one_line(str(error))}.") from error


class _StrictRequest(Request, frozen=True, forbid_unknown_fields=True):
    """A request from a file: a key nobody knows is a mistake there."""


def _checked(request: Request, known: Catalogue) -> Request:
    """The request with its delivery filled in. Raises StarterError."""
    if request.framework not in known.frameworks:
        raise unknown("framework", request.framework, known.frameworks)
    if request.task not in known.tasks:
        raise unknown("task", request.task, known.tasks)
    if request.target not in known.targets:
        raise unknown("target", request.target, known.targets)
    if request.tracker not in known.trackers:
        raise unknown("tracker", request.tracker, known.trackers)
    if request.search not in known.searches:
        raise unknown("search", request.search, known.searches)
    if request.size not in SIZES:
        raise unknown("size", request.size, SIZES)
    if request.delivery is not None and request.delivery not in known.deliveries:
        raise unknown("delivery", request.delivery, known.deliveries)
    framework = known.frameworks[request.framework]
    if (request.framework, request.task) not in known.pairs:
        offered = [task for name, task in known.pairs if name == request.framework]
        raise StarterError(
            f"there is no {request.task} starter for {framework.name} yet; it has "
            f"{', '.join(sorted(offered)) or 'none'}."
        )
    for distribution, version in request.versions.items():
        if not DISTRIBUTION_VERSION.fullmatch(version):
            raise StarterError(f"{version!r} is no version of {distribution}.")
    problem = target_problem(known, request.framework, request.target)
    if problem is not None:
        raise StarterError(problem)
    if reason := framework.without.get(request.task, {}).get(request.target):
        raise StarterError(
            f"{framework.name} has no {request.task} starter for {request.target}: {reason}."
        )
    if request.target == NONE:
        if request.delivery is not None:
            raise StarterError(
                f"delivery {request.delivery!r} needs a target; add one of "
                f"{', '.join(_targets_of(known, request.framework, request.delivery)) or NONE}."
            )
    else:
        ways = framework.targets[request.target]
        if request.delivery is not None and request.delivery not in ways:
            raise StarterError(
                f"{framework.name} does not reach {request.target} through {request.delivery}; "
                f"it can through {', '.join(ways)}."
            )
        request = msgspec.structs.replace(request, delivery=request.delivery or ways[0])
    _check_variant(request, known)
    _check_search(request, known)
    if request.size == "short" and (request.target, request.tracker) != (NONE, NONE):
        raise StarterError(
            "the short size is one file for reading and trying; a target or a tracker needs size "
            "'project'."
        )
    return request


def _check_variant(request: Request, known: Catalogue) -> None:
    if request.variant == NONE:
        return
    offered = known.variants[request.framework]
    name = known.frameworks[request.framework].name
    if request.variant not in offered:
        if not offered:
            raise StarterError(f"{name} has no variants.")
        raise unknown(f"variant of {name}", request.variant, offered)
    if request.task not in offered[request.variant].tasks:
        raise StarterError(
            f"{name}'s variant {request.variant!r} has no {request.task} starter; it has "
            f"{', '.join(offered[request.variant].tasks)}."
        )
    if (request.size, request.target, request.tracker) != ("project", NONE, NONE):
        raise StarterError(
            f"the variant {request.variant!r} comes in size 'project', without target and tracker."
        )


def _check_search(request: Request, known: Catalogue) -> None:
    if request.search == NONE:
        return
    framework = known.frameworks[request.framework]
    if framework.no_search:
        raise StarterError(
            f"{framework.name} has no search for settings: {say(framework.no_search)}."
        )
    if request.size != "project" or request.variant != NONE:
        raise StarterError(
            "a search for settings comes with size 'project', and without another variant."
        )
    tracker = known.searches[request.search].tracker
    if tracker and request.tracker != tracker:
        raise StarterError(
            f"the search {request.search!r} needs tracker {tracker!r}, which its runs go to."
        )


def _targets_of(known: Catalogue, framework: str, delivery: str) -> list[str]:
    targets = known.frameworks[framework].targets
    return [target for target, ways in targets.items() if delivery in ways]


def _template(request: Request, file: str) -> str:
    """The nearest template of a file: of framework and task, of the task, the framework, of all."""
    stem, suffix = file.split(".", 1)
    framework, task = f"frameworks/{request.framework}", request.task
    places = (f"{framework}/{stem}/{task}.{suffix}", f"tasks/{task}/{file}", f"{framework}/{file}")
    return next(
        (place for place in (f"{one}.j2" for one in places) if (TEMPLATES / place).is_file()),
        f"common/{file}.j2",
    )


def _composition(request: Request, known: Catalogue) -> dict[str, str]:
    """Which template makes which file: composed by task, framework, delivery and tracker."""
    framework = known.frameworks[request.framework]
    if request.size == "short":
        files = {"train.py": _template(request, "short.py")}
    else:
        task_modules = known.tasks[request.task].modules
        modules = framework.modules if task_modules is None else task_modules
        files = {
            f"{stem}.py": _template(request, f"{stem}.py")
            for stem in ("config", "data", "metrics", "train", "predict", *modules)
        }
        # A model's own template is one part of the file that its framework frames.
        files["model.py"] = f"frameworks/{request.framework}/model.py.j2"
        files["tracking.py"] = f"trackers/{request.tracker}.py.j2"
        files["tests/test_project.py"] = _template(request, "test_project.py")
        files["pyproject.toml"] = "common/pyproject.toml.j2"
        if request.delivery is not None:
            files["export.py"] = _export_template(request.delivery, request, known)
            files |= _delivery_files(request, known)
    if request.search != NONE:
        files |= _files_of(f"searches/{request.search}/files")
    if request.variant != NONE:
        files |= _files_of(f"frameworks/{request.framework}/variants/{request.variant}")
    files["requirements.txt"] = "common/requirements.txt.j2"
    files["README.md"] = _template(request, f"README-{request.size}.md")
    files["starter.yaml"] = "common/starter.yaml.j2"
    files[".gitignore"] = "common/gitignore.j2"
    return files


def _export_template(delivery: str, request: Request, known: Catalogue) -> str:
    """The target's own where there is one, as on a microcontroller; else the delivery's."""
    folder = f"frameworks/{request.framework}/export"
    own = f"{folder}/{delivery}/{request.target}.py.j2"
    like = known.deliveries[delivery].exported_like or delivery
    return own if (TEMPLATES / own).is_file() else f"{folder}/{like}.py.j2"


def _delivery_files(request: Request, known: Catalogue) -> dict[str, str]:
    """What a delivery and its target bring, as their folders hold it; the nearest one counts."""
    folders = [f"deliveries/{request.delivery}/files"]
    if serves(known, request.target, request.delivery):
        folders.insert(0, f"targets/{request.target}")
    folders.append(f"deliveries/{request.delivery}/{request.target}")
    return {path: template for folder in folders for path, template in _files_of(folder).items()}


def _files_of(folder: str) -> dict[str, str]:
    """The files of a project that a folder of templates makes, each with its template."""
    root = TEMPLATES / folder
    return {
        path.relative_to(root).as_posix().removesuffix(".j2"): f"{folder}/"
        + path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.j2"))
    }


def _variables(request: Request, known: Catalogue, requires: tuple[str, ...]) -> dict[str, object]:
    framework, task = known.frameworks[request.framework], known.tasks[request.task]
    variant = _variant(request, known)
    return {
        **framework.variables,
        **task.variables,
        **_backend(request, known).variables,
        **(variant.variables if variant else {}),
        "variant": variant,
        "framework": request.framework,
        "framework_name": framework.name,
        "task": request.task,
        "task_name": task.name,
        "task_summary": task.summary,
        "target": request.target,
        "target_name": known.targets[request.target].name,
        "delivery": request.delivery,
        **_delivery_variables(request, known),
        "tracker": request.tracker,
        "tracker_name": known.trackers[request.tracker].name,
        "tracker_summary": known.trackers[request.tracker].summary,
        **_search_variables(request, known),
        "request": request,
        "schema": SCHEMA,
        "requires": requires,
        "notes": _notes(request, known),
        "notebook": False,
        "project_name": "-".join(
            part.replace("_", "-")
            for part in (request.task, request.framework, request.variant)
            if part != NONE
        ),
    }


def _search_variables(request: Request, known: Catalogue) -> dict[str, object]:
    if request.search == NONE:
        return {}
    usual = known.tasks[request.task].variables["learning_rate"]
    assert isinstance(usual, float)
    bounds = {
        "lowest_rate": float(f"{usual / 10:.3g}"),
        "highest_rate": float(f"{usual * 10:.3g}"),
    }
    return {
        "search": request.search,
        "search_name": known.searches[request.search].name,
        "space": {
            **msgspec.structs.asdict(known.spaces[request.task]),
            "choices": {k: list(v) for k, v in known.spaces[request.task].choices.items()},
            **bounds,
        },
    }


def _delivery_variables(request: Request, known: Catalogue) -> dict[str, object]:
    if request.delivery is None:
        return {"served": False}
    way = known.deliveries[request.delivery]
    served = serves(known, request.target, request.delivery)
    return {
        "delivery_name": way.name,
        "model_file": way.model_file.replace("TASK", request.task),
        "tolerance": known.tolerance.get(request.target, known.tolerance["usual"]),
        "served": served,
        "serve_requires": _pins(
            {*way.serve_requires, *known.serving.requires, "numpy"} if served else (),
            request,
            known,
        ),
        "onnxruntime_web_version": known.versions["onnxruntime-web"],
    }


def _variant(request: Request, known: Catalogue) -> Variant | None:
    return known.variants[request.framework].get(request.variant)


def _backend(request: Request, known: Catalogue) -> Backend:
    """What variant or delivery need; else the first that the environment has, else the first."""
    framework = known.frameworks[request.framework]
    needed = variant.backend if (variant := _variant(request, known)) else ""
    if request.delivery is not None:
        needed = framework.deliveries[request.delivery].backend
    if needed:
        return framework.backends[needed]
    here = {_normalised(name) for name in request.versions}
    backends = tuple(framework.backends.values()) or (Backend(requires=(), variables={}),)
    return next(
        (one for one in backends if here.issuperset(map(_normalised, one.requires))), backends[0]
    )


def _notes(request: Request, known: Catalogue) -> tuple[str, ...]:
    variant = _variant(request, known)
    if request.delivery is None:
        return (variant.note,) if variant and variant.note else ()
    notes = [
        known.frameworks[request.framework].deliveries[request.delivery].note,
        known.deliveries[request.delivery].note,
        known.targets[request.target].note,
    ]
    if serves(known, request.target, request.delivery):
        notes.append(known.serving.note)
    return tuple(note for note in notes if note)


def _requirements(request: Request, known: Catalogue) -> tuple[str, ...]:
    """Pinned lines: the versions of the environment at hand, else those we tested with."""
    framework = known.frameworks[request.framework]
    names = {*framework.requires, *_backend(request, known).requires, "numpy"}
    if (variant := _variant(request, known)) is not None:
        names |= set(variant.requires)
    names |= set(known.tasks[request.task].requires)
    if request.size == "project":
        names |= {*known.trackers[request.tracker].requires, "pytest"}
        names |= set(known.searches[request.search].requires)
    if request.delivery is not None:
        names |= set(framework.deliveries[request.delivery].requires)
    if serves(known, request.target, request.delivery):
        names |= {*known.serving.requires, *known.serving.test_requires}
    return _pins(names, request, known)


def _pins(names: Iterable[str], request: Request, known: Catalogue) -> tuple[str, ...]:
    framework = known.frameworks[request.framework]
    given = {_normalised(name): version for name, version in request.versions.items()}
    needed = framework.deliveries[request.delivery].versions if request.delivery else {}
    lines = []
    for name in sorted(names, key=str.lower):
        version = needed.get(name) or given.get(_normalised(name), known.versions.get(name))
        if version is None:
            raise StarterError(f"no version of {name} is known; this is a mistake of ours.")
        # A local label such as +cpu names a build of one index; other machines have another.
        lines.append(f"{name}=={version.partition('+')[0]}")
    return tuple(lines)


def _normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _fingerprint(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if path.endswith(CODE):
            digest.update(f"{path}\0{files[path]}\0".encode())
    return digest.hexdigest()[:16]


@functools.cache
def _environment() -> "jinja2.Environment":
    import jinja2  # 30 ms that no command but this one needs

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["imports"] = _sorted_imports
    return environment


def _render(template: str, variables: Mapping[str, object]) -> str:
    return _environment().get_template(template).render(variables).rstrip("\n") + "\n"


def _sorted_imports(lines: Iterable[str]) -> str:
    """Import lines of one section in the order that linters want: plain ones first."""
    return "\n".join(
        sorted(set(lines), key=lambda line: (line.startswith("from "), line.split()[1].lower()))
    )
