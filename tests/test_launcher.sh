#!/usr/bin/env bash
# ./laconic on machines that lack packages: what it installs, what it says, how it ends. No package manager is touched:
# the PATH holds stand-ins.
set -euo pipefail
source=$1 program=$2
work=$(mktemp -d)
trap 'rm -rf "$work" "$work"-*' EXIT
mkdir "$work/bin" "$work/root"
cp "$source/laconic" "$work/root/laconic"
for tool in bash env dirname readlink grep sed cat mkdir nproc tr; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done

stand_in() { printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$work/bin/$1"; chmod +x "$work/bin/$1"; }
# As on a bare machine: knows g++, has heard of cmake, fails because of the others.
stand_in dpkg-query 'printf "ii g++\nun cmake\n"; exit 1'
stand_in id 'echo "$LACONIC_TEST_USER"'
stand_in apt-get 'echo "apt-get $*" >>"$LACONIC_TEST_LOG"; [[ $* != *install* || -z ${LACONIC_TEST_BROKEN:-} ]]'
stand_in flock 'exit 0'
stand_in cmake 'echo "cmake $1" >>"$LACONIC_TEST_LOG"; exit 1'

# [command=COMMAND] expect CODE PATTERN [VARIABLE=VALUE...]: ends with CODE and says, or does, something that matches PATTERN.
expect() {
  local code=$1 pattern=$2 got=0
  shift 2
  : >"$work/log"
  env -i PATH="$work/bin" LACONIC_TEST_LOG="$work/log" LACONIC_TEST_USER=0 "$@" \
    "$work/root/laconic" ${command:-list} >"$work/said" 2>&1 || got=$?
  cat "$work/log" >>"$work/said"
  if [ $got != "$code" ] || ! grep -q -- "$pattern" "$work/said"; then
    echo "with $*: expected code $code and \"$pattern\", got code $got and"
    cat "$work/said"
    exit 1
  fi
}

expect 2 'forbids installing' LACONIC_NO_INSTALL=1
expect 2 '^  apt-get update && apt-get install .* cmake ninja-build .* liblzma-dev' LACONIC_NO_INSTALL=1
expect 2 'forbids installing them; as root, run' LACONIC_NO_INSTALL=1 LACONIC_TEST_USER=1000
expect 2 '^  apt-get update && apt-get install' LACONIC_NO_INSTALL=1 LACONIC_TEST_USER=1000
! grep -q sudo "$work/said" || { echo "named sudo where there is none"; exit 1; }
[ ! -s "$work/log" ] || { echo "LACONIC_NO_INSTALL=1 installed something"; exit 1; }
command=plot expect 2 'apt-get install .* python3-pandas python3-matplotlib python3-plotly$' LACONIC_NO_INSTALL=1
command=report expect 2 'apt-get install .* python3-pandas python3-matplotlib python3-plotly$' LACONIC_NO_INSTALL=1
command=compare expect 2 'apt-get install .* python3-pandas python3-matplotlib python3-plotly$' LACONIC_NO_INSTALL=1
expect 2 'libpng-dev$' LACONIC_NO_INSTALL=1  # and nobody else needs Python
expect 2 'there is no sudo; as root, run' LACONIC_TEST_USER=1000
expect 2 'the installation failed' LACONIC_TEST_BROKEN=1
expect 2 '^apt-get install .* cmake ninja-build' # goes on to CMake, whose stand-in fails
expect 2 'failed: cmake'
! grep -q 'install.* g++' "$work/said" || { echo "installed g++ a second time"; exit 1; }
stand_in sudo 'echo "sudo $1" >>"$LACONIC_TEST_LOG"; "$@"'
expect 2 '^sudo apt-get' LACONIC_TEST_USER=1000
expect 2 '^  sudo apt-get update && sudo apt-get install' LACONIC_NO_INSTALL=1 LACONIC_TEST_USER=1000
# What needs nothing installed: the help is the program's own, and the version's beginning.
mkdir -p "$work/root/sim/commands"
cp "$source/sim/commands/help.txt" "$work/root/sim/commands/"
cp "$source/CMakeLists.txt" "$work/root/"
for word in --help -h --version; do command=$word expect 0 '^' LACONIC_NO_INSTALL=1 && cp "$work/said" "$work$word"; done
"$program" --help | diff - "$work--help" || { echo "sim/commands/help.txt is not what the program says"; exit 1; }
cmp "$work--help" "$work-h"
[ "$("$program" --version | cut -d' ' -f1,2)" = "$(cut -d' ' -f1,2 "$work--version")" ] || { echo "two versions"; exit 1; }
grep -q 'not built yet' "$work--version"
# Started with memory in large pages, unless the user knows better.
stand_in cmake 'exit 0'
mkdir -p "$work/root/build"
printf '#!%s\necho "tunables $GLIBC_TUNABLES"\n' "$(command -v bash)" >"$work/root/build/laconic"
chmod +x "$work/root/build/laconic"
expect 0 'tunables glibc.malloc.hugetlb=1$'
expect 0 'tunables glibc.malloc.check=0$' GLIBC_TUNABLES=glibc.malloc.check=0
