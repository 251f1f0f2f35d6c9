#!/usr/bin/env bash
# Publishes host, command line and console for servers without .NET, and packs them: artifacts/estream-linux-x64.tar.gz.
#
#   deploy/publish.sh [FOLDER]
#
# FOLDER is the unpacked content, artifacts/estream-linux-x64 by default: what the unit and the Containerfile install.
#   bin/estream    the command line, compiled ahead of time; it runs lib/estream for commands that need the .NET runtime
#   lib/           the host, the console, the managed command line and the .NET runtime
#   etc/, systemd/ the default configuration and the unit
#   sbom.cdx.json  the components of all that, in CycloneDX 1.6
set -eu
caller=$PWD
cd "$(dirname "$(readlink -f "$0")")/.."
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
out=${1:-artifacts/estream-$rid}
case $out in /*) ;; *) [ $# = 0 ] || out=$caller/$out ;; esac
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# publish PROJECT FOLDER [OPTION...]
publish() {
  local project=$1 folder=$2
  shift 2
  # Output, intermediate files and locks of their own: a runtime in the lock files of the repository would change every build.
  dotnet publish "src/$project" -c Release -r "$rid" --self-contained -o "$folder" -v q --nologo --artifacts-path artifacts/publish \
    -p:NuGetLockFilePath=obj/publish.lock.json -p:RestoreLockedMode=false -p:RunAnalyzersDuringBuild=false -p:DebugType=none \
    -p:GenerateDocumentationFile=false "$@"
}

if [ -n "$(ls -A "$out" 2>/dev/null)" ] && [ ! -f "$out/sbom.cdx.json" ]; then
  echo "publish.sh: $out is not empty and has no sbom.cdx.json of an earlier run. Name an empty or a new folder." >&2
  exit 2
fi
rm -rf "$out" artifacts/publish/native
mkdir -p "$out/bin" "$out/etc" "$out/systemd"
publish Estream.Cli "$out/lib" -p:PublishReadyToRun=false
publish Estream.Host "$out/lib" -p:PublishReadyToRun=true   # replaces the libraries that both have
publish Estream.Cli artifacts/publish/native -p:PublishNative=true -p:PublishReadyToRun=false
cp artifacts/publish/native/estream "$out/bin/"
find "$out/lib" -name '*.pdb' -delete
# The unit sets the data folder.
sed '/"Data": /d' src/Estream.Host/appsettings.json >"$out/etc/estream.json"
cp deploy/estream.service deploy/multicast.conf "$out/systemd/"
cp deploy/archive.md "$out/README.md"
cp LICENSE LICENSE-BSL "$out/"
python3 deploy/sbom.py "$out/lib" >"$out/sbom.cdx.json"
tar -C "$(dirname "$out")" --owner=0 --group=0 --numeric-owner --sort=name -czf "artifacts/estream-$rid.tar.gz" "$(basename "$out")"
echo "published to $out and artifacts/estream-$rid.tar.gz"
