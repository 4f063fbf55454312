# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes back what Debian changed in the files that the series changes, too.

What is left are these files as kernel.org has them, which the series has to fit as well. The source
package that Debian's patches come with is not needed: what they do to these files is written down here.
"""

import re

# File -> (pattern of what Debian has, what was there before), each of which must be found once.
DEBIAN = {
    ".gitignore": [(r"\n#\n# Debian packaging: [^\0]*\Z", "")],
    "Documentation/admin-guide/kernel-parameters.txt": [
        (r"\t\tintgpu_off \[Default Off\]\n.*\n", "")],
    "Makefile": [
        (r"-include \$\(objtree\)/\.kernelvariables\n\n", ""),
        (r" include/generated/package\.h remove-stale-files", " remove-stale-files"),
        (r"ifneq \(\$\(DISTRIBUTION_OFFICIAL_BUILD\),\)\n(?:.*\n)*?endif\n\n", ""),
        (r"include/generated/package\.h: .*\n.*\n\n", "")],
    # "KEYS: Make use of platform keyring for module signature"
    "kernel/module/signing.c": [
        (r"\tret = (verify_pkcs7_signature\(mod, modlen, mod \+ modlen, sig_len,\n"
         r"\t+ +VERIFY_USE_SECONDARY_KEYRING,\n.*\n.*\n)"
         r"\tif \(ret == -ENOKEY && (?:.*\n)*?\t}\n        return ret;\n", r"\treturn \1")],
    # "kbuild: Look for module.lds under arch directory too"
    "scripts/Makefile.modfinal": [
        (r"ARCH_MODULE_LDS := .*\n\n", ""),
        (r"-T \$\(ARCH_MODULE_LDS\)", "-T $(objtree)/scripts/module.lds"),
        (r"(%\.ko: .*)\$\(ARCH_MODULE_LDS\)", r"\1$(objtree)/scripts/module.lds")],
    # "efi: Lock down the kernel if booted in secure boot mode"
    "security/lockdown/Kconfig": [(r"\nconfig LOCK_DOWN_IN_EFI_SECURE_BOOT\n[^\0]*\Z", "")],
}


def vanilla(name, text):
    """The text of a file of Debian's source, without Debian's changes."""
    for pattern, before in DEBIAN.get(name, []):
        text, found = re.subn(pattern, before, text)
        assert found == 1, f"{name}: {found} places look like {pattern!r}"
    return text
