"""Several commands of the program in one process: in_turn.py COMMAND ... then COMMAND ...

Ends with the exit code of the first that is not 0.
"""

import itertools
import sys

from app.__main__ import main


def commands(words):
    for is_between, some in itertools.groupby(words, lambda word: word == "then"):
        if not is_between:
            yield list(some)


if __name__ == "__main__":
    sys.exit(next(filter(None, map(main, commands(sys.argv[1:]))), 0))
