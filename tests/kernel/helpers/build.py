# SPDX-License-Identifier: LGPL-2.1-or-later
"""Configures and builds a kernel in a directory of its own, and does things to a finished build.

To compile a kernel takes minutes, so a test that changes one starts from a copy of a finished build.
"""

import hashlib
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

from helpers.say import say
from helpers.source import PROJECT, cache

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
IMAGE = "arch/x86/boot/bzImage"
# What is needed for the same bytes each time (Documentation/kbuild/reproducible-builds.rst).
SAME = {"KBUILD_BUILD_TIMESTAMP": "2026-01-01 00:00:00 UTC", "KBUILD_BUILD_USER": "user",
        "KBUILD_BUILD_HOST": "host", "KBUILD_BUILD_VERSION": "1", "LC_ALL": "C"}
# Where gcc is ccache, a second build would be what the first one left behind.
COMPILE = {"CCACHE_DISABLE": "1"}


class Failed(Exception):
    """make ended with an error; str() is what it printed."""


class Build:
    """A build directory outside of its source."""

    def __init__(self, source, directory, arguments=()):
        self.source, self.directory, self.arguments = Path(source), Path(directory), list(arguments)

    def make(self, *arguments, jobs=None, variables=None, within=()):
        """Runs make and returns what it printed; raises Failed.

        `variables` are added to the environment; `within` is a command that runs the command behind it.
        """
        command = [*within, "make", f"-j{jobs or os.cpu_count()}", f"O={self.directory}",
                   *self.arguments, *arguments]
        done = subprocess.run(command, cwd=self.source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace",
                              env={**os.environ, **SAME, **COMPILE, **(variables or {})})
        if done.returncode:
            raise Failed(done.stdout[-6000:])
        return done.stdout

    def configure(self, fragments, **settings):
        """tinyconfig, the fragments (names in configs/), then settings: MODULE_SIG="y"."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.make("-s", "tinyconfig")
        self.set(fragments, **settings)

    def set(self, fragments=(), **settings):
        """Changes the configuration; each line asked for must come through."""
        wanted = [line for name in fragments for line in (CONFIGS / f"{name}.config").read_text().splitlines()
                  if line and not (line.startswith("# ") and not line.endswith("is not set"))]
        wanted += [f"# CONFIG_{k} is not set" if v == "n" else f"CONFIG_{k}={v}" for k, v in settings.items()]
        names = {re.search(r"CONFIG_\w+", line)[0] for line in wanted}
        config = self.directory / ".config"
        kept = [line for line in config.read_text().splitlines()
                if not ((found := re.search(r"CONFIG_\w+", line)) and found[0] in names)]
        config.write_text("\n".join(kept + wanted) + "\n")
        self.make("-s", "olddefconfig")
        got = set(config.read_text().splitlines())
        lost = [line for line in wanted if line not in got and not
                (line.endswith("is not set") and re.search(r"CONFIG_\w+", line)[0] not in config.read_text())]
        assert not lost, f"Kconfig did not take {lost}"

    def clone(self, directory):
        """A copy in which make has as much, or as little, to do as here.

        If the directory is an older copy, only what differs is copied: a file is the same if it has the
        same size and time, in nanoseconds. Only what is under tools/ knows the directory that it was
        built in.
        """
        directory = Path(directory)
        subprocess.run(["rsync", "-a", "--delete", "--modify-window=-1", f"{self.directory}/", f"{directory}/"],
                       check=True)
        for path in [directory / "Makefile", *(directory / "tools").rglob(".*.cmd")]:
            times = path.stat()
            path.write_text(path.read_text().replace(str(self.directory), str(directory)))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return Build(self.source, directory, self.arguments)

    @property
    def vmlinux(self):
        return self.directory / "vmlinux"

    @property
    def image(self):
        return self.directory / IMAGE

    def modules(self):
        """Paths of all modules, in tree order."""
        lines = (self.directory / "modules.order").read_text().splitlines()
        return [self.directory / f"{line.removesuffix('.o')}.ko" for line in lines]

    def install(self, target, *arguments):
        """modules_install to a directory; returns the directory with the modules."""
        self.make("modules_install", f"INSTALL_MOD_PATH={target}", "DEPMOD=true", *arguments)
        return next(Path(target).glob("lib/modules/*"))

    def state(self, *names):
        """Modification times in nanoseconds, to see what a make has touched."""
        return {name: (self.directory / name).stat().st_mtime_ns for name in names}


def modproof(*arguments, check=True, **options):
    """Runs the tool under test."""
    return subprocess.run([os.environ["MODPROOF"], *map(str, arguments)], check=check, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def cached(name, source, fragments, arguments=(), files=None, goals=(), debug=False, **how):
    """A finished build, kept from one run to the next as long as what goes into it is the same.

    What the first make printed stands in make.log. `goals` are only those of the first make, `how` is
    said to each make (Build.make). With `debug`, the compiler is told to keep the directories out of
    the debug information.
    """
    files = files or {}
    inputs = repr([str(source), [(CONFIGS / f"{f}.config").read_text() for f in fragments],
                   arguments, goals, how, debug, sorted(files.items()), subprocess.run(
                       ["cc", "--version"], capture_output=True, text=True).stdout])
    directory = cache() / f"build-{name}-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"
    if debug:
        maps = f"-fdebug-prefix-map={directory}=. -fdebug-prefix-map={source}=linux"
        arguments = [*arguments, f"KCFLAGS={maps}", f"KAFLAGS={maps}"]
    build = Build(source, directory, arguments)
    log = directory / "make.log"
    if not log.exists():
        for old in cache().glob(f"build-{name}-*"):
            if old != directory:  # which may be there from a run that was interrupted
                shutil.rmtree(old)
        say(f"building {name}: {', '.join(fragments)}")
        directory.mkdir(exist_ok=True)
        for path, content in files.items():
            (directory / path).write_bytes(content)
        build.configure(fragments)
        before = processor_time()
        output = build.make(*goals, **how)
        log.write_text(output)
        say(f"built {name}: {processor_time() - before:.0f} s of processor time")
    # The tool may be another one than last time.
    (directory / "modules.merkle").unlink(missing_ok=True)
    build.make(**how)
    return build


def processor_time():
    """Seconds that all finished children have used, on all processors together."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


__all__ = ["Build", "Failed", "IMAGE", "PROJECT", "SAME", "cached", "modproof"]
