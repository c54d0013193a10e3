"""Whether a WAV or AIFF file is as long as its header says.

libsndfile quietly shortens a cut file to what is there, so a half-copied stem would pass for a whole one.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_SIZE_NOT_KNOWN = (0x7FFFF000, 0xFFFFFFFF)  # what programs that write into a pipe put in place of the length
_BYTE_ORDER = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">", b"FORM": ">"}


def missing_sample_bytes(file: BinaryIO) -> int:
    """Bytes of sample data that the header promises and the file lacks; 0 if none, or if the format is another.

    Reads the chunk headers of RIFF, RF64 (EBU Tech 3306), BW64 and AIFF files; ``file`` is open for reading and
    seekable, its position is moved.
    """
    size_of_file = file.seek(0, 2)
    file.seek(0)
    order = _BYTE_ORDER.get(file.read(12)[:4])
    if order is None:
        return 0
    long_size = 0
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack(order + "4sI", header)
        if name == b"ds64":
            long_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
            size -= 16
        elif name in (b"data", b"SSND"):
            if size in _SIZE_NOT_KNOWN:
                size = long_size
            return max(0, int(size) - (size_of_file - file.tell()))
        file.seek(size + size % 2, 1)
    return 0
