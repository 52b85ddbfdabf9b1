"""Theano (retired): imported and tried on one operation, not timed."""

from __future__ import annotations

from typing import Any

from ..contract import Described, Device, try_device


class Adapter(Described):
    def import_framework(self, backend: str | None) -> None:
        import theano.tensor

        self._theano: Any = theano

    def version(self) -> str:
        return str(self._theano.__version__)

    def devices(self) -> list[Device]:
        return [try_device("cpu", True, True, self._try)]

    def _try(self) -> None:
        value = float((self._theano.tensor.as_tensor_variable(1.0) + 1.0).eval())
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))
