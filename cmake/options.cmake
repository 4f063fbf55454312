# SPDX-License-Identifier: LGPL-2.1-or-later
# Compiler settings that every target shares: the interface library modproof_options.
add_library(modproof_options INTERFACE)
target_compile_features(modproof_options INTERFACE cxx_std_23)
target_compile_options(modproof_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow
  # Nothing of the build directory in the binary: two builds give the same bytes.
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
  -fstack-protector-strong
  # Options are named where they differ from their defaults, and left out where they do not.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>)
target_compile_definitions(modproof_options INTERFACE
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(MODPROOF_SANITIZE)
  target_compile_options(modproof_options INTERFACE
    -fsanitize=${MODPROOF_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(modproof_options INTERFACE -fsanitize=${MODPROOF_SANITIZE})
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
