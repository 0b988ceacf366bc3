"""Sealed backups of Gloss, read and written after Protocol/export.md, and the cases of Protocol/vectors/backups.json.

    backup.py FILE RECOVERY-CODE-FILE OUT       opens a backup
"""

import hashlib
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from seal import LIBRARY, OTHER_ROOT, ROOT, SALT, Refused, base32, big, derive, flipped, numbers

MARK, CHUNK, TAG = b"gloss-backup", 65_536, 16


def header(library, milliseconds, salt, wrapped=b""):
    return MARK + b"\1" + library + big(milliseconds, 8) + salt + bytes([len(wrapped)]) + wrapped


def keys(root, head, salt):
    both = derive(root, salt, b"gloss backup 1" + head, 64)
    return both[:32], both[32:]


def nonce(number, is_last):
    return big(number, 11) + bytes([is_last])


def seal(root, library, milliseconds, salt, plaintext, wrapped=b""):
    head = header(library, milliseconds, salt, wrapped)
    key, commitment = keys(root, head, salt)
    pieces = [plaintext[start : start + CHUNK] for start in range(0, len(plaintext), CHUNK)]
    return head + commitment + b"".join(
        ChaCha20Poly1305(key).encrypt(nonce(number, number == len(pieces) - 1), piece, None)
        for number, piece in enumerate(pieces))


def open_backup(root, data):
    if not data.startswith(MARK):
        raise Refused("notABackup")
    if len(data) > 12 and data[12] != 1:
        raise Refused("newerVersion")
    if len(data) < 70 or len(data) < 70 + data[69] + 32:
        raise Refused("truncated")
    head = data[: 70 + data[69]]
    key, commitment = keys(root, head, data[37:69])
    rest = data[len(head) :]
    if rest[:32] != commitment:
        raise Refused("wrongKey")
    cipher, rest, number, opened = ChaCha20Poly1305(key), rest[32:], 0, []
    while True:
        sealed, rest = rest[: CHUNK + TAG], rest[CHUNK + TAG :]
        try:
            opened.append(cipher.decrypt(nonce(number, not rest), sealed, None))
        except (InvalidTag, ValueError):
            raise Refused("truncated" if not rest and is_within(cipher, number, sealed) else "altered") from None
        if not rest:
            return b"".join(opened)
        number += 1


def is_within(cipher, number, sealed):
    try:
        return not sealed or cipher.decrypt(nonce(number, False), sealed, None) is not None
    except (InvalidTag, ValueError):
        return False


def recovery_code(library, root):
    content = b"\1" + library + root
    digits = base32(content + hashlib.sha256(content).digest()[:4])
    return "glosskey1-" + "-".join(digits[start : start + 5] for start in range(0, len(digits), 5))


def parse_recovery_code(text):
    import base64
    bare = re.sub(r"[\s-]", "", text).lower()
    if not bare.startswith("glosskey1"):
        raise Refused("notACode")
    digits = bare[9:].upper()
    data = base64.b32decode(digits + "=" * (-len(digits) % 8))
    content = data[:-4]
    if len(content) != 49 or hashlib.sha256(content).digest()[:4] != data[-4:]:
        raise Refused("mistyped")
    return content[1:17], content[17:]


# Vectors

TIME = 1_700_000_000_000


def sealed(name, plaintext, wrapped=b""):
    data = seal(ROOT, LIBRARY, TIME, SALT, plaintext, wrapped)
    assert open_backup(ROOT, data) == plaintext, name
    case = {"name": name, "root": ROOT, "library": LIBRARY, "milliseconds": TIME, "salt": SALT, "wrapped": wrapped}
    if len(plaintext) > 1_000:
        return case | {"count": len(plaintext), "sha256": hashlib.sha256(data).digest()}
    return case | {"plaintext": plaintext, "sealed": data}


def refused(name, data, root=ROOT):
    try:
        open_backup(root, data)
    except Refused as error:
        return {"name": name, "root": root, "sealed": data, "error": error.args[0]}
    raise AssertionError(name)


def repeated(count):
    """The bytes 0 to 250, again and again."""
    return bytes(index % 251 for index in range(count))


def vectors():
    good = seal(ROOT, LIBRARY, TIME, SALT, b"SQLite format 3\0 and so on")
    wrapped = seal(ROOT, LIBRARY, TIME, SALT, b"content", numbers(1, 88))
    return {
        "backups": [
            sealed("one byte", b"x"), sealed("a short file", b"SQLite format 3\0 and so on"),
            sealed("a wrapped key", b"content", numbers(1, 88)), sealed("a whole chunk", repeated(65_536)),
            sealed("a chunk and a byte", repeated(65_537)), sealed("three chunks", repeated(150_000)),
        ],
        "refused": [
            refused("nothing", b""), refused("another file", b"SQLite format 3\0"),
            refused("a later version", good[:12] + b"\2" + good[13:]), refused("a mark alone", good[:12]),
            refused("a header cut", good[:69]), refused("a wrapped key cut", wrapped[:120]),
            refused("a commitment cut", good[:101]), refused("no chunk", good[:102]),
            refused("a chunk cut", good[:-1]), refused("a byte behind it", good + b"\0"),
            refused("another key", good, OTHER_ROOT), refused("another library", flipped(good, 13)),
            refused("another time", flipped(good, 30)), refused("another salt", flipped(good, 40)),
            refused("another wrapped key", flipped(wrapped, 80)), refused("another commitment", flipped(good, 75)),
            refused("another first byte", flipped(good, 102)), refused("another tag", flipped(good, len(good) - 1)),
        ],
        "recoveryCodes": [{"library": LIBRARY, "root": ROOT, "text": recovery_code(LIBRARY, ROOT)}],
    }


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file, open(sys.argv[2], encoding="ascii") as code, open(sys.argv[3], "xb") as out:
        out.write(open_backup(parse_recovery_code(code.read())[1], file.read()))
