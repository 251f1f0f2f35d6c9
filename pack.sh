#!/usr/bin/env bash
# Builds and packs the NuGet packages: libraries, the generator, the schema packs. Runs no tests.
#
#   ./pack.sh [--no-build] [FOLDER]
#
# FOLDER is artifacts/packages by default. --no-build packs the output of an earlier build, such as that of ./test.sh.
set -u
caller=$PWD
cd "$(dirname "$(readlink -f "$0")")" || exit 2
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

no_build=false
case ${1:-} in
  -h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --no-build) no_build=true; shift ;;
  -*) echo "pack.sh: unknown option $1; see ./pack.sh --help" >&2; exit 2 ;;
esac
folder=${1:-$PWD/artifacts/packages}
case $folder in /*) ;; *) folder=$caller/$folder ;; esac
mkdir -p "$folder" artifacts || exit 2

# `dotnet pack` on the solution would also evaluate tests, benchmarks and programs.
log=artifacts/pack.log
if ! dotnet msbuild scripts/Pack.proj -m -v:m -nologo -nodeReuse:false "-p:NoBuild=$no_build" "-p:PackageOutputPath=$folder" >"$log" 2>&1; then
  grep -E 'error' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
  echo "pack.sh: the packages are not complete. Full log: $PWD/$log" >&2
  exit 1
fi
echo "$(find "$folder" -maxdepth 1 -name '*.nupkg' | wc -l) packages in $folder"
