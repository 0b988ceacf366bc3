#!/usr/bin/env python3
"""Runs the tests of GlossCore once for each of its mutants, and says which of them the tests do not notice.

Usage: run.py TEST-BINARY MUTANTS.TSV SURVIVORS.TXT [--sample COUNT SEED] [--only NUMBER...]

A mutant is killed where a test fails, the tests crash, or they take ten times as long as without one. The quick tests go first; only
what they do not kill meets those that deliver in all orders. A survivor has to be in SURVIVORS.TXT: its key, then the reason in the
line below, indented. The exit status is 0 where every survivor has its reason, and at least 95 % of all are killed.
"""
import concurrent.futures
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

SLOW = "SmallWorldTests|OrderTests|ModelTests|InvariantTests"
STAGES = [
    ["--skip", SLOW],
    ["--filter", "OrderTests|SmallWorldTests.*few|SmallWorldTests.*crowd"],
    ["--filter", "ModelTests|InvariantTests|SmallWorldTests.*drawn|SmallWorldTests.*many"],
]


def run(binary, number, arguments, seconds):
    """Returns why the tests noticed the mutant, or None where they did not."""
    environment = dict(os.environ, GLOSS_MUTANT=str(number), SWIFT_BACKTRACE="enable=no")
    command = [binary, "--testing-library", "swift-testing", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True)
    timed_out = threading.Event()

    def end():
        timed_out.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, end)
    timer.start()
    reason = None
    for line in process.stdout:
        if match := re.search(r'Test "?(.*?)"? recorded an issue', line):
            reason = match.group(1)
            os.killpg(process.pid, signal.SIGKILL)
            break
    status = process.wait()
    timer.cancel()
    if timed_out.is_set():
        return "time"
    return reason or (f"status {status}" if status else None)


def survivors_listed(path):
    """Returns the reason for each key of the list."""
    reasons, key = {}, None
    with open(path) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith(" "):
                reasons[key] = (reasons[key] + " " + line.strip()).strip()
            else:
                key = line.strip()
                reasons[key] = ""
    return reasons


def main():
    binary, table, survivors, *options = sys.argv[1:]
    with open(table) as lines:
        mutants = [line.rstrip("\n").split("\t") for line in lines]
    everything = len(mutants)
    if options[:1] == ["--sample"]:
        mutants = random.Random(int(options[2])).sample(mutants, min(int(options[1]), everything))
    if options[:1] == ["--only"]:
        mutants = [mutant for mutant in mutants if mutant[0] in options[1:]]
    listed = survivors_listed(survivors)
    started = time.monotonic()
    alive, reasons = mutants, []
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        for stage in STAGES:
            before = time.monotonic()
            if reason := run(binary, 0, stage, 600):
                sys.exit(f"the tests fail without a mutant: {reason}")
            limit = 10 * (time.monotonic() - before) + 5
            verdicts = list(workers.map(lambda mutant: run(binary, mutant[0], stage, limit), alive))
            reasons += [verdict for verdict in verdicts if verdict]
            alive = [mutant for mutant, verdict in zip(alive, verdicts) if not verdict]
            print(f"{stage[1]}: {len(alive)} of {len(mutants)} survive", flush=True)
    keys = {mutant[3] for mutant in alive}
    unexplained = [mutant for mutant in alive if not listed.get(mutant[3])]
    for number, file, line, key in unexplained:
        print(f"survives: {number} {file}:{line} {key}")
    tried = {mutant[3] for mutant in mutants}
    for key in sorted(key for key in listed if key in tried and key not in keys):
        print(f"listed, but killed: {key}")
    killed = len(mutants) - len(alive)
    share = 100 * killed / max(1, len(mutants))
    print(f"mutants: {len(mutants)} of {everything}, {killed} killed ({share:.1f} %), "
          f"{reasons.count('time')} of them by time, {len(alive)} survive, "
          f"{len(unexplained)} without a reason, {time.monotonic() - started:.0f} s")
    # Of a few, as many as chance has it survive.
    sys.exit((share < 95 and len(mutants) == everything) or bool(unexplained))


main()
