#!/usr/bin/env bash
# A sweep on a real Slurm: two nodes on this machine, in daemons of the test's own. A task is killed, a node goes down, the
# job is cancelled half-way and submitted again; the tables are those of the same sweep here. So are a tuned sweep's.
# As root, after: apt-get install slurm-wlm munge. Usage: tests/slurm/run.sh [PROGRAM]
set -euo pipefail

program=$(realpath "${1:-$(dirname "$0")/../../build/laconic}")
work=$(mktemp -d)
export SLURM_CONF=$work/slurm.conf

fail() {
  echo "tests/slurm: $*" >&2
  tail -n 5 "$work"/*.log "$work"/sweep/points/slurm/*.log >&2 2>/dev/null || true
  exit 1
}

# Each daemon by its own number; whatever tasks they have left ends with them.
clean_up() {
  scancel --user=root --quiet 2>/dev/null || true
  for file in "$work"/slurmd-*.pid "$work"/slurmctld.pid "$work"/munged.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

# Waits until a command succeeds: for minutes, on a machine that has other things to do.
await() {
  local tries=3000
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "waited in vain for: $*"
    sleep 0.1
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_daemons() {
  dd if=/dev/urandom of="$work/munge.key" bs=128 count=1 status=none
  chmod 600 "$work/munge.key"
  chmod 755 "$work"
  munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/munged.seed" 2>/dev/null
  # Everything is root's; there are no control groups, and no accounting. slurmd dies in silence without the next line.
  echo "CgroupPlugin=cgroup/v1" >"$work/cgroup.conf"
  cat >"$SLURM_CONF" <<EOF
ClusterName=laconic
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SwitchType=switch/none
SlurmctldPort=$(free_port)
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmdSpoolDir=$work/spool-%n
StateSaveLocation=$work/state
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
KillWait=2
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1 RealMemory=100 State=UNKNOWN
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1 RealMemory=100 State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
EOF
  mkdir "$work/state" "$work/spool-n1" "$work/spool-n2"
  slurmctld -f "$SLURM_CONF"
  slurmd -N n1 -f "$SLURM_CONF"
  slurmd -N n2 -f "$SLURM_CONF"
  await all_idle
}

all_idle() { sinfo -h -t idle -o %D | grep -qx 2; }

laconic() { "$program" "$@"; }
sweep() { laconic sweep s.json --out sweep "$@"; }
status() { sweep --status; }
done_runs() { status | sed -n '1s/ of .*//p'; }
at_least() { [ "$(done_runs)" -ge "$1" ]; }
job() { sed -n 's/.*"job": "\([0-9]*\)".*/\1/p' sweep/points/slurm/job.json; }
tasks_of_node() { squeue -h -r -t running -w "$1" -o %K | head -n 1; }
task_on() { [ -n "$(tasks_of_node "$1")" ]; }
begun() { find sweep/points -name "*-$1-*.runs" -newer submitted.txt -size +0 | grep -q .; }
waits() { [ "$(squeue -h -r -t pending -j "$(job)" -o %K | grep -cx "$1")" = 1 ]; }
is_over() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }

cd "$work"
start_daemons

# 200 points of a tenth of a second or so.
cat >s.json <<'EOF'
{"name": "points", "workers": 10, "problem": {"type": "logistic", "l2": 0.01},
 "data": {"type": "gaussian", "samples": 2000, "features": 100},
 "platform": {"type": "star", "latency": "1ms"}, "algorithms": [{"method": "gd"}],
 "stop": {"rounds": 300}, "record": {"every": 50},
 "sweep": {"/seed": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
           "/stop/rounds": [500, 510, 520, 530, 540, 550, 560, 570, 580, 590]}}
EOF
sweep --on slurm --array 20 --sbatch "--time=5"
first=$(job)
[ "$(squeue -h -r -j "$first" | wc -l)" = 20 ] || fail "expected 20 tasks"
! laconic sweep s.json --out sweep --on slurm 2>refused.txt || fail "submitted twice"
grep -q "job $first is at work" refused.txt || fail "$(cat refused.txt)"

echo "== a task is killed"
await at_least 5
victim=$(pgrep -n -f -- "--out $work/sweep --shard")
shard=$(tr '\0' '\n' <"/proc/$victim/cmdline" | tail -n 1)
kill -9 $(pgrep -f -- "--out $work/sweep --shard $shard")
killed() { status | grep "^ended too soon: task ${shard%/*}: FAILED"; }
await killed
killed

echo "== it is cancelled half-way"
await at_least 30
sweep --cancel
await is_over "$first"
await all_idle
status | tee status.txt
! sweep --collect || fail "there are tables too early"

echo "== the rest is submitted, and does what is missing"
missing=$(sed -n '1s/.*, \([0-9]*\) are missing/\1/p' status.txt)
sweep --on slurm --array 10 --sbatch "--time=5" | tee submitted.txt
grep -q " tasks, $missing of 200 runs, " submitted.txt || fail "expected $missing runs"

echo "== a node goes down under a task, which begins again and goes on"
await task_on n2
task=$(tasks_of_node n2)
await begun "$task"
scontrol update nodename=n2 state=down reason=test
await waits "$task"
ln "sweep/points/slurm/$task.log" requeued.txt # the folder goes when all is done
scontrol update nodename=n2 state=resume 2>/dev/null || true # where it has not come back by itself
scontrol update jobid="$(job)_$task" starttime=now # it would wait two minutes
goes_on() { grep "of them before" requeued.txt; }
await goes_on
goes_on

await test -e sweep/sweep.json
await test ! -e sweep/points
sweep --status
sweep --collect
laconic sweep s.json --out local --progress never
cmp local/trajectory.csv sweep/trajectory.csv
cmp local/summary.csv sweep/summary.csv

echo "== a sweep that is tuned: the trials, then the runs with what was best"
cat >t.json <<'EOF'
{"name": "tuned", "workers": 3, "problem": {"type": "logistic", "l2": 0.01},
 "data": {"type": "gaussian", "samples": 60, "features": 5},
 "platform": {"type": "star", "worker_speed": "1Mf", "bandwidth": "8Mbps", "latency": "10ms"},
 "algorithms": [{"method": "gd"}, {"method": "lag-wk", "D": 5}], "stop": {"rounds": 50, "loss": 20},
 "tune": {"log": {"step": [1e-2, 1, 3]}, "refine": 2}, "sweep": {"/platform/latency": ["1ms", "9ms"]}}
EOF
tuned() { laconic sweep t.json --out tuned "$@"; }
tuned --on slurm --array 3
none_left() { [ -z "$(squeue -h)" ]; }
await none_left
[ -e tuned/sweep.json ] || tuned --on slurm --array 2
await test -e tuned/sweep.json
await none_left
laconic sweep t.json --out tuned-here --progress never
for table in trajectory.csv summary.csv tuned.csv; do cmp tuned-here/$table tuned/$table; done

# Slurm's PMIx takes two daemons on one machine for one: so both tasks are on one node.
if [ -e "$(dirname "$program")/liblaconic_mpi.so" ]; then
  echo "== a scenario is deployed by srun"
  deployed() { srun -N 1 --overcommit -n 2 --mpi=pmix "$program" deploy s.json --set /stop/rounds=20 "$@"; }
  deployed --out deployed
  grep -q '"ranks": 2' deployed/run.json
fi
echo "tests/slurm: equal"
