#!/usr/bin/env bash
# What CMake found once is found again, and no more when it has gone: a small project with the build's own rules.
set -euo pipefail
source=$1 cmake=$2 generator=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/modules"
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.20)
project(optional LANGUAGES NONE)
find_package(PkgConfig REQUIRED)
include($source/cmake/optional.cmake)
look_for_module(PNG libpng)
set(MPI_CXX_COMPILER /gone/mpicxx CACHE FILEPATH "")
set(MPI_CXX_WORKS TRUE CACHE INTERNAL "")
macro(find_package package)
  if("\${package}" STREQUAL MPI)
    set(mpi "\${MPI_CXX_COMPILER}\${MPI_CXX_WORKS}")
  endif()
endmacro()
look_for_mpi()
forget_unless_exists(A_HEADER "\${A_HEADER}/a.h")
find_path(A_HEADER a.h PATHS $work/modules NO_DEFAULT_PATH)
get_property(watched DIRECTORY PROPERTY CMAKE_CONFIGURE_DEPENDS)
file(WRITE $work/found "png '\${PNG_FOUND}' \${PNG_VERSION}; header \${A_HEADER}; mpi '\${mpi}'; watched \${watched}")
END
configured() {
  PKG_CONFIG_LIBDIR=$work/modules "$cmake" -S "$work" -B "$work/build" -G "$generator" >"$work/said" 2>&1 ||
    { cat "$work/said"; exit 1; }
  grep -q "$1" "$work/found" || { echo "expected $1, found"; cat "$work/found"; exit 1; }
}
module() { printf 'Name: libpng\nDescription: stand-in\nVersion: %s\nLibs:\n' "$1" >"$work/modules/libpng.pc"; }

configured "png '' *; header A_HEADER-NOTFOUND"
module 1.6
touch "$work/modules/a.h"
configured "png '1' 1.6; header $work/modules"
module 1.7
configured "png '1' 1.7"
rm "$work/modules"/*
configured "png '' *; header A_HEADER-NOTFOUND"
configured "mpi ''"
if [ -e /var/lib/dpkg/status ]; then configured 'watched.*/var/lib/dpkg/status'; fi
