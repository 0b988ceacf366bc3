"""The keyring of Gloss, after Protocol/seal.md: cards of devices, and the entries by which they get new keys.

An implementation of its own, like seal.py. epoch_cases.py has its vectors.
"""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from seal import NONCE, Refused, big, derive

# A message to a public key: HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def labelled_extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def labelled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, count: int) -> bytes:
    message = count.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\1"
    return hmac.digest(key, message, "sha256")[:count]


def public_key(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_to(public: bytes, content: bytes, info: bytes, ephemeral: bytes) -> bytes:
    """Written out, because the library draws the ephemeral key by itself."""
    shown = public_key(ephemeral)
    agreed = X25519PrivateKey.from_private_bytes(ephemeral).exchange(
        X25519PublicKey.from_public_bytes(public))
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"
    shared = labelled_expand(
        kem, labelled_extract(kem, b"", b"eae_prk", agreed), b"shared_secret", shown + public, 32)
    context = b"\0" + labelled_extract(suite, b"", b"psk_id_hash", b"")
    context += labelled_extract(suite, b"", b"info_hash", info)
    secret = labelled_extract(suite, shared, b"secret", b"")
    key = labelled_expand(suite, secret, b"key", context, 32)
    nonce = labelled_expand(suite, secret, b"base_nonce", context, 12)
    return shown + ChaCha20Poly1305(key).encrypt(nonce, content, b"")


def open_with(private: bytes, sealed: bytes, info: bytes) -> bytes:
    return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)


# The keyring


def code_under(secret: bytes, library: bytes, label: bytes, message: bytes) -> bytes:
    return hmac.digest(derive(secret, library, label, 32), message, "sha256")


def device_card(
    secret: bytes, library: bytes, epoch: int, public: bytes, token_digest: bytes
) -> bytes:
    head = b"\1" + big(epoch, 4) + public
    return head + code_under(secret, library, b"gloss card 1", head + library + token_digest)


def is_good_card(
    card: bytes, token_digest: bytes, library: bytes, secrets: dict[int, bytes]
) -> bool:
    """Whether somebody who has the epoch that the card names made it for the token."""
    if len(card) != 69 or card[0] != 1:
        return False
    secret = secrets.get(int.from_bytes(card[1:5], "big"))
    return secret is not None and hmac.compare_digest(
        card, device_card(secret, library, int.from_bytes(card[1:5], "big"), card[5:37], token_digest))


def keyring_entry(
    secrets: dict[int, bytes], library: bytes, secret: bytes, wraps: list[tuple[bytes, bytes]],
    faults: dict[str, bytes] | None = None,
) -> bytes:
    """The entry of the epoch after the newest of `secrets`; `wraps` has public keys and an ephemeral key for each.

    `faults` replaces parts, for vectors of what must be refused.
    """
    faults = faults or {}
    epoch = max(secrets) + 1
    place = library + big(epoch, 4)
    old = secrets[epoch - 1]
    link = ChaCha20Poly1305(derive(secret, library, b"gloss link 1", 32)).encrypt(
        NONCE, faults.get("linked", old), place)
    body = faults.get("version", b"\1") + big(epoch, 4) + link + big(len(wraps), 2)
    for public, ephemeral in sorted(wraps):
        wrap = seal_to(public, faults.get("wrapped", secret), b"gloss wrap 1" + place, ephemeral)
        body += public + faults.get("wrap", wrap)
    body += code_under(faults.get("maker", old), library, b"gloss maker 1", body)
    return body + code_under(secret, library, b"gloss entry 1", body)


def entry_parts(entry: bytes) -> tuple[int, bytes, dict[bytes, bytes]]:
    """The epoch, the link and the wraps by public key."""
    if not entry:
        raise Refused("malformed")
    if entry[0] != 1:
        raise Refused("newerVersion")
    count = int.from_bytes(entry[53:55], "big")
    if len(entry) != 119 + 112 * count:
        raise Refused("malformed")
    epoch = int.from_bytes(entry[1:5], "big")
    wraps = {entry[at : at + 32]: entry[at + 32 : at + 112] for at in range(55, len(entry) - 64, 112)}
    if epoch < 2 or len(wraps) != count:
        raise Refused("malformed")
    return epoch, entry[5:53], wraps


def take_entries(
    entries: list[bytes], library: bytes, secrets: dict[int, bytes], private: bytes
) -> dict[int, bytes]:
    """The secrets that are held once the entries, of epochs one after another, are taken in. Checks as in seal.md."""
    held = dict(secrets)
    parsed = [(entry, *entry_parts(entry)) for entry in entries]
    if parsed and parsed[0][1] - 1 not in held or any(
            each[1] != parsed[0][1] + index for index, each in enumerate(parsed)):
        raise Refused("malformed")
    for entry, epoch, _, wraps in parsed:
        if epoch in held:
            continue
        if epoch - 1 in held and not hmac.compare_digest(entry[-64:-32], code_under(
                held[epoch - 1], library, b"gloss maker 1", entry[:-64])):
            raise Refused("notByAMember")
        wrap = wraps.get(public_key(private))
        if wrap is None:
            continue
        try:
            secret = open_with(private, wrap, b"gloss wrap 1" + library + big(epoch, 4))
        except InvalidTag:
            raise Refused("badWrap") from None
        if len(secret) != 32:
            raise Refused("badWrap")
        if not is_whole(entry, library, secret):
            raise Refused("tampered")
        held[epoch] = secret
    for entry, epoch, link, _ in reversed(parsed):
        if epoch not in held:
            raise Refused("notForThisDevice")
        if not is_whole(entry, library, held[epoch]):
            raise Refused("otherEpoch")
        key = ChaCha20Poly1305(derive(held[epoch], library, b"gloss link 1", 32))
        try:
            previous = key.decrypt(NONCE, link, library + big(epoch, 4))
        except InvalidTag:
            raise Refused("badLink") from None
        if held.setdefault(epoch - 1, previous) != previous:
            raise Refused("badLink")
    return held


def is_whole(entry: bytes, library: bytes, secret: bytes) -> bool:
    return hmac.compare_digest(
        entry[-32:], code_under(secret, library, b"gloss entry 1", entry[:-32]))
