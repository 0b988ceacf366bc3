"""Large values on their way: the part "A sealed blob" of Protocol/seal.md."""

import hashlib
import hmac

import seal
import zstd
from seal import Refused

LABEL, LIMIT, HEADER = b"gloss blob 1", 8_388_608, 53


def name_key(root, library):
    return seal.derive(root, library, b"gloss blob name 1", 32)


def salt_key(secret, library, epoch=1):
    return seal.derive(seal.epoch_key(secret, library, epoch), library, b"gloss blob salt 1", 32)


def name(root, library, digest):
    """What a hub knows the value with this SHA-256 by."""
    return hmac.digest(name_key(root, library), digest, "sha256")


def header(library, name, suite=1, epoch=1):
    return bytes([suite]) + library + epoch.to_bytes(4, "big") + name


def salt(secret, library, header, frame, epoch=1):
    return hmac.digest(salt_key(secret, library, epoch), header + frame, "sha256")


def seal_frame(root, library, digest, frame, secrets=None):
    """Sealed under the newest epoch of `secrets`, by default the first."""
    epoch, secret = max((secrets or {1: root}).items())
    head = header(library, name(root, library, digest), epoch=epoch)
    salt_bytes = salt(secret, library, head, frame, epoch)
    return head + seal.seal(secret, library, head, frame, salt_bytes, epoch, LABEL)


def seal_blob(root, library, content, secrets=None):
    digest = hashlib.sha256(content).digest()
    return seal_frame(root, library, digest, zstd.compress(content), secrets)


def open_blob(root, library, digest, data, secrets=None):
    """The large value with this SHA-256, checked in the order of seal.md.

    - Raises: `Refused`, with the name of the error.
    """
    if not data:
        raise Refused("tooShort")
    if data[0] != 1:
        raise Refused("unknownSuite")
    if len(data) < HEADER:
        raise Refused("tooShort")
    head, epoch = data[:HEADER], int.from_bytes(data[17:21], "big")
    if epoch == 0:
        raise Refused("badEpoch")
    if head[1:17] != library:
        raise Refused("otherLibrary")
    if head[21:] != name(root, library, digest):
        raise Refused("otherName")
    content = zstd.decompress(
        seal.open_sealed(root, library, epoch, head, data[HEADER:], secrets, LABEL), LIMIT)
    if content is None:
        raise Refused("badCompression")
    if hashlib.sha256(content).digest() != digest:
        raise Refused("otherContent")
    return content
