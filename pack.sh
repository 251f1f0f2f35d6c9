#!/usr/bin/env bash
# Creates the NuGet packages of the last build: libraries, the generator, the schema packs.
#
#   ./pack.sh           into artifacts/packages
#   ./pack.sh FOLDER    into FOLDER
#
# Needs a Release build of this checkout (./test.sh, or: dotnet build -c Release Estream.sln). Runs no tests.
set -u
caller=$PWD
cd "$(dirname "$(readlink -f "$0")")" || exit 2
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case ${1:-} in
  -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "pack.sh: unknown option $1; see ./pack.sh --help" >&2; exit 2 ;;
esac
folder=${1:-$PWD/artifacts/packages}
case $folder in /*) ;; *) folder=$caller/$folder ;; esac
mkdir -p "$folder" || exit 2

# scripts/Pack.proj packs the other projects in parallel. `dotnet pack` on the solution would also evaluate tests and benchmarks.
log=artifacts/pack.log
if ! dotnet msbuild scripts/Pack.proj -m -v:m -nologo -nodeReuse:false "-p:PackageOutputPath=$folder" >"$log" 2>&1; then
  grep -E 'error' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
  echo "pack.sh: the packages are not complete. Build first: dotnet build -c Release Estream.sln. Full log: $PWD/$log" >&2
  exit 1
fi
echo "$(find "$folder" -maxdepth 1 -name '*.nupkg' | wc -l) packages in $folder"
