# SPDX-License-Identifier: LGPL-2.1-or-later
# What `cmake --install` puts where: tool, library, public headers, CMake package, pkg-config file,
# shell completions. Man pages are in man/.
include(CMakePackageConfigHelpers)

install(TARGETS modproof EXPORT modproof-targets)
install(TARGETS modproof_tool)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/modproof
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/modproof)
install(EXPORT modproof-targets NAMESPACE modproof:: DESTINATION ${cmake_dir})
configure_package_config_file(cmake/modproof-config.cmake.in modproof-config.cmake
  INSTALL_DESTINATION ${cmake_dir})
write_basic_package_version_file(modproof-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/modproof-config.cmake
  ${PROJECT_BINARY_DIR}/modproof-config-version.cmake
  DESTINATION ${cmake_dir})

# Relative to where the file is found, so that the installed tree can be moved.
file(RELATIVE_PATH pkgconfig_to_prefix
  /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/modproof.pc.in modproof.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/modproof.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Completions come from the table of commands that the tool itself parses with.
add_executable(make_completions tools/make_completions.cpp)
target_link_libraries(make_completions PRIVATE modproof_cli modproof_options)
set(completions ${PROJECT_BINARY_DIR}/completions)
add_custom_command(
  OUTPUT ${completions}/modproof.bash ${completions}/_modproof ${completions}/modproof.fish
  COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
  COMMAND make_completions bash > ${completions}/modproof.bash
  COMMAND make_completions zsh > ${completions}/_modproof
  COMMAND make_completions fish > ${completions}/modproof.fish
  DEPENDS make_completions
  VERBATIM)
add_custom_target(completions ALL
  DEPENDS ${completions}/modproof.bash ${completions}/_modproof ${completions}/modproof.fish)
install(FILES ${completions}/modproof.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME modproof)
install(FILES ${completions}/_modproof DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/modproof.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
