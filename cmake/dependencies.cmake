# SPDX-License-Identifier: LGPL-2.1-or-later
# The libraries of DESIGN.md section 7, found the way each of them is packaged in Debian.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(fmt 9 REQUIRED)

# Installers start the tool once a module, and each shared library costs a tenth of a millisecond or
# more to load (bench/README.md). So all are linked in where there are archives of them, but for libcrypto,
# which its owner keeps up to date for its own sake: it is loaded when it is needed (src/base/libcrypto.h).
# A shared libmodproof wants shared ones.
set(found_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(MODPROOF_SELF_CONTAINED AND NOT BUILD_SHARED_LIBS)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a ${found_suffixes})
endif()
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(libdeflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(liblzma REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(liblz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(lzo2 REQUIRED IMPORTED_TARGET lzo2)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
find_package(BZip2 REQUIRED)
find_package(ZLIB REQUIRED)
set(CMAKE_FIND_LIBRARY_SUFFIXES ${found_suffixes})

pkg_check_modules(CLI11 REQUIRED IMPORTED_TARGET CLI11)
pkg_check_modules(nlohmann_json REQUIRED IMPORTED_TARGET nlohmann_json)
