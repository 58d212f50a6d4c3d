"""
A file of the ECD of a gigabyte, read as `import ecd` reads it: in a process with limits.

It lies on the disk, a copy in pieces is hashed beside it, and what memory either takes at most
is printed. `make large` runs it; an argument is another size in MiB.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.ecd import BLOCK, Made
from monthclose.wiring.confined import MEMORY
from monthclose.wiring.large_files import document_of, read_books

ENTRY_BYTES = 168
"""What an entry of the made-up file takes, about."""


def main() -> int:
    """Make it, read it, say how long that took and how much memory."""
    wanted = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 2**30
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.txt"
        made = Made(wanted // ENTRY_BYTES // BLOCK * BLOCK)
        with path.open("wb") as stream:
            while block := made.read(2**20):
                stream.write(block)
        began = time.monotonic()
        books = read_books(path)
        seconds = time.monotonic() - began
        reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        document_of(path, books.sha256)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        size = path.stat().st_size
    print(
        f"{size / 10**6:,.0f} MB, {books.lines:,} lines: read in {seconds:.1f} s, the reader's"
        f" peak {reader / 10**6:,.0f} MB; hashed in pieces, {(after - before) / 10**6:,.0f} MB more"
    )
    return 0 if reader < MEMORY / 4 else 1


if __name__ == "__main__":
    sys.exit(main())
