# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel's verifier, compiled for user space from the file that goes into the kernel. For the unit
# test beside this file and for a fuzz target, either of which may be built without the other.
include_guard(GLOBAL)

add_library(kernel_check OBJECT
  ${PROJECT_SOURCE_DIR}/kernel/files/kernel/module/hashes.c
  ${CMAKE_CURRENT_LIST_DIR}/kernel_verify.c)
set_target_properties(kernel_check PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_include_directories(kernel_check
  INTERFACE ${CMAKE_CURRENT_LIST_DIR}
  PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/standin
    ${PROJECT_SOURCE_DIR}/kernel/files/include)
target_link_libraries(kernel_check PRIVATE OpenSSL::Crypto)
if(MODPROOF_SANITIZE)
  target_compile_options(kernel_check PRIVATE -fsanitize=${MODPROOF_SANITIZE} -fno-sanitize-recover=all)
endif()
