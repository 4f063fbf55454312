// SPDX-License-Identifier: LGPL-2.1-or-later
// The method of the public kernel series, as a stand-in to measure against.
//
//     sidecar MODULES_ORDER DIRECTORY
//
// Written from the description of the method alone, and shares no code with modproof: one process,
// one thread; each module that modules.order names is mapped and hashed with OpenSSL's EVP
// interface (SHA-256 over 0x01, the position and the file); all levels of the tree are built; then
// the proof of each module is written to a file of its own in DIRECTORY (the position and a sibling
// a level: 420 bytes for 13 levels). The root is printed. Exit status 2 if anything fails.
//
// It is given every advantage that the method allows: no fsync, proofs in one directory that the
// caller made, one hash context for all, pages mapped with MAP_POPULATE when that is asked for by
// SIDECAR_POPULATE in the environment.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using Hash = std::array<unsigned char, 32>;

[[noreturn]] void die(const std::string& what) {
  std::perror(("sidecar: " + what).c_str());
  std::exit(2);
}

void put_be32(unsigned char* to, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) {
    to[i] = static_cast<unsigned char>(value >> (24 - 8 * i));
  }
}

struct Part {
  const void* data;
  std::size_t size;
};

template <std::size_t N>
Hash digest(EVP_MD_CTX* context, const EVP_MD* type, const std::array<Part, N>& parts) {
  Hash hash;
  bool ok = EVP_DigestInit_ex(context, type, nullptr) == 1;
  for (const Part& part : parts) {
    ok = ok && EVP_DigestUpdate(context, part.data, part.size) == 1;
  }
  if (!ok || EVP_DigestFinal_ex(context, hash.data(), nullptr) != 1) {
    die("SHA-256");
  }
  return hash;
}

Hash leaf_of(EVP_MD_CTX* context, const EVP_MD* type, const std::string& path,
             std::uint32_t position, int populate) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    die(path);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | populate, descriptor, 0);
  if (bytes == MAP_FAILED) {
    die(path);
  }
  ::close(descriptor);
  std::array<unsigned char, 5> prefix{0x01};
  put_be32(prefix.data() + 1, position);
  const Hash leaf = digest(context, type, std::array<Part, 2>{{{prefix.data(), 5}, {bytes, size}}});
  ::munmap(bytes, size);
  return leaf;
}

std::vector<std::string> modules_of(const std::string& order) {
  const std::string directory = order.substr(0, order.rfind('/') + 1);
  std::vector<std::string> modules;
  std::ifstream lines(order);
  if (!lines) {
    die(order);
  }
  for (std::string line; std::getline(lines, line);) {
    modules.push_back(directory + line);
  }
  return modules;
}

void write_proof(const std::string& path, const std::vector<std::vector<Hash>>& levels,
                 std::uint32_t position, std::vector<unsigned char>& proof) {
  proof.resize(4);
  put_be32(proof.data(), position);
  std::size_t index = position;
  for (const auto& level : levels) {
    const Hash& sibling = level[(index ^ 1U) < level.size() ? index ^ 1U : index];
    proof.insert(proof.end(), sibling.begin(), sibling.end());
    index /= 2;
  }
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0 ||
      ::write(descriptor, proof.data(), proof.size()) != static_cast<ssize_t>(proof.size()) ||
      ::close(descriptor) != 0) {
    die(path);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: sidecar MODULES_ORDER DIRECTORY\n", stderr);
    return 2;
  }
  const int populate = std::getenv("SIDECAR_POPULATE") != nullptr ? MAP_POPULATE : 0;
  const std::vector<std::string> modules = modules_of(argv[1]);
  EVP_MD* type = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  std::vector<std::vector<Hash>> levels(1);
  for (std::uint32_t i = 0; i < modules.size(); ++i) {
    levels[0].push_back(leaf_of(context, type, modules[i], i, populate));
  }
  Hash root{};
  while (!levels[0].empty()) {
    const std::vector<Hash>& below = levels.back();
    std::vector<Hash> above;
    for (std::size_t i = 0; i < below.size(); i += 2) {
      const Hash& right = i + 1 < below.size() ? below[i + 1] : below[i];
      above.push_back(
          digest(context, type,
                 std::array<Part, 3>{{{"\x02", 1}, {below[i].data(), 32}, {right.data(), 32}}}));
    }
    if (above.size() == 1) {
      root = above[0];
      break;
    }
    levels.push_back(std::move(above));
  }
  std::vector<unsigned char> proof;
  for (std::uint32_t i = 0; i < modules.size(); ++i) {
    const std::string name = modules[i].substr(modules[i].rfind('/') + 1);
    write_proof(std::string(argv[2]) + "/" + name + ".merkle", levels, i, proof);
  }
  std::printf("sha256:%zu:", levels[0].empty() ? 0 : levels.size());
  for (const unsigned char byte : root) {
    std::printf("%02x", byte);
  }
  std::printf("\n");
  EVP_MD_CTX_free(context);
  EVP_MD_free(type);
  return 0;
}
