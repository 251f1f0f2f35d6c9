"""Packs a folder as docs/formats/package.md specifies, without product code: writes the archive and prints its two roots."""
import hashlib
import os
import struct
import sys

SIGNATURE = "SIGNATURE.ml-dsa"
ATTESTATIONS = "attestations/"
BLOCK = 512


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def header(path, mode, size):
    prefix, name = "", path
    if len(path) > 100:
        cut = path.rindex("/", 0, 156)
        prefix, name = path[:cut], path[cut + 1:]
    octal = "{:0{}o}\0".format
    fields = [name.ljust(100, "\0"), octal(mode, 7), octal(0, 7), octal(0, 7), octal(size, 11), octal(0, 11), " " * 8, "0", "\0" * 100, "ustar\0" + "00",
              "\0" * 64, octal(0, 7), octal(0, 7), prefix.ljust(155, "\0"), "\0" * 12]
    block = "".join(fields).encode("ascii")
    checksum = "{:06o}\0 ".format(sum(block)).encode("ascii")
    return block[:148] + checksum + block[156:]


def node(hash_of, leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hash_of(b"").digest()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hash_of(b"\x01" + node(hash_of, leaves[:left]) + node(hash_of, leaves[left:])).digest()


def leaf(hash_of, path, mode, content):
    name = path.encode("ascii")
    return hash_of(b"\x00" + struct.pack("<I", len(name)) + name + struct.pack("<IQ", mode, len(content)) + hash_of(content).digest()).digest()


def main(folder, archive):
    files = []
    for place, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(place, name)
            with open(full, "rb") as file:
                files.append((os.path.relpath(full, folder), 0o755 if os.stat(full).st_mode & 0o100 else 0o644, file.read()))
    files.sort(key=lambda file: file[0].encode("ascii"))
    with open(archive, "wb") as out:
        for path, mode, content in files:
            out.write(header(path, mode, len(content)) + padded(content))
        out.write(bytes(2 * BLOCK))
    tree = [file for file in files if file[0] != SIGNATURE and not file[0].startswith(ATTESTATIONS)]
    print(*(node(kind, [leaf(kind, *file) for file in tree]).hex() for kind in (hashlib.sha256, hashlib.sha3_256)))


main(sys.argv[1], sys.argv[2])
