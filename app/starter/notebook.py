"""A Jupyter notebook (nbformat 4.5) from a Python source with `# %%` cell marks."""

import json
import re

CELL = re.compile(r"^# %%(?: \[(markdown)\])?[^\n]*\n", re.MULTILINE)


def notebook_of(source: str) -> str:
    """Cells as marked; markdown cells are comment lines. The text before the first mark is one."""
    parts = CELL.split(source)
    kinds = [None, *parts[1::2]]
    texts = [parts[0], *parts[2::2]]
    cells = [
        _cell(number, kind == "markdown", text.strip("\n"))
        for number, (kind, text) in enumerate(zip(kinds, texts, strict=True))
        if text.strip()
    ]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, markdown: bool, text: str) -> dict[str, object]:
    identity = {"id": f"cell-{number}", "metadata": {}}
    if markdown:
        text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.split("\n"))
        return {**identity, "cell_type": "markdown", "source": text.splitlines(keepends=True)}
    return {
        **identity,
        "cell_type": "code",
        "execution_count": None,
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }
