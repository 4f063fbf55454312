#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# In a directory like /tmp, where everybody can lay a symbolic link in the way of a file that is about to
# be written, such a link is not followed, unless it is the user's or that of the owner of the directory.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_root 'a link of another user'

make_modules d a
mkdir shared
chmod 1777 shared
echo precious >victim
ln -s ../victim shared/out
ln -s shared/out way
chown -h 65534:65534 shared/out
note_state
for name in shared/out way; do
  run tree d -o $name --no-cache
  expect 2 '' "modproof: $name: shared/out is a symbolic link of another user in a directory where everybody can make one; name the file itself"
done
run manifest d -o shared/out
expect_status 2
expect_nothing_changed

# A link of one's own.
chown -h 0:0 shared/out
run tree d -o way --no-cache -q
expect 0 '' ''
[ "$(root_of victim)" = "$(root_of shared/out)" ] || fail "not written through the link"
if [ ! -L shared/out ] || [ ! -L way ]; then
  fail "a link was replaced"
fi
# A directory that is nobody else's to write to, or whose owner made the link.
chown -h 65534:65534 shared/out
for mode in 0777 1775; do
  chmod $mode shared
  run tree d -o shared/out --no-cache -q
  expect 0 '' ''
done
chmod 1777 shared
chown 65534 shared
run tree d -o shared/out --no-cache -q
expect 0 '' ''
