#!/usr/bin/env bash
# Runs the leaf blocks in a second simulator, Icarus Verilog.
#
#   native/dv/second.sh append        also map, leaf_hash, mldsa
set -eu -o pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
rtl=${ESTREAM_RTL:-$root/native/rtl}
out=${ESTREAM_DV_OUT:-$root/artifacts/dv}
block=${1:?a block; see the head of this script}
case $block in
  append|map|mldsa) dir=$block ;;
  leaf_hash) dir=keccak ;;
  *) echo "second.sh: unknown block $block" >&2; exit 2 ;;
esac
mkdir -p "$out"
cd "$rtl"
# Icarus prints "sorry" for selects in always_comb, where it uses a larger sensitivity list: that only costs time.
iverilog -g2012 -s "${block}_tb" -o "$out/${block}_tb.vvp" -c filelist.f "$dir/dv/${block}_tb.sv" 2>&1 | grep -v '^.*: sorry: constant selects in always_' || true
vvp -n "$out/${block}_tb.vvp" | tee "$out/${block}_tb.log"
grep -q '^PASSED' "$out/${block}_tb.log" && ! grep -q FAILED "$out/${block}_tb.log"
