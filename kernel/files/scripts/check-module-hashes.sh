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

# What a run of modproof led to: 0 if all is well, 1 if something is different,
# anything else if it could not tell, of which it has said why.
decide()
{
	case $1 in
	0)	;;
	1)	fail "$2" ;;
	*)	fail "$MODPROOF could not compare the modules with vmlinux." ;;
	esac
}

command -v "${MODPROOF%% *}" >/dev/null ||
	fail "there is no program '$MODPROOF'. MODPROOF names it."

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

$MODPROOF patch -q --check --tree modules.merkle vmlinux
decide $? "vmlinux does not have the root of modules.merkle. Run \"make\" first."

# A kernel without modules has nothing else to be compared.
[ -s modules.order ] || exit 0

sed 's/\.o$/.ko/' modules.order |
	$MODPROOF attach -q --dry-run --tree modules.merkle --files-from -
decide $? "vmlinux would refuse the modules above. Run \"make\" first."
