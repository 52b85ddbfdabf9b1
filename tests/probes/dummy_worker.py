"""A worker that speaks the real protocol and misbehaves as it is told. Standard library only.

`DUMMY_WORKERS` holds JSON: name -> step -> behaviour. The name is that of the folder from which
the interpreter was started; steps are hello, import, prepare, measure, check, control, drop and
quit, or with what they are about: "import of beta", "measure of mlp_train".
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time

PURPOSES = {"mlp_train": "training", "inference_batch1": "inference", "matrix_product": "limit"}


class Dummy:
    def __init__(self, descriptor: int, behaviours: dict) -> None:
        self.descriptor = descriptor
        self.behaviours = behaviours

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.descriptor, data) :]

    def send(self, message: dict) -> None:
        self.write(json.dumps(message).encode() + b"\n")

    def reply(self, step: str, number: int | None, good: dict) -> None:
        """Answer a step as told: properly, or not."""
        behaviour = self.behaviours.get(step, "good")
        message = {"type": "result", "id": number, **good}
        if behaviour.startswith("error "):
            _, kind, text = behaviour.split(" ", 2)
            self.send(
                {"type": "error", "id": number, "kind": kind, "message": text, "detail": text}
            )
            return
        if behaviour.startswith("with "):
            self.send({**message, **json.loads(behaviour.removeprefix("with "))})
            return
        if behaviour.startswith("text "):
            self.write(behaviour.removeprefix("text ").encode() + b"\n")
            return
        getattr(self, behaviour)(message)

    def good(self, message: dict) -> None:
        self.send(message)

    def hang(self, message: dict) -> None:
        time.sleep(1000)

    def stubborn(self, message: dict) -> None:
        """Hangs and cannot be terminated."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)

    def stop(self, message: dict) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def leave(self, message: dict) -> None:
        sys.stderr.write("something went wrong\n")
        sys.stderr.flush()
        os._exit(3)

    def segfault(self, message: dict) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def out_of_memory(self, message: dict) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def half_line(self, message: dict) -> None:
        self.write(json.dumps(message).encode()[:20])
        time.sleep(1000)

    def half_line_and_leave(self, message: dict) -> None:
        self.write(json.dumps(message).encode()[:20])
        os._exit(0)

    def binary(self, message: dict) -> None:
        self.write(bytes(range(256)) * 10 + b"\n")

    def long_line(self, message: dict) -> None:
        """A gigabyte, were anybody to take it."""
        chunk = b"x" * (1 << 20)
        for _ in range(1024):
            self.write(chunk)
        time.sleep(1000)

    def chatter(self, message: dict) -> None:
        """Well-formed talk without an end."""
        while True:
            self.send({"type": "log", "message": "still at it " * 20})

    def answer_twice_each(self, message: dict) -> None:
        self.send(message)
        self.send(message)

    def wrong_number(self, message: dict) -> None:
        self.send({**message, "id": 10_000})

    def deep(self, message: dict) -> None:
        self.write(b'{"type": "result", "values": ' + b"[" * 200_000 + b"\n")

    def shut(self, message: dict) -> None:
        """Closes its channel and goes on."""
        os.close(self.descriptor)
        time.sleep(1000)

    def print_a_lot(self, message: dict) -> None:
        """Floods both outputs, then answers properly."""
        for stream in (1, 2):
            for _ in range(64):
                os.write(stream, b"noise \x1b[31m" * 10_000)
        self.send(message)

    def leave_a_child(self, message: dict) -> None:
        """Starts a grandchild in a session of its own, which holds the channel open."""
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(1000)"],
            start_new_session=True,
            pass_fds=(self.descriptor,),
        )
        self.send(message)

    def leave_a_child_and_crash(self, message: dict) -> None:
        self.leave_a_child({"type": "log"})
        os.kill(os.getpid(), signal.SIGSEGV)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    descriptor = parser.parse_args().fd
    os.set_inheritable(descriptor, False)
    os.dup2(2, 1)
    name = os.path.basename(os.path.dirname(sys.orig_argv[0]))
    dummy = Dummy(descriptor, json.loads(os.environ.get("DUMMY_WORKERS", "{}")).get(name, {}))
    hello = {
        "type": "hello",
        "protocol": 1,
        "python": ".".join(map(str, sys.version_info[:3])),
        "pid": os.getpid(),
        "foreign_modules": [],
    }
    dummy.reply("hello", None, hello)
    for line in sys.stdin.buffer:
        command = json.loads(line)
        about = command.get("workload", command.get("framework", command.get("capability")))
        step = "{} of {}".format(command["do"], about)
        step = step if step in dummy.behaviours else command["do"]
        dummy.reply(step, command["id"], answer(command))
        if command["do"] == "quit":
            return


def answer(command: dict) -> dict:
    """A proper answer."""
    do = command["do"]
    if do == "import":
        ran = {"driver_sees": True, "build_supports": True, "operation_ran": True, "reason": None}
        return {
            "import_seconds": 0.5,
            "version": "1.0",
            "build": None,
            "devices": [{"device": "cpu", **ran}],
            "settings": {},
            "threads": 2,
        }
    if do == "prepare":
        training = PURPOSES[command["workload"]] == "training"
        losses = [2.0, 1.5, 1.2] if training else []
        return {
            "equal_work": {
                "passed": True,
                "max_rel_err": 1e-6,
                "tolerance": 1e-4,
                "losses": losses,
                "reference_losses": losses,
                "gradient_norm": 1.0 if training else None,
                "reference_gradient_norm": 1.0 if training else None,
                "parameter_count": 10,
                "reason": None,
            },
            "first_call_seconds": 0.25,
            "flops": 1000.0,
            "bytes_moved": 1000.0,
            "workload_version": "abc123",
            "purpose": PURPOSES[command["workload"]],
        }
    if do == "measure":
        return {"values": [1e-4] * 20, "cpu_seconds": 4e-3, "wall_seconds": 2e-3}
    if do == "check":
        return {"state": "works", "note": "as one would hope"}
    if do in ("control", "small_operations"):
        return {"values": [0.01] * command["repeats"]}
    return {}


if __name__ == "__main__":
    main()
