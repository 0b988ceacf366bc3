"""zstd frames, opened by the system's libzstd: Python has no zstd of its own before 3.14."""

import ctypes
import ctypes.util

_library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
for _name, _result, _arguments in (
        ("ZSTD_getFrameContentSize", ctypes.c_ulonglong, (ctypes.c_char_p, ctypes.c_size_t)),
        ("ZSTD_findFrameCompressedSize", ctypes.c_size_t, (ctypes.c_char_p, ctypes.c_size_t)),
        ("ZSTD_decompress", ctypes.c_size_t, (
            ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)),
        ("ZSTD_compressBound", ctypes.c_size_t, (ctypes.c_size_t,)),
        ("ZSTD_compress", ctypes.c_size_t, (
            ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)),
        ("ZSTD_isError", ctypes.c_uint, (ctypes.c_size_t,))):
    _function = getattr(_library, _name)
    _function.restype, _function.argtypes = _result, _arguments

MAGIC = bytes.fromhex("28b52ffd")


def compress(content, level=3):
    buffer = ctypes.create_string_buffer(_library.ZSTD_compressBound(len(content)))
    count = _library.ZSTD_compress(buffer, len(buffer), content, len(content), level)
    return buffer.raw[:count]


def decompress(data, limit):
    """What exactly one frame holds, which says its size and is no larger than `limit`; None for everything else."""
    if data[:4] != MAGIC:
        return None  # A skippable frame is a frame to libzstd.
    size = _library.ZSTD_getFrameContentSize(data, len(data))
    if size > limit or _library.ZSTD_findFrameCompressedSize(data, len(data)) != len(data):
        return None  # An unknown size and an error are the greatest numbers there are.
    buffer = ctypes.create_string_buffer(max(size, 1))
    count = _library.ZSTD_decompress(buffer, size, data, len(data))
    return buffer.raw[:size] if not _library.ZSTD_isError(count) and count == size else None
