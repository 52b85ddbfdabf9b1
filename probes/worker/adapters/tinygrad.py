"""tinygrad: imported and tried on one operation, not timed."""

from __future__ import annotations

import importlib.metadata
from typing import Any

from ..contract import Described, Device, try_device


class Adapter(Described):
    def import_framework(self, backend: str | None) -> None:
        import tinygrad

        self._tinygrad: Any = tinygrad

    def version(self) -> str:
        return str(importlib.metadata.version("tinygrad"))

    def devices(self) -> list[Device]:
        return [try_device("cpu", True, True, self._try)]

    def _try(self) -> None:
        value = float((self._tinygrad.Tensor([1.0], device="CPU") + 1.0).numpy()[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))
