# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernel packages out of Debian's archive, of any suite and machine: checked by apt, never installed.

Each suite and machine has an apt configuration of its own, so that the machine's apt is left alone.
"""

import fnmatch
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "kernel"))
from helpers import source  # noqa: E402

# Suite, machine, and the package that depends on the newest kernel.
KERNELS = {
    "6.1": ("bookworm", "amd64", "linux-image-amd64"),
    "6.12": ("trixie", "amd64", "linux-image-amd64"),
    "backports": ("trixie-backports", "amd64", "linux-image-amd64"),
    "arm64": ("bookworm", "arm64", "linux-image-arm64"),
    "s390x": ("bookworm", "s390x", "linux-image-s390x"),
    "powerpc": ("bookworm", "ppc64el", "linux-image-powerpc64le"),
}


def cache():
    """Where packages are kept from one run to the next."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "modproof/artefacts"


def apt_configuration(directory, suite, machine):
    """Knows the packages of `suite` for `machine`, and neither this machine's sources nor its packages."""
    configuration = source.apt_configuration(directory, suite)
    with configuration.open("a") as more:
        more.write('Dir::State::status "/dev/null";\n'
                   f'APT::Architecture "{machine}";\nAPT::Architectures {{ "{machine}"; }};\n'
                   'Acquire::Languages "none";\n')
    return configuration


def dependencies(package, environment):
    """The packages of one kernel that `package` depends on, in exactly its version."""
    shown = subprocess.run(["apt-cache", "show", "--no-all-versions", package], env=environment,
                           check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r"(linux-(?:image|binary|modules)-[0-9][^ ,]*) \(=", shown)


def downloaded(directory, suite, machine, choose):
    """The packages whose names `choose(environment)` gives, in `directory`; asked and downloaded once."""
    complete = directory / "complete"
    if not complete.exists():
        directory.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ,
                       "APT_CONFIG": str(apt_configuration(cache() / f"apt-{suite}-{machine}", suite, machine))}
        subprocess.run(["apt-get", "-qq", "update"], env=environment, check=True)
        subprocess.run(["apt-get", "-qq", "download", *choose(environment)], env=environment, cwd=directory,
                       check=True)
        complete.touch()
    return directory.glob("*.deb")


def numbers(name):
    return [int(number) for number in re.findall(r"\d+", name)]


def packages(suite, machine, meta):
    """The packages that `meta` (linux-image-amd64, ...) stands for; downloaded once."""
    def choose(environment):
        wanted = dependencies(meta, environment)
        for package in wanted:
            wanted += [more for more in dependencies(package, environment) if more not in wanted]
        return wanted

    return sorted(downloaded(cache() / f"{suite}-{machine}", suite, machine, choose))


def newest_two(suite, machine, pattern):
    """The two newest packages whose names match `pattern`, older one first; downloaded once."""
    def choose(environment):
        found = subprocess.run(["apt-cache", "search", "--names-only", pattern], env=environment, check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        return sorted((line.split()[0] for line in found.splitlines()), key=numbers)[-2:]

    return sorted(downloaded(cache() / f"{suite}-{machine}-two", suite, machine, choose),
                  key=lambda path: numbers(path.name))


def unpack(package, directory, pattern):
    """Unpacks the files of `package` whose names fit `pattern`, and returns them."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        # Fails where nothing fits, which is for the caller to notice.
        subprocess.run(["tar", "-x", "-C", directory, "--wildcards", pattern], stdin=archive.stdout,
                       stderr=subprocess.DEVNULL, check=False)
        archive.stdout.read()
    return [path for path in sorted(directory.rglob("*")) if path.is_file()]


def first_files(package, wanted):
    """Names and contents of files of `package`, which is read up to where all are found. `wanted` says of each
    pattern how many of the files that fit it, and how large they may be; what is found comes under the same keys."""
    found = {pattern: [] for pattern in wanted}
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            for member in archive:
                for pattern, (count, most_bytes) in wanted.items():
                    if (member.isreg() and member.size <= most_bytes and len(found[pattern]) < count
                            and fnmatch.fnmatch(member.name, pattern)):
                        found[pattern].append((member.name.removeprefix("./"), archive.extractfile(member).read()))
                if all(len(found[pattern]) == count for pattern, (count, _) in wanted.items()):
                    break
        unpacking.kill()
    return found
