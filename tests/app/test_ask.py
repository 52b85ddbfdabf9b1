"""The questionnaire in the terminal: what cannot be taken is said and asked again."""

import pytest

import rules
from app.cli.ask import ask, first_counts_most


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture
def answer(knowledge, capsys):
    """Give lines as a person types them; gives the answers and what was shown."""

    def _answer(*lines, everything=False):
        typed = iter(lines)
        answers = ask(knowledge, {}, everything, read=lambda _: next(typed, "q"))
        return answers.answers, capsys.readouterr().err

    return _answer


def test_options_that_exclude_each_other_are_named_and_asked_again(answer):
    answers, shown = answer("scratch", "vision", "learn", "one_year", "none pytorch", "pytorch")
    assert "existing_code: 'none' excludes every other option" in shown
    assert answers["existing_code"] == ("pytorch",)


def test_the_count_is_of_the_questions_that_will_be_asked(answer, knowledge):
    later = sum(one.stage == "later" for one in knowledge.questions)
    count = len(knowledge.questions)
    assert f"\n1/{count - later}  " in answer("q")[1]
    assert f"\n1/{count}  " in answer("q", everything=True)[1]


def test_the_first_option_is_said_to_count_most_only_where_it_does(knowledge):
    ordered = [one.id for one in knowledge.questions if first_counts_most(knowledge, one)]
    assert ordered == ["domain", "team_background"]
