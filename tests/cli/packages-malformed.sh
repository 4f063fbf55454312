#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A package that is broken, cut off or hostile is an error with its name and what is wrong, whatever
# was found to be in order before; and nothing in a package is written to, or read from elsewhere.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

package() {
  /usr/bin/python3 -B "$here/make_package.py" "$@"
}

modules=root/lib/modules/6.1.0-test
make_modules "$modules/kernel" a b
modproof seal -q --no-sync "$modules" -o m.merkle
package good.tar tar root

# expect_bad PATTERN: `verify` of the package `bad` ends with an error that matches.
expect_bad() {
  run verify bad -t m.merkle
  expect_status 2
  expect_match stderr "^modproof: bad$1"
}

# Cut off: plain archives have their end to tell by, compressed ones their structure.
end=$(/usr/bin/python3 -c 'print(len(open("good.tar", "rb").read().rstrip(b"\0")) // 512 * 512 + 512)')
head -c "$end" good.tar >bad
expect_bad ': its tar archive is broken at or behind the entry \./lib/modules/6\.1\.0-test/(kernel/b\.ko|m\.merkle|.*): it has no end'
head -c "$((end + 512))" good.tar >bad
expect_bad ': its tar archive is broken .*: it has no end'
head -c "$((end + 1024))" good.tar >bad
run verify bad -t m.merkle
expect_status 0
for compression in gzip bzip2 xz zstd lz4-frame; do
  for form in rpm tar; do
    package good "$form:$compression" root
    size=$(stat -c %s good)
    for at in 1 100; do
      head -c "$((size - at))" good >bad
      expect_bad ': '
    done
  done
done
package good deb:xz root
head -c "$(($(stat -c %s good) - 40))" good >bad
expect_bad ': offset [0-9]+: its member data\.tar\.xz reaches past the end; the package is cut off'
# One wrong byte: in the middle, and in the checksum at the end of a compressed archive.
for compression in gzip xz zstd; do
  package bad "tar:$compression" root
  size=$(stat -c %s bad)
  at=$((size - 3))
  [ "$compression" != gzip ] || at=$((size - 7))
  flip bad "$at"
  expect_bad ': '
done

# Something behind the end.
package bad tar root behind:more
expect_bad ': its tar archive is broken .*: something else than zeros stands behind its end'
package bad rpm:zstd root behind:more
expect_bad ': its cpio archive is broken .*: something else than zeros stands behind its end'
package bad tar:xz root
echo more >>bad
expect_bad ': offset [0-9]+: bytes behind the end'

# Names that lead elsewhere, of whatever entry; and two of one name.
for name in /etc/motd ../motd lib/../../motd lib/modules/6.1.0-test/../../../x.ko; do
  package bad tar root "file:$name=evil"
  note_state
  expect_bad ': .*(absolute path|leads upwards)'
  expect_nothing_changed
  package bad rpm:gzip root "file:$name=evil"
  expect_bad ': .*(absolute path|leads upwards)'
done
package bad deb:xz root file:lib/modules/6.1.0-test/kernel/a.ko=again
expect_bad ': its entry lib/modules/6\.1\.0-test/kernel/a\.ko stands in it twice'
package bad tar root file:./usr//lib/modules/6.1.0-test/kernel/a.ko=again
expect_bad ': its entry usr/lib/modules/6\.1\.0-test/kernel/a\.ko stands in it twice'
package bad tar root "pax:lib/modules/6.1.0-test/kernel/$(printf 'x%.0s' {1..5000}).ko=long"
expect_bad ': its tar archive is broken .*the name of an entry has'

# Links. Those to other modules are fine; those that would hide something are not.
ln -s ../../../../../etc/passwd "$modules/kernel/link.ko"
package linked.tar tar root hardlink:lib/modules/6.1.0-test/kernel/hard.ko=./lib/modules/6.1.0-test/kernel/a.ko
run verify linked.tar -t m.merkle
expect_status 0
expect_match stdout '^2 modules: 2 accepted'
expect_match stderr '^modproof: linked\.tar:lib/modules/6\.1\.0-test/kernel/link\.ko: is a symbolic link and was not followed'
rm "$modules/kernel/link.ko"
ln "$modules/kernel/a.ko" "$modules/kernel/hard.ko"
package linked.rpm rpm root
run verify linked.rpm -t m.merkle --allow-missing
expect_status 0
expect_match stdout '^2 modules: 2 accepted'
rm "$modules/kernel/hard.ko"
package bad tar root hardlink:lib/modules/6.1.0-test/kernel/z.ko=usr/share/hidden
expect_bad ': its entry lib/modules/6\.1\.0-test/kernel/z\.ko is a hard link to usr/share/hidden, whose contents'
package bad tar root hardlink:lib/modules/6.1.0-test/kernel/z.ko=/etc/passwd
expect_bad ': its entry .*z\.ko is a hard link that leads out of the package'
package bad tar root fifo:lib/modules/6.1.0-test/kernel/z.ko
expect_bad ': its entry .*z\.ko is no regular file'
mkdir "$modules/kernel/directory.ko"
package directory.rpm rpm root
run verify directory.rpm -t m.merkle
expect_status 0

# A name that is no text in any locale is a name like any other.
package odd.tar tar root "pax:lib/modules/6.1.0-test/kernel/ü.ko=odd"
LC_ALL=C run verify odd.tar -t m.merkle
expect_status 1
expect_match stdout 'odd\.tar:lib/modules/6\.1\.0-test/kernel/ü\.ko: no-trailer'

# Archives that only look like packages.
printf '!<arch>\n' >bad
run info bad
expect_status 2
expect_match stderr '^modproof: bad: this Debian package has no member data\.tar'
echo member >member
ar rc bad.a member
run info bad.a
expect_status 2
expect_match stderr '^modproof: bad\.a: offset 0: an ar archive, but not a Debian package'
package bad deb root
sed -i 's/^2\.0$/3.0/' bad
expect_bad ': offset [0-9]+: a Debian package of another version'
printf '\355\253\356\333' >bad
expect_bad ': offset 4: this rpm package is cut off in its headers'
package bad rpm root
sed -i 's/\x8e\xad\xe8\x01/\x8e\xad\xe8\x02/' bad
expect_bad ': offset 96: no header of an rpm package'

# A name of 256 MiB, as the header of its entry says: not kept in memory.
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here /usr/bin/python3 - <<'END'
import gzip
from make_initramfs import entry
from make_package import rpm
head = entry("name", b"")[:110].replace(b"%08x" % 5, b"10000000", 1)
open("bad", "wb").write(rpm(gzip.compress(head + b"a" * (256 << 20), 1)))
END
expect_bad ': its cpio archive is broken: the header of an entry, or a name in it, has more than 2097152 bytes'
/usr/bin/python3 - <<'END'
import os, resource, subprocess
subprocess.run([os.environ["MODPROOF"], "info", "bad"], capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
assert used < 128, f"{used} MiB"
END

# A bomb: much of nothing in front of a module, and a module of nothing.
/usr/bin/python3 - <<'END'
import gzip, tarfile
with gzip.open("bomb.tgz", "wb", 1) as file, tarfile.open(fileobj=file, mode="w|") as archive:
    info = tarfile.TarInfo("lib/modules/6.1.0-test/kernel/z.ko")
    info.size = 8 << 20
    archive.addfile(info, open("/dev/zero", "rb"))
END
run verify bomb.tgz -t m.merkle --max-module-size 4M
expect_status 2
expect_match stderr '^modproof: bomb\.tgz:lib/modules/6\.1\.0-test/kernel/z\.ko: has 8388608 bytes, more than the 4194304'
run verify bomb.tgz -t m.merkle --allow-missing
expect_status 1
