# SPDX-License-Identifier: LGPL-2.1-or-later
# Which Debian packages what part of the project needs, and how they get installed. Sourced by
# demo.sh and test.sh.
# shellcheck shell=bash

packages_build=(g++ cmake ninja-build pkg-config libssl-dev libelf-dev libfmt-dev libcli11-dev
  nlohmann-json3-dev libarchive-dev libbz2-dev libdeflate-dev liblz4-dev liblzma-dev liblzo2-dev libzstd-dev
  zlib1g-dev binutils scdoc)
packages_test=(libgtest-dev librapidcheck-dev python3 python3-pytest python3-jsonschema make git attr
  bsdutils util-linux procps kmod bzip2 cpio lz4 lzop xz-utils zstd openssh-client gnupg openssl strace)
packages_artefacts=(apt dpkg tar debian-archive-keyring rpm libarchive-tools binutils cpio lz4 zstd)
packages_arm=(g++-aarch64-linux-gnu qemu-user)
packages_clang=(clang-19 libclang-rt-19-dev llvm-19)
packages_tidy=(clang-tidy-19 clang-format-19 clang-19 shellcheck)
# Looks at the page of `modproof diff --html` (tests/cli/diff-page.sh skips without it).
packages_browser=(chromium)
# What verifies an attestation in tests/foreign, besides the packages in its package-lock.json.
packages_foreign=(nodejs npm)
packages_install=(zsh fish bash-completion mandoc)

# What has to run as root does so with this in front.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "modproof: installing packages needs root: run this as root, or install sudo" >&2
    return 2
  fi
}

# Prints those of the packages named that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
      echo "$package"
  done
}

# True on Debian, Ubuntu and what derives from them.
is_debian() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null &&
    grep -Eq '^ID(_LIKE)?=.*\b(debian|ubuntu)\b' /etc/os-release
}

# Installs those of the packages named that are missing. On other systems than Debian and Ubuntu it
# only says what to look for: package names differ, and a wrong guess is worse than a list.
ensure_packages() {
  if ! is_debian; then
    echo "modproof: this is neither Debian nor Ubuntu, so nothing gets installed by itself." >&2
    echo "It needs what these Debian 12 packages hold: $*" >&2
    [ -n "${MODPROOF_PACKAGES_PRESENT:-}" ] && return 0
    echo "Set MODPROOF_PACKAGES_PRESENT=1 once all of it is there." >&2
    return 2
  fi
  local -a missing
  local lock
  # One at a time, as of two that run beside each other apt refuses one.
  exec {lock}<"${BASH_SOURCE[0]}"
  flock "$lock"
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "==> installing ${missing[*]}"
    as_root apt-get update -q >/dev/null &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
  fi
  local status=$?
  exec {lock}>&-
  return $status
}
