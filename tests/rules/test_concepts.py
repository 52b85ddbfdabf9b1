"""Concepts and common questions: complete, tied into the base, and found in the texts that use
them."""

import itertools

import msgspec
import pytest

from rules.checks.references import unknown_names
from rules.checks.statements import unsound
from rules.model import Concept
from rules.views import concept, concept_spans, sourced


def terms(knowledge, text, **options):
    return [
        (text[span.start : span.end], span.concept)
        for span in concept_spans(knowledge, text, **options)
    ]


class TestContent:
    def test_what_the_articles_teach_is_explained(self, knowledge):
        taught = {
            "tensor": "tensor",
            "autograd": "automatic_differentiation",
            "dynamic graph": "computation_graph",
            "forward propagation": "forward_pass",
            "backpropagation": "backward_pass",
            "loss function": "loss",
            "adam": "optimiser",
            "learning rate": "learning_rate_schedule",
            "f1": "metrics",
            "dropout": "regularisation",
            "data augmentation": "data_augmentation",
            "transfer learning": "transfer_learning",
            "mixed precision": "mixed_precision",
            "xla": "xla_compiler",
            "vmap": "functional_programming",
            "hessian": "higher_derivatives",
            "knowledge distillation": "distillation",
            "pruning": "pruning",
            "quantization": "quantisation",
            "federated": "federated_learning",
            "differential privacy": "differential_privacy",
            "automl": "hyperparameter_search",
            "experiment tracking": "experiment_tracking",
            "quantum": "quantum_machine_learning",
            "gans": "generative_model",
        }
        for term, name in taught.items():
            found = concept(knowledge, term)
            assert found is not None, term
            assert found.id == name

    def test_each_concept_says_what_it_means_for_the_choice_and_bears_on_something(self, knowledge):
        for one in knowledge.concepts:
            assert 1 <= one.text.count(". ") + 1 <= 5, one.id
            assert one.choice.endswith("."), one.id
            assert one.criteria, one.id

    def test_related_concepts_are_others(self, knowledge):
        for one in knowledge.concepts:
            assert one.id not in one.related

    def test_a_name_belongs_to_one_concept(self, knowledge):
        names = [term.casefold() for one in knowledge.concepts for term in {one.name, *one.also}]
        assert len(names) == len(set(names))

    def test_an_id_is_nothing_elses(self, knowledge):
        """Otherwise a page could not tell which of the two is meant."""
        others = {one.id for one in knowledge.components} | {one.id for one in knowledge.criteria}
        assert others.isdisjoint(one.id for one in knowledge.concepts)

    def test_what_is_said_of_a_framework_rests_on_an_entry(self, knowledge):
        """A concept that names a framework has facts."""
        names = [one.name.removesuffix(" 3") for one in knowledge.frameworks]
        for one in knowledge.concepts:
            if any(name in f"{one.text} {one.choice}" for name in names):
                assert one.facts, one.id

    def test_common_questions_are_answered_from_entries_with_source_and_month(self, knowledge):
        told = sourced(knowledge)
        assert len(knowledge.common_questions) >= 20
        for one in knowledge.common_questions:
            assert one.question.endswith("?"), one.id
            assert one.facts, one.id
            for name in one.facts:
                assert told[name].source
                assert told[name].as_of

    def test_names_that_nothing_has_are_refused(self, knowledge):
        wrong = Concept(
            id="x",
            name="X",
            text="A.",
            choice="B.",
            criteria=("no_criterion",),
            questions=("no_question",),
            related=("no_concept",),
            facts=("no.fact",),
        )
        base = msgspec.structs.replace(knowledge, concepts=(*knowledge.concepts, wrong))
        messages = [one.message for one in unknown_names(base, ())]
        for name in ("no_criterion", "no_question", "no_concept", "no.fact"):
            assert any(name in message for message in messages), name

    def test_an_id_that_stands_twice_is_refused(self, knowledge):
        for name in ("concepts", "common_questions", "advice", "articles", "claims", "signals"):
            entries = getattr(knowledge, name)
            base = msgspec.structs.replace(knowledge, **{name: (*entries, entries[0])})
            found = [one for one in unsound(base) if "stands twice" in one.message]
            assert [one.key for one in found] == [(name, entries[0].id)], name


class TestSpans:
    def test_terms_are_found_in_any_case(self, knowledge):
        assert terms(knowledge, "JIT and Quantisation") == [
            ("JIT", "compilation"),
            ("Quantisation", "quantisation"),
        ]

    def test_the_longest_name_wins(self, knowledge):
        assert terms(knowledge, "a loss function") == [("loss function", "loss")]
        assert terms(knowledge, "large language models") == [
            ("large language models", "large_language_model")
        ]

    @pytest.mark.parametrize("text", ["glossy", "self-loss", "loss_scale", "batches2", ""])
    def test_only_whole_words_count(self, knowledge, text):
        assert terms(knowledge, text) == []

    def test_a_concept_is_marked_once_unless_all_are_wanted(self, knowledge):
        text = "GPU after GPU"
        assert len(terms(knowledge, text)) == 1
        assert len(terms(knowledge, text, once=False)) == 2

    def test_spans_are_in_order_and_apart(self, knowledge):
        for question in knowledge.questions:
            for text in (question.help, question.why):
                spans = concept_spans(knowledge, text, once=False)
                for before, after in itertools.pairwise(spans):
                    assert before.end <= after.start

    def test_the_questions_speak_of_concepts(self, knowledge):
        found = {
            span.concept
            for question in knowledge.questions
            for text in (
                question.text,
                question.help,
                question.why,
                *(option.text for option in question.options),
                *(option.help for option in question.options),
            )
            for span in concept_spans(knowledge, text)
        }
        assert {"fine_tuning", "sharding", "quantisation", "higher_derivatives"} <= found
        assert len(found) >= 20

    def test_without_concepts_nothing_is_found(self, knowledge):
        base = msgspec.structs.replace(knowledge, concepts=())
        assert concept_spans(base, "loss") == ()
        assert concept(base, "loss") is None
