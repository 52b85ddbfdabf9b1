"""Old advice beside today's: every leaf is decided anew, and what has drifted is seen here."""

import re
from datetime import date

import msgspec
import pytest

from rules.loading import check_answers
from rules.model import Answers
from rules.views import sourced, then_and_now, then_and_now_for

TODAY = date(2026, 11, 21)
LEADERS = {
    "advice.guide.research": "pytorch",
    "advice.guide.production": "pytorch",
    "advice.guide.speed": "pytorch",
    "advice.guide.numpy": "pytorch",
    "advice.guide.google_cloud": "keras",
    "advice.guide.long_run": "pytorch",
    "advice.guide.tpu": "keras",
    "advice.guide.tpu_llm": "jax",
    "advice.guide.nvidia": "pytorch",
    "advice.guide.devices": "pytorch",
    "advice.guide.reinforcement": "pytorch",
    "advice.guide.science": "jax",
    "advice.guide.phases": "pytorch",
    "advice.guide.several": "pytorch",
    "advice.comparison.tree.flexibility": "pytorch",
    "advice.comparison.tree.quick_idea": "pytorch",
    "advice.comparison.tree.science": "jax",
    "advice.comparison.tree.enterprise": "pytorch",
    "advice.comparison.tree.devices": "pytorch",
    "advice.comparison.tree.cloud": "pytorch",
    "advice.comparison.tree.vision": "pytorch",
    "advice.comparison.tree.language": "pytorch",
    "advice.comparison.tree.reinforcement": "pytorch",
    "advice.comparison.team.beginners": "pytorch",
    "advice.comparison.team.research": "pytorch",
    "advice.comparison.team.production": "pytorch",
    "advice.comparison.team.mixed_prototype": "pytorch",
    "advice.comparison.team.mixed_production": "pytorch",
    "advice.comparison.field.distributed": "pytorch",
    "advice.comparison.field.pipeline": "pytorch",
    "advice.comparison.field.vision": "pytorch",
    "advice.comparison.field.language": "pytorch",
    "advice.comparison.field.unusual_models": "pytorch",
    "advice.comparison.field.teaching": "keras",
    "advice.comparison.field.standard_tasks": "pytorch",
    "advice.comparison.field.transfer": "pytorch",
    "advice.comparison.field.chinese": "pytorch",
    "advice.comparison.field.production": "pytorch",
    "advice.comparison.field.devices": "pytorch",
    "advice.comparison.field.enterprise": "pytorch",
    "advice.comparison.field.research": "pytorch",
    "advice.comparison.field.reinforcement": "pytorch",
    "advice.comparison.field.quick_prototype": "pytorch",
    "advice.comparison.field.quick_check": "pytorch",
    "advice.comparison.field.scientific": "jax",
    "advice.comparison.field.languages": "pytorch",
    "advice.comparison.strategy.beginners": "keras",
    "advice.comparison.strategy.researchers": "pytorch",
    "advice.comparison.strategy.engineers": "pytorch",
    "advice.comparison.strategy.engineers_prototype": "pytorch",
    "advice.comparison.strategy.company": "pytorch",
    "advice.primer.vision": "pytorch",
    "advice.primer.language": "pytorch",
    "advice.primer.speech": "pytorch",
    "advice.primer.large_projects": "pytorch",
    "advice.primer.debugging": "pytorch",
    "advice.primer.prototype": "pytorch",
    "advice.primer.languages": "pytorch",
    "advice.primer.question.how": "pytorch",
    "advice.primer.question.large": "pytorch",
    "advice.primer.question.prototype": "pytorch",
    "advice.pair.images": "pytorch",
    "advice.pair.language": "pytorch",
    "advice.pair.games": "pytorch",
    "advice.pair.generative": "pytorch",
    "advice.pair.robots": "pytorch",
    "advice.pair.question.prototype": "pytorch",
    "advice.pair.question.production": "pytorch",
    "advice.pair.question.distributed": "pytorch",
}
"""Whom the rules put first for each leaf when this was last looked at. A change here is news for
everybody who arrives with the old advice: look at the leaf's reasons before you write it down."""

STALE_CLAIMS = (
    "tpu",
    "torchserve",
    "keras_tensorflow",
    "pytorch_mobile",
    "tf_lite",
    "mxnet",
    "resnet_ratios",
    "bert_ratios",
    "memory",
    "market_share",
    "save_format",
    "h5",
    "pretrained_flag",
    "torchtext",
    "distributed",
    "jax_2019",
    "tf_hub",
    "transformers_backends",
    "tensorflow_gpu",
    "windows_gpu",
    "tensorboard",
    "pmap",
    "linen_haiku",
    "torch_load",
    "conda",
    "tensorrt_fp16",
    "detection",
    "directml",
    "static_dynamic",
    "production_research",
)


@pytest.fixture(scope="module")
def rows(knowledge):
    return then_and_now(knowledge, TODAY)


def row_of(rows, name):
    return next(row for row in rows if row.id == name)


def concerning(knowledge, **answers):
    given = check_answers(Answers(answers=answers), knowledge)
    return then_and_now_for(knowledge, given, TODAY)


class TestLeaves:
    def test_what_the_rules_say_on_each_leaf_is_what_was_looked_at(self, rows):
        found = {row.id: row.now_frameworks[0] for row in rows if row.id.startswith("advice.")}
        assert found == LEADERS

    def test_all_four_articles_and_every_leaf_of_the_tree_are_told(self, knowledge):
        assert {one.article for one in knowledge.advice} == {one.id for one in knowledge.articles}
        assert [one.number for one in knowledge.articles] == [1, 2, 3, 4]
        tree = [one for one in knowledge.advice if one.part == "tree"]
        assert [set(one.frameworks) for one in tree] == [
            {"pytorch"},
            {"keras"},
            {"jax"},
            {"tensorflow"},
            {"tensorflow"},
            {"tensorflow", "pytorch"},
            {"pytorch", "tensorflow"},
            {"pytorch"},
            {"pytorch"},
        ]

    def test_a_difference_is_explained_by_a_dated_and_sourced_entry(self, knowledge, rows):
        told = sourced(knowledge)
        for row in rows:
            if row.kind == "advice" and row.differs:
                assert row.because, row.id
                assert any(told[name].source != "editorial" for name in row.facts), row.id
                assert re.fullmatch(r"20\d\d-\d\d", row.as_of), row.id

    def test_today_is_decided_and_not_written_down(self, knowledge, without):
        """Without what is known of JAX's place on TPUs and in its libraries the leaf comes out
        otherwise."""
        answers = Answers(answers={"training_hardware": "tpu", "domain": ("llm",)})
        bare = without("jax.domain_fit", "jax.model_supply", "jax.hardware_fit", "jax.scale_out")
        ours, other = (
            row_of(then_and_now_for(base, answers, TODAY), "advice.guide.tpu_llm")
            for base in (knowledge, bare)
        )
        assert ours.now_frameworks[0] == "jax"
        assert other.now_frameworks[0] != "jax"

    def test_outcomes_tell_what_holds_what_holds_in_part_and_what_changed(self, rows):
        outcomes = {
            "advice.guide.science": ("holds", False),
            "advice.comparison.tree.vision": ("partly", True),
            "advice.guide.tpu": ("changed", True),
            "advice.comparison.strategy.company": ("open", False),
        }
        for name, (outcome, differs) in outcomes.items():
            assert (row_of(rows, name).outcome, row_of(rows, name).differs) == (outcome, differs)

    def test_what_has_fallen_behind_is_named(self, rows):
        row = row_of(rows, "advice.comparison.tree.vision")
        assert "PyTorch first" in row.now
        assert "TensorFlow no longer stands beside it" in row.now

    def test_a_leaf_concerns_the_answers_that_it_is_decided_on(self, knowledge):
        from rules.conditions import holds

        articles = {one.id: one for one in knowledge.articles}
        for one in knowledge.advice:
            answers = {**articles[one.article].assumes, **one.answers}
            assert holds(one.when, answers), one.id


class TestTools:
    def test_what_became_of_each_tool_is_read_from_its_entry(self, rows):
        row = row_of(rows, "tools.comparison.serving")
        assert row.then == "TensorFlow: TensorFlow Serving; PyTorch: TorchServe."
        assert "TensorFlow Serving is active." in row.now
        assert "TorchServe has ended; " in row.now
        assert (row.outcome, row.facts) == ("partly", ("torchserve",))

    def test_every_row_of_the_articles_tables_is_told(self, knowledge, rows):
        told = {row.id for row in rows}
        assert {one.id for one in knowledge.tool_rows} <= told

    def test_a_tool_in_use_brings_its_row(self, knowledge):
        answers = Answers(existing_components=("torchserve",))
        names = [row.id for row in then_and_now_for(knowledge, answers, TODAY)]
        assert "tools.comparison.serving" in names
        assert "tools.comparison.emerging" not in names


class TestClaims:
    @pytest.mark.parametrize("name", STALE_CLAIMS)
    def test_every_known_stale_claim_is_answered(self, rows, name):
        row = row_of(rows, f"claim.{name}")
        assert row.differs
        assert row.then
        assert row.now
        assert row.source.startswith(("https://", "PyPI: "))

    def test_claims_that_were_found_while_reading_are_there_too(self, knowledge):
        found = {one.id.removeprefix("claim.") for one in knowledge.claims}
        assert len(found - set(STALE_CLAIMS)) >= 20
        assert {"inference_order", "ai_platform", "metrics_names", "hessian_diagonal"} <= found

    def test_sources_are_addresses_or_releases_and_months_are_not_to_come(self, knowledge):
        for one in (*knowledge.claims, *knowledge.signals):
            assert re.match(r"https://|PyPI: \S", one.source), one.id
            assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", one.as_of), one.id
            assert one.as_of <= "2026-11", one.id

    def test_what_is_only_reported_is_not_called_official(self, rows):
        assert row_of(rows, "claim.wandb").grade == "reported"
        assert row_of(rows, "claim.tpu").grade == "official"


class TestForAnswers:
    def test_answers_get_the_advice_that_others_gave_for_them(self, knowledge):
        names = [row.id for row in concerning(knowledge, training_hardware="tpu", domain=("llm",))]
        assert "advice.guide.tpu_llm" in names
        assert "claim.tpu" in names
        assert "claim.windows_gpu" not in names

    def test_what_differs_stands_first_and_the_most_specific_before_the_general(self, knowledge):
        rows = concerning(knowledge, training_hardware="tpu", domain=("llm",), goal="research")
        differing = [row.differs for row in rows]
        assert differing == sorted(differing, reverse=True)
        assert rows[0].id == "advice.guide.tpu_llm"

    def test_no_answers_concern_nobody(self, knowledge):
        assert concerning(knowledge) == ()

    def test_unknown_is_no_answer(self, knowledge):
        assert concerning(knowledge, training_hardware="unknown") == ()

    def test_one_of_several_answers_is_enough(self, knowledge):
        names = [row.id for row in concerning(knowledge, deployment=("server", "ios"))]
        assert "claim.pytorch_mobile" in names

    def test_a_row_can_be_written_and_read(self, knowledge):
        rows = concerning(knowledge, training_hardware="tpu")
        again = msgspec.json.decode(msgspec.json.encode(rows), type=tuple[type(rows[0]), ...])
        assert again == rows
