#!/usr/bin/env bash
# Laconic on a Debian release, from a minimal root: the README's two commands, bytes compared with this machine's, the
# packages built and installed into another minimal root, where an ordinary user runs, draws and reports. Needs root,
# mmdebstrap and a mirror; takes as long as a build and all tests.
#   tests/distributions/run.sh bookworm|trixie|sid [FOLDER [STEP...]]
# FOLDER (default: a temporary one) keeps both roots. STEP: minimal, build, test, dist, install; default: all of them.
set -euo pipefail
release=$1 folder=${2:-$(mktemp -d)}
[ $# -lt 2 ] || shift
shift
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(minimal build test dist install)
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
built=$folder/$release-build clean=$folder/$release-clean

say() { echo "$release: $*"; }
leave() { umount -q "$built/proc" "$built/dev" "$clean/proc" "$clean/dev" 2>/dev/null || true; }
trap leave EXIT
inside() {  # inside ROOT COMMAND
  mountpoint -q "$1/proc" || { mount -t proc proc "$1/proc"; mount --bind /dev "$1/dev"; }
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$1" sh -c "$2"
}
packages() { inside "$1" "dpkg-query -f '\${db:Status-Abbrev}\n' -W | grep -c ^ii"; }
size() { du -sxm --exclude=proc --exclude=dev "$1" | cut -f1; }
timed() { local start=$SECONDS; "$@"; say "  $((SECONDS - start)) s"; }

# Runs that need no data from elsewhere: closed forms, SimGrid's solver, collectives, conditions.
runs=(quickstart stragglers collectives)

step_minimal() {
  mkdir -p "$folder"
  mmdebstrap --quiet --variant=minbase "$release" "$folder/$release.tar"
  for root in "$built" "$clean"; do
    mkdir -p "$root"
    tar -xf "$folder/$release.tar" -C "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
    inside "$root" 'useradd -m user && mkdir -m 1777 /out'
  done
  say "a minimal root of $(packages "$built") packages, $(size "$built") MB"
}

step_build() {
  rm -rf "$built/laconic"
  git -c advice.detachedHead=false clone -q --no-hardlinks "$source" "$built/laconic"
  local before after
  before=$(packages "$built") after=$(size "$built")
  say "./laconic run scenarios/quickstart.json"
  timed inside "$built" 'cd /laconic && ./laconic --version && ./laconic run scenarios/quickstart.json --out /out/quickstart --force --progress never'
  say "  $(($(packages "$built") - before)) packages more, $(($(size "$built") - after)) MB more, the build among them"
  compare "$built" root /laconic/laconic /laconic/scenarios
}

compare() {  # compare ROOT USER PROGRAM SCENARIOS: the CSV files that it writes against those of this machine's program
  local name file
  for name in "${runs[@]}"; do
    inside "$1" "su $2 -c 'cd /tmp && $3 run $4/$name.json --out /out/$name --force --progress never >/dev/null'"
    "$source/laconic" run "$source/scenarios/$name.json" --out "$folder/here/$name" --force --progress never >/dev/null
    for file in trajectory.csv summary.csv; do
      cmp -s "$1/out/$name/$file" "$folder/here/$name/$file" || { say "  $name/$file: other bytes than here"; return 1; }
    done
  done
  say "  the same bytes as here: ${runs[*]}"
}

step_test() {
  say "./laconic test"
  timed inside "$built" 'cd /laconic && ./laconic test >/out/test.log 2>&1 || { grep -E "tests passed|Failed" /out/test.log | tail -30; exit 1; }'
  grep "tests passed" "$built/out/test.log"
}

step_dist() {
  say "packages"
  inside "$built" 'apt-get install -y -qq --no-install-recommends dpkg-dev file >/dev/null 2>&1
    cd /laconic && cmake --build build --target all dist >/out/dist.log 2>&1 || { tail -30 /out/dist.log; exit 1; }
    cd build/dist && sha256sum -c --quiet SHA256SUMS && ls -l && for p in *.deb; do dpkg-deb -f $p Package Depends Recommends; done'
}

step_install() {
  say "the packages in a root without a compiler"
  mkdir -p "$clean/packages"
  cp "$built"/laconic/build/dist/*.deb "$source/cmake/packaging/install.sh" "$clean/packages/"
  timed inside "$clean" 'sh /packages/install.sh /packages >/packages/log 2>&1 || { tail -20 /packages/log; exit 1; }'
  say "  $(packages "$clean") packages, $(size "$clean") MB"
  ! inside "$clean" 'command -v g++ cc cmake' || { say "there is a compiler"; return 1; }
  compare "$clean" user laconic /usr/share/laconic/scenarios
  inside "$clean" "su user -c 'cd && laconic plot /out/quickstart --out curves.svg && laconic report /out/quickstart --out page.html'"
  [ -s "$clean/home/user/curves.svg" ] && [ -s "$clean/home/user/page.html" ]
  say "  quickstart, plot and report as an ordinary user"
  ! compgen -G "$clean/packages/laconic-neural_*.deb" >/dev/null || {
    cp "$source/tests/distributions/network.json" "$clean/home/user/"
    inside "$clean" "su user -c 'cd && laconic run network.json --progress never'"
  }
}

for step in "${steps[@]}"; do "step_$step"; done
say "all of ${steps[*]}: done"
