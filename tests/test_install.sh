#!/usr/bin/env bash
# What `cmake --install` leaves works from wherever it is moved, writes the same bytes, and knows nothing of the folders
# that it was built in. Python's part is left out where its packages are missing.
set -euo pipefail
source=$1 build=$2 cmake=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

"$cmake" --install "$build" --prefix "$work/made" --strip >"$work/said" 2>&1 || fail "$(cat "$work/said")"
mkdir "$work/moved" "$work/nowhere"
mv "$work/made" "$work/moved/here"
here=$work/moved/here
if [ "${LACONIC_SANITIZED:-}" != 1 ]; then  # sanitizers name sources
  found=$(grep -rlF -e "$source/" -e "$build/" "$here" || true)
  [ -z "$found" ] || fail "folders of the build are named in $found"
fi

cd "$work/nowhere"
laconic() { env -i PATH=/usr/bin:/bin HOME="$work" LC_ALL=C.UTF-8 MPLCONFIGDIR="$work" "$here/bin/laconic" "$@"; }
laconic run "$here/share/laconic/scenarios/quickstart.json" --out run --progress never >/dev/null
"$build/laconic" run "$source/scenarios/quickstart.json" --out built --progress never >/dev/null
for file in trajectory.csv summary.csv; do cmp "run/$file" "built/$file"; done
laconic validate "$here"/share/laconic/scenarios/{quickstart,stragglers,collectives}.json >/dev/null
laconic platform "$here/share/laconic/platforms/ready/star-10ms-100Mbps.json" --json >/dev/null
laconic check --all --judge-only >said 2>&1 && fail "judged what had not run"
grep -q "of $here/share/laconic/scenarios/papers/" said || fail "check --all: $(cat said)"
if /usr/bin/python3 -c 'import pandas, matplotlib' 2>/dev/null; then
  laconic plot run --out curves.svg >/dev/null
  [ -s curves.svg ] || fail "no figure"
  env -i PATH=/usr/bin:/bin PYTHONPATH="$here/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c \
    "import laconic; assert len(laconic.run('$here/share/laconic/scenarios/quickstart.json').summary) > 1" 2>said ||
    fail "Python: $(cat said)"
  [ -z "$(find "$here" -name __pycache__)" ] || fail "Python left files beside the installed ones"
fi
if [ -e "$here/lib/laconic/liblaconic_neural.so" ]; then
  laconic run "$source/tests/distributions/network.json" --out network --progress never >/dev/null
fi

# The texts for shells and man are read by those that are there.
bash -n "$here/share/bash-completion/completions/laconic"
completed() {  # completed WORD...: the answers to the last word
  (. "$here/share/bash-completion/completions/laconic"
   COMP_WORDS=(laconic "$@") COMP_CWORD=$# && _laconic && echo "${COMPREPLY[*]}")
}
[ "$(completed val)" = validate ] || fail "completed val to $(completed val)"
[ "$(completed run --time)" = "--timeline --timeline-rounds" ] || fail "completed --time to $(completed run --time)"
[ "$(completed describe le-sign)" = le-signgd ] || fail "completed le-sign to $(completed describe le-sign)"
[ -z "$(completed run qui)" ] || fail "a file was meant"
if command -v zsh >/dev/null; then zsh -n "$here/share/zsh/site-functions/_laconic"; fi
if command -v man >/dev/null; then
  MANROFFOPT=-ww man --warnings -l "$here/share/man/man1/laconic.1" >page 2>said || fail "man: $(cat said)"
  [ ! -s said ] || fail "man: $(cat said)"
  grep -q -- '--timeline-rounds' page || fail "the manual lacks options"
fi
