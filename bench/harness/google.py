# SPDX-License-Identifier: LGPL-2.1-or-later
"""Numbers that other programs measure: Google Benchmark's and `openssl speed`."""
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .measure import CORES, Failed
from .report import Row, at_least, at_most, information


def output_of(words: Sequence[object], json_key: str | None = None) -> str:
    """What a command prints; one member of it, if it is JSON."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Failed(f"exit status {done.returncode}: {words[0]}: {done.stderr}")
    return done.stdout if json_key is None else _find(json.loads(done.stdout), json_key)


def _find(document: object, key: str) -> str:
    """The text that `key` has, wherever it stands in `document`."""
    if isinstance(document, dict):
        if isinstance(document.get(key), str):
            return document[key]
        document = list(document.values())
    if isinstance(document, list):
        for member in document:
            if (found := _find(member, key)) is not None:
                return found
    return None


def openssl_rate(openssl: str) -> float:
    """Bytes a second of OpenSSL's SHA-256 on all cores together."""
    text = output_of([openssl, "speed", "-elapsed", "-seconds", "1", "-multi",
                      CORES, "-evp", "sha256", "-bytes", "131072"])
    found = re.search(r"^sha256\s+([0-9.]+)k\s*$", text, re.MULTILINE)
    if not found:
        raise Failed("cannot read what `openssl speed` prints")
    return float(found.group(1)) * 1000


def _benchmark(program: Path, name: str, *options: str) -> list[dict]:
    text = output_of([program, f"--benchmark_filter={name}", "--benchmark_format=json", *options])
    return json.loads(text)["benchmarks"]


def hash_loop(build: Path, rounds: int) -> tuple[list[Row], float]:
    """The hash loop of each backend on one core, all lanes full, against EVP; and the median rate
    of the one that modproof takes, in bytes a second."""
    program = build / "bench" / "hash_bench"
    listed = output_of([program, "--benchmark_list_tests=true"]).split()
    backends = list(dict.fromkeys(name.split("/")[0] for name in listed if "/lanes/" in name))
    full = {}
    for backend in backends:
        lanes = [name for name in listed if re.match(f"{backend}/lanes/.*chunk:65536", name)]
        full[backend] = max(lanes, key=lambda name: int(re.search(r"used:(\d+)", name).group(1)))
    rates: dict[str, list[float]] = {name: [] for name in ["evp", *backends]}
    pattern = "^(evp|" + "|".join(full.values()) + ")$"
    for _ in range(rounds):
        for entry in _benchmark(program, pattern, "--benchmark_min_time=0.1"):
            rates[entry["name"].split("/")[0]].append(entry["bytes_per_second"])
    rows = []
    own = [name for name in backends if name != "openssl"]
    for i, backend in enumerate(own):
        values = [a / b for a, b in zip(rates[backend], rates["evp"], strict=True)]
        ours = _rate(rates[backend])
        theirs = f"{_rate(rates['evp'])} (EVP, one stream)"
        what = f"hash loop, one core, {backend}"
        rows.append(at_least(1, what, ours, theirs, values, 1.6) if i == 0
                    else information(1, what, ours, theirs, values))
    return rows, _middle(rates[own[0] if own else "openssl"])


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _rate(values: Sequence[float]) -> str:
    return f"{_middle(values) / 1e9:.2f} GB/s"


def tree_growth(build: Path) -> list[Row]:
    """Building a Merkle tree, from 10^4 to 10^6 leaves."""
    entries = _benchmark(build / "bench" / "tree_bench", "^build/[0-9]+$",
                         "--benchmark_repetitions=5", "--benchmark_min_time=0.1",
                         "--benchmark_enable_random_interleaving=true")
    single: dict[int, list[dict]] = {}
    for entry in entries:
        if entry["run_type"] == "iteration":
            single.setdefault(int(entry["name"].split("/")[1]), []).append(entry)
    per_leaf = {count: sorted(entry["cpu_time"] for entry in group)[len(group) // 2] * 1e6 / count
                for count, group in single.items()}
    least, most = min(per_leaf), max(per_leaf)
    bytes_per_leaf = max(entry["bytes_per_leaf"] for entry in single[most])
    return [
        # Linear: a leaf costs the same in every tree, but for the caches of the processor.
        at_most(8, f"a leaf in a tree of {most}", f"{per_leaf[most]:.0f} ns",
                f"{per_leaf[least]:.0f} ns (tree of {least})", [per_leaf[most] / per_leaf[least]], 1.5),
        at_most(8, f"memory of a tree of {most}, a leaf", "", "", [bytes_per_leaf], 128, "bytes"),
    ]
