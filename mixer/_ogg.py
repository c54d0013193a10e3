"""The number that an Ogg stream carries on each page.

libsndfile draws it from the clock, which makes the same samples two different files.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def set_stream_serial(file: BinaryIO, serial: int) -> None:
    """Gives all pages of an Ogg file, open for reading and writing, one serial number (RFC 3533, section 6)."""
    file.seek(0)
    while len(header := file.read(27)) == 27:
        start = file.tell() - 27
        lacing = file.read(header[26])
        body = file.read(sum(lacing))
        page = bytearray(header + lacing + body)
        struct.pack_into("<II", page, 14, serial, struct.unpack_from("<I", page, 18)[0])
        page[22:26] = bytes(4)
        struct.pack_into("<I", page, 22, page_checksum(bytes(page)))
        file.seek(start)
        file.write(page[:27])
        file.seek(start + len(page))


def page_checksum(page: bytes) -> int:
    """Ogg's CRC-32, polynomial 0x04C11DB7, most significant bit first, from 0.

    It is zlib's with the bits of each byte, and those of the result, in the other order, and without inversions.
    """
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
