#!/usr/bin/env bash
# CMakeLists.txt, CITATION.cff and CHANGELOG.md name the same version.
set -euo pipefail
cd "$1"

built=$(sed -n 's/^project(laconic VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
cited=$(sed -n 's/^version: //p' CITATION.cff)
changed=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
if [ -z "$built" ] || [ "$built" != "$cited" ] || [ "$built" != "$changed" ]; then
  echo "CMakeLists.txt has version '$built', CITATION.cff '$cited', CHANGELOG.md '$changed'"
  exit 1
fi
