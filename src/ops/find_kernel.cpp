// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/find_kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/try.h"
#include "format/linux_banner.h"

namespace modproof {
namespace {

namespace fs = std::filesystem;

/// Where a boot partition may be mounted.
constexpr std::array kBoots{"boot", "efi", "boot/efi"};
constexpr std::array kModules{"lib/modules", "usr/lib/modules"};
/// More than a name in a file of one line has.
constexpr std::uint64_t kNameLimit = 256;

class Descriptor {
 public:
  explicit Descriptor(long descriptor) noexcept : descriptor_(static_cast<int>(descriptor)) {}
  ~Descriptor() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// The path of what `descriptor` is open on.
Result<std::string> path_of(const Descriptor& descriptor, const std::string& name) {
  std::error_code error;
  const fs::path path = fs::read_symlink(fmt::format("/proc/self/fd/{}", descriptor.get()), error);
  if (error) {
    return fail_errno(name, "cannot ask /proc for the path", error.value());
  }
  return path.string();
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

/// The names in the directory `path` of the system below `base`, sorted; none if it does not exist.
Result<std::vector<std::string>> names_in(const std::string& base, const std::string& path) {
  MODPROOF_ASSIGN(directory, path_below(base, path));
  std::vector<std::string> names;
  if (!directory || !is_directory(*directory)) {
    return names;
  }
  std::error_code error;
  for (fs::directory_iterator at(*directory, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    return fail_errno(*directory, "cannot read the directory", error.value());
  }
  std::ranges::sort(names);
  return names;
}

/// The name in a file that is one line; nothing if there is no such file or no name in it.
Result<std::optional<std::string>> name_in_file(const std::string& base, const std::string& path) {
  MODPROOF_ASSIGN(file, path_below(base, path));
  if (!file) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(bytes, read_file(*file, kNameLimit));
  std::string name(bytes.begin(), bytes.end());
  name.resize(std::min(name.find('\n'), name.size()));
  return is_file_name(name) ? std::optional(std::move(name)) : std::nullopt;
}

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

bool is_hexadecimal_digit(char letter) noexcept {
  return is_digit(letter) || (letter >= 'a' && letter <= 'f');
}

/// `name` without the counters of boot attempts at its end, `+LEFT` or `+LEFT-DONE` (Automatic Boot
/// Assessment of systemd).
std::string_view without_boot_counters(std::string_view name) {
  const auto plus = name.rfind('+');
  if (plus == std::string_view::npos) {
    return name;
  }
  const std::string_view counters = name.substr(plus + 1);
  const auto dash = counters.find('-');
  const std::string_view left = counters.substr(0, dash);
  const std::string_view done = dash == std::string_view::npos ? "0" : counters.substr(dash + 1);
  const bool numbers = !left.empty() && !done.empty() && std::ranges::all_of(left, is_digit) &&
                       std::ranges::all_of(done, is_digit);
  return numbers ? name.substr(0, plus) : name;
}

/// True if `name`, without counters and `.efi`, is one of a unified kernel image of `version`:
/// `*-VERSION`, or `linux-VERSION-MACHINEID`, behind which `-BUILD` may stand.
bool names_version(std::string_view name, std::string_view version) {
  constexpr std::size_t kMachineId = 32;
  if (name.ends_with(fmt::format("-{}", version))) {
    return true;
  }
  const std::string prefix = fmt::format("linux-{}-", version);
  if (!name.starts_with(prefix)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  return name.size() >= kMachineId && (name.size() == kMachineId || name[kMachineId] == '-') &&
         std::ranges::all_of(name.substr(0, kMachineId), is_hexadecimal_digit);
}

bool is_unified_image_of(std::string_view name, std::string_view version) {
  constexpr std::string_view kSuffix = ".efi";
  if (!name.ends_with(kSuffix)) {
    return false;
  }
  name.remove_suffix(kSuffix.size());
  // What looks like counters may be the end of the version.
  return names_version(name, version) || names_version(without_boot_counters(name), version);
}

/// The names under which kernel-install keeps kernels, the one in use first.
Result<std::vector<std::string>> entry_tokens(const std::string& base) {
  std::vector<std::string> tokens;
  for (const char* file : {"etc/kernel/entry-token", "etc/machine-id"}) {
    MODPROOF_ASSIGN(token, name_in_file(base, file));
    if (token) {
      tokens.push_back(std::move(*token));
    }
  }
  return tokens;
}

/// All places of find_kernel() for `version`, from the root of the system.
Result<std::vector<std::string>> places(const std::string& base, const std::string& version) {
  std::vector<std::string> paths{"boot/vmlinuz-" + version, "boot/vmlinux-" + version};
  for (const std::string_view modules : kModules) {
    const std::string directory = fmt::format("{}/{}", modules, version);
    MODPROOF_ASSIGN(package, name_in_file(base, directory + "/pkgbase"));
    if (package) {
      paths.push_back("boot/vmlinuz-" + *package);
    }
    paths.push_back(directory + "/vmlinuz");
    paths.push_back(directory + "/vmlinux");
  }
  MODPROOF_ASSIGN(tokens, entry_tokens(base));
  for (const std::string& token : tokens) {
    for (const std::string_view boot : kBoots) {
      paths.push_back(fmt::format("{}/{}/{}/linux", boot, token, version));
    }
  }
  for (const std::string_view boot : kBoots) {
    const std::string directory = fmt::format("{}/EFI/Linux", boot);
    MODPROOF_ASSIGN(names, names_in(base, directory));
    for (const std::string& name : names) {
      if (is_unified_image_of(name, version)) {
        paths.push_back(fmt::format("{}/{}", directory, name));
      }
    }
  }
  return paths;
}

/// Why the kernel is not the one to check modules of `version` against; empty if it is.
std::string objection(const KernelDescription& kernel, const std::string& version) {
  const std::string release = release_of(kernel.version);
  if (release != version) {
    return release.empty() ? "it does not say its version"
                           : fmt::format("it is of version {}", printable(release));
  }
  if (!kernel.raw_kind.empty()) {
    return fmt::format(
        "the root of this kind of image ({}) cannot be told; name the vmlinux that it was made "
        "from with --kernel (Debian: /usr/lib/debug/boot/vmlinux-{} of package linux-image-{}-dbg)",
        kernel.raw_kind, printable(version), printable(version));
  }
  return kernel.kernel ? "" : "it has no module hashes";
}

}  // namespace

Result<std::optional<std::string>> path_below(const std::string& base, const std::string& path) {
  std::string whole = fmt::format("{}/{}", base == "/" ? "" : base, path);
  if (base.empty()) {
    if (::access(whole.c_str(), F_OK) == 0) {
      return whole;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::nullopt;
    }
    return fail_errno(whole, "cannot look", errno);
  }
  const Descriptor root(::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) {
    return fail_errno(base, "cannot open", errno);
  }
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const Descriptor found(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how));
  if (found.get() < 0) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR) {
      return std::nullopt;
    }
    if (code == ENOSYS) {
      return fail(ErrorKind::unsupported, base,
                  "links in it might lead out of it, and this kernel cannot resolve them below it "
                  "(openat2, Linux 5.6)");
    }
    return fail_errno(whole, "cannot open", code);
  }
  MODPROOF_ASSIGN(real_root, path_of(root, base));
  MODPROOF_ASSIGN(real, path_of(found, whole));
  const std::string prefix = real_root == "/" ? real_root : real_root + "/";
  if (real == real_root) {
    return base;
  }
  if (!real.starts_with(prefix)) {
    return fail(ErrorKind::changed, whole, "it was moved out of " + printable(base));
  }
  return fmt::format("{}/{}", base == "/" ? "" : base, real.substr(prefix.size()));
}

Result<std::vector<std::string>> installed_versions(const std::string& base) {
  std::vector<std::string> versions;
  for (const std::string_view modules : kModules) {
    MODPROOF_ASSIGN(names, names_in(base, std::string(modules)));
    for (std::string& name : names) {
      MODPROOF_ASSIGN(directory, path_below(base, fmt::format("{}/{}", modules, name)));
      if (directory && is_directory(*directory)) {
        versions.push_back(std::move(name));
      }
    }
  }
  // Where /lib leads to /usr/lib each is found twice.
  std::ranges::sort(versions);
  versions.erase(std::ranges::unique(versions).begin(), versions.end());
  return versions;
}

Result<std::string> modules_directory(const std::string& base, const std::string& version) {
  if (!is_file_name(version)) {
    return fail(ErrorKind::usage, {},
                fmt::format("{} is no version of a kernel", printable(version)));
  }
  std::optional<std::string> found;
  for (const std::string_view modules : kModules) {
    MODPROOF_ASSIGN(directory, path_below(base, fmt::format("{}/{}", modules, version)));
    if (!directory || !is_directory(*directory)) {
      continue;
    }
    if (!found) {
      found = std::move(directory);
      continue;
    }
    std::error_code error;
    if (!fs::equivalent(*found, *directory, error)) {
      return error ? fail_errno(*directory, "cannot look", error.value())
                   : fail(ErrorKind::usage, *found,
                          fmt::format("modules of this kernel version are installed in {} as well, "
                                      "another directory, and none may go unseen; name the "
                                      "directories instead",
                                      printable(*directory)));
    }
  }
  if (found) {
    return *found;
  }
  return fail(ErrorKind::missing, base + "/lib/modules/" + version,
              "no modules of this kernel version are installed; choose one with -k");
}

Result<FoundKernel> find_kernel(const std::string& base, const std::string& version,
                                const KernelOptions& options, std::vector<std::string>& notes) {
  if (!is_file_name(version)) {
    return fail(ErrorKind::usage, {},
                fmt::format("{} is no version of a kernel", printable(version)));
  }
  MODPROOF_ASSIGN(paths, places(base, version));
  std::vector<std::string> seen;
  for (const std::string& path : paths) {
    MODPROOF_ASSIGN(file, path_below(base, path));
    std::error_code error;
    // Several places may lead to one file: /lib to /usr/lib, Debian's links in /boot.
    const std::string real = file ? fs::canonical(*file, error).string() : std::string();
    if (!file || std::ranges::find(seen, real) != seen.end()) {
      continue;
    }
    seen.push_back(real);
    MODPROOF_ASSIGN(kernel, describe_kernel(*file, options));
    const std::string why_not = objection(kernel, version);
    if (why_not.empty()) {
      return FoundKernel{.path = std::move(*file), .root = kernel.kernel->root};
    }
    notes.push_back(fmt::format("{}: passed over: {}", printable(*file), why_not));
  }
  return fail(ErrorKind::missing, base.empty() ? "/" : base,
              fmt::format("no kernel image of version {} with module hashes was found",
                          printable(version)));
}

}  // namespace modproof
