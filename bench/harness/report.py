# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a run found, as a table for people, and what it ran on."""
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .measure import CORES, Series

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


@dataclass
class Row:
    """One comparison."""
    goal: int
    what: str
    ours: str
    theirs: str
    values: Sequence[float]  # one a round; their median is what counts
    unit: str  # "x" for a ratio, "ms", "MiB"
    wanted: str
    met: bool | None  # None: for information

    @property
    def value(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    def shown_value(self) -> str:
        if self.value is None:
            return "-"
        low, high = min(self.values), max(self.values)
        spread = f" [{number(low)} - {number(high)}]" if len(self.values) > 1 else ""
        unit = "" if self.unit == "x" else " " + self.unit
        return number(self.value) + spread + unit

    def as_json(self) -> dict:
        return {"goal": self.goal, "what": self.what, "ours": self.ours, "theirs": self.theirs,
                "median": self.value, "values": list(self.values), "unit": self.unit,
                "wanted": self.wanted, "met": self.met}


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def at_most(goal: int, what: str, ours: str, theirs: str, values: Sequence[float], limit: float,
            unit: str = "x") -> Row:
    return Row(goal, what, ours, theirs, values, unit,
               f"<= {limit:g}{'' if unit == 'x' else ' ' + unit}",
               statistics.median(values) <= limit)


def at_least(goal: int, what: str, ours: str, theirs: str, values: Sequence[float],
             limit: float) -> Row:
    return Row(goal, what, ours, theirs, values, "x", f">= {limit:g}",
               statistics.median(values) >= limit)


def information(goal: int, what: str, ours: str, theirs: str = "", values: Sequence[float] = (),
                unit: str = "x") -> Row:
    return Row(goal, what, ours, theirs, values, unit, "-", None)


def times(series: Series) -> str:
    """Median, least and most of a series."""
    values = series.seconds
    scale, unit = (1000, "ms") if series.median < 1 else (1, "s")
    return (f"{number(series.median * scale)} "
            f"[{number(min(values) * scale)} - {number(max(values) * scale)}] {unit}")


def first_line(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "absent"
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0] if lines else "?"


def describe_machine(build: Path) -> dict:
    """What numbers depend on; nothing that tells whose machine it is."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"),
                          re.MULTILINE)
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.MULTILINE)
    return {
        "processor": processor.group(1) if processor else platform.machine(),
        "cores": CORES,
        "memory GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "file system": first_line("stat", "-f", "-c", "%T", str(build)),
        "kernel": platform.release(),
        "compiler": first_line(compiler.group(1), "--version") if compiler else "?",
        "modproof": first_line(str(build / "modproof"), "--version"),
        "openssl": first_line("openssl", "version"),
        "xz": first_line("xz", "--version"),
        "zstd": first_line("zstd", "--version"),
        "load before": os.getloadavg()[0],
    }


def warn_if_busy() -> None:
    if os.getloadavg()[0] > 0.3 * CORES:
        print(f"bench/run: other work is running here (load {os.getloadavg()[0]:.1f}): "
              "expect noise", file=sys.stderr)


def table(machine: dict, rounds: int, rows: Sequence[Row]) -> str:
    lines = [", ".join(f"{key}: {value}" for key, value in machine.items()) + ".",
             f"{rounds} rounds; medians with [least - most].", "",
             "| goal | what | modproof | against | result | wanted | |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        verdict = {True: "met", False: "**missed**", None: ""}[row.met]
        lines.append(f"| {row.goal} | {row.what} | {row.ours} | {row.theirs} | {row.shown_value()} "
                     f"| {row.wanted} | {verdict} |")
    return "\n".join(lines)


def update_readme(text: str) -> None:
    old = README.read_text(encoding="utf-8")
    before, rest = old.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
