// SPDX-License-Identifier: LGPL-2.1-or-later
// The two compressions that come in blocks, written as block_decoder.cpp reads them.
#pragma once

#include <memory>

#include "format/lzop.h"
#include "format/stream_encoder.h"

namespace modproof {

/// lz4 as in lz4_legacy.h, at the level that generators of initramfs images ask for (-9). Takes 16
/// MiB.
[[nodiscard]] std::unique_ptr<StreamEncoder> make_lz4_legacy_encoder();

/// lzo in the format of lzop, with this header, in blocks of 256 KiB.
[[nodiscard]] std::unique_ptr<StreamEncoder> make_lzo_encoder(const LzopHeader& header);

}  // namespace modproof
