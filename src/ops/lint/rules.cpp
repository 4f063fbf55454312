// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules of lint about a configuration. What they rest on: Documentation/kbuild/
// reproducible-builds.rst and the makefiles of Linux, and kernel/ of this project.
//
// What only depends on the source and on the configuration itself is no finding: BUILD_SALT,
// IKCONFIG, MODVERSIONS, MODULE_SRCVERSION_ALL, MODULE_COMPRESS.
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/core.h>

#include "base/file.h"
#include "ops/lint/input.h"

namespace modproof {
namespace {

constexpr std::string_view kThrowAwayKey = "certs/signing_key.pem";

bool has_modules(const Kconfig& config) { return config.is_yes("MODULES"); }

/// What makes the kernel build want MODULE_SIG_KEY (certs/Makefile).
bool wants_signing_key(const Kconfig& config) {
  return config.is_yes("MODULE_SIG") ||
         (config.is_yes("IMA_APPRAISE_MODSIG") && has_modules(config));
}

/// MODULE_SIG_KEY as the build will see it. A symbol that is not mentioned has its default: that is
/// the key that the build makes, but nothing with MODULE_HASHES (certs/Kconfig). Debian leaves it
/// out of the configurations that it ships.
std::string_view signing_key(const Kconfig& config) {
  if (config.find("MODULE_SIG_KEY") == nullptr && !config.is_yes("MODULE_HASHES")) {
    return kThrowAwayKey;
  }
  return config.text("MODULE_SIG_KEY");
}

/// The same for MODULE_SIG_ALL, which is on by default where MODULE_HASHES is not
/// (kernel/module/Kconfig).
bool signs_all(const Kconfig& config) {
  if (config.find("MODULE_SIG_ALL") == nullptr) {
    return wants_signing_key(config) && !config.is_yes("MODULE_HASHES");
  }
  return config.is_yes("MODULE_SIG_ALL");
}

/// The setting of MODULE_SIG_KEY or, where it has its default, the one that makes the build want
/// it.
const KconfigEntry* setting_of_key(const Kconfig& config) {
  for (const char* name : {"MODULE_SIG_KEY", "MODULE_SIG"}) {
    const KconfigEntry* entry = config.find(name);
    if (entry != nullptr && entry->kind != KconfigKind::not_set) {
      return entry;
    }
  }
  return config.find("IMA_APPRAISE_MODSIG");
}

void no_module_hashes(const LintInput& input, LintSink& sink) {
  if (!has_modules(input.config) || input.config.is_yes("MODULE_HASHES")) {
    return;
  }
  const KconfigEntry* entry = input.config.find("MODULE_HASHES");
  if (entry != nullptr) {
    sink.at(entry, Severity::error, "the kernel does not check that modules belong to its build",
            "set CONFIG_MODULE_HASHES=y");
    return;
  }
  sink.at(nullptr, Severity::error,
          "MODULE_HASHES is not mentioned: this kernel does not know it, or modproof was not found "
          "when it was configured",
          "apply the patches with kernel/apply, have modproof in PATH or say MODPROOF=PROGRAM, and "
          "set CONFIG_MODULE_HASHES=y");
}

void hashes_not_enforced(const LintInput& input, LintSink& sink) {
  const Kconfig& config = input.config;
  if (!config.is_yes("MODULE_HASHES") || config.is_yes("MODULE_SIG_FORCE") ||
      config.is_yes("LOCK_DOWN_KERNEL_FORCE_INTEGRITY") ||
      config.is_yes("LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY")) {
    return;
  }
  const KconfigEntry* force = config.find("MODULE_SIG_FORCE");
  sink.at(force != nullptr ? force : config.find("MODULE_HASHES"), Severity::warning,
          "a module without any proof is loaded and only taints the kernel, unless it is booted "
          "with module.sig_enforce=1 or lockdown",
          "set CONFIG_MODULE_SIG_FORCE=y");
}

void stripped_form_missing(const LintInput& input, LintSink& sink) {
  if (input.config.is_yes("MODULE_HASHES") && !input.config.is_yes("MODULE_HASHES_STRIPPED")) {
    const KconfigEntry* entry = input.config.find("MODULE_HASHES_STRIPPED");
    sink.at(entry != nullptr ? entry : input.config.find("MODULE_HASHES"), Severity::warning,
            "the tree does not have the stripped form of modules: INSTALL_MOD_STRIP=1, or a "
            "package manager that strips, makes modules that get no proof",
            "set CONFIG_MODULE_HASHES_STRIPPED=y, or do not strip modules");
  }
}

void sign_all_with_hashes(const LintInput& input, LintSink& sink) {
  if (input.config.is_yes("MODULE_HASHES") && input.config.is_yes("MODULE_SIG_ALL")) {
    sink.at(input.config.find("MODULE_SIG_ALL"), Severity::error,
            "modules that are signed when they are installed are not those that were hashed",
            "turn CONFIG_MODULE_SIG_ALL off; modules of the build need no signature");
  }
}

void throw_away_key(const LintInput& input, LintSink& sink) {
  const Kconfig& config = input.config;
  if (!wants_signing_key(config) || signing_key(config) != kThrowAwayKey) {
    return;
  }
  std::string reason =
      config.find("MODULE_SIG_KEY") != nullptr
          ? "the build makes this key"
          : fmt::format(
                "MODULE_SIG_KEY is not mentioned: the default is {}, a key that the build "
                "makes",
                kThrowAwayKey);
  reason += " if it is not there, and puts its certificate into vmlinux: each build has another";
  if (signs_all(config)) {
    reason += ", and modules have signatures that nobody can make again";
    if (config.find("MODULE_SIG_ALL") == nullptr) {
      reason += " (MODULE_SIG_ALL is not mentioned: the default is y)";
    }
  }
  sink.at(
      setting_of_key(config), Severity::error, std::move(reason),
      "set CONFIG_MODULE_SIG_KEY=\"\" and turn CONFIG_MODULE_SIG_ALL off; what has to be signed "
      "gets its certificate from CONFIG_SYSTEM_TRUSTED_KEYS");
}

void signing_key_token(const LintInput& input, LintSink& sink) {
  if (wants_signing_key(input.config) &&
      input.config.text("MODULE_SIG_KEY").starts_with("pkcs11:")) {
    sink.at(input.config.find("MODULE_SIG_KEY"), Severity::error,
            "the build reads the certificate from this token, so that only its owner can build "
            "this kernel",
            "set CONFIG_MODULE_SIG_KEY=\"\", name a file with the certificate in "
            "CONFIG_SYSTEM_TRUSTED_KEYS, and sign outside of the build");
  }
}

void signing_key_file(const LintInput& input, LintSink& sink) {
  const std::string_view key = signing_key(input.config);
  if (!wants_signing_key(input.config) || key.empty() || key == kThrowAwayKey ||
      key.starts_with("pkcs11:")) {
    return;
  }
  const KconfigEntry* entry = input.config.find("MODULE_SIG_KEY");
  if (signs_all(input.config)) {
    sink.at(entry, Severity::error,
            "modules are signed with this key when they are installed, which only its owner can do",
            "set CONFIG_MODULE_SIG_KEY=\"\" and turn CONFIG_MODULE_SIG_ALL off");
    return;
  }
  sink.at(entry, Severity::warning,
          "the certificate in this file becomes part of vmlinux, so that a rebuild needs the file",
          "publish the certificate with the source, and name it in CONFIG_SYSTEM_TRUSTED_KEYS "
          "instead");
}

void trusted_files(const LintInput& input, LintSink& sink) {
  for (const char* name :
       {"SYSTEM_TRUSTED_KEYS", "SYSTEM_REVOCATION_KEYS", "SYSTEM_BLACKLIST_HASH_LIST"}) {
    if (!input.config.text(name).empty()) {
      sink.at(input.config.find(name), Severity::warning,
              "the contents of this file become part of vmlinux, so that a rebuild needs the file",
              "publish it with the source; it must hold no private key");
    }
  }
}

void release_from_git(const LintInput& input, LintSink& sink) {
  if (const KconfigEntry* entry = input.config.yes("LOCALVERSION_AUTO")) {
    sink.at(entry, Severity::warning,
            "the release takes commit and state from git: the same source without .git, or with an "
            "uncommitted change, has another release in vmlinux and in every module",
            "turn CONFIG_LOCALVERSION_AUTO off, set CONFIG_LOCALVERSION, and say "
            "LOCALVERSION= to make, which also avoids a + behind the release");
  }
}

void randstruct_seed(const LintInput& input, LintSink& sink) {
  const KconfigEntry* entry = nullptr;
  for (const char* name :
       {"RANDSTRUCT_FULL", "RANDSTRUCT_PERFORMANCE", "RANDSTRUCT", "GCC_PLUGIN_RANDSTRUCT"}) {
    if (entry == nullptr) {
      entry = input.config.yes(name);
    }
  }
  if (entry == nullptr) {
    return;
  }
  // Before Linux 5.19 it was a part of the plugin, and the plugin the only way to do it. Since then
  // kbuild writes the file anew in a new tree, even if it is there (scripts/basic/Makefile).
  const bool plugin = entry->name == "GCC_PLUGIN_RANDSTRUCT";
  const std::string seed =
      plugin ? "scripts/gcc-plugins/randomize_layout_seed.h" : "scripts/basic/randstruct.seed";
  const std::string fix = fmt::format(
      "turn it off; or {}, and see that it is the same after the build",
      plugin
          ? fmt::format("give each build the same {}", seed)
          : fmt::format("have scripts/gen-randstruct-seed.sh write the same {} in each build (one "
                        "that is put there before is overwritten)",
                        seed));
  if (input.tree && File::open(input.tree->inside(seed))) {
    sink.in(input.tree->inside(seed), Severity::warning,
            "structures are laid out by this seed: only builds that have the very same file are "
            "the same",
            fix);
    return;
  }
  sink.at(entry, Severity::error,
          "structures are laid out at random, by a seed that each build draws for itself if it has "
          "none",
          fix);
}

void latent_entropy(const LintInput& input, LintSink& sink) {
  if (const KconfigEntry* entry = input.config.yes("GCC_PLUGIN_LATENT_ENTROPY")) {
    sink.at(entry, Severity::error,
            "this plugin puts random numbers into the code, drawn when it is compiled",
            "turn it off, or have -frandom-seed= with a fixed value in KCFLAGS");
  }
}

void debug_info_paths(const LintInput& input, LintSink& sink) {
  if (const KconfigEntry* entry = input.config.yes("DEBUG_INFO")) {
    sink.at(entry, Severity::warning,
            "debug information names the directory of the build, and modules are hashed with it",
            "build in the same directory each time, or have -ffile-prefix-map=DIRECTORY=. in "
            "KCFLAGS and KAFLAGS");
  }
}

void debug_efi_path(const LintInput& input, LintSink& sink) {
  if (const KconfigEntry* entry = input.config.yes("DEBUG_EFI")) {
    sink.at(entry, Severity::error,
            "the absolute path of vmlinux becomes part of the kernel image, and no compiler option "
            "changes it",
            "turn CONFIG_DEBUG_EFI off, or build in the same directory each time");
  }
}

void btf_order(const LintInput& input, LintSink& sink) {
  // With -j, which kbuild passes since pahole 1.22, types are numbered as threads come by. 1.27 can
  // do otherwise if asked (--btf_features=+reproducible_build), which kbuild does not do; 1.29
  // always does. Debian's kernels leave -j out or ask, if KBUILD_BUILD_TIMESTAMP is set, but not
  // with 1.26 (scripts/Makefile.btf of 7.2 and 7.3).
  constexpr std::uint32_t kFirstParallel = 122;
  constexpr std::uint32_t kFirstReproducible = 129;
  const KconfigEntry* version = input.config.find("PAHOLE_VERSION");
  if (!input.config.is_yes("DEBUG_INFO_BTF") || version == nullptr) {
    return;
  }
  const std::string& text = version->value;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < kFirstParallel ||
      number >= kFirstReproducible) {
    return;
  }
  sink.at(version, Severity::warning,
          fmt::format("pahole {}.{:02} numbers the types of BTF as its threads come by, and each "
                      "build may come out in another order",
                      number / 100, number % 100),
          "use pahole 1.29 or newer, or build with PAHOLE_FLAGS without -j, as kernels of Debian "
          "do if KBUILD_BUILD_TIMESTAMP is set (not with pahole 1.26)");
}

void kheaders_times(const LintInput& input, LintSink& sink) {
  const KconfigEntry* entry = input.config.find("IKHEADERS");
  if (entry != nullptr && entry->kind != KconfigKind::not_set) {
    sink.at(entry, Severity::warning,
            "the archive of kernel headers has the times of the files in it, unless "
            "KBUILD_BUILD_TIMESTAMP is set",
            "turn CONFIG_IKHEADERS off, or set KBUILD_BUILD_TIMESTAMP");
  }
}

void gcov_paths(const LintInput& input, LintSink& sink) {
  if (const KconfigEntry* entry = input.config.yes("GCOV_KERNEL")) {
    sink.at(entry, Severity::warning,
            "code that is compiled for gcov holds the absolute path of its profile",
            "turn CONFIG_GCOV_KERNEL off, or build in the same directory each time");
  }
}

void initramfs_source(const LintInput& input, LintSink& sink) {
  if (!input.config.text("INITRAMFS_SOURCE").empty()) {
    sink.at(input.config.find("INITRAMFS_SOURCE"), Severity::warning,
            "files from outside of the kernel source become part of the kernel, with their times "
            "unless KBUILD_BUILD_TIMESTAMP is set",
            "set CONFIG_INITRAMFS_SOURCE=\"\" and load an initramfs beside the kernel, or publish "
            "these files with the source");
  }
}

void set_twice(const LintInput& input, LintSink& sink) {
  for (const KconfigEntry& entry : input.config.entries()) {
    if (entry.earlier != 0) {
      sink.at(&entry, Severity::warning,
              fmt::format("CONFIG_{} stands in line {}, too, and this line wins", entry.name,
                          entry.earlier),
              "remove one of the two, or run make olddefconfig");
    }
  }
}

constexpr std::array<LintRuleEntry, 18> kRules{{
    {{"no-module-hashes", "modules are not authenticated by hash"}, no_module_hashes},
    {{"hashes-not-enforced", "modules without a proof are loaded all the same"},
     hashes_not_enforced},
    {{"stripped-form-missing", "stripped modules get no proof"}, stripped_form_missing},
    {{"sign-all-with-hashes", "modules are signed after they were hashed"}, sign_all_with_hashes},
    {{"throw-away-key", "a key is generated for each build"}, throw_away_key},
    {{"signing-key-token", "the build needs a PKCS#11 token"}, signing_key_token},
    {{"signing-key-file", "the build needs the file of a key"}, signing_key_file},
    {{"trusted-files", "the build needs files with certificates or hashes"}, trusted_files},
    {{"release-from-git", "the release depends on git"}, release_from_git},
    {{"randstruct-seed", "structures are laid out at random"}, randstruct_seed},
    {{"latent-entropy", "random numbers are compiled in"}, latent_entropy},
    {{"debug-info-paths", "debug information names the build directory"}, debug_info_paths},
    {{"debug-efi-path", "a debugging aid names the build directory"}, debug_efi_path},
    {{"btf-order", "an older pahole numbers types in any order"}, btf_order},
    {{"kheaders-times", "an archive of headers has times of files"}, kheaders_times},
    {{"gcov-paths", "profiling names the build directory"}, gcov_paths},
    {{"initramfs-source", "files from elsewhere are built in"}, initramfs_source},
    {{"set-twice", "a symbol is set twice"}, set_twice},
}};

}  // namespace

std::span<const LintRuleEntry> config_rules() { return kRules; }

}  // namespace modproof
