"""The base in other shapes: everything shown stands in the base and says where it comes from."""

from datetime import date

import msgspec
import pytest

from rules.model import Answers
from rules.views import comparison, ecosystem, matrix, personas, sourced, timeline, trend

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def table(knowledge):
    return matrix(knowledge, TODAY)


def row_of(rows, subject):
    return next(row for row in rows if row.subject == subject)


class TestComparison:
    def test_chosen_frameworks_stand_side_by_side_in_the_order_asked_for(self, knowledge):
        for row in comparison(knowledge, ["keras", "pytorch"]):
            assert [cell.framework for cell in row.cells] == ["keras", "pytorch"]

    def test_all_stand_there_without_a_choice_the_living_first(self, knowledge):
        cells = comparison(knowledge)[0].cells
        assert len(cells) == len(knowledge.frameworks)
        dead = {one.id for one in knowledge.frameworks if one.lifecycle in ("stalled", "retired")}
        assert {cell.framework for cell in cells[-len(dead) :]} == dead

    def test_every_cell_has_grade_source_and_month_or_says_that_nothing_is_recorded(
        self, knowledge
    ):
        for row in comparison(knowledge):
            for cell in row.cells:
                if cell.grade is None:
                    assert (cell.text, cell.source) == ("Not recorded", "")
                else:
                    assert cell.text
                    assert cell.source
                    assert cell.as_of

    def test_what_rests_on_others_is_derived(self, knowledge):
        keras = row_of(comparison(knowledge, ["keras"]), "training_device").cells[0]
        assert "A Google TPU" in keras.text

    def test_what_a_gate_would_refuse_is_not_listed(self, knowledge):
        jax = row_of(comparison(knowledge, ["jax"]), "training_device").cells[0]
        assert "Huawei" not in jax.text
        assert "A Google TPU" in jax.text

    def test_a_capped_release_is_marked(self, knowledge):
        torch = row_of(comparison(knowledge, ["pytorch"]), "training_device").cells[0]
        assert "An older NVIDIA GPU (last releases only)" in torch.text

    def test_execution_and_derivatives_are_told(self, knowledge):
        rows = comparison(knowledge, ["pytorch", "jax"])
        assert "Eager" in row_of(rows, "execution").cells[0].text
        assert "jit" in row_of(rows, "execution").cells[1].text

    def test_an_unknown_framework_is_an_error(self, knowledge):
        with pytest.raises(KeyError):
            comparison(knowledge, ["no_framework"])


class TestMatrix:
    def test_it_has_the_six_needs_of_the_article_and_its_stars(self, table):
        assert len(table.rows) == 6
        learning = next(row for row in table.rows if row.id == "stars.learning")
        said = {cell.framework: cell.said for cell in learning.cells if cell.said}
        assert said == {"tensorflow": 2, "pytorch": 4, "keras": 5, "jax": 2}

    def test_stars_come_from_the_levels(self, table, knowledge):
        """Level 4 is five stars and level 1 two."""
        facts = {fact.id: fact for one in knowledge.frameworks for fact in one.facts}
        learning = next(row for row in table.rows if row.id == "stars.learning")
        for cell in learning.cells:
            level = sum(facts[name].level for name in cell.facts) / len(cell.facts)
            assert cell.stars == pytest.approx(1 + level, abs=0.25)

    def test_speed_has_no_stars_without_a_measurement(self, table):
        speed = next(row for row in table.rows if row.id == "stars.speed")
        assert all(cell.stars is None for cell in speed.cells)
        assert all(cell.grade == "unknown" for cell in speed.cells)

    def test_a_wide_doubt_is_marked(self, table):
        for row in table.rows:
            for cell in row.cells:
                assert cell.is_wide == (cell.high - cell.low > 2.5)
        assert any(cell.is_wide for row in table.rows for cell in row.cells)

    def test_sentences_stand_behind_the_stars(self, table):
        for row in table.rows:
            assert all(cell.text for cell in row.cells)

    def test_the_stars_follow_the_answers(self, knowledge, ordinary):
        tpu = matrix(
            knowledge,
            TODAY,
            Answers(answers={**ordinary, "training_hardware": "tpu", "train_where": "cloud"}),
        )
        assert "mlx" in tpu.ruled_out
        assert "jax" in tpu.frameworks


class TestTimeline:
    def test_every_framework_came_out_once_and_in_order(self, knowledge):
        events = timeline(knowledge)
        assert [one.date for one in events] == sorted(one.date for one in events)
        first = [one.frameworks[0] for one in events if one.text.startswith("First release of")]
        for framework in knowledge.frameworks:
            assert framework.id in first

    def test_what_has_ended_says_so(self, knowledge):
        ended = {one.subject for one in timeline(knowledge) if one.kind == "end"}
        assert {"Apache MXNet", "Theano", "TorchServe", "torchtext"} <= ended
        assert "PyTorch" not in ended

    def test_a_year_that_an_article_gave_wrongly_is_told(self, knowledge):
        event = next(
            one
            for one in timeline(knowledge)
            if one.frameworks == ("paddlepaddle",) and one.kind == "release"
        )
        assert event.said == "article 2 says 2017"

    def test_a_year_that_the_articles_have_right_is_not_told(self, knowledge):
        event = next(
            one
            for one in timeline(knowledge)
            if one.frameworks == ("tensorflow",) and one.date == "2015-11"
        )
        assert event.said == ""

    def test_changes_carry_the_old_claim(self, knowledge):
        changes = [one for one in timeline(knowledge) if one.kind == "change"]
        assert len(changes) >= 20
        assert all(one.said and one.text and one.source for one in changes)


class TestTrend:
    def test_claimed_shares_stand_apart_from_sourced_evidence(self, knowledge):
        told = trend(knowledge)
        assert [one.year for one in told.said] == ["2018", "2020", "2022", "2024"]
        assert told.said[-1].shares == {"pytorch": 42, "tensorflow": 36, "jax": 8}
        ids = {one.id for one in told.evidence}
        assert ids == {one.id for one in knowledge.signals}
        assert all(one.source and one.as_of and one.text for one in told.evidence)

    def test_evidence_is_never_called_a_share_of_a_market(self, knowledge):
        for one in trend(knowledge).evidence:
            assert "share" not in one.name.lower()


class TestEcosystem:
    def test_every_component_is_there_with_state_and_successor(self, knowledge):
        parts = {one.id: one for one in ecosystem(knowledge)}
        assert set(parts) == {one.id for one in knowledge.components}
        assert parts["torchserve"].lifecycle == "retired"
        assert parts["torchserve"].successor

    def test_those_that_the_articles_name_say_which_and_what_for(self, knowledge):
        part = next(one for one in ecosystem(knowledge) if one.id == "tf_serving")
        assert part.articles == (1, 2)
        assert "Serving" in part.purposes

    def test_one_framework_has_its_own(self, knowledge):
        for part in ecosystem(knowledge, "jax"):
            assert "jax" in part.frameworks


class TestPersonas:
    def test_each_is_told_by_names(self, knowledge):
        rows = personas(knowledge)
        assert [row.id for row in rows] == [one.id for one in knowledge.personas]
        names = {one.name for one in knowledge.frameworks} | {one.name for one in knowledge.exits}
        assert all(set(row.winner) <= names for row in rows)


class TestSources:
    def test_every_kind_of_entry_can_be_asked_for_its_source(self, knowledge):
        told = sourced(knowledge)
        for name in (
            "pytorch.ease.general",
            "jax.training_device.tpu",
            "statement.trees",
            "claim.tpu",
            "signal.pypi_rank",
            "torchserve",
        ):
            assert told[name].text
            assert told[name].source

    def test_views_can_be_written_as_json(self, knowledge):
        for view in (
            comparison(knowledge),
            matrix(knowledge, TODAY),
            timeline(knowledge),
            trend(knowledge),
            ecosystem(knowledge),
            personas(knowledge),
        ):
            assert msgspec.json.decode(msgspec.json.encode(view))
