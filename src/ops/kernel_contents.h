// SPDX-License-Identifier: LGPL-2.1-or-later
// A kernel image as it lies on the disk or in a package, and the kernel in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "modproof/base/result.h"

#include "base/file.h"
#include "format/kernel_container.h"

namespace modproof {

class KernelContents {
 public:
  /// Unwraps `image` (see kernel_container.h); `max_size` is the most bytes that a layer may
  /// decompress to. Errors: those of unwrap_kernel().
  [[nodiscard]] static Result<KernelContents> open(File image, std::uint64_t max_size);

  /// The file as it was given.
  [[nodiscard]] const File& image() const { return kernel_.layers.empty() ? kernel_.file : image_; }
  /// What is in it: an ELF file, or a raw image. Its path is that of the image.
  [[nodiscard]] const File& kernel() const { return kernel_.file; }
  /// The kind of raw image (see raw_image.h); empty for an ELF file.
  [[nodiscard]] const std::string& raw_kind() const { return kernel_.raw_kind; }
  /// What it is wrapped in, outermost first; empty where the image is the kernel.
  [[nodiscard]] const std::vector<std::string>& layers() const { return kernel_.layers; }

 private:
  KernelContents(File image, UnwrappedKernel kernel)
      : image_(std::move(image)), kernel_(std::move(kernel)) {}

  File image_;
  UnwrappedKernel kernel_;
};

}  // namespace modproof
