"""What a project's own files say of the code there is, and what hostile ones cannot do."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.existing import (
    MAX_BYTES,
    MAX_FILES,
    MAX_LINE,
    MAX_REQUIREMENTS,
    names_requirements,
    read_existing,
    read_requirements,
)
from rules import InputError, load_knowledge
from rules.existing import Requirement, prefill_existing
from rules.model import Answers


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture
def write(tmp_path):
    def _write(text, name="requirements.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(data)
        return path

    return _write


@pytest.fixture
def existing(write, knowledge):
    def _existing(text, name="requirements.txt"):
        return read_existing(write(text, name), knowledge)

    return _existing


def listed(path):
    return [(one.name, one.specifier, one.where) for one in read_requirements(path).requirements]


class TestRequirements:
    @pytest.mark.parametrize(
        ("text", "name", "specifier", "line"),
        [
            ("torch\n", "torch", "", 1),
            ("# first\n\ntorch==2.1  # why\n", "torch", "==2.1", 3),
            ("torch[opt-einsum]>=1.7\n", "torch", ">=1.7", 1),
            ('torch==1.7; python_version < "3.9"\n', "torch", "==1.7", 1),
            ("torch==1.7 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n", "torch", "==1.7", 1),
            ("torch==1.7 --hash=sha256:aa\n", "torch", "==1.7", 1),
            ("torch \\\n  ==1.7\n", "torch", "==1.7", 1),
            ("torch @ https://example.org/torch-1.7.zip\n", "torch", "", 1),
            ("https://example.org/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl\n",
             "torch", "==1.7.1+cu110", 1),
            ("-e git+https://example.org/torch.git#egg=torch\n", "torch", "", 1),
            ("--index-url https://example.org/simple\n--pre\ntorch\n", "torch", "", 3),
            ("\ufefftorch\r\n", "torch", "", 1),
        ],
    )  # fmt: skip
    def test_every_way_to_write_one_is_read(self, write, text, name, specifier, line):
        assert listed(write(text)) == [(name, specifier, f"requirements.txt:{line}")]

    def test_what_powershell_writes_is_read(self, write):
        assert listed(write("torch==2.1\r\n".encode("utf-16"))) == [
            ("torch", "==2.1", "requirements.txt:1")
        ]

    def test_an_included_file_counts_where_it_stands_and_a_constraint_only_narrows(self, write):
        write("keras\n-c ../limits.txt\n", "parts/base.txt")
        write("tensorflow<2\ntorch==1.0\n", "limits.txt")
        path = write("tensorflow\n-rparts/base.txt\n--requirement=parts/base.txt\n")
        assert listed(path) == [
            ("tensorflow", "<2", "requirements.txt:1"),
            ("keras", "", "base.txt:1"),
        ]

    def test_what_cannot_be_read_is_named_with_its_line(self, write):
        path = write("torch\n\n!!what\n-e ./mine\n-r https://example.org/more.txt\n")
        assert [(one.where, one.text) for one in read_requirements(path).unreadable] == [
            ("requirements.txt:3", "!!what"),
            ("requirements.txt:4", "./mine"),
            ("requirements.txt:5", "https://example.org/more.txt"),
        ]


class TestProjects:
    def test_every_list_of_a_pyproject_is_read(self, write):
        path = write(
            "[project]\n"
            'requires-python = ">=3.8,<3.10"\n'
            'dependencies = ["torch>=1"]\n'
            "[project.optional-dependencies]\n"
            'serve = ["torchserve"]\n'
            "[dependency-groups]\n"
            'dev = ["visdom", {include-group = "x"}]\n'
            "[tool.uv]\n"
            'dev-dependencies = ["jax<0.5"]\n',
            "pyproject.toml",
        )
        assert listed(path) == [
            ("torch", ">=1", "pyproject.toml:3"),
            ("torchserve", "", "pyproject.toml:5"),
            ("visdom", "", "pyproject.toml:7"),
            ("jax", "<0.5", "pyproject.toml:9"),
        ]
        assert read_requirements(path).python == ">=3.8,<3.10"

    @pytest.mark.parametrize(
        ("version", "specifier"),
        [
            ('"^1.15"', ">=1.15,<2"),
            ('"^0.3.1"', ">=0.3.1,<0.4"),
            ('"~1.15"', ">=1.15,<1.16"),
            ('"~1"', ">=1,<2"),
            ('"~=1.15"', "~=1.15"),
            ('"1.15.*"', "==1.15.*"),
            ('"1.15"', "==1.15"),
            ('">=1.15, <2.4"', ">=1.15,<2.4"),
            ('"*"', ""),
            ('{version = "^1.15", optional = true}', ">=1.15,<2"),
            ('{git = "https://example.org"}', ""),
        ],
    )
    def test_versions_of_poetry_are_translated(self, write, version, specifier):
        text = f'[tool.poetry.dependencies]\npython = "^3.8"\ntensorflow = {version}\n'
        path = write(text, "pyproject.toml")
        assert listed(path) == [("tensorflow", specifier, "pyproject.toml:3")]
        assert read_requirements(path).python == ">=3.8,<4"

    def test_a_line_is_that_of_the_requirement_and_not_of_another_word(self, write):
        path = write(
            '[project]\nname = "torch-keras"\ndependencies = [\n  \'torch\',\n  "keras",\n]\n'
            "[tool.poetry.dependencies]\n\n\nmxnet = '*'\n",
            "pyproject.toml",
        )
        assert [one[2] for one in listed(path)] == [
            "pyproject.toml:4", "pyproject.toml:5", "pyproject.toml:10",
        ]  # fmt: skip

    def test_groups_of_poetry_are_read_and_unknown_versions_named(self, write):
        path = write(
            "[tool.poetry.group.dev.dependencies]\n"
            'mxnet = "^1.9 || ^2"\n'
            'keras = [{version = "<2.4"}, {version = "^3"}]\n',
            "pyproject.toml",
        )
        assert [one[:2] for one in listed(path)] == [
            ("mxnet", ""), ("keras", "<2.4"), ("keras", ">=3,<4"),
        ]  # fmt: skip
        assert read_requirements(path).unreadable[0].text == "mxnet = ^1.9 || ^2"

    def test_a_setup_cfg_is_read(self, write):
        path = write(
            "[options]\npython_requires = >=3.7\ninstall_requires =\n    torch<2\n"
            "[options.extras_require]\nserve =\n    torchserve\n",
            "setup.cfg",
        )
        assert listed(path) == [
            ("torch", "<2", "setup.cfg:4"),
            ("torchserve", "", "setup.cfg:7"),
        ]

    def test_a_conda_environment_is_read_with_its_channel_and_what_pip_adds(self, write):
        write("mlflow\n", "more.txt")
        path = write(
            "name: x\nchannels: [pytorch, conda-forge]\ndependencies:\n"
            "  - python=3.8\n"
            "  - pytorch=1.7.1=py3.8_cuda\n"
            "  - conda-forge::tensorflow-gpu 1.15.*\n"
            "  - numpy >=1.2, <2\n"
            "  - \"keras[version='>=2,<3']\"\n"
            "  - scipy 1.2|1.3\n"
            "  - pip:\n"
            "    - mxnet-cu112==1.9.1\n"
            "    - -r more.txt\n",
            "environment.yml",
        )
        read = read_requirements(path)
        at = "environment.yml"
        assert read.requirements == tuple(
            Requirement(name=name, specifier=specifier, channel=channel, where=where)
            for name, specifier, channel, where in (
                ("pytorch", "==1.7.1.*", "pytorch", f"{at}:5"),
                ("tensorflow-gpu", "==1.15.*", "conda-forge", f"{at}:6"),
                ("numpy", ">=1.2,<2", "pytorch", f"{at}:7"),
                ("keras", ">=2,<3", "pytorch", f"{at}:8"),
                ("scipy", "", "pytorch", f"{at}:9"),
                ("mxnet-cu112", "==1.9.1", "", f"{at}:11"),
                ("mlflow", "", "", "more.txt:1"),
            )
        )
        assert read.python == "==3.8.*"
        assert [one.where for one in read.unreadable] == [f"{at}:9"]


LINES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
        st.sampled_from(
            ["torch", "torch==1.0", "-r ", "-c x", "-e .", "\\", "[project]", "dependencies:",
             "  - pytorch=1.0=py38", 'dependencies = ["keras"]', "@", ";", "&a", "*a", '"""', "{"]
        ),
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["requirements.txt", "pyproject.toml", "setup.cfg", "environment.yml"]
)
@given(lines=LINES)
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_stands_in_a_file_it_is_read_or_refused_in_one_line(write, name, lines):
    path = write("\n".join(lines), name)
    refused, told = "", ()
    try:
        read = read_requirements(path)
        told = (*read.requirements, *read.unreadable)
    except InputError as error:
        refused = str(error)
    assert "\n" not in refused
    assert refused.startswith(str(path.parent)) or not refused
    assert all(text.isprintable() for one in told for text in msgspec.structs.astuple(one))


class TestMeaning:
    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("tensorflow<2", ("tensorflow1",)),
            ("tensorflow~=1.15", ("tensorflow1",)),
            ("tensorflow-gpu===1.15.0", ("tensorflow1",)),
            ("tensorflow>=1.15", ("tensorflow",)),
            ("tensorflow==2.4.1", ("tensorflow",)),
            ("tensorflow>2.3,<2.4", ("tensorflow",)),
            ("TensorFlow_CPU", ("tensorflow",)),
            ("keras", ("keras",)),
            ("torch\ntensorflow\nkeras", ("pytorch", "tensorflow", "keras")),
            ("mxnet-cu112", ("mxnet",)),
            ("flax\ntimm", ("jax", "pytorch")),
            ("torch\ntimm", ("pytorch",)),
            ("gluoncv", ("mxnet",)),
            # PyMC lives on; it left Theano behind.
            ("pymc", ()),
            # What only runs or converts models shows nothing of the code.
            ("onnxruntime\ntflite-runtime\nscikit-learn", ()),
        ],
    )
    def test_distributions_become_existing_code(self, existing, text, codes):
        assert existing(text).codes == codes

    def test_a_library_that_shows_its_framework_says_so(self, existing):
        (used,) = existing("dm-haiku==0.0.9").frameworks
        assert (used.framework, used.through, used.requirement) == (
            "jax", "Haiku", "dm-haiku==0.0.9",
        )  # fmt: skip

    def test_what_has_ended_is_named_with_successor_move_source_and_month(self, existing):
        found = existing("tensorflow-gpu==1.15.2\ntorchserve\nmxnet\ntorch\n")
        assert [one.id for one in found.ended] == [
            "tensorflow1", "tensorflow_gpu", "torchserve", "mxnet",
        ]  # fmt: skip
        served = found.ended[2]
        assert served.lifecycle == "retired"
        assert served.where == "requirements.txt:2"
        assert served.successor == "Triton Inference Server"
        assert "Triton" in served.move
        assert served.source.startswith("https://")
        assert len(served.as_of) == len("2026-03")
        assert found.ended[3].successor == "PyTorch"

    def test_pytorchs_conda_channel_has_ended_and_conda_forge_has_not(self, existing):
        text = "channels: [{}]\ndependencies:\n  - pytorch=2.3\n"
        for channel, ended in (
            ("pytorch", ["pytorch_conda"]),
            ("https://conda.anaconda.org/pytorch", ["pytorch_conda"]),
            ("conda-forge", []),
        ):
            found = existing(text.format(channel), "environment.yml")
            assert found.codes == ("pytorch",)
            assert [one.id for one in found.ended] == ended
        own = existing("dependencies:\n  - pytorch::pytorch\n  - pytorch-cuda\n", "environment.yml")
        assert [one.requirement for one in own.ended] == ["pytorch"]


class TestPrefill:
    def test_open_questions_are_filled(self, existing, knowledge):
        found = existing("tensorflow==1.15\ntfx\n")
        for answers in (Answers(), Answers(answers={"existing_code": "unknown"})):
            filled = prefill_existing(knowledge, answers, found)
            assert filled.answers.answers == {"existing_code": ("tensorflow1",)}
            assert filled.answers.existing_components == ("tfx",)
            assert filled.disagreements == ()

    def test_what_the_answers_say_stays_and_the_difference_is_told(self, existing, knowledge):
        answers = Answers(
            answers={"existing_code": ("keras",), "python_version": "3.12"},
            existing_components=("mlflow",),
        )
        found = existing(
            '[project]\nrequires-python = "<3.10"\ndependencies = ["torch", "keras", "tfx"]\n',
            "pyproject.toml",
        )
        filled = prefill_existing(knowledge, answers, found)
        assert filled.answers.answers == answers.answers
        assert filled.answers.existing_components == ("mlflow", "tfx")
        assert filled.disagreements == (
            "existing_code: your answers say Keras, and pyproject.toml names PyTorch; "
            "your answers count.",
            "python_version: your answers say 3.12, and pyproject.toml asks for Python <3.10; "
            "your answers count.",
        )

    def test_agreeing_answers_are_told_nothing(self, existing, knowledge):
        answers = Answers(answers={"existing_code": ("pytorch",), "python_version": "3.9"})
        found = existing(
            '[project]\nrequires-python = ">=3.8,<3.10"\ndependencies = ["torch"]\n',
            "pyproject.toml",
        )
        assert prefill_existing(knowledge, answers, found).disagreements == ()


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("requirements.txt", b"torch\n\x00\x01\n", "requirements.txt:2: is no text file"),
            ("requirements.txt", b"torch\n\xff\xe9\n", "requirements.txt:2: is not UTF-8"),
            ("requirements.txt", "torch\n" * (MAX_BYTES // 6 + 1), "is larger than 512 kB"),
            ("requirements.txt", "x" * (MAX_LINE + 1), ":1: has a line of more than"),
            ("requirements.txt", "a\n" * (MAX_REQUIREMENTS + 1), "asks for more than 10000"),
            ("requirements.txt", "-r requirements.txt\n", "includes itself"),
            ("requirements.txt", "torch\n-r ../other.txt\n", "requirements.txt:2: includes ../oth"),
            ("requirements.txt", "-r /etc/passwd\n", "outside of this file's folder"),
            ("requirements.txt", "-r missing.txt\n", "missing.txt: cannot be read"),
            ("requirements.txt", "-r .\n", "is no file"),
            ("requirements.txt", "some prose, not a list\n", "lists no package that can be read"),
            ("setup.py", "import os\n", "is no kind of file that lists packages"),
            ("pyproject.toml", "[project\n", "pyproject.toml:1: is no valid TOML"),
            ("pyproject.toml", "a = " + "[" * 3000, "is nested too deeply"),
            ("pyproject.toml", "a = " + "9" * 5000, ":1: has a line of more than"),
            ("setup.cfg", "install_requires = torch\n", "is no valid setup.cfg"),
            ("environment.yml", "name: x\n", "lists no dependencies"),
            ("environment.yml", "a: &x [torch]\ndependencies: *x\n", "anchor or alias"),
            ("environment.yml", "dependencies: " + "[" * 3000, "nested deeper than"),
        ],
        ids=lambda value: value[:20] if isinstance(value, str) else None,
    )
    def test_is_refused_in_one_sentence(self, write, name, text, said):
        path = write(text, name)
        with pytest.raises(InputError) as caught:
            read_requirements(path)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_circle_of_files_is_refused(self, write):
        write("-r requirements.txt\n", "b.txt")
        with pytest.raises(InputError, match="includes itself"):
            read_requirements(write("-r b.txt\n"))

    def test_a_link_out_of_the_folder_is_refused(self, write, tmp_path):
        folder = tmp_path / "inner"
        folder.mkdir()
        write("torch\n", "secret.txt")
        (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
        with pytest.raises(InputError, match="outside of this file's folder"):
            read_requirements(write("-r link.txt\n", "inner/requirements.txt"))

    def test_too_many_files_are_refused(self, write):
        for number in range(MAX_FILES + 1):
            write(f"-r r{number + 1}.txt\n", f"r{number}.txt")
        with pytest.raises(InputError, match="files are included"):
            read_requirements(write("-r r0.txt\n"))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_a_pipe_is_not_waited_for(self, write, tmp_path):
        os.mkfifo(tmp_path / "pipe.txt")
        with pytest.raises(InputError, match="is no file"):
            read_requirements(write("-r pipe.txt\n"))

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("requirements.txt", "torch; " + "(" * 4000),
            ("requirements.txt", "torch===\x1b[31m1\n"),
            ("requirements.txt", "torch" + ",".join(f">={n}" for n in range(900))),
            ("pyproject.toml", 'dependencies = "torch"\nproject = 3\ntool = [1]\n'),
            ("pyproject.toml", f'tool.poetry.dependencies.torch = "{"9" * 5000}"'),
            ("pyproject.toml", 'project.dynamic = 3\nproject.dependencies = [3, {a=1}, "torch"]'),
            ("environment.yml", "channels: {a: b}\ndependencies:\n  - torch\n  - [x]\n  - pip: 3"),
        ],
        ids=["markers", "escapes", "versions", "types", "digits", "entries", "environment"],
    )
    def test_odd_content_is_named_and_harms_nothing(self, write, knowledge, name, text):
        path = write(text, name)
        try:
            found = read_existing(path, knowledge)
        except InputError as error:
            shown = str(error)
        else:
            shown = repr([*found.unreadable, *found.frameworks])
        assert "\x1b" not in shown
        assert "\\x1b" not in shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("requirements.txt", True),
        ("requirements-dev.in", True),
        ("pyproject.toml", True),
        ("setup.cfg", True),
        ("environment.yml", True),
        ("conda-gpu.yaml", True),
        ("answers.yaml", False),
        ("session.json", False),
        ("requirements", False),
    ],
)
def test_a_file_of_requirements_is_told_from_its_name(name, expected):
    assert names_requirements(Path("folder") / name) is expected
