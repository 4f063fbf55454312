#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: attach-module-hashes.sh OBJTREE MODULE...
#
# Attaches proofs to external modules that were just installed. Modules that the
# tree of the kernel in OBJTREE does not have stay as they are, and so do those
# that take the place of one of the kernel's own modules. All others are in the
# tree by MODULE_HASHES_EXTRA, and no use without a proof.

say()
{
	kind=$1
	shift
	echo >&2 "$kind: modules_install: $*"
}

objtree=$1
shift

if ! command -v "${MODPROOF%% *}" >/dev/null; then
	say WARNING "there is no program '$MODPROOF', so no module gets a proof." \
		"MODPROOF names it."
	exit 0
fi

refused=$($MODPROOF attach -q --no-sync --tree "$objtree/modules.merkle" "$@")
status=$?
[ $status -le 1 ] || exit $status

stale=
while IFS= read -r line; do
	path=${line%%: *}
	# To the kernel, - and _ in a name are the same.
	name=$(basename "$path" .ko | sed 's/[-_]/[-_]/g')
	case "$line" in
	'')	;;
	*": not-in-tree: "*)
		say NOTE "$path gets no proof: the kernel was built without it."
		;;
	*)	if grep -qs "\(^\|/\)$name\.o\$" "$objtree/modules.order"; then
			say NOTE "$path gets no proof: it is in place of the kernel's own."
		else
			say ERROR "$path is not what it was when vmlinux was built."
			stale=y
		fi
		;;
	esac
done <<END
$refused
END

if [ "$stale" ]; then
	say ERROR "vmlinux would refuse the modules above." \
		"Run \"make\" with MODULE_HASHES_EXTRA first."
	exit 1
fi
