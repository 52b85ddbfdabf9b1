"""Reads files made to fill the memory, in a process that has little, and prints what it was told.

python little_memory.py FOLDER MEGABYTES     (reads FOLDER/FORMAT#NAME.bomb)
"""

import os
import resource
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
from formats import FORMATS  # noqa: E402


def main() -> None:
    folder, megabytes = Path(sys.argv[1]), int(sys.argv[2])
    files = sorted(folder.glob("*.bomb"))
    for name in {path.name.partition("#")[0] for path in files}:
        # So that all is loaded that will be.
        FORMATS[name].read(FORMATS[name].examples()[0], folder / "given.file")
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for path in files:
        name = path.name.partition("#")[0]
        form = FORMATS[name]
        try:
            form.read(path.read_bytes(), folder / "given.file")
            said = "read"
        except form.errors as refused:
            said = f"refused: {refused}"
        sys.stdout.write(f"{path.name}: {said[:300]}\n")


if __name__ == "__main__":
    main()
