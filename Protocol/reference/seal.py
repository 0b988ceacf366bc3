"""The seal of Gloss, suite 1, after Protocol/seal.md. generate.py writes its vectors to Protocol/vectors/seal.json.

An implementation of its own: it shares no code with the Swift one, so that each checks the other.
Python 3.11 with the package `cryptography`.
"""

import base64
import functools
import hashlib
import hmac
import re
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = bytes(12)


class Refused(Exception):
    """Bytes or a text that must not be accepted; the argument names the error."""


# Keys and tips


def derive(secret: bytes, salt: bytes, info: bytes, count: int) -> bytes:
    return HKDF(SHA256(), count, salt, info).derive(secret)


def big(number: int, count: int) -> bytes:
    return number.to_bytes(count, "big")


def epoch_key(secret: bytes, library: bytes, epoch: int = 1) -> bytes:
    return derive(secret, library, b"gloss epoch %d" % epoch, 32)


def tip_key(root: bytes, library: bytes) -> bytes:
    return derive(root, library, b"gloss tip 1", 32)


def tip_commitment(root: bytes, library: bytes, tip: bytes) -> bytes:
    return hmac.digest(tip_key(root, library), tip, "sha256")


# Padding


def padme(count: int) -> int:
    if count < 2:
        return count
    exponent = count.bit_length() - 1
    significant = exponent.bit_length()
    unit = 1 << (exponent - significant)
    return -(-count // unit) * unit


def pad(content: bytes) -> bytes:
    counted = len(content).to_bytes(4, "big") + content
    return counted.ljust(padme(len(counted)), b"\0")


def unpad(plaintext: bytes) -> bytes:
    content = plaintext[4 : 4 + int.from_bytes(plaintext[:4], "big")]
    if pad(content) != plaintext:
        raise Refused("badPadding")
    return content


# Seals: of bundles, and of blobs (blob.py) under another label


BUNDLE = b"gloss bundle 1"


def seal_keys(
    secret: bytes, library: bytes, salt: bytes, header: bytes, label: bytes, epoch: int = 1
) -> tuple[bytes, bytes]:
    both = derive(epoch_key(secret, library, epoch), salt, label + header, 64)
    return both[:32], both[32:]


def seal_plaintext(
    secret: bytes, library: bytes, header: bytes, plaintext: bytes, salt: bytes, epoch: int = 1,
    label: bytes = BUNDLE
) -> bytes:
    key, commitment = seal_keys(secret, library, salt, header, label, epoch)
    return salt + commitment + ChaCha20Poly1305(key).encrypt(NONCE, plaintext, header)


def seal(
    secret: bytes, library: bytes, header: bytes, content: bytes, salt: bytes, epoch: int = 1,
    label: bytes = BUNDLE
) -> bytes:
    return seal_plaintext(secret, library, header, pad(content), salt, epoch, label)


def open_sealed(
    root: bytes, library: bytes, epoch: int, header: bytes, sealed: bytes,
    secrets: dict[int, bytes] | None = None, label: bytes = BUNDLE
) -> bytes:
    """Opens what was sealed. `secrets` has those of the epochs after the first."""
    secret = ({1: root} | (secrets or {})).get(epoch)
    if secret is None:
        raise Refused("unknownEpoch")
    if len(sealed) < 84:
        raise Refused("truncated")
    key, commitment = seal_keys(secret, library, sealed[:32], header, label, epoch)
    if not hmac.compare_digest(commitment, sealed[32:64]):
        raise Refused("wrongKey")
    try:
        plaintext = ChaCha20Poly1305(key).decrypt(NONCE, sealed[64:], header)
    except InvalidTag:
        raise Refused("tampered") from None
    return unpad(plaintext)


# Pairing codes


def varint(value: int) -> bytes:
    groups = []
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(groups + [value])


def read_varint(data: bytes) -> tuple[int, bytes]:
    value = 0
    for index, byte in enumerate(data[:10]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, data[index + 1 :]
    raise Refused("mistyped" if len(data) >= 10 else "cutShort")


def base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def code_text(version: int, fields: bytes) -> str:
    content = bytes([version]) + fields
    return f"gloss{version}-" + base32(content + hashlib.sha256(content).digest()[:4])


def pairing_code(
    address: str, library: bytes, root: bytes, secret: bytes,
    newest: tuple[int, bytes] | None = None,
) -> str:
    """`newest` is the newest epoch and its secret, None where that is the first one."""
    encoded = address.encode()
    epoch = big(newest[0], 4) + newest[1] if newest else b""
    return code_text(
        2 if newest else 1, library + root + epoch + secret + varint(len(encoded)) + encoded)


def parse_pairing_code(text: str) -> dict[str, object]:
    bare = re.sub("[A-Z]", lambda letter: letter[0].lower(), re.sub(r"[\s-]", "", text))
    match = re.fullmatch("gloss([0-9]+)(.*)", bare)
    if not match or not 1 <= int(match[1]) <= 255:
        raise Refused("notACode")
    version, body = int(match[1]), match[2]
    if not re.fullmatch("[a-z2-7]*", body):
        raise Refused("mistyped")
    bits = "".join(f"{'abcdefghijklmnopqrstuvwxyz234567'.index(c):05b}" for c in body)
    data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))
    content, checksum = data[:-4], data[-4:]
    whole = base32(data) == body and hashlib.sha256(content).digest()[:4] == checksum
    if not whole or content[:1] != bytes([version]):
        raise Refused("cutShort" if version <= 2 and is_cut_short(data, version) else "mistyped")
    if version > 2:
        raise Refused("newerVersion")
    start = 65 if version == 1 else 101
    if len(content) < start + 1:
        raise Refused("notACode")
    epoch, newest = 1, content[17:49]
    if version == 2:
        epoch, newest = int.from_bytes(content[49:53], "big"), content[53:85]
    if epoch < version or epoch == 2**32 - 1:
        raise Refused("notACode")
    try:
        count, address = read_varint(content[start:])
        if count != len(address) or not content[start:].startswith(varint(count)):
            raise Refused("notACode")
        return {
            "library": content[1:17], "root": content[17:49], "epoch": epoch,
            "epochSecret": newest, "secret": content[start - 16 : start],
            "address": address.decode(),
        }
    except (Refused, UnicodeDecodeError):
        raise Refused("notACode") from None


def is_cut_short(data: bytes, version: int) -> bool:
    start = 65 if version == 1 else 101
    if len(data) < start + 1:
        return True
    try:
        count, rest = read_varint(data[start:])
    except Refused as refused:
        return refused.args[0] == "cutShort"
    return len(rest) < count + 4


# A root key at rest


@functools.cache
def scrypt(passphrase: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase, salt=salt, n=2**17, r=8, p=1, maxmem=2**28, dklen=32)


def with_checksum(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()[:4]


def wrap(root: bytes, library: bytes, passphrase: str, salt: bytes) -> bytes:
    head = bytes([1, 17, 8, 1]) + salt
    key = ChaCha20Poly1305(scrypt(passphrase.encode(), salt))
    return with_checksum(head + key.encrypt(NONCE, root, head + library))


def unwrap(wrapped: bytes, library: bytes, passphrase: str) -> bytes:
    if len(wrapped) < 5 or with_checksum(wrapped[:-4]) != wrapped:
        raise Refused("damaged")
    if wrapped[0] != 1:
        raise Refused("newerVersion")
    if len(wrapped) != 88:
        raise Refused("damaged")
    if not 17 <= wrapped[1] <= 20 or wrapped[2:4] != b"\x08\x01":
        raise Refused("badParameters")
    if wrapped[1] != 17:
        raise NotImplementedError("the vectors have the least cost only")
    head = wrapped[:36]
    try:
        key = ChaCha20Poly1305(scrypt(passphrase.encode(), head[4:]))
        return key.decrypt(NONCE, wrapped[36:-4], head + library)
    except InvalidTag:
        raise Refused("wrongPassphrase") from None


# Vectors


def numbers(first: int, count: int) -> bytes:
    return bytes((first + index) % 256 for index in range(count))


def flipped(data: bytes, index: int) -> bytes:
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]


ROOT = numbers(0x00, 32)
OTHER_ROOT = numbers(0x01, 32)
LIBRARY = numbers(0xA0, 16)
OTHER_LIBRARY = numbers(0xA1, 16)
SALT = numbers(0x40, 32)
SECRET = numbers(0xE0, 16)
ADDRESS = "https://hub.example.org/gloss"
EPOCH_SECRETS = {1: ROOT, 2: numbers(0x21, 32), 3: numbers(0x31, 32), 4: numbers(0x41, 32)}


def bundle_header(library: bytes = LIBRARY, epoch: int = 1, first: int = 1, last: int = 3) -> bytes:
    numbers_of_run = first.to_bytes(8, "big") + last.to_bytes(8, "big")
    tips = [tip_commitment(ROOT, library, numbers(start, 32)) for start in (0x10, 0x20)]
    names = library + epoch.to_bytes(4, "big") + numbers(0xC0, 16)
    return b"\x01" + names + numbers_of_run + b"".join(tips)


def envelope(
    name: str, content: bytes, salt: bytes = SALT, epoch: int = 1, **changes: bytes
) -> dict[str, object]:
    root, library = changes.get("root", ROOT), changes.get("library", LIBRARY)
    secret = changes.get("secret", root)
    header = changes.get("header", bundle_header(library, epoch))
    sealed = seal(secret, library, header, content, salt, epoch)
    assert open_sealed(root, library, epoch, header, sealed, {epoch: secret}) == content
    key, commitment = seal_keys(secret, library, salt, header, BUNDLE, epoch)
    return {
        "name": name, "root": root, "library": library, "epoch": epoch, "secret": secret,
        "header": header, "salt": salt,
        "content": content, "bundleKey": key, "commitment": commitment, "sealed": sealed,
    }


def refused_envelope(name: str, sealed: bytes, **changes: object) -> dict[str, object]:
    case = {
        "name": name, "root": ROOT, "library": LIBRARY, "epoch": 1, "header": bundle_header(),
        "sealed": sealed,
    } | changes
    try:
        open_sealed(case["root"], case["library"], case["epoch"], case["header"], sealed)
    except Refused as refused:
        return case | {"error": refused.args[0]}
    raise AssertionError(name)


def refused_envelopes() -> list[dict[str, object]]:
    header, content = bundle_header(), b"content that is refused"
    good = seal(ROOT, LIBRARY, header, content, SALT)
    plaintext = pad(content)

    def faulty(altered: bytes) -> bytes:
        return seal_plaintext(ROOT, LIBRARY, header, altered, SALT)

    return [
        refused_envelope("nothing at all", b""),
        refused_envelope("one byte less than the smallest seal", good[:83]),
        refused_envelope("an epoch without a key", good, epoch=2, header=bundle_header(epoch=2)),
        refused_envelope("epoch 0", good, epoch=0),
        refused_envelope("another root key", good, root=OTHER_ROOT),
        refused_envelope("another library", good, library=OTHER_LIBRARY),
        refused_envelope("another suite in the header", good, header=flipped(header, 0)),
        refused_envelope("another last number in the header", good, header=bundle_header(last=4)),
        refused_envelope("another tip in the header", good, header=flipped(header, 116)),
        refused_envelope("another salt", flipped(good, 0)),
        refused_envelope("another commitment", flipped(good, 63)),
        refused_envelope("another first byte of the ciphertext", flipped(good, 64)),
        refused_envelope("another last byte of the tag", flipped(good, len(good) - 1)),
        refused_envelope("the last byte missing", good[:-1]),
        refused_envelope("a byte too many", good + b"\0"),
        refused_envelope("padding that is not zero", faulty(plaintext[:-1] + b"\x01")),
        refused_envelope("no padding", faulty(plaintext[: 4 + len(content)])),
        refused_envelope("too much padding", faulty(plaintext + b"\0\0")),
        refused_envelope("a length past the end", faulty(b"\xff\xff\xff\xff" + plaintext[4:])),
        refused_envelope("a byte of padding behind no content", faulty(bytes(5))),
    ]


def code(name: str, address: str, newest: tuple[int, bytes] | None = None) -> dict[str, object]:
    text = pairing_code(address, LIBRARY, ROOT, SECRET, newest)
    groups = "-".join(text[7:][index : index + 5] for index in range(0, len(text) - 7, 5))
    lines = "\r\n\t".join(text[index : index + 40] for index in range(0, len(text), 40))
    spellings = [text.upper(), f" {text}\n", text[:7] + groups, lines, " ".join(text)]
    for spelling in [text] + spellings:
        read = parse_pairing_code(spelling)
        assert read["address"] == address
        assert (read["epoch"], read["epochSecret"]) == (newest or (1, ROOT))
    return {
        "name": name, "address": address, "library": LIBRARY, "root": ROOT,
        "epoch": read["epoch"], "epochSecret": read["epochSecret"], "secret": SECRET,
        "credential": SECRET.hex(), "text": text, "alsoRead": spellings,
    }


def refused_code(name: str, text: str) -> dict[str, object]:
    try:
        parse_pairing_code(text)
    except Refused as refused:
        return {"name": name, "text": text, "error": refused.args[0]}
    raise AssertionError(name)


def refused_codes() -> list[dict[str, object]]:
    good = pairing_code(ADDRESS, LIBRARY, ROOT, SECRET)
    newer = pairing_code(ADDRESS, LIBRARY, ROOT, SECRET, (2, EPOCH_SECRETS[2]))
    fields = LIBRARY + ROOT + SECRET
    return [
        refused_code("empty", ""),
        refused_code("something else", "https://hub.example.org/gloss"),
        refused_code("no version", "gloss-" + good[7:]),
        refused_code("version 0", code_text(0, fields + b"\0")),
        refused_code("a later version", code_text(3, b"laid out in a way that is not known yet")),
        refused_code("the prefix of a later version alone", "gloss3-" + good[7:]),
        refused_code("the prefix of version 2 alone", "gloss2-" + good[7:]),
        refused_code("a later version with a wrong character", code_text(3, b"later")[:-1] + "b"),
        refused_code("the prefix alone", "gloss1-"),
        refused_code("half", good[: len(good) // 2]),
        refused_code("the last character missing", good[:-1]),
        refused_code("a character in the middle missing", good[:60] + good[61:]),
        refused_code("a character too many", good + "a"),
        refused_code("two characters swapped", good[:62] + good[63] + good[62] + good[64:]),
        refused_code("a character that base32 lacks", good[:60] + "1" + good[61:]),
        refused_code("bits left over at the end", good[:-1] + "b"),
        refused_code("an address that is no UTF-8", code_text(1, fields + b"\x02\xff\xfe")),
        refused_code("bytes after the address", code_text(1, fields + b"\x01ab")),
        refused_code("an address longer than the code", code_text(1, fields + b"\x05ab")),
        refused_code("a varint that is not the shortest", code_text(1, fields + b"\x80\x00")),
        refused_code("version 2 without an epoch", code_text(2, fields + b"\0")),
        refused_code("version 2 cut to half", newer[: len(newer) // 2]),
        refused_code("the last character of version 2 missing", newer[:-1]),
        refused_code("version 2 with a wrong character", newer[:60] + newer[61] + newer[60] + newer[62:]),
        *(refused_code(f"version 2 of epoch {epoch}", code_text(2, (
            LIBRARY + ROOT + big(epoch, 4) + EPOCH_SECRETS[2] + SECRET + b"\0"))) for epoch in (0, 1, 2**32 - 1)),
    ]


PASSPHRASE = "gel\u00f6st, not solved"


def wrapped_key(name: str, passphrase: str) -> dict[str, object]:
    wrapped = wrap(ROOT, LIBRARY, passphrase, SALT)
    assert unwrap(wrapped, LIBRARY, passphrase) == ROOT
    return {
        "name": name, "passphrase": passphrase, "root": ROOT, "library": LIBRARY, "salt": SALT,
        "wrapped": wrapped,
    }


def refused_wrapped_key(
    name: str, wrapped: bytes, library: bytes = LIBRARY, passphrase: str = PASSPHRASE
) -> dict[str, object]:
    case = {"name": name, "passphrase": passphrase, "library": library, "wrapped": wrapped}
    try:
        unwrap(wrapped, library, passphrase)
    except Refused as refused:
        return case | {"error": refused.args[0]}
    raise AssertionError(name)


def refused_wrapped_keys() -> list[dict[str, object]]:
    good = wrap(ROOT, LIBRARY, PASSPHRASE, SALT)
    content = good[:-4]

    def with_parameters(*parameters: int) -> bytes:
        return with_checksum(bytes([1, *parameters]) + content[4:])

    decomposed = unicodedata.normalize("NFD", PASSPHRASE)
    return [
        refused_wrapped_key("the same letters in other bytes", good, passphrase=decomposed),
        refused_wrapped_key("another library", good, library=OTHER_LIBRARY),
        refused_wrapped_key("a key altered with its checksum", with_checksum(flipped(content, 40))),
        refused_wrapped_key("nothing at all", b""),
        refused_wrapped_key("a checksum of nothing", with_checksum(b"")),
        refused_wrapped_key("the last byte missing", good[:-1]),
        refused_wrapped_key("an altered cost", flipped(good, 1)),
        refused_wrapped_key("an altered salt", flipped(good, 4)),
        refused_wrapped_key("an altered key", flipped(good, 40)),
        refused_wrapped_key("an altered checksum", flipped(good, 87)),
        refused_wrapped_key("a byte less, its checksum too", with_checksum(content[:-1])),
        refused_wrapped_key("a byte more, its checksum too", with_checksum(content + b"\0")),
        refused_wrapped_key("version 0", with_checksum(b"\0" + content[1:])),
        refused_wrapped_key("a later version", with_checksum(b"\x02laid out in another way")),
        refused_wrapped_key("N = 2^16", with_parameters(16, 8, 1)),
        refused_wrapped_key("N = 2^21", with_parameters(21, 8, 1)),
        refused_wrapped_key("r = 7", with_parameters(17, 7, 1)),
        refused_wrapped_key("r = 16", with_parameters(17, 16, 1)),
        refused_wrapped_key("p = 0", with_parameters(17, 8, 0)),
        refused_wrapped_key("p = 2", with_parameters(17, 8, 2)),
    ]


def vectors() -> dict[str, object]:
    return {
        "about": "Made by Protocol/reference/seal.py and epoch_cases.py. Bytes are hexadecimal.",
        "keys": [
            {
                "root": root, "library": library, "epochKey": epoch_key(root, library),
                "tipKey": tip_key(root, library),
            }
            for root in (ROOT, OTHER_ROOT) for library in (LIBRARY, OTHER_LIBRARY)
        ],
        "paddedCounts": [
            [count, padme(count)]
            for count in [
                *range(40),
                *(2**power + step for power in range(6, 41) for step in (-1, 0, 1)),
            ]
        ],
        "tips": [
            {
                "root": root, "library": library, "tip": tip,
                "commitment": tip_commitment(root, library, tip),
            }
            for root, library, tip in (
                (ROOT, LIBRARY, bytes(32)), (ROOT, LIBRARY, numbers(0x10, 32)),
                (OTHER_ROOT, LIBRARY, bytes(32)), (ROOT, OTHER_LIBRARY, bytes(32)),
            )
        ],
        "envelopes": [
            envelope("no content", b""),
            envelope("one byte", b"\x2a"),
            envelope("a content that needs padding", b"content that needs some padding"),
            envelope("a content that needs none", numbers(0, 60)),
            envelope("zeros at the end stay", b"ends in zeros\0\0\0"),
            envelope("some hundred bytes", numbers(7, 333)),
            envelope("a salt of zeros", b"content", salt=bytes(32)),
            envelope("another root key", b"content", root=OTHER_ROOT),
            envelope("another library", b"content", library=OTHER_LIBRARY),
            envelope("another run", b"content", header=bundle_header(first=2**39, last=2**40 - 1)),
            envelope("epoch 2", b"content", epoch=2, secret=EPOCH_SECRETS[2]),
            envelope("epoch 3", b"content", epoch=3, secret=EPOCH_SECRETS[3]),
            envelope("a great epoch", b"content", epoch=4_096, secret=EPOCH_SECRETS[3]),
        ],
        "refusedEnvelopes": refused_envelopes(),
        "pairingCodes": [
            code("an address", ADDRESS),
            code("no address", ""),
            code("an address that is not ASCII", "https://höb.example/"),
            code("an address of two hundred bytes", "https://" + "h" * 184 + ".example"),
            code("epoch 2", ADDRESS, (2, EPOCH_SECRETS[2])),
            code("a great epoch and no address", "", (4_096, EPOCH_SECRETS[3])),
        ],
        "refusedPairingCodes": refused_codes(),
        "wrappedRootKeys": [wrapped_key("a passphrase that is not ASCII", PASSPHRASE)],
        "refusedWrappedRootKeys": refused_wrapped_keys(),
    }
