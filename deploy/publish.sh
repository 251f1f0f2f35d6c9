#!/usr/bin/env bash
# Publishes host and command line, with the runtime, into deploy/publish/: what the unit and the Containerfile install.
#
#   deploy/publish.sh [FOLDER]
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
out=${1:-deploy/publish}
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
for project in Estream.Host Estream.Cli; do
  # Output, intermediate files and locks of their own: a runtime in the lock files of the repository would change every build.
  dotnet publish "src/$project" -c Release -r "$rid" --self-contained -o "$out" -v q --nologo \
    --artifacts-path artifacts/publish -p:NuGetLockFilePath=obj/publish.lock.json
done
echo "published to $out"
