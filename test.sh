#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds and runs every test; or the configurations named.
#
#     ./test.sh              all of them
#     ./test.sh --list       their names, and what each of them is
#     ./test.sh unit asan    these
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tools/packages.sh
. tools/packages.sh

# docs behind demo, which unpacks the kernel that README.md shows.
configurations=(unit cli asan tsan arm fuzz install foreign demo docs artefacts tidy kernel)
# Runs while the next one does, which leaves processors idle and works in other directories.
beside=tidy

describe() {
  case $1 in
    unit) echo "unit tests, properties, Python reference, structure and fuzz corpora (GCC 12)" ;;
    cli) echo "one script a behaviour of the command line" ;;
    asan) echo "unit and command line tests under address and undefined-behaviour sanitizers (clang 19)" ;;
    tsan) echo "what starts threads, under the thread sanitizer" ;;
    arm) echo "SHA-256 with ARMv8's cryptography extensions, by qemu-user" ;;
    fuzz) echo "each libFuzzer target for ${MODPROOF_FUZZ_SECONDS:-15} seconds (downloads most of what artefacts does)" ;;
    tidy) echo "clang-format, clang-tidy and shellcheck" ;;
    install) echo "cmake --install, a consumer of the installed library, completions, man pages" ;;
    docs) echo "output shown in the documents is what the tool prints" ;;
    foreign) echo "attestations, verified by the libraries of sigstore (npm packages)" ;;
    artefacts) echo "kernel images of four machines as Debian ships them (downloads 500 MB once)" ;;
    kernel) echo "kernels built and booted in QEMU (15 to 35 minutes on two cores)" ;;
    demo) echo "demo.sh on all modules of a real kernel, then detached and compared" ;;
  esac
}

# build PRESET [TARGET...]: configures and builds build/PRESET, quietly unless it fails.
build() {
  local preset=$1
  local log=build/$preset.log
  shift
  mkdir -p build
  if ! { cmake --preset "$preset" && cmake --build "build/$preset" ${1:+--target "$@"}; } >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "build of preset $preset failed; all of it is in $log" >&2
    return 1
  fi
}

# run_ctest PRESET [ARGUMENT...]
run_ctest() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" "$@"
}

run_unit() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}"
  build dev
  run_ctest dev -E '^cli/'
}

run_cli() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_browser[@]}"
  build dev
  run_ctest dev -R '^cli/'
}

run_asan() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_clang[@]}"
  build asan
  run_ctest asan -E '^(structure/|reference)'
}

run_tsan() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}"
  build tsan modproof_tool unit_tests
  run_ctest tsan -R \
    '^(unit/|cli/(attach|compressed|detach|diff-b|explain|fix|initramfs|inter|job|manifest|packages$|seal|tree|two|verify))'
}

run_arm() {
  if [ "$(uname -m)" != x86_64 ]; then
    echo "not x86-64: the unit tests have run what this machine has, and no cross compiler is looked for"
    return 0
  fi
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_arm[@]}"
  tests/arm/run build/arm
}

run_fuzz() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_clang[@]}" "${packages_artefacts[@]}"
  build asan
  MODPROOF=$PWD/build/asan/modproof fuzz/real-corpus build/asan/real-corpus
  fuzz/run "${MODPROOF_FUZZ_SECONDS:-15}"
}

run_tidy() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_tidy[@]}"
  tools/tidy
}

run_install() {
  ensure_packages "${packages_build[@]}" "${packages_install[@]}"
  build release
  tests/install/run build/release
}

run_docs() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}"
  build release
  MODPROOF=$PWD/build/release/modproof tools/update-docs --check
}

run_demo() {
  ensure_packages "${packages_build[@]}"
  tests/demo/run
}

run_foreign() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}"
  # Node.js may come from elsewhere, and Debian's npm does not go together with that.
  command -v npm >/dev/null || ensure_packages "${packages_foreign[@]}"
  build release
  MODPROOF=$PWD/build/release/modproof tests/foreign/run
}

run_artefacts() {
  ensure_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_artefacts[@]}"
  build release
  MODPROOF=$PWD/build/release/modproof /usr/bin/python3 -B -m pytest tests/artefacts
}

run_kernel() {
  local -a needed
  mapfile -t needed <tests/kernel/packages.txt
  ensure_packages "${packages_build[@]}" "${needed[@]}"
  build release
  MODPROOF=$PWD/build/release/modproof tests/kernel/run ${MODPROOF_KERNEL_TESTS:+-m "$MODPROOF_KERNEL_TESTS"}
}

case ${1:-} in
  -h | --help)
    sed -n 's/^# \{0,1\}//; 3,7p' test.sh
    exit
    ;;
  --list)
    for name in "${configurations[@]}"; do
      printf '%-9s %s\n' "$name" "$(describe "$name")"
    done
    exit
    ;;
esac

chosen=("$@")
[ "$#" -gt 0 ] || chosen=("${configurations[@]}")
for name in "${chosen[@]}"; do
  if [[ " ${configurations[*]} " != *" $name "* ]]; then
    echo "test.sh: no configuration $name; ./test.sh --list shows them, ./test.sh --help the usage" >&2
    exit 2
  fi
done

# run_one NAME: says how it ended. In a subshell of its own, so that `set -e` holds inside and a failure
# ends only this one; called from `if` or before `||`, bash would ignore it inside as well.
run_one() {
  local start=$SECONDS status
  echo "==> $1: $(describe "$1")"
  set +e
  (
    set -e
    "run_$1"
  )
  status=$?
  if [ $status -eq 0 ]; then
    echo "==> $1 passed in $((SECONDS - start)) s"
  else
    echo "==> $1 FAILED in $((SECONDS - start)) s"
  fi
  return $status
}

failed=()
waiting=
set +e
for name in "${chosen[@]}"; do
  if [ "$name" = "$beside" ] && [ "$name" != "${chosen[-1]}" ]; then
    mkdir -p build
    run_one "$name" >"build/$name.log" 2>&1 &
    waiting=$!
    continue
  fi
  run_one "$name"
  status=$?
  [ $status -eq 0 ] || failed+=("$name")
  if [ -n "$waiting" ]; then
    wait "$waiting"
    status=$?
    [ $status -eq 0 ] || failed+=("$beside")
    cat "build/$beside.log"
    waiting=
  fi
done

[ ${#failed[@]} -eq 0 ] || echo "failed: ${failed[*]}"
echo "configurations: $((${#chosen[@]} - ${#failed[@]})) passed, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
