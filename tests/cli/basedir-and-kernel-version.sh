#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# -b DIR and -k VERSION choose the modules installed below DIR/lib/modules/VERSION, as with kmod's
# tools; without -k it is the only version that is there. Links lead where the system in DIR would
# see them lead, and never out of it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules image/lib/modules/6.1.0-test/kernel a b
make_modules merged/usr/lib/modules/6.1.0-test/kernel a b c
make_modules image/lib/modules/6.2.0-other/kernel r

run seal -b image -k 6.1.0-test
root=$(root_of image/lib/modules/6.1.0-test/modules.merkle)
expect 0 "2 modules: 2 attached
image/lib/modules/6.1.0-test/modules.merkle: 2 modules, root $root" ''
run verify -b image -k 6.1.0-test -r "$root" -v
expect 0 "image/lib/modules/6.1.0-test/kernel/a.ko: accepted
image/lib/modules/6.1.0-test/kernel/b.ko: accepted
2 modules: 2 accepted, 0 refused (root $root of the command line)" ''
run detach -b image -k 6.1.0-test
expect 0 '2 modules: 2 detached' ''
run attach -b image -k 6.1.0-test -t image/lib/modules/6.1.0-test/modules.merkle
expect 0 '2 modules: 2 attached' ''
run explain -b image -k 6.1.0-test -r "$root"
expect_status 0

# Where only /usr/lib/modules is there.
run seal -b merged -k 6.1.0-test -q
expect 0 '' ''
[ -e merged/usr/lib/modules/6.1.0-test/modules.merkle ] || fail "no tree file"

# Without -k: the only version, whatever kernel runs; of several one has to be chosen.
rm merged/usr/lib/modules/6.1.0-test/modules.merkle
modproof detach -b merged -q
run seal -b merged
root=$(root_of merged/usr/lib/modules/6.1.0-test/modules.merkle)
expect 0 "3 modules: 3 attached
merged/usr/lib/modules/6.1.0-test/modules.merkle: 3 modules, root $root" ''
for command in seal attach detach explain; do
  option=()
  case $command in attach | explain) option=(-t merged/usr/lib/modules/6.1.0-test/modules.merkle) ;; esac
  run $command -b image "${option[@]}"
  expect 2 '' "modproof: image: modules of several kernel versions are installed; choose one with -k: 6.1.0-test, 6.2.0-other"
  run $command -b merged -q -n "${option[@]}"
  case $command in explain) run $command -b merged -q "${option[@]}" ;; esac
  expect_status 0
done

# Links. Outside stands what a link would lead to if it were followed on this system.
make_modules outside/kernel o
make_module outside/host.ko
mkdir -p linked/usr/lib/modules/1/kernel linked/store
ln -s /usr/lib linked/lib
make_module linked/store/in.ko
ln -s /store/in.ko linked/usr/lib/modules/1/kernel/in.ko
cp -r outside kept
run seal -b linked
expect_status 0
expect_match stdout '^linked/usr/lib/modules/1/modules\.merkle: 1 module,'
run verify -b linked -t linked/usr/lib/modules/1/modules.merkle -v
expect_status 0
expect_match stdout '^linked/store/in\.ko: accepted$'
ln -s "$PWD/outside/host.ko" linked/usr/lib/modules/1/kernel/out.ko
for command in seal detach; do
  run $command -b linked
  expect_status 2
  expect_match stderr '^modproof: linked/usr/lib/modules/1/kernel/out\.ko: leads to nothing in the file system below linked$'
done
rm linked/usr/lib/modules/1/kernel/out.ko linked/usr/lib/modules/1/modules.merkle
echo secret >outside/victim
cp outside/victim kept
ln -s "$PWD/outside/victim" linked/usr/lib/modules/1/modules.merkle
run seal -b linked
expect_status 2
expect_match stderr '^modproof: linked/usr/lib/modules/1/modules\.merkle: leads to nothing in the file system below linked$'
rm linked/usr/lib/modules/1/modules.merkle
ln -s "$PWD/outside" linked/usr/lib/modules/2
run seal -b linked -k 2
expect 2 '' 'modproof: linked/lib/modules/2: no modules of this kernel version are installed; choose one with -k'
run seal -b linked -k ../../../../outside
expect 2 '' 'modproof: ../../../../outside is no version of a kernel'
diff -r outside kept || fail "something outside of the base changed"

# A version that is not installed.
run verify -b image -k 9.9 -r "$root"
expect 2 '' 'modproof: image/lib/modules/9.9: no modules of this kernel version are installed; choose one with -k'
run verify -b nowhere -r "$root"
expect_status 2
run verify -k no-such-version -r "$root" --json
expect_status 2
expect_json .errors[0].kind missing
