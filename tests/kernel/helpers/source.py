# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gets a kernel's source out of Debian's archive, checked by apt, and puts the kernel part into it.

apt gets a configuration of its own, with one more suite and lists of its own, so that the machine's
apt is left alone. The mirror is one that the machine's own sources name.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from helpers.say import say

PROJECT = Path(__file__).resolve().parents[3]
SUITES = "trixie trixie-backports"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# The versions that the series of patches were made for: kernel/apply takes no line that has moved, so the
# day on which Debian has a newer one must not decide what the tests say.
VERSIONS = {"7.2": "7.2.12-1~bpo13+1", "7.3": "7.3.4-1~bpo13+1"}


def cache():
    """Where sources and builds are kept from one run to the next."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "modproof/kernel"
    path.mkdir(parents=True, exist_ok=True)
    return path


def mirror():
    """The first archive of Debian's main suites in the machine's apt sources, in either format."""
    for sources in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        if not sources.is_file():
            continue
        text = re.sub(r"(?m)^\s*#.*\n?", "", sources.read_text(errors="replace"))
        if sources.suffix == ".sources":
            found = re.findall(r"(?m)^URIs:\s*(\S+)", text)
        else:
            found = re.findall(r"(?m)^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s", text)
        for uri in found:
            if re.search(r"/debian/?$", uri):
                return uri
    raise RuntimeError("the machine's apt sources name no mirror of Debian")


def apt_configuration(directory, suites=SUITES):
    """Writes an apt configuration that knows `suites` only, and returns the path to it."""
    for sub in ("parts", "lists/partial", "cache/archives/partial"):
        (directory / sub).mkdir(parents=True, exist_ok=True)
    (directory / "parts/debian.sources").write_text(
        f"Types: deb\nURIs: {mirror()}\nSuites: {suites}\nComponents: main\nSigned-By: {KEYRING}\n")
    configuration = directory / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{directory}/parts";\n'
        f'Dir::State::lists "{directory}/lists";\nDir::Cache "{directory}/cache";\n'
        'APT::Sandbox::User "root";\n')
    return configuration


def download(package, directory, configuration):
    """Fetches a package's file to the directory, by an apt configuration of apt_configuration()."""
    say(f"downloading {package}")
    environment = {**os.environ, "APT_CONFIG": str(configuration)}
    directory.mkdir(exist_ok=True)
    subprocess.run(["apt-get", "-qq", "update"], env=environment, check=True)
    subprocess.run(["apt-get", "-qq", "download", package], env=environment, cwd=directory, check=True)


def compare_versions(a, b):
    """-1, 0 or 1, as the version of package file a is older than that of b, the same or newer."""
    versions = [path.name.split("_")[1] for path in (a, b)]
    for answer, relation in ((-1, "lt"), (1, "gt")):
        if subprocess.run(["dpkg", "--compare-versions", versions[0], relation, versions[1]]).returncode == 0:
            return answer
    return 0


@functools.cache
def archive(series):
    """The package linux-source-SERIES in the version of VERSIONS, downloaded once.

    The newest that the archive has, if it does not have that one any more, or if VERSIONS has none.
    """
    directory, package, version = cache() / "archive", f"linux-source-{series}", VERSIONS.get(series)
    if version and (found := list(directory.glob(f"{package}_{version}_*.deb"))):
        return found[0]
    configuration = apt_configuration(cache() / "apt")
    if version:
        try:
            download(f"{package}={version}", directory, configuration)
            return next(directory.glob(f"{package}_{version}_*.deb"))
        except subprocess.CalledProcessError:
            say(f"{package} {version} cannot be downloaded; trying the newest")
    download(package, directory, configuration)
    newest = max(directory.glob(f"{package}_*.deb"), key=functools.cmp_to_key(compare_versions))
    say(f"taking {newest.name}, which the patches were not made for")
    return newest


def unpacked(package):
    """A directory with the files of a package of the machine's own suite, which is not installed."""
    tree = cache() / f"unpacked-{package}"
    if not tree.exists():
        suite = re.search(r"(?m)^VERSION_CODENAME=(\S+)", Path("/etc/os-release").read_text())[1]
        scratch = cache() / "unpacking-package"
        shutil.rmtree(scratch, ignore_errors=True)
        download(package, scratch, apt_configuration(cache() / "apt-own", suite))
        subprocess.run(["dpkg-deb", "-x", next(scratch.glob("*.deb")), scratch / "tree"], check=True)
        (scratch / "tree").rename(tree)
        shutil.rmtree(scratch)
    return tree


def pristine(series):
    """The unpacked source as Debian has it."""
    package = archive(series)
    tree = cache() / f"pristine-{package.name.split('_')[1]}"
    if not tree.exists():
        say(f"unpacking {package.name}")
        scratch = cache() / "unpacking"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        subprocess.run(["dpkg-deb", "-x", package, scratch], check=True)
        subprocess.run(["tar", "-xf", next(scratch.glob("usr/src/linux-source-*.tar.*")), "-C", scratch],
                       check=True)
        next(scratch.glob("linux-source-*")).rename(tree)
        shutil.rmtree(scratch)
    return tree


def patched(series):
    """The source with the kernel part in it; made again when the kernel part has changed."""
    original = pristine(series)
    digest = hashlib.sha256()
    for path in sorted((PROJECT / "kernel").rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    tree = cache() / f"source-{original.name.removeprefix('pristine-')}-{digest.hexdigest()[:12]}"
    if not tree.exists():
        for old in cache().glob(f"source-{original.name.removeprefix('pristine-')}-*"):
            shutil.rmtree(old)
        say(f"patching {original.name}")
        scratch = tree.with_name("patching")
        shutil.rmtree(scratch, ignore_errors=True)
        subprocess.run(["cp", "-a", original, scratch], check=True)
        subprocess.run([PROJECT / "kernel/apply", scratch], check=True, stdout=subprocess.DEVNULL)
        scratch.rename(tree)
    return tree
