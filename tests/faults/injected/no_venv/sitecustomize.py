"""A Python as some systems ship it: without `venv`, `ensurepip` and `pip`."""

import sys

sys.modules.update(dict.fromkeys(("venv", "ensurepip", "pip")))
