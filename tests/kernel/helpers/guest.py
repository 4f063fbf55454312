# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boots a kernel under QEMU with some files and a list of steps, and returns what the guest said.

The guest is an initramfs: busybox, kmod, load (guest/load.c), modproof and the files of the test.
See guest/init for the language of the steps and of the answers.
"""

import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TIMEOUT = 120  # seconds; emulated, a boot takes three on an idle machine


@dataclass
class Answers:
    """What each step of a guest led to."""

    console: str
    load: dict = field(default_factory=dict)   # step -> "ok" or the name of an errno
    taint: dict = field(default_factory=dict)  # step -> letters of the module's taint
    exit: dict = field(default_factory=dict)   # step -> exit status
    out: dict = field(default_factory=dict)    # step -> lines of output
    log: dict = field(default_factory=dict)    # step -> lines of the kernel log, without the time
    tainted: int = -1                          # /proc/sys/kernel/tainted at the end


def tree(installed):
    """The files of an installed directory lib/modules/VERSION, as boot() wants them."""
    return {f"/lib/modules/{installed.name}/{path.relative_to(installed)}": path
            for path in installed.rglob("*") if path.is_file() and "build" not in path.parts}


def boot(scratch, image, files, steps, cmdline="", before=None):
    """Boots `image` with `files` (path in the guest -> host path or bytes) and runs `steps`.

    `before` is an initramfs that the kernel unpacks before that of the guest.
    """
    root = Path(scratch) / "root"
    shutil.rmtree(root, ignore_errors=True)
    for directory in ("bin", "dev", "proc", "sys", "tmp", "root"):
        (root / directory).mkdir(parents=True)
    _programs(root, Path(scratch))
    for name, content in files.items():
        target = root / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            shutil.copy(content, target)
    shutil.copy(HERE / "guest/init", root / "init")
    (root / "steps").write_text("\n".join(steps) + "\n")
    initramfs = Path(scratch) / "initramfs.gz"
    subprocess.run("find . | cpio -o -H newc --quiet -R 0:0 | gzip -1 >../initramfs.gz",
                   shell=True, cwd=root, check=True)
    if before:
        initramfs.write_bytes(Path(before).read_bytes() + initramfs.read_bytes())
    return _answers(_qemu(image, initramfs, cmdline))


def _programs(root, scratch):
    shutil.copy("/bin/busybox", root / "bin/busybox")
    load = scratch / "load"
    if not load.exists():
        subprocess.run(["cc", "-static", "-O2", "-Wall", "-o", load, HERE / "guest/load.c"], check=True)
    shutil.copy(load, root / "bin/load")
    for program in (os.environ["MODPROOF"], shutil.which("kmod") or "/bin/kmod"):
        shutil.copy(program, root / "bin")
        for library in re.findall(r"(/\S+) \(0x", subprocess.run(
                ["ldd", program], check=True, capture_output=True, text=True).stdout):
            target = root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)


def _qemu(image, initramfs, cmdline):
    command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "512", "-nographic",
               "-no-reboot", "-nodefaults", "-serial", "stdio",
               "-kernel", str(image), "-initrd", str(initramfs),
               "-append", f"console=ttyS0 quiet loglevel=1 panic=-1 {cmdline}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as qemu:
        watchdog = threading.Timer(TIMEOUT, qemu.kill)
        watchdog.start()
        console = ""
        for line in qemu.stdout:
            console += line.decode(errors="replace")
            if "@@ end of steps" in console[-200:]:
                qemu.kill()
                break
        watchdog.cancel()
    assert "@@ end of steps" in console, f"the guest did not come to its end:\n{console[-4000:]}"
    return console


def _answers(console):
    answers = Answers(console)
    for line in console.replace("\r", "").splitlines():
        if not (match := re.search(r"@@ (\w+) (\S+) ?(.*)", line)):
            continue
        kind, step, rest = match.groups()
        if kind == "load":
            answers.load[step], _, answers.taint[step] = rest.partition(" ")
        elif kind == "exit":
            answers.exit[step] = int(rest)
        elif kind == "out":
            answers.out.setdefault(step, []).append(rest)
        elif kind == "log":
            answers.log.setdefault(step, []).append(re.sub(r"^\[ *[0-9.]+\] ", "", rest))
        elif kind == "taint":
            answers.tainted = int(rest)
    return answers
