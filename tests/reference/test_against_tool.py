# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tool against the reference on random sets of modules: every byte that it writes."""
import os
import subprocess

import merkle_reference as ref
import pytest

# Payload sizes at which SHA-256 or the reading of files has an edge. A leaf hashes 5 bytes before
# the payload, so the edges of a block (64 bytes, 55 of them in a last block) move down by 5.
BLOCK_EDGES = [0, 1, *range(48, 73), *range(112, 136), *range(176, 200)]
CHUNK_EDGES = [edge + off for edge in (1 << 16, 1 << 17, 3 << 16)
               for off in (-69, -64, -6, -5, -4, -1, 0, 1, 4, 5, 59, 64)]


def random_size(rng):
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(BLOCK_EDGES)
    if kind < 0.97:
        return rng.randrange(3000)
    return rng.choice(CHUNK_EDGES)


def random_payload(rng):
    payload = rng.randbytes(random_size(rng))
    if rng.random() < 0.05:
        # A PKCS#7 trailer below the Merkle trailer is part of the payload.
        body = rng.randbytes(rng.randrange(60))
        payload += body + b"\0\0\x02\0\0\0\0\0" + len(body).to_bytes(4, "big") + ref.MARKER
    return payload


def random_names(rng, count):
    """File names without .ko that differ to the kernel."""
    names, seen = [], set()
    while len(names) < count:
        name = "".join(rng.choice("abcxyz-_.0") for _ in range(rng.randrange(1, 12))).lstrip(".-")
        if name and name.replace("-", "_") not in seen:
            seen.add(name.replace("-", "_"))
            names.append(name)
    return names


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def check_tree_and_modules(tool, modules, variants=ref.LINKED, installed=None, jobs=()):
    """`modules`: (path below the test's directory, payloads by variant), in tree order. Compares the
    tree file, then what attach makes of the installed forms, then what verify says of them."""
    named = [(os.fsencode(os.path.basename(path))[:-3], payloads) for path, payloads in modules]
    expected = ref.encode_tree_file(variants, named)
    assert (tool.directory / "modules.merkle").read_bytes() == expected
    count = len(modules[0][1]) if modules else 1
    leaves = [ref.leaf(i * count + v, payload)
              for i, (_, payloads) in enumerate(modules) for v, payload in enumerate(payloads)]
    proofs = all_proofs(leaves)
    levels, root = ref.root(leaves)
    assert ref.decode_tree_file(expected)[2] == (levels, root)
    names = "\0".join(path for path, _ in modules).encode()
    tool.run("attach", "-0", "--files-from", "-", "--no-sync", *jobs, stdin=names)
    for i, (path, payloads) in enumerate(modules):
        v = installed[i] if installed else 0
        position, siblings = proofs[i * count + v]
        sealed = payloads[v] + ref.encode_trailer(position, siblings)
        assert (tool.directory / path).read_bytes() == sealed, path
        assert ref.verdict(sealed, levels, root) == "accepted"
    text = ref.root_text(levels, root)
    document = tool.json("verify", "--root", text, "-0", "-", *jobs, stdin=names)
    assert document["counts"]["accepted"] == len(modules)
    # No names are most likely a mistake; only attach knows from the tree that there is nothing to do.
    tool.run("detach", "-0", "-", "--no-sync", *jobs, stdin=names, status=0 if modules else 2)
    for i, (path, payloads) in enumerate(modules):
        assert (tool.directory / path).read_bytes() == payloads[installed[i] if installed else 0]


def all_proofs(leaves):
    """ref.proof() for every leaf; the levels are made once, or the tests would take minutes."""
    levels = ref.all_levels(leaves)[:-1]
    proofs = []
    for position in range(len(leaves)):
        siblings = []
        for level, nodes in enumerate(levels):
            neighbour = (position >> level) ^ 1
            siblings.append(nodes[neighbour if neighbour < len(nodes) else position >> level])
        proofs.append((position, siblings))
    return proofs


def test_all_proofs_is_the_reference(rng):
    for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 33]:
        leaves = [rng.randbytes(32) for _ in range(count)]
        assert all_proofs(leaves) == [ref.proof(leaves, i) for i in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8, 9, 17, 64, 65, 300])
def test_random_sets(tool, rng, rounds, count):
    """Modules of a build directory, in the order of modules.order."""
    for number in range(rounds):
        below = f"round{number}"
        names = random_names(rng, count)
        modules = [(f"{below}/{rng.choice(['', 'drivers/', 'fs/'])}{name}.ko",
                    [random_payload(rng)]) for name in names]
        for path, payloads in modules:
            write(tool.directory / path, payloads[0])
        (tool.directory / below).mkdir(exist_ok=True)
        (tool.directory / below / "modules.order").write_text(
            "".join(path[len(below) + 1: -3] + ".o\n" for path, _ in modules))
        jobs = rng.choice([(), ("-j1",), ("-j2",), ("-j3",), ("-j16",)])
        tool.run("tree", "--any-file", "--no-sync", f"{below}/modules.order", *jobs)
        check_tree_and_modules(tool, modules, jobs=jobs)


def test_every_size_at_the_edges(tool, rng):
    """One set that holds each size once, so that no edge depends on luck."""
    sizes = sorted(set(BLOCK_EDGES + CHUNK_EDGES + list(range(260))))
    rng.shuffle(sizes)
    modules = [(f"m{size}.ko", [rng.randbytes(size)]) for size in sizes]
    for path, payloads in modules:
        write(tool.directory / path, payloads[0])
    (tool.directory / "modules.order").write_text("".join(f"m{size}.o\n" for size in sizes))
    tool.run("tree", "--any-file", "--no-sync")
    check_tree_and_modules(tool, modules)


@pytest.mark.parametrize("jobs", ["-j1", "-j2", "-j7", "-j64"])
def test_jobs_do_not_matter(tool, rng, jobs):
    modules = [(f"d/{name}.ko", [random_payload(rng)]) for name in random_names(rng, 40)]
    for path, payloads in modules:
        write(tool.directory / path, payloads[0])
    modules.sort(key=lambda module: os.fsencode(module[0]))
    tool.run("tree", "d", "--any-file", "--no-sync", jobs)
    check_tree_and_modules(tool, modules, jobs=(jobs,))


def test_installed_directory(tool, rng):
    """Those of modules.order first, then all others, sorted by path; some listed ones are absent."""
    for number in range(6):
        below = f"installed{number}"
        paths = [f"{below}/{rng.choice(['kernel/a/', 'kernel/', 'updates/'])}{name}.ko"
                 for name in random_names(rng, rng.randrange(1, 30))]
        listed = rng.sample(paths, rng.randrange(len(paths) + 1))
        others = sorted((path for path in paths if path not in listed), key=os.fsencode)
        modules = [(path, [random_payload(rng)]) for path in listed + others]
        for path, payloads in modules:
            write(tool.directory / path, payloads[0])
        lines = [path[len(below) + 1:] for path in listed]
        lines.insert(rng.randrange(len(lines) + 1), "kernel/absent/nothing.ko")
        (tool.directory / below / "modules.order").write_text("\n".join(lines) + "\n")
        tool.run("tree", below, "--any-file", "--no-sync")
        check_tree_and_modules(tool, modules)


def test_extras(tool, rng):
    """Extra modules take the positions after all others, sorted by path."""
    for number in range(6):
        names = random_names(rng, rng.randrange(2, 30))
        own = names[: rng.randrange(1, len(names) + 1)]
        below = f"extras{number}"
        extra = [f"{below}/{rng.choice(['x/', 'x/y/', 'z/'])}{n}.ko" for n in names[len(own):]]
        modules = [(f"{below}/build/{name}.ko", [random_payload(rng)]) for name in own]
        modules += [(path, [random_payload(rng)]) for path in sorted(extra, key=os.fsencode)]
        for path, payloads in modules:
            write(tool.directory / path, payloads[0])
        (tool.directory / below / "build/modules.order").write_text(
            "".join(f"{name}.o\n" for name in own))
        arguments = []
        shuffled = rng.sample(extra, len(extra))
        if shuffled and rng.random() < 0.5:  # directories instead of files
            shuffled = sorted({f"{below}/{path.split('/')[1]}" for path in shuffled})
        for path in shuffled:
            arguments += ["--extra", path]
        tool.run("tree", f"{below}/build/modules.order", "--any-file", "--no-sync", *arguments)
        check_tree_and_modules(tool, modules)


def compile_object(directory, rng, name):
    source = directory / f"{name}.c"
    source.write_text(f"int {name}(int x) {{ return x * {rng.randrange(1000)}; }}\n"
                      f"static const char text[] = \"{rng.randrange(10 ** 9)}\";\n"
                      f"const char *{name}_text = text;\n")
    flags = rng.choice([["-g"], ["-g"], ["-g3"], []])
    subprocess.run(["cc", *flags, "-O1", "-c", f"{name}.c", "-o", f"{name}.ko"], cwd=directory,
                   check=True)


def test_strip_variants(tool, rng):
    """Objects of the real compiler, stripped by the real strip: two leaves each."""
    directory = tool.directory
    names = [f"object{i}" for i in range(7)]
    for name in names:
        compile_object(directory, rng, name)
    linked = {name: (directory / f"{name}.ko").read_bytes() for name in names}
    (directory / "modules.order").write_text("".join(f"{name}.o\n" for name in names))
    tool.run("tree", "--variant", "strip", "--no-sync")
    installed, modules = [], []
    for name in names:
        subprocess.run(["strip", "--strip-debug", "-o", "stripped", f"{name}.ko"], cwd=directory,
                       check=True)
        stripped = (directory / "stripped").read_bytes()
        modules.append((f"{name}.ko", [linked[name], stripped]))
        # Forms of the same bytes are the same module: attach takes the first that fits.
        variant = 0 if stripped == linked[name] else rng.randrange(2)
        installed.append(variant)
        (directory / f"{name}.ko").write_bytes(modules[-1][1][variant])
    check_tree_and_modules(tool, modules, ref.LINKED | ref.STRIP_DEBUG, installed)


def test_kernel_sections(tool, rng, tmp_path):
    """patch writes what root_section() says, for each class and byte order, and nothing else."""
    maker = os.path.join(os.path.dirname(__file__), "..", "cli", "make_vmlinux.py")
    for bits in ("32", "64"):
        for order in ("little", "big"):
            kernel = tmp_path / f"vmlinux-{bits}-{order}"
            offset = rng.randrange(0x200, 0x1000)
            subprocess.run(["/usr/bin/python3", maker, kernel, "--bits", bits, "--order", order,
                            "--offset", str(offset)], check=True)
            before = kernel.read_bytes()
            levels, root = rng.randrange(1, 33), rng.randbytes(32)
            tool.run("patch", kernel.name, "--root", ref.root_text(levels, root), "--no-sync")
            expected = (before[:offset] + ref.root_section(levels, root, order)
                        + before[offset + 36:])
            assert kernel.read_bytes() == expected
