# SPDX-License-Identifier: LGPL-2.1-or-later
"""modproof diff on real builds: the same kernel built by somebody else, and kernels that differ in one thing.

That one thing has to be named, and no other cause beside it but what follows from it.
"""

import json
import shutil
import subprocess

import pytest

from helpers import kernels
from helpers.build import modproof
from helpers.source import cache
from test_order import same_bytes

ASCII = "fs/nls/nls_ascii.ko"
FLAG = "-fno-optimize-sibling-calls"
# A day in another year, in a time zone where it is another one, in a language that writes dates differently.
# The home is one that does not exist: below the cache, as rustup makes itself one there.
HOME = cache() / "no-home"
VARIABLES = {"LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "XXX-14", "HOME": str(HOME),
             "USER": "nobody", "LOGNAME": "nobody", "HOSTNAME": "elsewhere"}
NAMESPACES = [["unshare", "--user", "--map-user=65534", "--map-group=65534", "--keep-caps", "--uts"],
              ["unshare", "--uts"]]


def umask(mask):
    """A command that runs another one with this umask."""
    return ["sh", "-c", f'umask {mask} && exec "$@"', "sh"]


def another_host():
    """A command that runs another one in a namespace where the host may be named; none if there is none such."""
    return next((namespace for namespace in NAMESPACES
                 if subprocess.run([*namespace, "hostname", "elsewhere"], capture_output=True).returncode == 0), [])


def somebody_else():
    """A command that runs another one as another user of another host, on another day, with another umask.

    User and host as far as the machine lets namespaces be made.
    """
    host = another_host()
    rename = ["sh", "-c", 'hostname elsewhere && exec "$@"', "sh"] if host else []
    return [*host, *rename, "faketime", "-f", "+400d", *umask("077")]


@pytest.fixture(scope="module")
def source_elsewhere(linux):
    """The source in another directory: links, which cost neither time nor space."""
    directory = cache() / "another-place" / linux.name
    if not directory.exists():
        shutil.rmtree(directory.parent, ignore_errors=True)
        directory.parent.mkdir()
        scratch = directory.with_name("linking")
        subprocess.run(["cp", "-al", linux, scratch], check=True)
        scratch.rename(directory)
    return directory


@pytest.fixture(scope="module")
def second(source_elsewhere):
    """The btf kernel, compiled again by somebody else."""
    shutil.rmtree(HOME, ignore_errors=True)
    return kernels.btf("btf-by-somebody-else", source_elsewhere, jobs=5, variables=VARIABLES,
                       within=somebody_else())


def compare(a, b, *options):
    """What `modproof diff --json` reports."""
    done = modproof("diff", "--json", *options, a, b, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == report["exit_status"] == (0 if report["same"] else 1)
    return report


def causes(report):
    """cause -> (how many modules, whether vmlinux, too), as guessed."""
    return {guess["cause"]: (guess["modules"], guess["kernel"]) for guess in report["causes"]}


def evidence(report, cause):
    return next(guess["evidence"] for guess in report["causes"] if guess["cause"] == cause)


def test_the_other_builder_is_another():
    what = "date +%Y; umask; uname -n; id -u"
    ours, others = (subprocess.run([*within, "sh", "-c", what], check=True, capture_output=True, text=True)
                    .stdout.splitlines() for within in (umask("022"), somebody_else()))
    assert ours[0] != others[0] and ours[1] != others[1] == "0077"
    if another_host():
        assert others[2] == "elsewhere" != ours[2]


def test_somebody_else_builds_the_same(btf, second):
    done = modproof("diff", btf.directory, second.directory, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(btf.modules())} same, 0 different" in done.stdout
    assert same_bytes(btf, second) == []
    assert btf.image.read_bytes() == second.image.read_bytes()


def test_other_compiler_flags(btf, scratch_builds):
    """One module compiled otherwise. Debug information tells; the clone's directory is kept out of it."""
    build = btf.clone(scratch_builds / "flags")
    build.make(f"CFLAGS_nls_ascii.o={FLAG} -fdebug-prefix-map={build.directory}=.")
    report = compare(btf.directory, build.directory)
    assert causes(report) == {"flags": (1, False), "root": (0, True)}
    assert evidence(report, "flags") == f".debug_str: {FLAG} in B only"
    shutil.rmtree(build.directory)


def test_pahole_with_threads(btf, scratch_builds):
    """What kbuild keeps pahole from if KBUILD_BUILD_TIMESTAMP is set: types in the order in which threads end."""
    if pahole_version() >= (1, 27):
        pytest.skip("this pahole gives the same order with any number of threads, when asked to")
    build = btf.clone(scratch_builds / "pahole")
    (build.directory / "vmlinux.unstripped").unlink()
    build.make("PAHOLE_FLAGS=--btf_gen_floats -j4 --lang_exclude=rust", "vmlinux")
    report = compare(btf.directory, build.directory)
    assert causes(report).keys() == {"btf-order", "root"}
    assert causes(report)["btf-order"][1]  # in vmlinux, from where it goes into modules
    shutil.rmtree(build.directory)


def pahole_version():
    text = subprocess.run(["pahole", "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(map(int, text.strip().lstrip("v").split(".")))


def test_another_timestamp(main, clone):
    (clone.directory / "vmlinux.unstripped").unlink()
    clone.make("vmlinux", variables={"KBUILD_BUILD_TIMESTAMP": "2026-01-02 00:00:00 UTC"})
    assert causes(compare(main.directory, clone.directory)) == {"timestamp": (0, True)}


def test_another_module_configuration(main, clone):
    clone.set(NLS_KOI8_R="n")
    clone.make("vmlinux")
    report = compare(main.directory, clone.directory)
    assert causes(report) == {"configuration": (0, True), "root": (0, True)}
    assert evidence(report, "configuration") == "CONFIG_NLS_KOI8_R: m in A, not set in B"
    assert [module["name"] for module in report["gone"]] == ["nls_koi8-r"]


def test_a_patched_driver(main, clone, source_of):
    """srcversion tells, a checksum over the source of a module."""
    before = source_of.read_text()
    source_of.write_text(before.replace("0x41, 0x42", "0x42, 0x41", 1))
    assert source_of.read_text() != before
    clone.make("vmlinux")
    assert causes(compare(main.directory, clone.directory)) == {"source": (1, False), "root": (0, True)}


def test_a_stripped_install(btf, tmp_path):
    plain = btf.install(tmp_path / "plain")
    stripped = btf.install(tmp_path / "stripped", "INSTALL_MOD_STRIP=1")
    assert causes(compare(plain, stripped)) == {"stripping": (len(btf.modules()), False)}


def test_a_resigned_install(main, key, installed, tmp_path):
    """Signed with one key, and with another one: only that differs, and it can be left out."""
    signed = {}
    subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj",
                    "/CN=other/", "-keyout", "other-key.pem", "-out", "other-cert.pem"],
                   cwd=tmp_path, check=True, capture_output=True)
    for name, keys in (("test", key), ("other", tmp_path)):
        signed[name] = tmp_path / name
        shutil.copytree(installed / "kernel", signed[name])
        modproof("detach", "-q", signed[name])
        for module in signed[name].rglob("*.ko"):
            subprocess.run([main.directory / "scripts/sign-file", "sha256", keys / f"{name}-key.pem",
                            keys / f"{name}-cert.pem", module], check=True)
    assert causes(compare(signed["test"], signed["other"])) == {"signature": (len(main.modules()), False)}
    assert causes(compare(signed["test"], signed["other"], "--ignore-signatures")) == {}
