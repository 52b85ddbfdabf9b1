"""OneFlow (stalled): imported and tried on one operation, not timed."""

from __future__ import annotations

from typing import Any

from ..contract import Described, Device, try_device


class Adapter(Described):
    def import_framework(self, backend: str | None) -> None:
        import oneflow

        self._oneflow: Any = oneflow

    def version(self) -> str:
        return str(self._oneflow.__version__)

    def devices(self) -> list[Device]:
        return [try_device("cpu", True, True, self._try)]

    def _try(self) -> None:
        value = float((self._oneflow.ones(1) + 1.0).numpy()[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))
