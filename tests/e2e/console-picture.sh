#!/usr/bin/env bash
# Makes docs/console.png: starts ./run.sh on other ports with empty data, waits for the simulated devices, and takes a screenshot.
#
#   tests/e2e/console-picture.sh [FILE]
#
# Needs what ./run.sh needs, and chromium on PATH. Run it from a built tree.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
file=${1:-docs/console.png}
readonly seconds_of_data=20 limit_bytes=200000
work=$(mktemp -d)
run=
finish() {
  [ -z "$run" ] || { kill -INT "$run" 2>/dev/null && wait "$run"; } || true
  rm -rf "$work"
}
trap finish EXIT

export ESTREAM_HTTP_PORT=25080 ESTREAM_MQTT_PORT=21883 ESTREAM_DATA="$work/data"
./run.sh >"$work/run.log" 2>&1 &
run=$!
until curl -fs "http://127.0.0.1:$ESTREAM_HTTP_PORT/health" >/dev/null; do
  kill -0 "$run" 2>/dev/null || { cat "$work/run.log" >&2; exit 1; }
  sleep 0.5
done
sleep "$seconds_of_data"

chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --user-data-dir="$work/browser" \
  --window-size=1280,960 --timeout=6000 --screenshot="$work/console.png" "http://127.0.0.1:$ESTREAM_HTTP_PORT/" 2>"$work/chromium.log"
[ "$(stat -c %s "$work/console.png")" -le $limit_bytes ] || { echo "console-picture.sh: the picture exceeds $limit_bytes bytes" >&2; exit 1; }
cp "$work/console.png" "$file"
echo "$file: $(stat -c %s "$file") bytes"
