# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules that the kernel must load, and those that it judges as it always did (cases 1, 3, 4, 6)."""

import subprocess

import pytest

from helpers.build import modproof
from helpers.guest import tree
from helpers.trailer import DESCRIPTOR, MARKER

ENFORCED = "module.sig_enforce=1"
LOCKED = "lockdown=integrity"
ASCII = "kernel/fs/nls/nls_ascii.ko"


@pytest.fixture(scope="module")
def signed(main, key, tmp_path_factory):
    """An external module, built against the main kernel and signed with the test's key."""
    directory = tmp_path_factory.mktemp("external")
    (directory / "Kbuild").write_text("obj-m := outside.o\n")
    (directory / "outside.c").write_text(
        '#include <linux/module.h>\nMODULE_DESCRIPTION("outside");\nMODULE_LICENSE("GPL");\n')
    main.make(f"M={directory}", "modules")
    module = directory / "outside.ko"
    plain = module.read_bytes()
    for name, cert in (("signed", "test-cert.pem"), ("foreign", "other-cert.pem")):
        if name == "foreign":
            subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9",
                            "-subj", "/CN=other/", "-keyout", directory / "other-key.pem",
                            "-out", directory / cert], check=True, capture_output=True)
        keys = key if name == "signed" else directory
        (directory / f"{name}.ko").write_bytes(plain)
        subprocess.run([main.directory / "scripts/sign-file", "sha512",
                        keys / cert.replace("cert", "key"), keys / cert, directory / f"{name}.ko"], check=True)
    return directory


@pytest.mark.parametrize("cmdline", ["", ENFORCED, LOCKED], ids=["plain", "enforced", "locked"])
def test_every_module_loads_without_taint(boot, main, installed, cmdline):
    modules = sorted((installed / "kernel").rglob("*.ko"))
    assert len(modules) >= 20
    assert any("-" in module.name for module in modules)
    subprocess.run(["depmod", "-b", installed.parents[2], installed.name], check=True)
    answers = boot(main, tree(installed),
                   [f"run {m.stem} /bin/modprobe {m.stem}" for m in modules]
                   + [f"run {m.stem}.there test -d /sys/module/{m.stem.replace('-', '_')}" for m in modules],
                   cmdline)
    assert answers.exit == {f"{m.stem}{end}": 0 for m in modules for end in ("", ".there")}
    assert answers.tainted == 0


def test_a_module_pulled_in_as_a_dependency_loads(boot, main, installed):
    subprocess.run(["depmod", "-b", installed.parents[2], installed.name], check=True)
    answers = boot(main, tree(installed),
                   ["run sample /bin/modprobe configfs_sample", "run modules cat /proc/modules"], ENFORCED)
    assert answers.exit["sample"] == 0
    assert any(line.startswith("configfs ") for line in answers.out["modules"])
    assert answers.tainted == 0


@pytest.mark.parametrize("cmdline, result, taint, log", [
    ("", "ok", "E", "nls_ascii: module verification failed"),
    (ENFORCED, "EKEYREJECTED", "", "module nls_ascii: Loading of unsigned module is rejected"),
    (LOCKED, "EPERM", "", "module nls_ascii: Loading of unsigned module is rejected"),
], ids=["plain", "enforced", "locked"])
def test_a_module_without_a_trailer(boot, main, installed, tmp_path, cmdline, result, taint, log):
    bare = tmp_path / "nls_ascii.ko"
    bare.write_bytes((installed / ASCII).read_bytes())
    modproof("detach", bare)
    answers = boot(main, {"/m/nls_ascii.ko": bare}, ["try bare /m/nls_ascii.ko"], cmdline)
    assert (answers.load["bare"], answers.taint["bare"]) == (result, taint)
    assert any(line.startswith(log) for line in answers.log["bare"])


@pytest.mark.parametrize("cmdline", [ENFORCED, LOCKED], ids=["enforced", "locked"])
def test_a_signed_module_loads_beside_them(boot, main, installed, signed, cmdline):
    answers = boot(main, {"/m/signed/outside.ko": signed / "signed.ko", "/m/nls_ascii.ko": installed / ASCII},
                   ["try inside /m/nls_ascii.ko", "try outside /m/signed/outside.ko"], cmdline)
    assert answers.load == {"inside": "ok", "outside": "ok"}
    assert answers.taint == {"inside": "", "outside": "O"}  # out of tree, but authenticated


def test_a_module_signed_with_an_unknown_key(boot, main, signed):
    files = {"/m/outside.ko": signed / "foreign.ko"}
    assert boot(main, files, ["try it /m/outside.ko"], ENFORCED).load["it"] == "EKEYREJECTED"
    plain = boot(main, files, ["try it /m/outside.ko"])
    assert (plain.load["it"], plain.taint["it"]) == ("ok", "OE")


def test_a_proof_over_a_signature_is_enough(boot, main, installed, signed, tmp_path):
    """The signature is then a part of the payload; it is not looked at."""
    module = tmp_path / "both.ko"
    module.write_bytes((signed / "foreign.ko").read_bytes())
    (tmp_path / "modules.order").write_text("both.ko\n")
    modproof("tree", "-q", "-o", "both.merkle", "modules.order", cwd=tmp_path)
    modproof("attach", "-q", "--tree", "both.merkle", "both.ko", cwd=tmp_path)
    vmlinux = tmp_path / "vmlinux"
    vmlinux.write_bytes(main.vmlinux.read_bytes())
    modproof("patch", "-q", "--tree", tmp_path / "both.merkle", vmlinux)
    assert "1 accepted" in modproof("verify", "--kernel", vmlinux, module).stdout
    # The main kernel has another root, so there the proof does not count, whatever is below it.
    answers = boot(main, {"/m/both.ko": module}, ["try it /m/both.ko"])
    assert answers.load["it"] == "EKEYREJECTED"


def test_lockdown_without_any_key(boot, clone, tmp_path):
    """A kernel that has no code for signatures at all can be locked down, and loads its modules."""
    clone.set(MODULE_SIG="n", SYSTEM_TRUSTED_KEYRING="n")
    clone.make()
    config = (clone.directory / ".config").read_text()
    assert "CONFIG_SECURITY_LOCKDOWN_LSM=y" in config and "CONFIG_SYSTEM_TRUSTED_KEYRING=y" not in config
    installed = clone.install(tmp_path)
    bare = tmp_path / "nls_ascii.ko"
    bare.write_bytes((installed / ASCII).read_bytes())
    modproof("detach", bare)
    # What a PKCS#7 signature looks like to a kernel that does not read it: a trailer of kind 2.
    signed = bare.read_bytes() + bytes(64) + DESCRIPTOR.pack(0, 0, 2, 0, 0, 0, 0, 0, 64) + MARKER
    answers = boot(clone, {"/bare/nls_ascii.ko": bare, "/m/nls_ascii.ko": installed / ASCII,
                           "/signed/nls_ascii.ko": signed},
                   ["try bare /bare/nls_ascii.ko", "try signed /signed/nls_ascii.ko", "try good /m/nls_ascii.ko",
                    "run state cat /sys/kernel/security/lockdown"], LOCKED)
    assert answers.load == {"bare": "EPERM", "signed": "EPERM", "good": "ok"}
    assert any("Loading of module with a signature that this kernel cannot check is rejected" in line
               for line in answers.log["signed"])
    assert "[integrity]" in answers.out["state"][0]
    assert answers.tainted == 0
