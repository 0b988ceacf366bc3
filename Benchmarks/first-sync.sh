#!/usr/bin/env bash
# The first sync of a new replica with 100,000 records over loopback, with the real programs: its time beside that of inserting
# the same rows into plain tables, and the memory of both sides beside what they have when idle.
# The goals are 4x and 64 MiB. What it is called with says how the programs are built; COUNT is another number of records.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${COUNT:-100000}
[ $# -gt 0 ] || set -- -c release --static-swift-stdlib
swift build "$@" --product gloss --scratch-path .build-static >/dev/null
swift build "$@" --product gloss-hub --scratch-path .build-static >/dev/null
swift build --package-path Benchmarks -c release >/dev/null

python3 - ".build-static/release" Benchmarks/.build/release/gloss-bench "$count" <<'PYTHON'
import os, pathlib, subprocess, sys, tempfile, time

programs, bench, count = sys.argv[1:]


def gloss(library, *words, input=None):
    """Runs a command, and returns its output, its seconds (CPU, wall) and its greatest memory in MiB."""
    environment = dict(os.environ, GLOSS_LIBRARY=str(library))
    start = time.perf_counter()
    process = subprocess.Popen(
        [f"{programs}/gloss", *words], env=environment, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if input:
        process.stdin.write(input)
    process.stdin.close()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, (words, output)
    seconds = (usage.ru_utime + usage.ru_stime, time.perf_counter() - start)
    return output, seconds, usage.ru_maxrss / 1024


def measure(folder, *settings):
    """The seconds and memory of the sync that sends, of the one that receives, and the memory of the hub; over idle."""
    hub = subprocess.Popen(
        [f"{programs}/gloss-hub", "serve", "--data", str(folder / "hub"), "--listen",
         "127.0.0.1:0", "--log-level", "error", *settings], stdout=subprocess.PIPE, text=True)
    try:
        address = hub.stdout.readline().split()[-1]

        def hub_memory(key):
            lines = pathlib.Path(f"/proc/{hub.pid}/status").read_text().splitlines()
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))

        hub_idle = hub_memory("VmRSS")
        gloss(folder / "desk", "init", "--name", "desk")
        subprocess.run([bench, "fill", str(folder / "desk"), count], check=True)
        gloss(folder / "desk", "hub", "connect", address)
        _, push, push_memory = gloss(folder / "desk", "sync")
        code, _, _ = gloss(folder / "desk", "pair")
        gloss(folder / "lap", "join", "--name", "lap", input=code)
        _, _, idle = gloss(folder / "lap", "status")
        _, pull, pull_memory = gloss(folder / "lap", "sync")
        return push, push_memory - idle, pull, pull_memory - idle, hub_memory("VmHWM") - hub_idle
    finally:
        hub.terminate()
        hub.wait()


def show(title, plain, push, push_memory, pull, pull_memory, hub_memory):
    print(title)
    print(f"first sync, receiving {pull[0]:8.2f} {pull[1]:8.2f} {pull[0] / plain:8.2f}x  "
          f"{pull_memory:8.0f} MiB   (goals 4x, 64 MiB)")
    print(f"first sync, sending   {push[0]:8.2f} {push[1]:8.2f} {push[0] / plain:8.2f}x  "
          f"{push_memory:8.0f} MiB")
    print(f"hub                                               {hub_memory:8.0f} MiB")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    plain = sorted(
        tuple(map(float, subprocess.run(
            [bench, "plain", str(folder / f"plain{run}"), count], check=True, text=True,
            stdout=subprocess.PIPE).stdout.split())) for run in range(3))[1]
    print(f"{count} records          CPU s   wall s   CPU ratio  memory over idle")
    print(f"plain tables          {plain[0]:8.2f} {plain[1]:8.2f}")
    for title, *settings in (
        ("from the log",), ("from a snapshot, which the one that sends makes", "--snapshot-bundles", "10")):
        place = folder / title.split()[-1]
        place.mkdir()
        show(title, plain[0], *measure(place, *settings))
PYTHON
