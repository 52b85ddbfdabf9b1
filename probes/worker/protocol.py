"""The words between a worker and the program that started it, and the channel they go over.

Commands come on standard input, one JSON object a line. Replies go out on a private inherited
descriptor, one JSON object a line; standard output is pointed at standard error, so that what a
framework prints, from C too, cannot get between them.

First, unasked: `{"type": "hello", "protocol": 1, "python": "3.11.7", "pid": 12,
"foreign_modules": []}`; the list names what of the starting program is loaded here (nothing).

Every command has an `id` (a number that comes back) and `do`:

`import` {framework, backend?} gives {import_seconds, version, build, devices: [{device,
    driver_sees, build_supports, operation_ran, reason}], settings: {text: text}, threads,
    resident_bytes}: the last is what the process then holds. `backend` is for a framework that runs
    on another; without it the framework's own rule holds.
`prepare` {mode, workload, device, track, size?, reference?} builds the workload and proves equal
    work, against the reference in a file or its own. Gives
    {equal_work: {passed, max_rel_err, tolerance, losses, reference_losses, gradient_norm,
    reference_gradient_norm, parameter_count, reason}, build_seconds, first_call_seconds, flops,
    bytes_moved, workload_version, purpose}. A proof that fails is a result with `passed` false.
    `size` is `cpu` or `gpu`; without it, that of the device.
`measure` {mode, workload, device, track?, seconds, minimum_values, maximum_seconds?} gives
    {values, cpu_seconds, wall_seconds, warm_up_seconds, peak_resident_bytes, peak_resident_scope,
    peak_device_bytes}: seconds of single steps in order, none left out, the processor and clock
    time of the whole window, that of the steps discarded before it, and the most memory
    meanwhile, or (`process`) up to its end. Refused
    (`wrong`) where the proof did not pass.
`prove_again` {mode, workload, device, track?} takes one more step when all windows are done and
    holds it against the reference; an error (`wrong`) where it is off, else nothing.
`reference` {workload, size, file} works out what is right in float64, once for all, into a file.
`check` {capability, mode, device} tries what people argue about on a small example. Gives {state:
    works | in_part | fails, note: one line}.
`control` {repeats} gives {values}: a numpy float32 product, 1024 x 1024 x 1024.
`small_operations` {repeats?} gives {values}: many small numpy operations on two threads.
`drop` {mode, workload, device, track?} forgets what was prepared; `quit` ends the process.

Replies: `{"type": "result", "id": n, ...}`; `{"type": "error", "id": n, "kind": "import" |
"unsupported" | "wrong" | "exception" | "memory", "message": one line, "detail": end of the
traceback}`; `{"type": "log", "message": one line}` at any time.
"""

from __future__ import annotations

import json
import math
import os
from typing import IO, Any, Iterator

PROTOCOL = 1
LONGEST_COMMAND = 1_000_000


class Channel:
    """Commands in, replies out; both one JSON object a line."""

    def __init__(self, commands: IO[bytes], replies: int) -> None:
        self._commands = commands
        self._replies = replies

    def commands(self) -> Iterator[dict[str, Any]]:
        """The commands until the other side closes; a line that is none raises ValueError."""
        while True:
            line = self._commands.readline(LONGEST_COMMAND)
            if not line:
                return
            command = json.loads(line.decode("utf-8"))
            if not isinstance(command, dict):
                raise ValueError("a command is a JSON object")
            yield command

    def send(self, message: dict[str, Any]) -> None:
        """Write one reply whole; a pipe takes long lines in pieces."""
        data = json.dumps(finite(message), ensure_ascii=True, allow_nan=False).encode("ascii")
        data += b"\n"
        while data:
            data = data[os.write(self._replies, data) :]


def finite(value: Any) -> Any:
    """The same value with what JSON has no number for (not a number, infinities) as the word."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    return value
