"""What a check says of one entry."""

import msgspec

from rules.entries import Key
from rules.yaml_reader import Place


class Finding(msgspec.Struct, frozen=True):
    key: Key
    """The entry that it is about."""
    message: str
    place: Place = ()
    """Where inside the entry."""
    is_mistake: bool = True
    """False for what time has brought about and nobody has done wrong."""
