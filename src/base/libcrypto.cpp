// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/libcrypto.h"

#include <string>

#include <dlfcn.h>

namespace modproof {
namespace {

/// The soname of OpenSSL 3.
#define MODPROOF_LIBCRYPTO_SONAME "libcrypto.so.3"

// An ELF note: length of the owner, length of the contents, type, owner, contents; all of it in
// multiples of four bytes. In assembly, because sanitizers put room around variables.
asm(".pushsection .note.dlopen, \"aR\", %note\n"
    ".balign 4\n"
    ".4byte 2f - 1f, 4f - 3f, 0x407c0c0a\n"
    "1: .asciz \"FDO\"\n"
    "2: .balign 4\n"
    "3: .asciz \"[{\\\"feature\\\":\\\"openssl\\\","
    "\\\"description\\\":\\\"PKCS#7 signers, and SHA-256 without own instructions\\\","
    "\\\"priority\\\":\\\"recommended\\\",\\\"soname\\\":[\\\"" MODPROOF_LIBCRYPTO_SONAME
    "\\\"]}]\"\n"
    "4: .balign 4\n"
    ".popsection");

struct Loaded {
  Libcrypto table;
  std::string problem;

  Loaded() {
    void* library = ::dlopen(MODPROOF_LIBCRYPTO_SONAME, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      note_problem();
      return;
    }
#define MODPROOF_LOAD(name)                                                  \
  table.name = reinterpret_cast<decltype(&::name)>(::dlsym(library, #name)); \
  if (table.name == nullptr && problem.empty()) {                            \
    note_problem();                                                          \
  }
    MODPROOF_LIBCRYPTO_FUNCTIONS(MODPROOF_LOAD)
#undef MODPROOF_LOAD
  }

 private:
  void note_problem() {
    const char* reason = ::dlerror();
    problem = "OpenSSL is needed here and cannot be loaded: ";
    problem += reason != nullptr ? reason : MODPROOF_LIBCRYPTO_SONAME;
    problem += "; install OpenSSL 3";
  }
};

}  // namespace

Result<const Libcrypto*> libcrypto() {
  static const Loaded loaded;
  if (!loaded.problem.empty()) {
    return fail(ErrorKind::unsupported, {}, loaded.problem);
  }
  return &loaded.table;
}

}  // namespace modproof
