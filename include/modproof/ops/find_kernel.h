// SPDX-License-Identifier: LGPL-2.1-or-later
// Which kernel image belongs to installed modules: on this system, or on one whose file system is
// mounted at a directory (`base`; empty for this system).
//
// Below a base every path is resolved as the mounted system would see it: a symbolic link to
// /boot/x leads to BASE/boot/x and never out of it (openat2(2), RESOLVE_IN_ROOT).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/ops/kernel.h"

namespace modproof {

/// Where `path` (from the root of that system, `boot/vmlinuz`) is; below a base the result leads
/// through no symbolic link. Nothing if it does not exist.
/// Errors: io; unsupported (a base, and a kernel without openat2).
[[nodiscard]] Result<std::optional<std::string>> path_below(const std::string& base,
                                                            const std::string& path);

/// The kernel versions whose modules are installed below `base` (/lib/modules or
/// /usr/lib/modules), sorted. Errors: those of path_below(); io.
[[nodiscard]] Result<std::vector<std::string>> installed_versions(const std::string& base);

/// The directory with the modules of `version`.
/// Errors: those of path_below(); usage (a version that is no file name; modules in /lib/modules
/// and in another directory at /usr/lib/modules, of which one would go unseen); missing.
[[nodiscard]] Result<std::string> modules_directory(const std::string& base,
                                                    const std::string& version);

struct FoundKernel {
  std::string path;
  Root root;
};

/// The first of these that introduces itself as `version` and whose root can be told:
///
///     boot/vmlinuz-VERSION, boot/vmlinux-VERSION   Debian, Fedora and most others
///     boot/vmlinuz-PKGBASE                         Arch; named by the file pkgbase of the modules
///     MODULES/vmlinuz, MODULES/vmlinux             in the directory of the modules: Fedora, Arch
///     $BOOT/TOKEN/VERSION/linux                    kernel-install: etc/kernel/entry-token, then
///                                                  etc/machine-id
///     $BOOT/EFI/Linux/*-VERSION.efi                unified kernel images; with +LEFT or +LEFT-DONE
///                                                  in front of .efi where boots are counted
///     $BOOT/EFI/Linux/linux-VERSION-MACHINEID.efi  those of dracut; behind it may stand -BUILD
///
/// $BOOT is boot, efi and boot/efi, in this order. `notes` gets a line for each that exists but was
/// passed over.
/// Errors: those of path_below() and describe_kernel(); missing (none was found).
[[nodiscard]] Result<FoundKernel> find_kernel(const std::string& base, const std::string& version,
                                              const KernelOptions& options,
                                              std::vector<std::string>& notes);

}  // namespace modproof
