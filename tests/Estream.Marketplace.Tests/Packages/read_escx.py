"""Reads a package as docs/formats/package.md specifies, without product code, and prints its two roots."""
import hashlib
import struct
import sys
import tarfile

SIGNATURE = "SIGNATURE.ml-dsa"
ATTESTATIONS = "attestations/"


def tree(hash_of, leaves):
    if not leaves:
        return hash_of(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hash_of(b"\x01" + tree(hash_of, leaves[:left]) + tree(hash_of, leaves[left:])).digest()


def root(hash_of, files):
    leaves = []
    for path, mode, content in files:
        name = path.encode("ascii")
        leaf = struct.pack("<I", len(name)) + name + struct.pack("<IQ", mode, len(content)) + hash_of(content).digest()
        leaves.append(hash_of(b"\x00" + leaf).digest())
    return tree(hash_of, leaves).hex()


def main(path):
    with tarfile.open(path, "r:gz") as archive:
        files = [(entry.name, entry.mode, archive.extractfile(entry).read()) for entry in archive]
    content = sorted(file for file in files if file[0] != SIGNATURE and not file[0].startswith(ATTESTATIONS))
    print(root(hashlib.sha256, content), root(hashlib.sha3_256, content))


main(sys.argv[1])
