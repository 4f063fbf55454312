#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# More threads than there may be open files for: the soft limit is raised, and where the hard one is low
# as well, there are fewer threads. Programs that are run have the limit that the tool had.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program prlimit

make_module one.ko
/usr/bin/python3 -c '
import os
one = open("one.ko", "rb").read()
for directory, count in ("many", 2000), ("some", 100):
    os.mkdir(directory)
    for i in range(count):
        open(f"{directory}/m{i}.ko", "wb").write(one + b"%d" % i)'

limited() { # LIMIT ARGUMENT...
  run_program prlimit --nofile="$1" "$MODPROOF" "${@:2}" -j 64 -q
  expect 0 '' ''
}
limited 1024:1024 tree many -o many.merkle --no-cache
limited 1024:4096 tree many -o many.merkle --no-cache
limited 1024:1024 attach many -t many.merkle --no-sync
limited 1024:1024 verify many -t many.merkle
for limit in 100:100 100:200; do
  limited $limit seal some
  limited $limit verify some -t some/modules.merkle
  limited $limit manifest some -o manifest
  limited $limit detach some
  limited $limit tree some -o some.merkle --no-cache
  limited $limit attach some -t some.merkle
  limited $limit detach some --no-sync
done

need_program strip
make_debug_module s/a.ko
cat >limit-strip <<'END'
#!/bin/sh
sleep 0.2
ulimit -n >limit
exec strip "$@"
END
chmod +x limit-strip
run_program prlimit --nofile=777:4096 "$MODPROOF" tree s -q --variant strip --strip-program ./limit-strip
expect 0 '' ''
[ "$(cat limit)" = 777 ] || fail "strip has the limit $(cat limit)"
