"""Which errors are a user's to mend, and their one line. Imported only once something failed."""


def expected_message(error: Exception) -> str | None:
    """The message for bad input; None for an error nobody expected."""
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
