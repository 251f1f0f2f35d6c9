#!/usr/bin/env python3
"""Writes the icon of the packages: three bars, each ahead of the last, on a dark square. Usage: scripts/icon.py FILE"""
import struct
import sys
import zlib

SIZE = 128
BACKGROUND, BARS = (20, 28, 38), [(92, 200, 255), (64, 156, 255), (38, 110, 230)]


def pixel(x, y):
    for number, color in enumerate(BARS):
        left, top = 20 + 16 * number, 28 + 28 * number
        if left <= x < left + 56 and top <= y < top + 16:
            return color
    return BACKGROUND


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(SIZE)) for y in range(SIZE))
header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
