#!/usr/bin/env bash
# Lints a block, builds its bench with Verilator and runs it.
#
#   native/dv/bench.sh append [operations=N] [seed=N]     also map, map_small, hot_keys, leaf_hash, estream_card, mldsa
#   native/dv/bench.sh mldsa_model                        the model of ML-DSA-87 alone, with the vectors of NIST
#   native/dv/bench.sh lint                               verilator -Wall over everything
#
# Uses ccache if it is installed: every block compiles the same files of Verilator, which take a third of the time.
#
# ESTREAM_DV_OUT: where to build (artifacts/dv). ESTREAM_RTL: the sources to use instead of native/rtl.
set -eu -o pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
rtl=${ESTREAM_RTL:-$root/native/rtl}
out=${ESTREAM_DV_OUT:-$root/artifacts/dv}

block=${1:?a block, or lint; see the head of this script}
shift
cd "$rtl"
lint() {
  verilator --lint-only -Wall -f filelist.f --top-module "$1"
}

# The ACVP vectors of ML-DSA-87, for the benches that need them.
unpack_acvp() {
  mkdir -p "$out/acvp"
  for mode in keyGen sigGen sigVer; do
    gzip -dc "$root/tests/Estream.Crypto.Tests/Vectors/ML-DSA-87_$mode.json.gz" >"$out/acvp/ML-DSA-87_$mode.json"
  done
}

bits= parameters=()
case $block in
  mldsa_model)
    unpack_acvp
    g++ -O2 -Wall -Wextra -std=c++17 "-I$root/native/dv" mldsa/dv/mldsa_model_bench.cpp -o "$out/mldsa_model"
    "$out/mldsa_model" "$out/acvp"
    exit 0 ;;
  lint)
    for top in append map hot_keys leaf_hash estream_card mldsa; do
      # A top that uses only part of the files is still checked as a top.
      lint "$top"
      echo "lint: $top is clean"
    done
    exit 0 ;;
  append) top=append dir=append ;;
  map) top=map dir=map bits=8 ;;
  # So few slots that consecutive operations often use the same slots.
  map_small) top=map dir=map bits=4 ;;
  hot_keys) top=hot_map dir=hot_keys bits=6 ;;
  leaf_hash) top=leaf_hash dir=keccak ;;
  estream_card) top=estream_card dir=estream_card parameters=(-GMAP_TABLE_BITS=7 "-GFAULTS=1'b1") ;;
  mldsa) top=mldsa dir=mldsa ;;
  *) echo "bench.sh: unknown block $block" >&2; exit 2 ;;
esac

[ -z "$bits" ] || parameters+=("-GSLOT_BITS=$bits")
mkdir -p "$out"
if command -v ccache >/dev/null; then
  export OBJCACHE=ccache CCACHE_DIR=${CCACHE_DIR:-$root/artifacts/ccache}
fi
extra=()
[ ! -f "$dir/dv/$top.sv" ] || extra+=("$dir/dv/$top.sv")
[ ! -f "$dir/dv/public.vlt" ] || extra+=("$dir/dv/public.vlt")
verilator --cc --exe --build -j 1 -Wall -Wno-UNUSEDSIGNAL ${ESTREAM_DV_LINT:-} --top-module "$top" "${parameters[@]}" -Mdir "$out/$block" \
  -O3 -CFLAGS "-O1 -std=c++17 -I$root/native/dv -I$PWD/map/dv -I$root/native/include -DMAP_SLOT_BITS=$bits" -f filelist.f "${extra[@]}" "$PWD/$dir/dv/${block%_small}_bench.cpp" >"$out/$block.log" 2>&1 \
  || { cat "$out/$block.log"; exit 1; }
if [ "$block" = leaf_hash ]; then
  gzip -dc "$root/tests/Estream.Crypto.Tests/Vectors/keccak-team-kats-subset.json.gz" >"$out/keccak-team-kats-subset.json"
  set -- "$out/keccak-team-kats-subset.json" "$@"
elif [ "$block" = mldsa ]; then
  unpack_acvp
  set -- "$out/acvp" "$@"
fi
"$out/$block/V$top" "$@"
