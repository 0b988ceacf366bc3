"""The cases of Protocol/vectors/blobs.json: large values sealed and opened, and what must not be opened."""

import hashlib

import blob
import seal
from bundle import frame
from seal import LIBRARY, OTHER_LIBRARY, OTHER_ROOT, ROOT, Refused, flipped

TEXT = "I went to the woods because I wished to live deliberately. 📖\n".encode()


def sealed(name, content, root=ROOT, library=LIBRARY):
    digest, packed = hashlib.sha256(content).digest(), frame(content)
    data = blob.seal_frame(root, library, digest, packed)
    assert blob.open_blob(root, library, digest, data) == content, name
    return {
        "name": name, "root": root, "library": library, "content": content, "digest": digest,
        "blobName": blob.name(root, library, digest), "frame": packed, "salt": data[53:85],
        "sealed": data}


def refused(name, data, digest=hashlib.sha256(TEXT).digest(), root=ROOT, library=LIBRARY):
    try:
        blob.open_blob(root, library, digest, data)
    except Refused as error:
        return {"name": name, "root": root, "library": library, "digest": digest, "sealed": data,
                "error": error.args[0]}
    raise AssertionError(name)


def of_frame(packed, content=TEXT):
    """What somebody with the key seals who does not do as the others."""
    return blob.seal_frame(ROOT, LIBRARY, hashlib.sha256(content).digest(), packed)


def padded(plaintext):
    head = blob.header(LIBRARY, blob.name(ROOT, LIBRARY, hashlib.sha256(TEXT).digest()))
    return head + seal.seal_plaintext(ROOT, LIBRARY, head, plaintext, bytes(32), label=blob.LABEL)


def bad_ones():
    good = of_frame(frame(TEXT))
    head = good[:53]
    yield "nothing", b""
    yield "a header cut", good[:52]
    yield "another suite", flipped(good, 0)
    yield "another suite, cut", b"\2"
    yield "epoch 0", good[:17] + bytes(4) + good[21:]
    yield "another library", good[:1] + OTHER_LIBRARY + good[17:]
    yield "an altered name", flipped(good, 40)
    yield "another value", of_frame(frame(b"another"), b"another")
    yield "an epoch that is not there", good[:17] + (2).to_bytes(4, "big") + good[21:]
    yield "a header alone", head
    yield "a seal cut to 83 bytes", good[: 53 + 83]
    yield "an altered salt", flipped(good, 53)
    yield "an altered commitment", flipped(good, 53 + 32)
    yield "an altered text", flipped(good, 53 + 64)
    yield "an altered tag", flipped(good, len(good) - 1)
    yield "the last byte missing", good[:-1]
    yield "a byte more", good + b"\0"
    yield "the seal of a bundle", head + seal.seal(ROOT, LIBRARY, head, frame(TEXT), bytes(32))
    yield "a length past the end", padded(
        (2**20).to_bytes(4, "big") + bytes(60))
    yield "a padding that is not zero", padded(seal.pad(frame(TEXT))[:-1] + b"\1")
    yield "no frame", of_frame(TEXT)
    yield "no frame at all", of_frame(b"")
    yield "two frames", of_frame(frame(TEXT) + frame(b""))
    yield "a byte behind the frame", of_frame(frame(TEXT) + b"\0")
    yield "a skippable frame", of_frame(bytes.fromhex("502a4d1800000000"))
    yield "a frame that says more than it holds", of_frame(frame(TEXT, len(TEXT) + 1))
    yield "a frame that says less than it holds", of_frame(frame(TEXT, len(TEXT) - 1))
    yield "a frame that says more than there may be", of_frame(frame(TEXT, blob.LIMIT + 1))
    yield "another content", of_frame(frame(b"not what the change names"))


def vectors():
    other = refused("another root key", of_frame(frame(TEXT)), root=OTHER_ROOT)
    return {
        "about": "Made by Protocol/reference/blob_cases.py. Bytes are hexadecimal. A frame holds its content as it is; "
                 "who compresses otherwise has another frame, salt and seal, and the same name.",
        "keys": [
            {"root": root, "library": library, "nameKey": blob.name_key(root, library),
             "saltKey": blob.salt_key(root, library)}
            for root in (ROOT, OTHER_ROOT) for library in (LIBRARY, OTHER_LIBRARY)],
        "sealedBlobs": [
            sealed("nothing", b""), sealed("one byte", b"\x2a"), sealed("a text", TEXT),
            sealed("a text that is long", TEXT * 40), sealed("bytes that are no text", bytes(range(256))),
            sealed("another root key", TEXT, root=OTHER_ROOT),
            sealed("another library", TEXT, library=OTHER_LIBRARY)],
        "refusedBlobs": [*(refused(*case) for case in bad_ones()), other]}
