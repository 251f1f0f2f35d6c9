#!/usr/bin/env bash
# Builds the documentation site from docs/, the pages of other folders, and the XML comments of the built libraries. Exit code 1 on any
# warning, such as a link to a missing page. Needs a Release build (./test.sh, or dotnet build -c Release), and the .NET SDK only.
#
#   docs/build.sh [FOLDER]     FOLDER is artifacts/site by default
#
# To read the site: python3 -m http.server -d artifacts/site --bind 127.0.0.1 8080
set -eu
case ${1:-} in -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
caller=$PWD
cd "$(dirname "$(readlink -f "$0")")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
out=${1:-$PWD/artifacts/site}
case $out in /*) ;; *) out=$caller/$out ;; esac

# docs/site changes the template of DocFX: docs/site/public/main.css and docs/site/public/main.js.
# DocFX resolves links only between files below its configuration. So the configuration is in a folder of links to the parts of the
# repository.
work=$out.work
if [ -n "$(ls -A "$out" 2>/dev/null)" ] && [ ! -f "$out/xrefmap.yml" ]; then
  echo "docs/build.sh: $out is not empty and is not a site of an earlier run. Name an empty or a new folder." >&2
  exit 2
fi
rm -rf "$out" "$work"
mkdir -p "$work" "$(dirname "$out")"
trap 'rm -rf "$work"' EXIT
for part in *.md LICENSE* bench circuits components console deploy docs gateways native packages samples schemas scripts src tests; do
  ln -s "$PWD/$part" "$work/$part"
done
cp docs/docfx.json "$work/"

# Libraries for ASP.NET refer to its assemblies.
framework=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.AspNetCore\.App \(10\.[^ ]*\) \[\(.*\)\]$/\2\/\1/p' | tail -n 1)
[ -n "$framework" ] && ln -s "$framework" "$work/framework"

# The pages of the namespaces start with the sentences of docs/api/index.md.
sed -nE 's/^\| \[[^]]*\]\(xref:([^)]*)\) \| (.*) \|$/---\nuid: \1\nsummary: "\2"\n---\n/p' docs/api/index.md >"$work/namespaces.md"

dotnet tool restore >"$work/restore.log" || { cat "$work/restore.log" >&2; exit 1; }
log=$work/docfx.log
if ! dotnet docfx "$work/docfx.json" --warningsAsErrors --logLevel warning >"$log" 2>&1; then
  grep -E '(^|: )(warning|error)' "$log" | sed "s#^$work/##" | sort -u | head -n 40 >&2 || tail -n 20 "$log" >&2
  echo "docs/build.sh: the site has mistakes, listed above" >&2
  exit 1
fi
find "$work/site/public" -name '*.map' -delete   # for developers of DocFX: 40 MB
mv "$work/site" "$out"
echo "$(find "$out" -name '*.html' | wc -l) pages in $out"
