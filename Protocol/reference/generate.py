#!/usr/bin/env python3
"""Writes every file of Protocol/vectors; with `--check`, says which of them are not what would be written.

Python 3.11 with the packages `cryptography` and `protobuf`, and gloss_pb2 (`make reference`). `--check` changes nothing
and exits 1 where a file differs.
"""

import json
import sys
from pathlib import Path

import backup
import blob_cases
import bundle_cases
import epoch_cases
import export_cases
import fork_cases
import http_cases
import merge
import seal
import snapshot_cases

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def rendered(content):
    return json.dumps(content, indent=1, ensure_ascii=True, default=bytes.hex) + "\n"


def main():
    files = {
        "timestamps.json": rendered(merge.timestamp_vectors()),
        "merges.json": rendered(merge.merge_vectors()),
        "seal.json": rendered(seal.vectors() | epoch_cases.vectors()),
        "bundles.json": bundle_cases.rendered(),
        "blobs.json": rendered(blob_cases.vectors()),
        "http.json": rendered(http_cases.vectors()),
        "snapshots.json": rendered(snapshot_cases.vectors()),
        "forks.json": rendered(fork_cases.vectors()),
        "exports.json": rendered(export_cases.vectors()),
        "backups.json": rendered(backup.vectors()),
    }
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit("usage: generate.py [--check]")
    is_check = bool(sys.argv[1:])
    differing = []
    for name, text in files.items():
        path = VECTORS / name
        if not path.exists() or path.read_bytes() != text.encode("ascii"):
            differing.append(name)
            if not is_check:
                path.write_bytes(text.encode("ascii"))
    for name in differing:
        print(f"{name} {'differs' if is_check else 'written'}")
    if is_check and differing:
        sys.exit(1)


if __name__ == "__main__":
    main()
