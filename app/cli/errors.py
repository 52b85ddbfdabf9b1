"""Which errors are a user's to mend, and their one line. Imported only once something failed."""


def expected_message(error: Exception) -> str | None:
    """The message for bad input; None for an error nobody expected."""
    from app.report import ReportError
    from app.starter import StarterError
    from probes.results import MachineFileError
    from rules import InputError

    if isinstance(error, InputError | MachineFileError | ReportError | StarterError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return None
