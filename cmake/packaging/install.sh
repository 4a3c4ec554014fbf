#!/bin/sh
# Installs the packages that lie in a folder, with what draws figures, and leaves no lists behind: the one step of the
# containers here. Without laconic-neural in the folder, without networks;
# without laconic-mpi, without laconic deploy.
set -eu
folder=$1
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
set -- "$folder"/laconic_*.deb python3-pandas python3-matplotlib python3-plotly
for neural in "$folder"/laconic-neural_*.deb; do
  # One of OpenBLAS's builds that has one thread a process, as Laconic wants it.
  if [ -e "$neural" ]; then set -- "$@" "$neural" libopenblas0-serial; fi
done
for mpi in "$folder"/laconic-mpi_*.deb; do
  if [ -e "$mpi" ]; then set -- "$@" "$mpi"; fi
done
apt-get install -y -qq --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/*
