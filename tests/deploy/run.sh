#!/usr/bin/env bash
# The quickstart over MPI, by three ranks of this machine: it learns what the simulation says, started by the program and by
# mpirun; and a rank that is killed ends it with its name. Usage: tests/deploy/run.sh [PROGRAM]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$root/build/laconic}")
scenario=$root/scenarios/quickstart.json
work=$(mktemp -d)
launcher=
trap 'kill -9 $launcher 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "tests/deploy: $*" >&2; exit 1; }

# All columns but the times and what only a deployed run has.
learned() {
  python3 -c 'import csv, sys
for row in csv.DictReader(sys.stdin):
    print([row[name] for name in row if name not in ("sim_time_s", "compute_s", "wall_s")])'
}
same() { cmp <(learned <run/trajectory.csv) <(learned <"$1/trajectory.csv") || fail "$1 has learned something else"; }

"$program" run "$scenario" --out run --progress never >/dev/null
"$program" deploy "$scenario" --ranks 3 --out deployed
same deployed
as_root=$([ "$(id -u)" != 0 ] || echo --allow-run-as-root)
mpirun -n 3 --oversubscribe $as_root "$program" deploy "$scenario" --out by-mpirun >/dev/null
same by-mpirun

"$program" deploy "$scenario" --ranks 3 --out killed --set /stop/rounds=100000000 --set /stop/loss_gap=1e-300 2>said &
launcher=$!
for _ in $(seq 200); do
  victim=$(pgrep -n -f "$program deploy $work/killed/.* --as-rank" || true)
  [ -s "$(echo killed/.*rows-0* killed/*rows-0* | tr ' ' '\n' | grep -v '\*' | head -n 1)" ] && break
  sleep 0.1
done
kill -9 "$victim"
code=0
wait $launcher || code=$?
launcher=
[ $code = 3 ] || fail "ended with code $code: $(cat said)"
grep -q ": rank [12] (.*, workers .* to .*) was lost" said || fail "$(cat said)"
grep -q '"status": "failed"' killed/run.json || fail "killed/run.json says no failure"
[ "$(wc -l <killed/trajectory.csv)" -gt 1 ] || fail "no rows were kept"
echo "tests/deploy: equal"
