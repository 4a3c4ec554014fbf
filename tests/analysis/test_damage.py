"""Results that are not what was written: each gives one line, and none a figure of what happens to be left."""

import gzip
import json
import os
import unittest
import zlib
from pathlib import Path

from analysis import progress, scan, section
from analysis.errors import InputError
from analysis.plot import main as plot
from analysis.report import main as report
from analysis.results import read
from analysis.study import together
from fixtures import COLUMNS, Folder

SWEEP = {"/platform/latency": ["1ms", "1s"]}
SUMMARY = {"loss_gap": 1.0}


class Damage(Folder):
    def promised(self, name="a", **options) -> Path:
        """A result whose run.json or sweep.json promises what is in it."""
        folder = self.result(name, stop=SUMMARY, **options)
        self.promise(folder)
        return folder

    def promise(self, folder: Path) -> None:
        def add(told):
            told["files"] = {}
            for table in ("trajectory.csv", "summary.csv"):
                text = (folder / table).read_bytes()
                told["files"][table] = {
                    "rows": text.count(b"\n") - 1,
                    "bytes": len(text),
                    "crc32": f"{zlib.crc32(text):08x}",
                }

        self.change_told(folder, add)

    def change_told(self, folder: Path, change) -> None:
        path = next(path for name in ("run.json", "sweep.json") if (path := folder / name).is_file())
        told = json.loads(path.read_text())
        change(told)
        path.write_text(json.dumps(told))

    def unpromise(self, folder: Path) -> None:
        self.change_told(folder, lambda told: told.pop("files"))

    def packed(self, folder: Path) -> Path:
        path = folder / "trajectory.csv"
        out = folder / "trajectory.csv.gz"
        out.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
        return out

    def both(self, folder: Path, says: str) -> None:
        for command in (plot, report):
            self.refused(command, folder, says=says)

    def drawn(self, command, folder: Path, *options) -> bytes:
        out = self.root / ("out.svg" if command is plot else "out.html")
        code, _, complaint = self.run_command(command, folder, "--out", out, *options)
        self.assertEqual((code, complaint), (0, ""))
        return out.read_bytes()


class Tables(Damage):
    def test_cut_short(self):
        folder = self.promised()
        path = folder / "trajectory.csv"
        text = path.read_text()
        lines = text.splitlines(keepends=True)
        path.write_text("".join(lines[:12]))  # GD alone is left
        self.both(folder, "trajectory.csv: has 11 rows, 22 were written (run.json): it was cut short since")
        path.write_text(text[:-4])
        self.both(folder, "trajectory.csv: line 23: ends without a line break: the file was cut short")
        path.write_text(text + lines[-1].replace(",10,10,", ",11,11,"))
        self.both(folder, "has 23 rows, 22 were written (run.json): it was added to since")
        path.write_text(text.replace("SIGN", "SING"))
        self.both(folder, "trajectory.csv: its text is not what was written: CRC-32 ")

    def test_a_summary_that_is_cut_short(self):
        folder = self.promised(sweep=SWEEP)
        path = folder / "summary.csv"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:3]))
        self.refused(
            report, folder, says="summary.csv: has 2 rows, 4 were written (sweep.json): it was cut short since"
        )
        self.unpromise(folder)
        self.refused(report, folder, says="summary.csv: has 2 rows, but ")
        path.write_text("".join([*lines, lines[-1]]))
        self.refused(report, folder, says="summary.csv: line 6: round 10 of SIGN, seed 1, stands in line 5 already")
        path.write_text("\n".join(line.replace(",stopped_by", ",end") for line in "".join(lines).splitlines()) + "\n")
        self.refused(report, folder, says="summary.csv: no column stopped_by; it has /platform/latency, scenario, ")
        self.promise(folder)
        path.unlink()
        self.refused(report, folder, says="summary.csv: cannot read: No such file")

    def test_rows_that_stand_twice(self):
        folder = self.result(change=lambda row: None)
        path = folder / "trajectory.csv"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([*lines, *lines[1:]]))
        self.both(folder, "trajectory.csv: line 24: round 0 of GD, seed 1, stands in line 2 already")
        path.write_text("".join([*lines[:7], lines[6], *lines[7:]]))
        self.both(folder, "trajectory.csv: line 8: round 5 of GD, seed 1, stands in line 7 already")
        path.write_text("".join([lines[0], *sorted(lines[1:])]))  # sorted is as good
        self.drawn(plot, folder, "--x", "round")

    def test_zero_bytes(self):
        folder = self.promised()
        path = folder / "trajectory.csv"
        text = path.read_bytes()
        place = [at for at, byte in enumerate(text) if byte == 10][4]
        path.write_bytes(text[: place + 9] + b"\0" * 50 + text[place + 59 :])
        self.both(folder, "trajectory.csv: line 6: holds a zero byte: the file is damaged")

    def test_fields(self):
        folder = self.result()
        path = folder / "trajectory.csv"
        lines = path.read_text().splitlines()
        names = lines[0].count(",") + 1
        for change, line, count in (
            ({3: lines[3] + ",7"}, 4, names + 1),
            ({3: lines[3][: lines[3].rfind(",")]}, 4, names - 1),
            ({3: lines[3] + ",7", 4: lines[4][:-1]}, 4, names + 1),
            ({3: ""}, 4, 1),
            ({22: lines[22] + ",7"}, 23, names + 1),
            ({5: lines[5].replace("GD", '"G,D"') + ","}, 6, names + 1),
        ):
            with self.subTest(line=line, count=count):
                path.write_text("\n".join(change.get(number, old) for number, old in enumerate(lines)) + "\n")
                self.both(folder, f"trajectory.csv: line {line}: expected {names} fields, got {count}")

    def test_columns(self):
        folder = self.result()
        path = folder / "trajectory.csv"
        text = path.read_text()
        path.write_text(text.replace("loss_gap", "loss", 1))
        self.both(folder, "trajectory.csv: line 1: the column loss stands twice")
        path.write_text(text.replace(",round,", ",runde,", 1))
        self.both(folder, "trajectory.csv: no column round; it has scenario, algorithm, seed, runde, ")

    def test_whole_numbers(self):
        for number, (given, says) in enumerate((("", 'got ""'), ("1.5", 'got "1.5"'), ("one", 'a number, got "one"'))):
            folder = self.result(str(number), change=lambda row: row.update(seed=given if row["round"] == 2 else 1))
            self.both(folder, "trajectory.csv: line 4: seed: expected a")
            self.both(folder, says)

    def test_a_mark_at_the_start_is_accepted(self):
        folder = self.promised()
        before = self.drawn(report, folder)
        for name in ("trajectory.csv", "summary.csv", "run.json"):
            (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
        self.assertEqual(self.drawn(report, folder), before)

    def test_labels_with_commas_and_quotes(self):
        label = 'a, "b", c'
        folder = self.result(change=lambda row: row.update(algorithm=label if row["algorithm"] == "GD" else "SIGN"))
        self.promise_alone(folder)
        self.assertEqual(set(read(str(folder)).rows([])["algorithm"]), {label, "SIGN"})

    def promise_alone(self, folder: Path) -> None:
        (folder / "summary.csv").write_text("")
        self.promise(folder)

    def test_old_results_promise_how_far_their_runs_went(self):
        folder = self.promised()
        self.unpromise(folder)
        entries = [{"algorithm": label, "stopped_by": "rounds", "rounds": 10} for label in ("GD", "SIGN")]
        self.change_told(folder, lambda told: told.update(algorithms=entries))
        self.drawn(plot, folder, "--x", "round")
        path = folder / "trajectory.csv"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:20]))
        self.both(folder, "trajectory.csv: SIGN ends with round 7, expected 10 (")
        path.write_text("".join(lines[:12]))
        self.both(folder, "trajectory.csv: has no row of SIGN, which ended after 10 rounds (")
        swept = self.result("b", sweep=SWEEP)
        self.change_told(swept, lambda told: told.update(runs=5, failed=1))
        self.drawn(plot, swept, "--x", "round")
        lines = (swept / "trajectory.csv").read_text().splitlines(keepends=True)
        (swept / "trajectory.csv").write_text("".join(lines[:34]))
        self.both(swept, "trajectory.csv: has rows of 3 runs, expected 4 (")


class Packed(Damage):
    def test_it_is_drawn_as_the_plain_one_is(self):
        folder = self.promised(sweep=SWEEP)
        one = ("--x", "round")
        page, figure = self.drawn(report, folder), self.drawn(plot, folder, *one)
        path = self.packed(folder)
        self.assertEqual(self.drawn(report, folder), page)
        self.assertEqual(self.drawn(plot, folder, *one), figure)
        self.assertEqual(self.drawn(plot, path, *one), figure)
        text = gzip.decompress(path.read_bytes())
        path.write_bytes(gzip.compress(text[:5000]) + gzip.compress(text[5000:]))  # as pigz may
        self.assertEqual(self.drawn(plot, folder, *one), figure)

    def test_damage(self):
        folder = self.promised()
        path = self.packed(folder)
        whole = path.read_bytes()
        for bytes_, says in (
            (whole[:-300], "trajectory.csv.gz: cannot be unpacked: it was cut short"),
            (
                whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:],
                "trajectory.csv.gz: cannot be unpacked: it is damaged (",
            ),
            (whole + b"more", "trajectory.csv.gz: unexpected bytes after the end of the packed text"),
            (whole[:2], "trajectory.csv.gz: cannot be unpacked: it was cut short"),
        ):
            with self.subTest(says):
                path.write_bytes(bytes_)
                self.both(folder, says)

    def test_what_unpacks_to_much_is_refused_at_once(self):
        folder = self.result()
        head = (folder / "trajectory.csv").read_bytes().split(b"\n")[0] + b"\n"
        packed = zlib.compressobj(9, zlib.DEFLATED, 31)
        for filling, says in (
            (b"7", "line 2: longer than"),
            (b"\n", f"line 2: expected {head.count(b',') + 1}"),
            (b"\0", "line 2: holds a"),
        ):
            packed = zlib.compressobj(9, zlib.DEFLATED, 31)
            bomb = packed.compress(head) + b"".join(packed.compress(filling * (1 << 20)) for _ in range(30))
            (folder / "trajectory.csv").write_bytes(bomb + packed.flush())
            self.both(folder, "trajectory.csv: " + says)

    def test_both_forms(self):
        folder = self.promised()
        text = (folder / "trajectory.csv").read_bytes()
        path = self.packed(folder)
        (folder / "trajectory.csv").write_bytes(text)
        code, _, complaint = self.run_command(plot, folder, "--out", self.root / "f.svg")
        self.assertEqual(code, 0)
        self.assertEqual(complaint, f"note: {path} is left aside: the result's own is trajectory.csv\n")
        self.unpromise(folder)
        self.both(folder, "both trajectory.csv and trajectory.csv.gz are there, and nothing says which is the result's")


class Told(Damage):
    def test_promises_that_are_none(self):
        folder = self.promised()
        told = json.loads((folder / "run.json").read_text())
        good = told["files"]["trajectory.csv"]
        for files, says in (
            (7, "run.json: /files: expected an object, got 7"),
            ({"trajectory.csv": []}, "run.json: /files/trajectory.csv: expected an object, got []"),
            ({"trajectory.csv": {**good, "rows": -1}}, "/files/trajectory.csv/rows: expected a whole number, got -1"),
            ({"trajectory.csv": {**good, "crc32": "xyz"}}, 'crc32: expected 8 hexadecimal digits, got "xyz"'),
            ({"trajectory.csv": {"rows": 1}}, "/files/trajectory.csv/bytes: expected a whole number, got null"),
        ):
            with self.subTest(says):
                (folder / "run.json").write_text(json.dumps({**told, "files": files}))
                self.both(folder, says)

    def test_whatever_is_damaged_in_run_json_no_traceback_comes_of_it(self):
        folder = self.promised(scenario={"comment": ["What", "of it?"], "sweep": {"/seed": [1]}})
        self.change_told(
            folder,
            lambda told: told.update(
                formats={"json": 1, "csv": 1},
                file="s.json",
                versions={"laconic": "0.2.0"},
                data={"name": "d", "samples": 3},
                started="now",
                stand_in="none",
                algorithms=[{"algorithm": "GD", "stopped_by": "rounds", "rounds": 10}],
            ),
        )
        whole = json.loads((folder / "run.json").read_text())
        refused = 0
        for pointer in pointers(whole):
            for value in (None, -0.5, "text", [None], {"": None}):
                (folder / "run.json").write_text(json.dumps(replaced(whole, pointer, value)))
                with self.subTest(pointer=pointer, value=value):
                    try:
                        study = together([read(str(folder))])
                        study.labels(study.rows([]))
                        for part in (section.facts, section.provenance, section.question, section.scenario_text):
                            part(study)
                    except InputError as error:
                        refused += 1
                        self.assertIn("run.json", str(error))
                        self.assertNotIn("\n", str(error))
        self.assertGreater(refused, 100)

    def test_what_is_no_json(self):
        folder = self.result()
        for text in ("", "[" * 100_000, "nul", '{"a": 1', "\ud800"):
            (folder / "run.json").write_bytes(text.encode("utf-8", "surrogatepass"))
            self.both(folder, "run.json: not JSON that can be read: ")
        for text in ("[]", "7", "null"):
            (folder / "run.json").write_text(text)
            with self.subTest(text):
                self.both(folder, "run.json: expected an object, got " + text) if text != "null" else None


def pointers(value, at=()):
    """Of all values within, the whole excepted."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*at, key)
        yield from pointers(each, (*at, key))


def replaced(value, pointer, by):
    if not pointer:
        return by
    key, *rest = pointer
    out = dict(value) if isinstance(value, dict) else list(value)
    out[key] = replaced(value[key], rest, by)
    return out


class InProgress(Damage):
    def running(self, folder: Path, process: int, **more) -> None:
        told = json.loads((folder / "run.json").read_text())
        columns = ",".join(["scenario", "algorithm", "seed", *COLUMNS])
        told.update(status="running", process=process, columns=columns, **more)
        (folder / "running.json").write_text(json.dumps(told))
        (folder / "run.json").unlink()

    def test_a_run(self):
        for number, (process, word) in enumerate(((os.getpid(), "in progress"), (2**22 + 1, "ended too soon"))):
            folder = self.result(str(number))
            self.running(folder, process)
            head, *lines = (folder / "trajectory.csv").read_text().splitlines(keepends=True)
            (folder / "trajectory.csv").unlink()
            (folder / ".laconic-1-0-rows-0.partial").write_text("".join(lines[:8]) + lines[8][:20])
            for command in (plot, report):
                code, _, complaint = self.run_command(command, folder, "--out", self.root / "o.svg")
                if command is report:
                    code, _, complaint = self.run_command(command, folder, "--out", self.root / "o.html")
                    self.assertIn(f"{word}: 7 of 20 rounds", (self.root / "o.html").read_text())
                self.assertEqual((code, complaint), (0, f"note: {folder}: {word}: 7 of 20 rounds\n"))
            self.assertEqual(len(read_quietly(self, folder).rows([])), 8)

    def test_nothing_yet(self):
        folder = self.result()
        self.running(folder, os.getpid())
        (folder / "trajectory.csv").unlink()
        self.both(folder, "in progress: 0 of 20 rounds, and no row is written yet")
        (folder / "running.json").write_text("{}")
        self.both(folder, "running.json: /columns: expected a text, got nothing")

    def test_a_sweep(self):
        folder = self.result(sweep=SWEEP)
        head, *lines = (folder / "trajectory.csv").read_text().splitlines(keepends=True)
        told = json.loads((folder / "sweep.json").read_text())
        for name in ("trajectory.csv", "sweep.json"):
            (folder / name).unlink()
        for packed in (False, True):
            (folder / "points").mkdir(exist_ok=True)
            told.update(status="running", process=os.getpid(), columns=head.strip(), runs=4, packed=packed)
            (folder / "points/running.json").write_text(json.dumps(told))
            kept = b""
            for first in (0, 11):
                rows = "".join(lines[first : first + 11]).encode()
                coder = zlib.compressobj(4, zlib.DEFLATED, -15)
                stored = coder.compress(rows) + coder.flush(zlib.Z_SYNC_FLUSH) if packed else rows
                text = f"8 11 {len(rows)} {zlib.crc32(rows)}\nsummary\n".encode() + stored
                kept += f"name{first} {len(text)} digest\n".encode() + text
            (folder / "points/1-0.runs").write_bytes(kept + b"torn 500 digest\n8 11 ")
            result = read_quietly(self, folder)
            self.assertEqual(result.unfinished, "in progress: 2 of 4 runs")
            self.assertEqual(len(result.rows([])), 22)
            code, _, complaint = self.run_command(report, folder, "--out", self.root / "o.html")
            self.assertEqual((code, complaint), (0, f"note: {folder}: in progress: 2 of 4 runs\n"))
            told.pop("process")
            told["shards"] = True
            (folder / "points/running.json").write_text(json.dumps(told))
            self.assertEqual(read_quietly(self, folder).unfinished, "in shards: 2 of 4 runs")
            told.pop("shards")


def read_quietly(test, folder: Path):
    found = []
    test.run_command(lambda _: found.append(read(str(folder))))
    return found[0]


class ProgressLine(Damage):
    def test_it_says_what_is_read_and_goes(self):
        folder = self.result()
        pause, progress.PAUSE = progress.PAUSE, 0
        self.addCleanup(setattr, progress, "PAUSE", pause)
        code, _, shown = self.run_command(report, folder, "--progress", "always", "--out", self.root / "o.html")
        self.assertEqual(code, 0)
        self.assertIn("\r\x1b[Kreading ", shown)
        self.assertIn("\r\x1b[Kcurves: 1 of 2", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"))
        for options in ([], ["--progress", "never"]):  # not a terminal
            code, _, shown = self.run_command(report, folder, *options, "--out", self.root / "o.html")
            self.assertEqual((code, shown), (0, ""))
        self.refused(report, folder, "--progress", "often", says="invalid choice: 'often'")

    def test_chunks_of_any_size_are_scanned_alike(self):
        folder = self.result(change=lambda row: row.update(algorithm='"x", y' if row["round"] % 2 else "z"))
        whole = (folder / "trajectory.csv").read_bytes()
        facts = set()
        for size in (1, 2, 7, 100, len(whole)):
            source = scan.Source(iter([whole[at : at + size] for at in range(0, len(whole), size)]), "t")
            self.assertEqual(source.read(), whole)
            facts.add(source.facts())
        self.assertEqual(facts, {scan.Facts(22, len(whole), zlib.crc32(whole))})
        broken = whole[:3000] + b"," + whole[3000:]
        says = set()
        for size in (1, 7, 100, len(broken)):
            source = scan.Source(iter([broken[at : at + size] for at in range(0, len(broken), size)]), "t")
            with self.assertRaises(OSError):
                source.read()
            says.add(str(source.failure))
        self.assertEqual(len(says), 1, says)


if __name__ == "__main__":
    unittest.main()
