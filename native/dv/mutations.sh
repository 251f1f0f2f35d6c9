#!/usr/bin/env bash
# Breaks the design at one point at a time and checks that its bench fails.
#
#   native/dv/mutations.sh               all of mutations.txt
#   native/dv/mutations.sh NAME...       these
#
# Exit code: 0 if every bench failed, as expected.
set -eu -o pipefail
here=$(dirname "$(readlink -f "$0")")
rtl=$(readlink -f "$here/../rtl")
out=${ESTREAM_DV_OUT:-$here/../../artifacts/dv}/mutations
mkdir -p "$out"
survivors=0 tried=0

try() {
  local name=$1 bench=$2 file=$3 edit=$4 copy=$out/$1
  rm -rf "$copy"
  mkdir -p "$copy"
  cp -r "$rtl" "$copy/rtl"
  sed -i "$edit" "$copy/rtl/$file"
  if cmp -s "$rtl/$file" "$copy/rtl/$file"; then
    echo "$name: the sed expression changes nothing"
    return 1
  fi
  # Lint warnings about code that a mutation leaves unused are ignored here.
  if ESTREAM_RTL=$copy/rtl ESTREAM_DV_OUT=$copy/build ESTREAM_DV_LINT=-Wno-fatal timeout 300 "$here/bench.sh" "$bench" operations=300000 >"$copy/log" 2>&1; then
    echo "$name: SURVIVED, $bench passes"
    return 1
  fi
  if ! grep -q '^FAILED' "$copy/log"; then
    echo "$name: did not run: $(tail -n 1 "$copy/log")"
    return 1
  fi
  echo "$name: noticed: $(grep -m 1 '^FAILED' "$copy/log")"
  rm -rf "$copy"
}

while IFS='|' read -r name bench file edit; do
  case $name in ''|'#'*) continue ;; esac
  [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
  tried=$((tried + 1))
  try "$name" "$bench" "$file" "$edit" || survivors=$((survivors + 1))
done <"$here/mutations.txt"
echo "$tried tried, $survivors not noticed"
[ "$tried" -gt 0 ] && [ "$survivors" = 0 ]
