// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/kernel_contents.h"

#include "base/try.h"

namespace modproof {

Result<KernelContents> KernelContents::open(File image, std::uint64_t max_size) {
  MODPROOF_ASSIGN(again, image.duplicate());
  MODPROOF_ASSIGN(kernel, unwrap_kernel(std::move(again), max_size));
  return KernelContents(std::move(image), std::move(kernel));
}

}  // namespace modproof
