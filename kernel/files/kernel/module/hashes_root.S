/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Place for the root of the tree of all modules.
 *
 * It is all zero when vmlinux.unstripped is linked, since the modules are not
 * there yet; "modproof patch" writes the root into the final vmlinux. A C
 * object, const or not, would let a compiler (with LTO: the linker) conclude
 * that it is zero and fold that into the code. No compiler sees this file.
 *
 * The alignment keeps the root in one sector of a disk, so that patching it is
 * all or nothing.
 */

#include <linux/linkage.h>

	.section .module_hashes, "a"
	.balign 64
SYM_DATA_START(module_hashes_root)
	.fill 36, 1, 0
SYM_DATA_END(module_hashes_root)
