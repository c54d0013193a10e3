"""Read the variables of a TensorFlow checkpoint with numpy alone.

A checkpoint ("tensor bundle") is an index, which is a LevelDB sorted table of protocol buffers, and a data file of raw
little-endian tensors. Only what one-shard checkpoints of plain tensors need is read. Formats: LevelDB's
``table_format.md``, TensorFlow's ``tensor_bundle.proto``, and the wire format of Protocol Buffers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Fields = dict[int, list[int | bytes]]

_DTYPES: dict[int, np.dtype[np.generic]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    9: np.dtype("<i8"),
}
"""``DataType`` of TensorFlow's types.proto."""
_FOOTER_BYTES = 48
_TRAILER_BYTES = 5  # compression type and checksum after each block
_ENTRY_DTYPE, _ENTRY_SHAPE, _ENTRY_OFFSET, _ENTRY_SIZE = 1, 2, 4, 5


def read_bundle(index: bytes, data: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Every tensor of the checkpoint by its variable's name.

    Raises:
        ValueError: the index is compressed or of another kind.
    """
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    footer = index[-_FOOTER_BYTES:]
    _, at = _varint(footer, 0)  # the meta-index is not needed: its offset
    _, at = _varint(footer, at)  # and its size
    for _, handle in _entries(index, footer[at:]):
        for key, entry in _entries(index, handle):
            if key:  # the empty key holds the bundle's header
                tensors[key.decode()] = _tensor(_fields(entry), data)
    return tensors


def _varint(buffer: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = buffer[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _entries(index: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each entry of the block that a handle (offset, size) points at; keys are prefix-compressed."""
    offset, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    if index[offset + size] != 0:
        raise ValueError("the checkpoint's index is compressed; only plain ones are read")
    block = index[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    at, key = 0, b""
    while at < len(block) - 4 - 4 * restarts:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _fields(message: bytes) -> Fields:
    """The fields of one protocol buffer by number: integers, and bytes of what is nested."""
    fields: Fields = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(message, at)
        elif tag & 7 == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        elif tag & 7 == 5:
            value, at = struct.unpack_from("<I", message, at)[0], at + 4
        else:
            raise ValueError(f"a field of wire type {tag & 7} has no place in a checkpoint's index")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _number(fields: Fields, field: int) -> int:
    value = fields.get(field, [0])[0]
    assert isinstance(value, int)
    return value


def _nested(fields: Fields, field: int) -> list[Fields]:
    return [_fields(value) for value in fields.get(field, []) if isinstance(value, bytes)]


def _tensor(entry: Fields, data: bytes) -> npt.NDArray[np.generic]:
    dtype = _DTYPES[_number(entry, _ENTRY_DTYPE)]
    shape = [_number(size, 1) for shape in _nested(entry, _ENTRY_SHAPE) for size in _nested(shape, 2)]
    offset, size = _number(entry, _ENTRY_OFFSET), _number(entry, _ENTRY_SIZE)
    return np.frombuffer(data[offset : offset + size], dtype).reshape(shape)
