"""Which errors are a user's to mend, and their one line. Imported only once something failed."""

import errno


def expected_message(error: Exception) -> str | None:
    """The message for bad input; None for an error nobody expected."""
    short = _short_of(error)
    if short is not None:
        return short  # before anything else is loaded, for which there may be no room either
    from app.history import HistoryError
    from app.installing.results import InstallError
    from app.report import ReportError
    from app.sessions import SessionError
    from app.starter import StarterError
    from probes.results import MachineFileError, ProbeRequestError
    from rules import InputError

    ours = (
        HistoryError
        | InputError
        | InstallError
        | MachineFileError
        | ProbeRequestError
        | ReportError
        | SessionError
        | StarterError
    )
    if isinstance(error, ours):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return None


_SHORT_OF = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EMFILE: "too many files are open: raise the limit (`ulimit -n`) and try again",
    errno.ENFILE: "too many files are open on this machine",
    errno.EAGAIN: "no more processes may be started: raise the limit (`ulimit -u`) and try again",
    errno.ENOMEM: "there is not enough memory for this",
}


def _short_of(error: Exception) -> str | None:
    """What the machine is short of; None where it is something else."""
    if isinstance(error, MemoryError) or "failed to map segment" in str(error):
        return _SHORT_OF[errno.ENOMEM]
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return _SHORT_OF[errno.EAGAIN]
    if not isinstance(error, OSError) or error.filename is not None:
        return None
    if "temporary directory" in str(error.strerror):  # as the module tempfile puts it
        return "no folder for temporary files can be written to; set TMPDIR to one that can"
    return _SHORT_OF.get(error.errno or 0)
