#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diff --html: one file that refers to nothing outside itself, complete without its script, with the
# picture of the tree and the proof of each module; looked at in a browser.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

names=()
for i in {1..40}; do
  names+=("m$i")
done
make_modules a "${names[@]}" 'less<than&"quote"'
cp -r a b
flip b/m7.ko 70
flip b/m20.ko 70
run diff a b --html page.html
expect_status 1
run diff a b --html again.html
expect_same_bytes page.html again.html

# Nothing is fetched from anywhere, and nothing of a name becomes markup.
if grep -Eoi '(src|href)=|url\(|https?:|@import|<link|<iframe|<object' page.html; then
  fail "the page refers to something outside itself"
fi
grep -q 'less&lt;than&amp;&quot;quote&quot;' page.html || fail "a name is not escaped"
if grep -q 'less<than' page.html; then fail "a name became markup"; fi

# Every leaf and every sibling of every proof is text of the page; those that differ are marked.
/usr/bin/python3 - "$here/../reference" a b page.html <<'END' || fail "the page does not hold the proofs"
import html.parser, pathlib, re, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import merkle_reference as ref
def build(directory):
    files = sorted(pathlib.Path(directory).glob("*.ko"))
    return [f.name[:-3] for f in files], [f.read_bytes() for f in files]
names, payloads = build(sys.argv[2])
_, others = build(sys.argv[3])
page = pathlib.Path(sys.argv[4]).read_text()
class Check(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.modules, self.name = [], {}, None
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "input", "path", "line", "circle"):
            self.open.append(tag)
        if tag == "details":
            self.name = dict(attributes).get("data-name")
            self.modules.setdefault(self.name, "")
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            sys.exit(f"</{tag}> closes something else")
    def handle_data(self, data):
        if self.name:
            self.modules[self.name] += data
check = Check()
check.feed(page)
if check.open:
    sys.exit(f"left open: {check.open}")
import hashlib
def leaves(payloads):
    return [hashlib.sha256(b"\1" + i.to_bytes(4, "big") + p).digest() for i, p in enumerate(payloads)]
def levels(nodes):
    result = [nodes]
    while len(nodes) > 1:
        nodes = [hashlib.sha256(b"\2" + nodes[i] + nodes[min(i + 1, len(nodes) - 1)]).digest()
                 for i in range(0, len(nodes), 2)]
        result.append(nodes)
    return result
tree, other = levels(leaves(payloads)), levels(leaves(others))
for position, name in enumerate(names):
    wanted = [("leaf", tree[0][position].hex())]
    at = position
    for level in range(len(tree) - 1):
        sibling = min(at ^ 1, len(tree[level]) - 1)
        wanted.append((str(level), tree[level][sibling].hex()))
        at //= 2
    found = re.findall(r"(leaf|\d+) +([0-9a-f]{64})", check.modules[name])
    if found != wanted:
        sys.exit(f"{name}: {found} is not {wanted}")
red = set(re.findall(r'<span class="bad">([0-9a-f]{64})</span>', page))
differ = {a.hex() for x, y in zip(tree, other) for a, b in zip(x, y) if a != b}
if not red or not red <= differ:
    sys.exit("siblings are marked that do not differ")
END

# A page about builds that are the same, and about those that have no tree.
run diff a a --html same.html
expect_status 0
grep -q '<span class="verdict good">same</span>' same.html || fail "no verdict"
make_vmlinux vmlinux
run diff vmlinux vmlinux --html kernels.html
expect_status 0

# It cannot be written.
run diff a b --html missing/page.html
expect_status 2
expect_match stderr '^modproof: missing/page\.html: '

# As a browser has it: the same elements as in the source, and a picture with red in it.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || skip "there is no chromium"
browse() {
  HOME=$scratch/home timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --user-data-dir="$scratch/browser" "$@" "file://$PWD/page.html" 2>"$scratch/out/browser"
}
browse --dump-dom >dom.html || fail "chromium: $(tail -n 3 "$scratch/out/browser")"
[ "$(grep -o '<details' dom.html | wc -l)" -eq 43 ] || fail "not 41 modules and 2 that differ"
grep -q '<svg class="tree"' dom.html || fail "no picture"
# The script ran: it shows the box to search in.
if grep -q '<p hidden=""><input id="search"' dom.html; then fail "the script did not run"; fi
browse --window-size=1200,1400 --screenshot="$PWD/page.png" || fail "no screenshot"
/usr/bin/python3 - page.png <<'END' || fail "the picture does not show what it should"
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
at, body = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IHDR":
        width, height, depth, color = struct.unpack(">IIBB", data[at + 8:at + 18])
    if kind == b"IDAT":
        body += data[at + 8:at + 8 + size]
    at += 12 + size
channels = {2: 3, 6: 4}[color]
assert depth == 8
raw, stride = zlib.decompress(body), width * channels
rows, before = [], bytes(stride)
for y in range(height):
    filter_, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for i in range(stride):
        left = line[i - channels] if i >= channels else 0
        up, corner = before[i], before[i - channels] if i >= channels else 0
        estimate = left + up - corner
        paeth = min((left, up, corner), key=lambda v: abs(estimate - v))
        line[i] = (line[i] + (0, left, up, (left + up) // 2, paeth)[filter_]) & 255
    rows.append(line)
    before = line
count = {"red": 0, "green": 0}
for line in rows[200:]:
    for i in range(0, stride, channels):
        red, green, blue = line[i:i + 3]
        count["red"] += red > 170 and green < 80 and blue < 80
        count["green"] += green > red + 20 and green > blue + 10
print(width, height, count)
# Paths to the root are thin lines, the subtrees that both builds share are areas.
if not (width >= 1100 and count["red"] > 500 and count["green"] > 5000):
    sys.exit(1)
END
