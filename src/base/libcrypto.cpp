// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/libcrypto.h"

#include <string>

#include <dlfcn.h>

namespace modproof {
namespace {

/// The soname of OpenSSL 3.
#define MODPROOF_LIBCRYPTO_SONAME "libcrypto.so.3"

// An ELF note: length of the owner, length of the contents, type, owner, contents; all of it in
// multiples of four bytes.
#define MODPROOF_DLOPEN_NOTE                                                  \
  "[{\"feature\":\"openssl\","                                                \
  "\"description\":\"PKCS#7 signers, and SHA-256 without own instructions\"," \
  "\"priority\":\"recommended\",\"soname\":[\"" MODPROOF_LIBCRYPTO_SONAME "\"]}]"

struct DlopenNote {
  unsigned owner_size;
  unsigned contents_size;
  unsigned type;
  char owner[4];
  alignas(4) char contents[sizeof MODPROOF_DLOPEN_NOTE];
};

[[gnu::used, gnu::retain, gnu::section(".note.dlopen"), gnu::aligned(4)]] const DlopenNote kNote = {
    .owner_size = sizeof kNote.owner,
    .contents_size = sizeof kNote.contents,
    .type = 0x407c0c0a,
    .owner = "FDO",
    .contents = MODPROOF_DLOPEN_NOTE,
};

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
