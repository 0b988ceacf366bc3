"""The cases of Protocol/vectors/seal.json about the keyring; epochs.py has the rules."""

import hashlib

from epochs import (
    device_card, is_good_card, keyring_entry, open_with, public_key, seal_to, take_entries)
from seal import EPOCH_SECRETS, LIBRARY, OTHER_LIBRARY, ROOT, Refused, big, flipped, numbers

DEVICES = [numbers(first, 32) for first in (0x30, 0x50, 0x70)]
TOKEN_DIGEST = hashlib.sha256(b"example-token-1").digest()


def good_card(name: str, epoch: int, private: bytes) -> dict[str, object]:
    secret, public = EPOCH_SECRETS[epoch], public_key(private)
    card = device_card(secret, LIBRARY, epoch, public, TOKEN_DIGEST)
    assert is_good_card(card, TOKEN_DIGEST, LIBRARY, EPOCH_SECRETS)
    return {
        "name": name, "library": LIBRARY, "secret": secret, "epoch": epoch, "deviceKey": private,
        "publicKey": public, "tokenDigest": TOKEN_DIGEST, "card": card,
    }


def refused_cards() -> list[dict[str, object]]:
    """Cards that count for nothing to who has the first two epochs."""
    public, held = public_key(DEVICES[0]), {epoch: EPOCH_SECRETS[epoch] for epoch in (1, 2)}
    good = device_card(EPOCH_SECRETS[2], LIBRARY, 2, public, TOKEN_DIGEST)
    cases = [
        ("nothing at all", b""), ("the last byte missing", good[:-1]), ("a byte too many", good + b"\0"),
        ("a later version", b"\2" + good[1:]), ("another epoch", good[:4] + b"\1" + good[5:]),
        ("another public key", flipped(good, 5)), ("another code", flipped(good, 68)),
        ("made with the root key for epoch 2", device_card(ROOT, LIBRARY, 2, public, TOKEN_DIGEST)),
        ("epoch 0", device_card(ROOT, LIBRARY, 0, public, TOKEN_DIGEST)),
        ("an epoch that is not here", device_card(EPOCH_SECRETS[3], LIBRARY, 3, public, TOKEN_DIGEST)),
        ("of another library", device_card(EPOCH_SECRETS[2], OTHER_LIBRARY, 2, public, TOKEN_DIGEST)),
        ("of another token", device_card(EPOCH_SECRETS[2], LIBRARY, 2, public, bytes(32))),
    ]
    for name, card in cases:
        assert not is_good_card(card, TOKEN_DIGEST, LIBRARY, held), name
    return [{"name": name, "library": LIBRARY, "tokenDigest": TOKEN_DIGEST, "card": card,
             "secrets": {str(epoch): secret for epoch, secret in held.items()}}
            for name, card in cases]


def entry_of(epoch: int, devices: list[bytes], **faults: bytes) -> bytes:
    """The entry of an epoch, with an ephemeral key of its own for each device."""
    secrets = {each: EPOCH_SECRETS[each] for each in range(1, epoch)}
    wraps = [(public_key(private), ephemeral_key(epoch, private)) for private in devices]
    return keyring_entry(secrets, LIBRARY, faults.pop("secret", EPOCH_SECRETS[epoch]), wraps, faults)


def ephemeral_key(epoch: int, private: bytes) -> bytes:
    return hashlib.sha256(b"ephemeral" + bytes([epoch]) + private).digest()


def good_entry(name: str, epoch: int, devices: list[bytes]) -> dict[str, object]:
    entry = entry_of(epoch, devices)
    held = {epoch - 1: EPOCH_SECRETS[epoch - 1]}
    for private in devices:
        taken = take_entries([entry], LIBRARY, held, private)
        assert taken == held | {epoch: EPOCH_SECRETS[epoch]}, name
    return {
        "name": name, "library": LIBRARY, "epoch": epoch, "previousSecret": EPOCH_SECRETS[epoch - 1],
        "secret": EPOCH_SECRETS[epoch], "deviceKeys": devices,
        # In the order in which they are drawn: of ascending public keys.
        "ephemeralKeys": [ephemeral_key(epoch, each) for each in sorted(devices, key=public_key)],
        "entry": entry,
    }


def keyring(
    name: str, entries: list[bytes], have: tuple[int, ...] = (1,), private: bytes = DEVICES[0],
    library: bytes = LIBRARY,
) -> dict[str, object]:
    """What comes of taking entries in: the secrets, or an error."""
    held = {epoch: EPOCH_SECRETS[epoch] for epoch in have}
    case: dict[str, object] = {
        "name": name, "library": library, "deviceKey": private, "entries": entries,
        "held": {str(epoch): secret for epoch, secret in held.items()},
    }
    try:
        taken = take_entries(entries, library, held, private)
        return case | {"secrets": {str(epoch): taken[epoch] for epoch in sorted(taken)}}
    except Refused as refused:
        return case | {"error": refused.args[0]}


def keyrings() -> list[dict[str, object]]:
    two, three, four = entry_of(2, DEVICES[:2]), entry_of(3, DEVICES[:1]), entry_of(4, DEVICES[:1])
    without = entry_of(2, DEVICES[1:2])
    other = entry_of(2, DEVICES[:2], secret=numbers(0x99, 32))
    outside = len(two) - 64
    cases = [
        keyring("one epoch", [two]), keyring("two epochs", [two, three]),
        keyring("a repeat", [two], (1, 2)), keyring("the second of two", [three], (1, 2)),
        keyring("nothing", []),
        keyring("by a link: for this device only in the later one", [without, three]),
        keyring("by links: a device that has the newest alone", [two, three], (1, 3), DEVICES[2]),
        keyring("for others", [two], (1,), DEVICES[2]),
        keyring("the later one for others", [two, three], (1,), DEVICES[1]),
        keyring("a gap in front", [three]), keyring("a gap between", [two, four]),
        keyring("the wrong way round", [three, two]), keyring("one entry twice", [two, two]),
        keyring("no bytes", [b""]), keyring("a version alone", [b"\1"]),
        keyring("a later version", [b"\2" + two[1:]]),
        keyring("the last byte missing", [two[:-1]]), keyring("a byte too many", [two + b"\0"]),
        keyring("epoch 1", [two[:1] + big(1, 4) + two[5:]]),
        keyring("a device twice", [two[:55] + two[55:167] * 2 + two[279:]]),
        keyring("another epoch", [two[:1] + big(4, 4) + two[5:]], (1, 2, 3)),
        keyring("another link", [flipped(two, 5)]),
        keyring("another public key", [flipped(two, 55)]),
        keyring("another wrap", [flipped(two, 90)]),
        keyring("the code of the maker altered", [flipped(two, outside)]),
        keyring("the code of the epoch altered", [flipped(two, len(two) - 1)]),
        keyring("a device left out", [two[:53] + big(1, 2) + two[55:167] + two[279:]]),
        keyring("made without the epoch before", [entry_of(2, DEVICES, maker=numbers(0x99, 32))]),
        keyring("a wrap that does not open", [entry_of(2, DEVICES[:1], wrap=bytes(80))]),
        keyring("a wrap of another secret", [entry_of(2, DEVICES[:1], wrapped=numbers(0x99, 32))]),
        keyring("a link to another secret", [entry_of(2, DEVICES[:1], linked=numbers(0x99, 32))]),
        keyring("another history of an epoch that is here", [other], (1, 2)),
        keyring("for another library", [two], library=OTHER_LIBRARY),
    ]
    return cases


def messages() -> list[dict[str, object]]:
    """Messages to a public key."""
    cases = []
    for number, (private, content, info) in enumerate((
            (DEVICES[0], b"", b""), (DEVICES[1], b"one message", b"what for"),
            (DEVICES[2], numbers(0, 300), numbers(9, 100)))):
        ephemeral = numbers(0x80 + number, 32)
        sealed = seal_to(public_key(private), content, info, ephemeral)
        assert open_with(private, sealed, info) == content
        cases.append({"name": f"{len(content)} bytes", "deviceKey": private,
                      "publicKey": public_key(private), "ephemeralKey": ephemeral, "info": info,
                      "content": content, "sealed": sealed})
    return cases

def vectors() -> dict[str, object]:
    return {
        "messages": messages(),
        "cards": [
            good_card("epoch 1", 1, DEVICES[0]), good_card("epoch 2", 2, DEVICES[0]),
            good_card("another device", 2, DEVICES[1]),
        ],
        "refusedCards": refused_cards(),
        "keyringEntries": [
            good_entry("one device", 2, DEVICES[:1]), good_entry("two devices", 2, DEVICES[:2]),
            good_entry("three devices, in any order", 3, DEVICES[::-1]),
        ],
        "keyrings": keyrings(),
    }
