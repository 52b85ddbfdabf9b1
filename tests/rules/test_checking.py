"""What a knowledge base may not say, whoever wrote it."""

import msgspec
import pytest

from rules.checking import findings


@pytest.fixture
def with_grade(knowledge):
    """The base with the first capability that closes a gate given another grade."""

    def _with_grade(grade):
        frameworks, changed = [], None
        for framework in knowledge.frameworks:
            capabilities = []
            for entry in framework.capabilities:
                if changed is None and entry.state == "none":
                    entry, changed = msgspec.structs.replace(entry, grade=grade), entry.id
                capabilities.append(entry)
            frameworks.append(msgspec.structs.replace(framework, capabilities=tuple(capabilities)))
        return msgspec.structs.replace(knowledge, frameworks=tuple(frameworks)), changed

    return _with_grade


@pytest.mark.parametrize("grade", ["judgement", "unknown"])
def test_a_judgement_alone_rules_nobody_out(with_grade, grade):
    base, changed = with_grade(grade)
    assert [(one.key[1], one.message) for one in findings(base)] == [
        (changed, f"state none needs a source; its grade is {grade}")
    ]


def test_what_is_reported_may(with_grade):
    base, _ = with_grade("reported")
    assert list(findings(base)) == []
