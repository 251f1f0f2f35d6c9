#!/usr/bin/env bash
# Makes the pictures of docs/guides/operating/console.md: builds the console, serves it with the simulated site (console/dev/mock), and takes
# a screenshot of ten pages.
#
#   tests/e2e/console-pictures.sh [FOLDER]     FOLDER is docs/console by default
#
# Needs npm, /usr/bin/chromium, and a built tests/e2e/Estream.E2e.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
folder=${1:-docs/console}
readonly limit_bytes=200000
readonly port=25480
work=$(mktemp -d)
serve=
finish() {
  [ -z "$serve" ] || kill "$serve" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

(cd console && { [ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error; } && node node_modules/vite/bin/vite.js build --outDir "$work/page" --logLevel warn)
(cd console && exec node node_modules/vite/bin/vite.js preview --mode mock --host 127.0.0.1 --port $port --strictPort --outDir "$work/page" --logLevel warn) &
serve=$!
until curl -fs "http://127.0.0.1:$port/api/overview" >/dev/null; do
  kill -0 "$serve" 2>/dev/null || exit 1
  sleep 0.5
done

PLAYWRIGHT="${PLAYWRIGHT:-$PWD/tests/e2e/Estream.E2e/bin/Release/net10.0/.playwright/package}" node - "http://127.0.0.1:$port" "$work" <<'EOS'
const { chromium } = require(process.env.PLAYWRIGHT);
const [site, folder] = process.argv.slice(2);
const desk = { width: 1400, height: 900 };
const low = { width: 1400, height: 690 };
const phone = { width: 390, height: 844 };
const pictures = [
  { name: 'overview', path: '/', size: desk, theme: 'light', wait: 62000 }, // fills most of the minute of rates
  { name: 'queue', path: '/queues/dead-letters?schema=DeadLetter&filter=source+%3D%3D+%22devices%22', size: low, theme: 'light' },
  { name: 'message', path: '/queues/dead-letters/messages/1280', size: desk, theme: 'light' },
  { name: 'map', path: '/maps/latest?prefix=pump-7', size: desk, theme: 'dark' },
  { name: 'adapters', path: '/adapters', size: desk, theme: 'dark' },
  { name: 'adapter', path: '/adapters/devices', size: desk, theme: 'light' },
  { name: 'circuit', path: '/circuits/settle', size: desk, theme: 'dark' },
  { name: 'replication', path: '/replication', size: desk, theme: 'light' },
  { name: 'alerts', path: '/alerts', size: desk, theme: 'dark', click: '[data-row="payments-not-replicated"]' },
  { name: 'phone', path: '/adapters', size: phone, theme: 'light' },
];
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (const { name, path, size, theme, click, wait = 4000 } of pictures) {
    const context = await browser.newContext({ viewport: size, colorScheme: theme, hasTouch: size === phone, locale: 'en-GB', timezoneId: 'Europe/Stockholm' });
    const page = await context.newPage();
    await page.goto(site + path);
    await page.locator('h1').waitFor();
    if (click !== undefined) {
      await page.click(click);
    }
    await page.waitForTimeout(wait);
    await page.screenshot({ path: `${folder}/${name}.png` });
    await context.close();
  }
  await browser.close();
})();
EOS
mkdir -p "$folder"
for picture in "$work"/*.png; do
  [ "$(stat -c %s "$picture")" -le $limit_bytes ] || { echo "console-pictures.sh: $(basename "$picture") exceeds $limit_bytes bytes" >&2; exit 1; }
  cp "$picture" "$folder/"
done
echo "$folder: $(du -ch "$folder"/*.png | tail -n 1 | cut -f 1) in $(find "$folder" -name '*.png' | wc -l) pictures"
