"""Names for people of what is measured and tried: workloads and capabilities, by their ids.

Plain English; the window passes them through its translation. A file may come from a newer version,
so that an id without a name here is shown as its words. A machine file keeps its reasons as English
sentences with the figures in them: `reason_text` says the ones that are known here in the language
at hand.
"""

import functools
import re

from rules.texts import say

WORKLOADS = {
    "matrix_product": "Matrix product",
    "triad": "Memory triad",
    "mlp_train": "MLP training",
    "cnn_train": "CNN training",
    "transformer_train": "Transformer block training",
    "lstm_train": "LSTM training",
    "embedding_train": "Embedding training",
    "inference_batch1": "One-sample CNN inference",
    "input_pipeline": "Loading and changing 2048 images",
    "resnet50_train": "ResNet-50 training",
    "resnet50_inference": "One-sample ResNet-50 inference",
    "bert_base_train": "BERT-base training",
    "bert_base_inference": "One-sample BERT-base inference",
}
CAPABILITIES = {
    "dynamic_control_flow": "Control flow that depends on the data",
    "variable_shapes": "Inputs of changing size",
    "mixed_precision": "Mixed precision",
    "save_and_load": "Saving and loading",
    "determinism": "The same result again",
    "export_onnx": "Export to ONNX and back",
    "export_litert": "Export to LiteRT and back",
    "export_saved_model": "Export to SavedModel and back",
    "export_stablehlo": "Export to StableHLO and back",
    "export_program": "Export by torch.export and back",
    "export_inference_format": "Export to Paddle Inference and back",
    "data_parallel": "Training in two workers on one processor",
    "compile_cache": "Compiled code kept on disk",
}
STATES = {"works": "works", "in_part": "works in part", "fails": "fails"}
"""Of a capability that was tried."""


def workload_name(identifier: str) -> str:
    """`Transformer block training` for `transformer_train`."""
    return WORKLOADS.get(identifier) or _words(identifier)


def subject_name(workload: str, device: str) -> str:
    """`MLP training on cpu`: what was timed, and where."""
    return f"{workload_name(workload)} on {device}"


def capability_name(identifier: str) -> str:
    """`Mixed precision` for `mixed_precision`."""
    return CAPABILITIES.get(identifier) or _words(identifier).capitalize()


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")


# As `probes` writes them.
REASONS = (
    "other programs used {share} of the processor",
    "the control product took {share} longer than usual beside it",
    "the control product changed by {share} during it",
    "the control of small operations took {share} longer than usual beside it",
    "the control of small operations changed by {share} during it",
    "it got {cores} cores, its best round {best}",
    "single times scatter by {share} of their median",
    "not the same work: {reason}",
    "{kept} of {rounds} rounds were undisturbed",
    "{lost} of {rounds} rounds were left out",
    "{far} of {times} single times lie far from the others; kept",
    "{count} fresh process",
    "{count} fresh processes",
    "{disturbed} of {count} were disturbed by other programs",
    "of {workload}, one fresh process",
    "{factor} times as fast as this machine's measured limit allows",
)


def reason_text(reason: str) -> str:
    """A recorded reason in the language at hand; one that is not known here stays as it is."""
    for sentence, pattern in _reason_patterns():
        if found := pattern.fullmatch(reason):
            return say(sentence, **found.groupdict())
    return reason


@functools.cache
def _reason_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (one, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(one))))
        for one in REASONS
    )
