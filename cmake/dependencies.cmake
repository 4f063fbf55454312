# SPDX-License-Identifier: LGPL-2.1-or-later
# The libraries of DESIGN.md section 7, found the way each of them is packaged in Debian.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(fmt 9 REQUIRED)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(CLI11 REQUIRED IMPORTED_TARGET CLI11)
pkg_check_modules(nlohmann_json REQUIRED IMPORTED_TARGET nlohmann_json)
