#!/usr/bin/env python3
"""Lists the regions of some targets that no test reached, and fails where one is not in Tests/uncovered.txt.

Usage: coverage.py TEST-BINARY PROFILE-FOLDER ROOT TARGET...

ROOT is the folder of the package that the binary was built from.

An entry of the list is `File.swift: the region's first line` and, indented below it, the reason.
"""
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def tool(name):
    """The tool of the compiler in use: another one's does not read its files."""
    compiler = subprocess.run(["which", "swiftc"], capture_output=True, text=True).stdout.strip()
    return os.path.join(os.path.dirname(os.path.realpath(compiler)), name)


def allowed():
    reasons, key = {}, None
    with open(os.path.join(ROOT, "Tests/uncovered.txt")) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith(" "):
                reasons[key] += line.strip()
            else:
                key = line.strip()
                reasons[key] = ""
    return reasons


def main():
    binary, profiles, root, *targets = sys.argv[1:]
    merged = os.path.join(profiles, "all.profdata")
    raw = glob.glob(os.path.join(profiles, "*.profraw"))
    if not raw:
        sys.exit("no profiles")
    subprocess.run([tool("llvm-profdata"), "merge", "-o", merged, *raw], check=True)
    sources = [os.path.join(os.path.realpath(root), "Sources", target) for target in targets]
    report = subprocess.run(
        [tool("llvm-cov"), "export", binary, f"-instr-profile={merged}", *sources],
        capture_output=True, text=True, check=True).stdout
    counts = {}
    for function in json.loads(report)["data"][0]["functions"]:
        for line, column, last, end, count, file, _, kind in function["regions"]:
            path = function["filenames"][file]
            if kind == 0 and any(path.startswith(folder + "/") for folder in sources):
                key = (path, line, column, last, end)
                counts[key] = max(counts.get(key, 0), count)
    if not counts:
        sys.exit("no regions: is this the build that counts?")
    reasons, unexplained, used = allowed(), 0, set()
    for path, line, column, last, end in sorted(key for key, count in counts.items() if not count):
        with open(path) as source:
            text = source.read().splitlines()[line - 1].strip()
        key = f"{os.path.basename(path)}: {text}"
        used.add(key)
        if not reasons.get(key):
            unexplained += 1
            print(f"not covered: {os.path.relpath(path, os.path.realpath(root))}:{line}:{column} {text}")
    files = {os.path.basename(path) for path, *_ in counts}
    for key in sorted(set(reasons) - used):
        if key.split(":")[0] in files:
            print(f"listed, but covered: {key}")
    missed = sum(1 for count in counts.values() if not count)
    print(f"regions: {len(counts)}, {missed} not covered, {unexplained} of them without a reason")
    sys.exit(unexplained > 0)


main()
