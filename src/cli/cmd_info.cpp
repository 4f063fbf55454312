// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof info: what a file is and holds.
#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/info.h"

#include "cli/command.h"
#include "cli/kernel_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"
#include "cli/signals.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

class InfoCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("FILE", files_, "modules, images, packages, tree files, manifests")
        ->type_name("");
    app.add_flag("--running", running_, "show the root of the running kernel");
    kernel_arguments_.configure(app);
    configure_max_module_size(app, max_module_size_);
    configure_max_initramfs_size(app, max_initramfs_size_);
    output_.configure(app, "info");
  }

  Exit run() override {
    if (files_.empty() && !running_) {
      return output_.fail_with({.kind = ErrorKind::usage,
                                .message = "name a file, or say --running",
                                .path = {},
                                .offset = {}});
    }
    if (running_) {
      show_running();
    }
    for (const std::string& file : files_) {
      const auto info = inspect(file, {.kernel = kernel_arguments_.options(),
                                       .max_module_size = max_module_size_,
                                       .max_initramfs_size = max_initramfs_size_,
                                       .cancel = &caught_signal()});
      if (info) {
        separate();
        item_ = {{"path", file}};
        std::visit([&](const auto& found) { show(file, found); }, *info);
        items_.push_back(std::move(item_));
      } else {
        output_.error(info.error());
      }
    }
    output_.document()["files"] = std::move(items_);
    return output_.finish(Exit::well);
  }

 private:
  void separate() {
    if (!first_) {
      output_.line("");
    }
    first_ = false;
  }

  /// One fact: a line, and a key of the JSON object.
  void fact(const char* key, const Json& value) {
    output_.line(field(key, value.is_string() ? value.get<std::string>() : value.dump()));
    item_[key] = value;
  }

  void show_running() {
    const auto root = read_running_root();
    if (!root) {
      output_.error(root.error());
      return;
    }
    separate();
    item_ = Json::object();
    fact("type", "running kernel");
    fact("levels", root->levels);
    fact("root", to_text(*root));
    items_.push_back(std::move(item_));
  }

  void show(const std::string& path, const ModuleInfo& info) {
    output_.line(field("filename", printable(path)));
    fact("type", "module");
    fact("name", info.name);
    fact("machine", info.machine ? Json(*info.machine) : Json("not an ELF file"));
    if (!info.compression.empty()) {
      fact("compression", info.compression);
    }
    fact("size", info.file_size);
    fact("payload", info.trailer.payload_size);
    fact("debug", info.debug_sections ? "present" : "none");
    fact("sig_id", sig_id(info.trailer));
    if (info.trailer.kind == TrailerKind::merkle) {
      fact("position", info.trailer.proof.position);
      fact("levels", info.trailer.proof.siblings.size());
      fact("leaf", to_hex(*info.leaf));
      fact("root", to_text(*info.leads_to));
      show_proof(info.trailer.proof);
    }
    if (info.inner) {
      fact("inner_sig_id", sig_id(*info.inner));
    }
    if (info.signer && *info.signer) {
      show_signer(**info.signer);
    } else if (info.signer) {
      output_.error(info.signer->error());
    }
  }

  /// With the names that modinfo has for them. The signature itself only on demand.
  void show_signer(const Pkcs7Signer& signer) {
    if (signer.name) {
      output_.line(field("signer", printable(*signer.name)));
      item_["signer"] = *signer.name;
    }
    fact("sig_key", hex_with_colons(signer.key));
    fact("sig_hashalgo", signer.hash);
    if (output_.verbose()) {
      constexpr std::size_t kPerLine = 20;
      for (std::size_t at = 0; at < signer.signature.size(); at += kPerLine) {
        const auto part =
            Bytes(signer.signature).subspan(at, std::min(kPerLine, signer.signature.size() - at));
        const bool last = at + kPerLine >= signer.signature.size();
        output_.line(fmt::format("{:<13} {}{}", at == 0 ? "signature:" : "", hex_with_colons(part),
                                 last ? "" : ":"));
      }
    }
    item_["signature"] = hex_with_colons(signer.signature);
  }

  /// `0A:FF`, as modinfo writes it.
  static std::string hex_with_colons(Bytes bytes) {
    return fmt::format("{:02X}", fmt::join(bytes, ":"));
  }

  /// The siblings: only on demand, because nobody reads them otherwise.
  void show_proof(const Proof& proof) {
    Json siblings = Json::array();
    for (std::size_t level = 0; level < proof.siblings.size(); ++level) {
      const std::string hash = to_hex(proof.siblings[level]);
      if (output_.verbose()) {
        output_.line(fmt::format("{:<13} {:>2} {}", level == 0 ? "siblings:" : "", level, hash));
      }
      siblings.push_back(hash);
    }
    item_["siblings"] = std::move(siblings);
  }

  static std::string sig_id(const Trailer& trailer) {
    switch (trailer.kind) {
      case TrailerKind::none:
        return "none";
      case TrailerKind::merkle:
        return "Merkle";
      case TrailerKind::pkcs7:
        return "PKCS#7";
      case TrailerKind::other:
        return fmt::format("unknown ({})", trailer.id_type);
    }
    return "unknown";
  }

  static std::string format_of(const KernelDescription& info) {
    std::string format;
    for (const std::string& layer : info.layers) {
      format += layer + ", ";
    }
    return format +
           (info.raw_kind.empty() ? fmt::format("ELF vmlinux, {} bit", info.bits) : info.raw_kind);
  }

  static std::string root_of(const KernelDescription& info) {
    if (info.kernel) {
      return to_text(info.kernel->root);
    }
    return info.raw_kind.empty() ? "none: this kernel has no module hashes"
                                 : "cannot be told: this kind of image keeps no section table";
  }

  void show(const std::string& path, const KernelDescription& info) {
    output_.line(field("filename", printable(path)));
    fact("type", "kernel");
    const bool raw = !info.raw_kind.empty();
    fact("format", format_of(info));
    if (!info.version.empty()) {
      fact("version", printable(info.version));
    }
    if (!raw) {
      fact("machine", info.machine);
    }
    if (!info.kernel) {
      output_.line(field("root", root_of(info)));
      item_["root"] = nullptr;
      return;
    }
    fact("byte_order", info.kernel->order == std::endian::big ? "big" : "little");
    fact("levels", info.kernel->root.levels);
    fact("root", to_text(info.kernel->root));
    fact("root_offset", info.kernel->root_offset);
  }

  void show(const std::string& path, const InitramfsInfo& info) {
    output_.line(field("filename", printable(path)));
    fact("type", "initramfs");
    fact("size", info.file_size);
    Json parts = Json::array();
    for (const InitramfsPart& part : info.parts) {
      parts.push_back({{"offset", part.offset},
                       {"size", part.size},
                       {"entries", part.entries},
                       {"modules", part.modules}});
      if (!part.compression.empty()) {
        parts.back()["compression"] = part.compression;
      }
      output_.line(field(
          "part",
          fmt::format("offset {}, {} bytes, {}, {} {}, {}", part.offset, part.size,
                      part.compression.empty() ? "plain" : part.compression, part.entries,
                      part.entries == 1 ? "entry" : "entries", count_of(part.modules, "module"))));
    }
    item_["parts"] = std::move(parts);
    std::vector<std::string> versions;
    versions.reserve(info.kernel_versions.size());
    for (const std::string& version : info.kernel_versions) {
      versions.push_back(printable(version));
    }
    output_.line(
        field("kernels", versions.empty() ? "none" : fmt::format("{}", fmt::join(versions, ", "))));
    item_["kernels"] = info.kernel_versions;
    fact("modules", info.modules());
    fact("proofs", info.with_proof);
    fact("signatures", info.with_signature);
    for (const Error& error : info.errors) {
      output_.error(error);
    }
  }

  void show(const std::string& path, const PackageInfo& info) {
    output_.line(field("filename", printable(path)));
    fact("type", "package");
    fact("format", info.format);
    fact("size", info.file_size);
    Json kernels = Json::array();
    for (const std::string& version : versions_of(info)) {
      const auto modules = info.modules.find(version);
      const std::uint64_t count = modules == info.modules.end() ? 0 : modules->second;
      output_.line(field("kernel", version.empty() ? "not said" : printable(version)));
      output_.line(field("modules", fmt::format("{}", count)));
      Json images = Json::array();
      for (const PackageKernel& kernel : info.kernels) {
        if (kernel.version == version) {
          images.push_back(show_image(kernel));
        }
      }
      kernels.push_back({{"modules", count}, {"images", std::move(images)}});
      if (!version.empty()) {
        kernels.back()["version"] = version;
      }
    }
    if (kernels.empty()) {
      output_.line(field("kernel", "none"));
    }
    item_["kernels"] = std::move(kernels);
    for (const std::string& link : info.links) {
      output_.note(fmt::format("{}:{}: is a symbolic link and was not followed", printable(path),
                               printable(link)));
    }
  }

  /// Of modules and of images, each once.
  static std::set<std::string> versions_of(const PackageInfo& info) {
    std::set<std::string> versions;
    for (const auto& [version, count] : info.modules) {
      versions.insert(version);
    }
    for (const PackageKernel& kernel : info.kernels) {
      versions.insert(kernel.version);
    }
    return versions;
  }

  /// One kernel image in a package.
  Json show_image(const PackageKernel& kernel) {
    const KernelDescription& description = kernel.description;
    output_.line(
        field("image", fmt::format("{} ({})", printable(kernel.path), format_of(description))));
    output_.line(field("root", root_of(description)));
    Json image = {{"path", kernel.path}, {"format", format_of(description)}, {"root", nullptr}};
    if (description.kernel) {
      image["root"] = to_text(description.kernel->root);
    }
    return image;
  }

  void show(const std::string& path, const TreeInfo& info) {
    output_.line(field("filename", printable(path)));
    fact("type", info.manifest ? "manifest" : "tree");
    fact("version", kTreeFileVersion);
    Json variants = Json::array();
    std::string names;
    for (const Variant variant : info.tree.variants) {
      variants.push_back(name_of(variant));
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name_of(variant));
    }
    output_.line(field("variants", names));
    item_["variants"] = std::move(variants);
    fact("modules", info.tree.names.size());
    fact("leaves", info.tree.leaves.size());
    fact("levels", info.tree.root.levels);
    fact("root", to_text(info.tree.root));
    if (output_.verbose()) {
      show_modules(info.tree);
    }
  }

  void show_modules(const TreeFile& tree) {
    Json list = Json::array();
    for (std::size_t i = 0; i < tree.names.size(); ++i) {
      Json leaves = Json::array();
      const auto own = tree.leaves_of(i);
      for (std::size_t v = 0; v < own.size(); ++v) {
        output_.line(fmt::format("{:>7} {} {:>9} {}{}", i * own.size() + v, to_hex(own[v].hash),
                                 own[v].payload_size, printable(tree.names[i]),
                                 v == 0 ? "" : fmt::format(" ({})", name_of(tree.variants[v]))));
        leaves.push_back({{"position", i * own.size() + v},
                          {"variant", name_of(tree.variants[v])},
                          {"payload", own[v].payload_size},
                          {"leaf", to_hex(own[v].hash)}});
      }
      list.push_back({{"name", tree.names[i]}, {"leaves", std::move(leaves)}});
    }
    item_["module_list"] = std::move(list);
  }

  std::vector<std::string> files_;
  KernelArguments kernel_arguments_;
  std::uint64_t max_module_size_ = kDefaultMaxModuleSize;
  std::uint64_t max_initramfs_size_ = kDefaultMaxInitramfsSize;
  bool running_ = false;
  bool first_ = true;
  Json item_;
  Json items_ = Json::array();
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace modproof::cli
