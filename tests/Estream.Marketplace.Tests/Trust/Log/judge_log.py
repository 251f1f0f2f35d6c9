"""Verifies all files of a log directory, written from C2SP tlog-tiles, tlog-checkpoint, signed-note and tlog-cosignature alone.

Arguments: directory, vkey of the log (Ed25519), vkey of a witness (Ed25519 cosignature), path of openssl.
Prints: size, root in base64, time of the cosignature.
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile


def leaf(data):
    return hashlib.sha256(b"\x00" + data).digest()


def root(hashes):
    if len(hashes) == 0:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + root(hashes[:k]) + root(hashes[k:])).digest()


def numbered(n, width):
    digits = str(n)
    groups = []
    while True:
        groups.insert(0, digits[-3:].zfill(3))
        digits = digits[:-3]
        if not digits:
            break
    path = "/".join(["x" + g for g in groups[:-1]] + [groups[-1]])
    return path if width == 256 else f"{path}.p/{width}"


def read(directory, path):
    with open(os.path.join(directory, path), "rb") as file:
        return file.read()


def read_tiles(directory, size):
    """Returns the leaf hashes of all entries, after comparing every tile with the level below."""
    entries = []
    for n in range((size + 255) // 256):
        data = read(directory, "tile/entries/" + numbered(n, min(256, size - n * 256)))
        while data:
            length = int.from_bytes(data[:2], "big")
            entries.append(data[2:2 + length])
            data = data[2 + length:]
    assert len(entries) == size, (len(entries), size)
    level, hashes = 0, [leaf(entry) for entry in entries]
    while hashes:
        for n in range((len(hashes) + 255) // 256):
            part = hashes[n * 256:(n + 1) * 256]
            assert read(directory, f"tile/{level}/{numbered(n, len(part))}") == b"".join(part), (level, n)
        hashes = [root(hashes[n * 256:(n + 1) * 256]) for n in range(len(hashes) // 256)]
        level += 1
    return [leaf(entry) for entry in entries]


def verify(openssl, key, message, signature):
    # The SubjectPublicKeyInfo prefix of RFC 8410, before the 32 key bytes.
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for name, content in zip(names, (der, message, signature)):
            with open(name, "wb") as file:
                file.write(content)
        subprocess.run([openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0], "-rawin", "-in", names[1], "-sigfile", names[2]],
                       check=True, stdout=subprocess.DEVNULL)


def parse_vkey(vkey, kind):
    name, key_id, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    assert key[0] == kind and len(key) == 33
    assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == key_id
    return name, bytes.fromhex(key_id), key[1:]


def find(lines, name, key_id):
    for line in lines:
        dash, who, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if dash == "\u2014" and who == name and signature[:4] == key_id:
            return signature[4:]
    raise SystemExit(f"no signature of {name}")


def main(directory, log_vkey, witness_vkey, openssl):
    note = read(directory, "checkpoint").decode()
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    origin, size, encoded_root = text.splitlines()
    leaves = read_tiles(directory, int(size))
    assert base64.b64encode(root(leaves)).decode() == encoded_root
    lines = signatures.splitlines()

    name, key_id, key = parse_vkey(log_vkey, 1)
    assert name == origin
    verify(openssl, key, text.encode(), find(lines, name, key_id))

    name, key_id, key = parse_vkey(witness_vkey, 4)
    timed = find(lines, name, key_id)
    time = int.from_bytes(timed[:8], "big")
    verify(openssl, key, f"cosignature/v1\ntime {time}\n{text}".encode(), timed[8:])
    print(size, encoded_root, time)


main(*sys.argv[1:])
