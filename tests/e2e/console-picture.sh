#!/usr/bin/env bash
# Makes docs/console.png: starts ./run.sh on other ports with empty data, waits for the simulated devices, and takes a screenshot.
#
#   tests/e2e/console-picture.sh [FILE]
#
# Needs what ./run.sh needs, /usr/bin/chromium, and a built tests/e2e/Estream.E2e.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
file=${1:-docs/console.png}
readonly limit_bytes=200000
work=$(mktemp -d)
run=
finish() {
  [ -z "$run" ] || { kill -TERM "$run" 2>/dev/null && wait "$run"; } || true
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

PLAYWRIGHT="$PWD/tests/e2e/Estream.E2e/bin/Release/net10.0/.playwright/package" node - "http://127.0.0.1:$ESTREAM_HTTP_PORT/" "$work/console.png" <<'EOF'
const { chromium } = require(process.env.PLAYWRIGHT);
const [url, file] = process.argv.slice(2);
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(url);
  await page.getByText('Connecting to the host').waitFor({ state: 'detached' });
  await page.waitForTimeout(50000); // fills most of the chart, which shows a minute
  await page.screenshot({ path: file });
  await browser.close();
})();
EOF
[ "$(stat -c %s "$work/console.png")" -le $limit_bytes ] || { echo "console-picture.sh: the picture exceeds $limit_bytes bytes" >&2; exit 1; }
cp "$work/console.png" "$file"
echo "$file: $(stat -c %s "$file") bytes"
