#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: check-module-hashes.sh
#
# Fails with one line on what to do if the modules in the build tree, installed
# as INSTALL_MOD_STRIP says, would not be accepted by the vmlinux beside them.

fail()
{
	echo >&2 "ERROR: modules_install: $1"
	exit 1
}

for file in modules.order modules.merkle vmlinux; do
	[ -f "$file" ] || fail "$file is missing. Run \"make\" first."
done

case "$INSTALL_MOD_STRIP" in
'')	;;
1)	grep -q '^CONFIG_MODULE_HASHES_STRIPPED=y' include/config/auto.conf ||
		fail "INSTALL_MOD_STRIP=1 needs CONFIG_MODULE_HASHES_STRIPPED."
	;;
*)	fail "no tree has modules stripped with $INSTALL_MOD_STRIP. Use INSTALL_MOD_STRIP=1." ;;
esac

$MODPROOF patch -q --check --tree modules.merkle vmlinux ||
	fail "vmlinux does not have the root of modules.merkle. Run \"make\" first."

sed 's/\.o$/.ko/' modules.order |
	$MODPROOF attach -q --dry-run --tree modules.merkle --files-from - ||
	fail "vmlinux would refuse the modules above. Run \"make\" first."
