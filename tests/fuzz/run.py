#!/usr/bin/python3
"""Runs the fuzzers of a build that has them, two at a time.

tests/fuzz/run.py BUILD [--seconds 60 | --gate] [--only csv,libsvm]

Each target runs for so many seconds and tries other inputs each time. In the gate it tries a fixed number of inputs
that follow from the sources alone, so that the gate says the same of a commit wherever, and whenever, it is asked.

Seeds are the repository's own files and small ones made here. What a fuzzer finds is written into BUILD/fuzz/TARGET,
to be copied into tests/fuzz/found/TARGET once it is mended.
"""

import argparse
import bz2
import concurrent.futures
import gzip
import json
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The inputs that the gate tries: about five seconds of each target.
TARGETS = {
    "csv": 50_000,
    "test_csv": 50_000,
    "libsvm": 50_000,
    "idx": 100_000,
    "image": 50_000,
    "compressed": 30_000,
    "expression": 50_000,
    "quantity": 150_000,
    "set": 50_000,
    "sites": 40_000,
    "profile": 30_000,
    "measured": 40_000,
    "mahimahi": 40_000,
    "platform_xml": 40_000,
    "trajectory": 40_000,
    "trace": 60_000,
    "plans": 100_000,
    "run_json": 6_000,
    "finished": 40_000,
    "message": 3_000,
    "scenario": 4_000,
}


def files(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)) if path.is_file()]


def page_blocks():
    """The JSON blocks of all pages."""
    blocks = []
    for page in sorted(ROOT.rglob("README.md")):
        blocks += re.findall(r"```json\n(.*?)```", page.read_text(), re.S)
    return [block.encode() for block in blocks]


def strings(value):
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value.encode()
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from strings(inner)


def scenario_strings():
    found = set()
    for text in files("scenarios/*.json", "platforms/ready/*.json"):
        found.update(strings(json.loads(text)))
    return sorted(text for text in found if len(text) < 40)


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def packed_trace():
    """A trace of one round of two workers, as sim/results/trace.cpp packs it."""

    def text(*parts):
        joined = b"".join(part if isinstance(part, bytes) else bytes([part]) for part in parts)
        return bytes([len(joined)]) + joined

    real = struct.pack("<d", 1.5)
    columns = text(2, 0, 2) + text(real, 2) + text(3, 32, 2) + text(bytes(7))
    plan = text(real, 33, 0, bytes([0, 1, 2, 3]))
    rows = bytes([1, 1]) + (bytes([1]) + real) * 4
    return bytes([1, 0, 4]) + columns + bytes([1]) + plan + bytes([1, 0]) + rows


def seeds(target):
    text = b"1 1:0.5 3:2\n-1 2:1e3\n"
    if target == "csv":
        return files("tests/faults/*.csv") + [b'a;"b c";y\n1;2;x\n3;4;z\n', b"1,2,3\n4,5,6\n"]
    if target == "test_csv":
        header, plain = b"a,b,y\n1,2,u\n3,4,v\n", b"1,2,3\n4,5,6\n"
        return [header + b"\0b,y,a\n2,u,1\n", header + b"\0" + header, plain + b"\0" + plain]
    if target == "libsvm":
        return files("tests/faults/*.svm", "tests/golden/*.svm") + [text]
    if target == "idx":
        pixels = b"\0\0\x08\x03" + struct.pack(">III", 2, 2, 2) + bytes(range(8))
        return [pixels, b"\0\0\x0d\x01" + struct.pack(">If", 1, 0.5)]
    if target == "image":
        return [png(3, 2), b"P5\n3 2\n255\n" + bytes(6), b"P6 # grey\n1 1\n65535\n" + bytes(6), b"\xff\xd8\xff\xe0"]
    if target == "compressed":
        return [pack(text) for pack in (gzip.compress, bz2.compress, lzma.compress)] + [text]
    if target == "expression":
        return [b"1/L", b"0.5/(M L_max)", b"2/sqrt(K)", b"log(d)^2 - 3e-2*exp(1)"]
    if target == "quantity":
        return scenario_strings() + [b"1ms", b"10Mbps", b"12.5MBps", b"10Gf", b"64KiB"]
    if target == "set":
        return [b"/a/b=1", b'/list/1/x={"y": [1]}', b"/a/c~1d=text", b"/list/-=3"]
    if target == "sites":
        return files("tests/faults/*wan*.csv") + [
            b"region_a,region_b,delay_ms,bandwidth_gbps\nx,y,10,1\ny,z,20,2\n",
            b"0 10 20\n10 0 5\n20 5 0\n",
        ]
    if target == "profile":
        return [b"PERIODICITY 10\n0 1\n5 0.5\n", b"0.0 1e6\nLOOPAFTER 3\n", b"# dates\n1 1ms\n"]
    if target == "measured":
        return [b"0 10\n1 12.5\n2 0\n"]
    if target == "mahimahi":
        return [b"\xff0\n10\n20\n20\n333\n", b"\x64# ms\n5\n100\n"]
    if target == "platform_xml":
        return files("platforms/ready/*.xml", "tests/**/*.xml")
    if target == "trajectory":
        head = b"scenario,algorithm,seed,round,uploads,upload_bits,download_bits,sim_time,loss\n"
        table = head + b's,"gd, 1",1,0,0,0,0,0,0.5\ns,"gd, 1",1,1,3,9,9,0.1,nan\n'
        return [table, gzip.compress(table, mtime=0)]
    if target == "trace":
        return [b"laconic trace 1 5 9 0123456789abcdef0123456789abcdef\nabcde"]
    if target == "plans":
        return [bytes(40), bytes(range(64)), packed_trace()]
    if target == "run_json":
        scenarios = files("scenarios/*.json")
        return [b'{"file": "s.json", "scenario": ' + scenario + b"}" for scenario in scenarios]
    if target == "finished":
        return [b"name 5 0123456789abcdef0123456789abcdef\nabcde", b"a 0 99aa06d3014798d86001c324468d497f\n"]
    if target == "message":
        return [bytes([kind, 1, 9]) + bytes(range(60)) for kind in range(16)]
    return files("scenarios/*.json", "scenarios/*/*.json", "tests/faults/*.json") + page_blocks()


def schema_words(value):
    """What the schema calls things: its keys, and the names that it lists."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "properties":
                yield from inner
            if key == "enum":
                yield from (name for name in inner if isinstance(name, str))
            if key == "const" and isinstance(inner, str):
                yield inner
            yield from schema_words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schema_words(inner)


def write_dictionary(path):
    words = sorted(set(schema_words(json.loads((ROOT / "scenarios/schema.json").read_text()))))
    lines = ['"\\"' + word + '\\""' for word in words if re.fullmatch(r"[\w.-]+", word)]
    path.write_text("\n".join(lines) + "\n")


def fuzz(build, target, seconds, gate):
    """The fuzzer's last words, or nothing if it found nothing."""
    folder = build / "fuzz" / target
    corpus, given = folder / "corpus", folder / "given"
    shutil.rmtree(given, ignore_errors=True)
    if gate:  # not with what earlier runs have found
        shutil.rmtree(corpus, ignore_errors=True)
    for made in (corpus, given):
        made.mkdir(parents=True, exist_ok=True)
    found = ROOT / "tests/fuzz/found" / target
    known = [path.read_bytes() for path in sorted(found.glob("*"))]
    for i, seed in enumerate(seeds(target) + known):
        (given / f"seed-{i:04}").write_bytes(seed)
    # In an order of our own: that of a folder differs between file systems.
    (folder / "given.list").write_text(",".join(str(path) for path in sorted(given.iterdir())))
    limits = [f"-runs={TARGETS[target]}", "-seed=1"] if gate else [f"-max_total_time={seconds}"]
    command = [build / "tests/laconic_fuzz", corpus, *limits, "-timeout=10", "-rss_limit_mb=2048"]
    command.append(f"-seed_inputs=@{folder}/given.list")
    command += [f"-artifact_prefix={folder}/", "-print_final_stats=1"]
    if target == "scenario":
        write_dictionary(folder / "words.dict")
        command += [f"-dict={folder}/words.dict", "-max_len=8192"]
    # What SimGrid keeps to the end is no leak; allocations of gigabytes are seen by the fuzzer itself.
    options = "detect_leaks=1:allocator_may_return_null=0"
    done = subprocess.run(
        command,
        env={**os.environ, "LACONIC_FUZZ": target, "ASAN_OPTIONS": options},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    (folder / "log").write_text(said)
    outcome = f"A FAULT, exit code {done.returncode}" if done.returncode else "nothing"
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    print(
        f"{target}: {executed[1] if executed else '?'} inputs, {outcome}",
        flush=True,
    )
    return "" if done.returncode == 0 else f"{target}:\n" + said[-4000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--only", default=",".join(TARGETS))
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    build = asked.build.resolve()
    with concurrent.futures.ThreadPoolExecutor(asked.at_once) as pool:
        faults = list(pool.map(lambda target: fuzz(build, target, asked.seconds, asked.gate), asked.only.split(",")))
    sys.exit("\n".join(filter(None, faults)) or 0)


if __name__ == "__main__":
    main()
