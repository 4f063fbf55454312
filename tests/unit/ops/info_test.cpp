// SPDX-License-Identifier: LGPL-2.1-or-later
// info: a file is what its contents say, whatever it is called.
#include "modproof/ops/info.h"

#include <filesystem>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "support/build.h"
#include "support/pkcs7_writer.h"

namespace modproof::test {
namespace {

TEST(Info, OfAModule) {
  const Build build(3);
  const Root root = build.seal();
  const auto info = std::get<ModuleInfo>(value_of(inspect(build.path(1))));
  EXPECT_EQ(info.name, "m1");
  EXPECT_EQ(info.file_size, build.contents(1).size());
  EXPECT_EQ(info.trailer.kind, TrailerKind::merkle);
  EXPECT_EQ(info.machine, "x86_64");
  EXPECT_FALSE(info.debug_sections);
  EXPECT_EQ(info.leads_to, root);
  EXPECT_TRUE(info.leaf.has_value());
}

TEST(Info, OfAModuleWithoutAProof) {
  const Build build(1);
  const auto info = std::get<ModuleInfo>(value_of(inspect(build.path(0))));
  EXPECT_EQ(info.trailer.kind, TrailerKind::none);
  EXPECT_FALSE(info.leaf || info.leads_to);
}

TEST(Info, OfASignedModuleAndOneWithAProofAboveTheSignature) {
  const Build build(1);
  const ByteVector message = TestPkcs7().bytes();
  ByteVector descriptor(kDescriptorSize);
  descriptor[2] = 2;  // PKEY_ID_PKCS7
  store_be32(&descriptor[8], static_cast<std::uint32_t>(message.size()));
  build.write(0, concat({build.original(0), message, descriptor, bytes_of(kTrailerMarker)}));
  const auto is_signed = std::get<ModuleInfo>(value_of(inspect(build.path(0))));
  EXPECT_EQ(is_signed.trailer.kind, TrailerKind::pkcs7);
  EXPECT_FALSE(is_signed.inner.has_value());
  ASSERT_TRUE(is_signed.signer.has_value());
  EXPECT_EQ(value_of(*is_signed.signer).name, "Test key");
  build.seal();
  const auto sealed = std::get<ModuleInfo>(value_of(inspect(build.path(0))));
  EXPECT_EQ(sealed.trailer.kind, TrailerKind::merkle);
  ASSERT_TRUE(sealed.inner.has_value() && sealed.signer.has_value());
  EXPECT_EQ(value_of(*sealed.signer).name, "Test key");
}

TEST(Info, OfAFileThatOnlyHasAProof) {
  const Folder folder;
  const std::string path =
      folder.write("odd", encode_trailer({.position = 0, .siblings = {Digest{}}}));
  const auto info = std::get<ModuleInfo>(value_of(inspect(path)));
  EXPECT_EQ(info.name, "");
  EXPECT_FALSE(info.machine.has_value());
}

TEST(Info, OfAKernel) {
  const Folder folder;
  const auto info = std::get<KernelDescription>(
      value_of(inspect(folder.write("x.ko", kernel_with(ByteVector(36), 32).bytes()))));
  ASSERT_TRUE(info.kernel.has_value());
  EXPECT_EQ(info.kernel->root, Root{});
  EXPECT_EQ(info.bits, 32U);
  EXPECT_EQ(info.machine, "i386");
}

TEST(Info, OfAKernelWithoutHashes) {
  const Folder folder;
  TestElf elf = kernel_with();
  elf.sections[1].name = ".init.text";
  const auto info =
      std::get<KernelDescription>(value_of(inspect(folder.write("vmlinux", elf.bytes()))));
  EXPECT_FALSE(info.kernel.has_value());
  EXPECT_EQ(info.machine, "x86_64");
}

TEST(Info, OfATreeFile) {
  const Build build(3);
  const TreeFile tree = build.make();
  EXPECT_EQ(std::get<TreeInfo>(value_of(inspect(build.tree_path()))).tree, tree);
}

TEST(Info, OfWhatIsBroken) {
  const Folder folder;
  TestElf no_kernel = kernel_with();
  no_kernel.sections.pop_back();
  TestElf core = kernel_with();
  core.type = ET_CORE;
  const std::pair<ByteVector, ErrorKind> cases[] = {
      {{}, ErrorKind::malformed},
      {core.bytes(), ErrorKind::malformed},
      {bytes_of("text"), ErrorKind::malformed},
      {bytes_of("\x7f"
                "ELF"),
       ErrorKind::malformed},
      {bytes_of("MODPROOF and more"), ErrorKind::malformed},
      {bytes_of("\x28\xb5\x2f\xfd"), ErrorKind::malformed},
      {kernel_with(ByteVector(35)).bytes(), ErrorKind::malformed},
      {no_kernel.bytes(), ErrorKind::malformed},
      {bytes_of(kTrailerMarker), ErrorKind::malformed}};
  for (const auto& [bytes, kind] : cases) {
    const std::string path = folder.write("f", bytes);
    EXPECT_EQ(error_of(inspect(path)).path, path);
    expect_error(inspect(path), kind);
  }
  expect_error(inspect(folder / "none"), ErrorKind::io);
  expect_error(inspect(folder.path()), ErrorKind::malformed);
}

TEST(Info, CutOffAnywhereNothingCrashes) {
  const Build build(2);
  build.seal();
  for (const ByteVector& whole :
       {build.contents(1), kernel_with().bytes(), read_bytes(build.tree_path())}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto info = inspect(build.folder().write("f", Bytes(whole).first(size)));
      if (!info) {
        EXPECT_FALSE(info.error().path.empty());
      }
    }
  }
}

}  // namespace
}  // namespace modproof::test
