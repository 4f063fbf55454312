// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof manifest: write down a build as text.
#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/make_manifest.h"

#include "base/replacement.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/run_arguments.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

class ManifestCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("DIR", directory_, "build tree, or directory of modules")
        ->type_name("")
        ->required();
    app.add_option("-o,--output", file_, "write to FILE, not to standard output")
        ->type_name("FILE")
        ->check(
            [](const std::string& file) {
              return file == "-" ? "- is no file; without --output it is standard output"
                                 : std::string();
            },
            "", "");
    app.add_option("-t,--tree", tree_, "take positions and leaves from this file")
        ->type_name("FILE");
    run_.configure(app);
    output_.configure(app, "manifest");
  }

  Exit run() override {
    const auto manifest = make_manifest(directory_, tree_, run_.options(output_));
    if (!manifest) {
      return output_.fail_with(manifest.error());
    }
    const auto text = encode_manifest(*manifest);
    if (!text) {
      return output_.fail_with(text.error());
    }
    if (!file_.empty()) {
      if (const auto written = write_file(file_, bytes_of(*text), true); !written) {
        return output_.fail_with(written.error());
      }
    }
    if (!output_.json() && file_.empty()) {
      put(*text);
    }
    report(*manifest);
    return output_.finish(Exit::well);
  }

 private:
  void report(const Manifest& manifest) {
    if (!file_.empty() && !output_.quiet()) {
      output_.line(fmt::format("{}: {}, root {}", printable(file_),
                               count_of(manifest.tree.names.size(), "module"),
                               to_text(manifest.tree.root)));
    }
    if (!output_.json()) {
      return;
    }
    Json& json = output_.document();
    if (!manifest.kernel.empty()) {
      json["kernel"] = manifest.kernel;
    }
    json["architecture"] = manifest.architecture;
    json["root"] = to_text(manifest.tree.root);
    if (!file_.empty()) {
      json["manifest"] = file_;
    }
    json["modules"] = Json::array();
    for (std::size_t i = 0; i < manifest.tree.names.size(); ++i) {
      Json leaves = Json::array();
      for (const Leaf& leaf : manifest.tree.leaves_of(i)) {
        leaves.push_back({{"payload", leaf.payload_size}, {"leaf", to_hex(leaf.hash)}});
      }
      json["modules"].push_back({{"name", manifest.tree.names[i]},
                                 {"position", i * manifest.tree.variants.size()},
                                 {"file", to_hex(manifest.files[i])},
                                 {"leaves", std::move(leaves)}});
    }
  }

  std::string directory_;
  std::string file_;
  std::string tree_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_manifest_command() { return std::make_unique<ManifestCommand>(); }

}  // namespace modproof::cli
