"""Peak memory of separating a long file.

``python -m tests.bench.separation.memory MINUTES SEPARATOR`` prints megabytes and times real time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from mixer.audio import Writer
from separation.registry import open_separator
from separation.song import Format, separate_song
from tests.bench.memory import resident_mb
from tests.signals import RATE, music


def main() -> None:
    minutes, separator = float(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "long.flac"
        part = music(20.0)
        with Writer(song, RATE, 2, "16") as writer:
            for _ in range(round(minutes * 3)):
                writer.write(part)
        start = time.perf_counter()
        separate_song(song, Path(folder) / "stems", open_separator(separator), format=Format(".ogg"))
        taken = time.perf_counter() - start
    print(resident_mb("VmHWM"), minutes * 60 / taken)


if __name__ == "__main__":
    main()
