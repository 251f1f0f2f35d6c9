#!/usr/bin/env bash
# Installs the programs that the tests need, builds, runs every test, and ends with one line: N passed, N failed, N skipped.
#
#   ./test.sh           everyday counts; about 20 minutes on two cores, including the build
#   ./test.sh --long    the full counts (hundreds of kills, ten million buffers): most of a day
#   ./test.sh Queue     only the test projects whose name contains Queue
#
# A project with failures runs once more, alone, after all others. A test that fails once and passes once is listed under "unstable";
# every other failure fails the run. Exit code: 0 if nothing failed. On Debian as root, every program a test needs can be installed, so there a
# skipped test is also an error. Logs of the run: artifacts/test/.
set -u -o pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 2

readonly logs=artifacts/test
hang_limit=15m      # for one test; --long lifts both
project_limit=40m   # for one test project
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DEBIAN_FRONTEND=noninteractive
export DOTNET_CLI_UI_LANGUAGE=en VSLANG=1033   # the counts below are read from English output
# A test process runs for seconds, and recompiling warm methods took 40 % of its processor time. So the JIT compiles no instrumented code,
# and optimised code after 512 calls (200 in hexadecimal) instead of 30. W^X (no page is both writable and executable) is off, because it
# costs system calls for each compiled method.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=200 DOTNET_EnableWriteXorExecute=0

only=
for argument in "$@"; do
  case $argument in
    --long) export ESTREAM_TEST_LONG=1; hang_limit=12h project_limit=24h ;;
    -h|--help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "test.sh: unknown option $argument; see ./test.sh --help" >&2; exit 2 ;;
    *) only=$argument ;;
  esac
done

is_debian_root() {
  [ "$(id -u)" = 0 ] && [ -r /etc/debian_version ] && command -v apt-get >/dev/null
}

# command or file to look for : package that contains it : what is skipped without it
readonly needs='
mosquitto:mosquitto:the tests against a real MQTT broker, and its row in the benchmarks
/usr/lib/python3/dist-packages/pymodbus/__init__.py:python3-pymodbus:the tests against another Modbus implementation
/usr/lib/python3/dist-packages/serial_asyncio/__init__.py:python3-serial-asyncio:the tests against another Modbus implementation, which imports it
/usr/lib/python3/dist-packages/serial/__init__.py:python3-serial:the tests against another Modbus implementation on a serial line
socat:socat:the tests of Modbus on a serial line
tshark:tshark:the tests that let another implementation dissect DNP3
mllp_send:python3-hl7:the tests against another HL7 v2 implementation
tshark:tshark:the tests that decode OPC UA with another implementation
mosquitto_pub:mosquitto-clients:the tests against a real MQTT client
/usr/lib/python3/dist-packages/paho/mqtt/client.py:python3-paho-mqtt:the tests against another MQTT client
ip:iproute2:the tests that take a network link down
chromium:chromium:the tests of the console page in a browser
cmake:cmake:the C++ floor of the benchmarks
g++:g++:the C++ floor of the benchmarks
verilator:verilator:the tests on the simulated card
ccache:ccache:the compiler cache, which shortens the tests on the simulated card
/usr/include/absl/base/config.h:libabsl-dev:the absl peer of the benchmarks
/usr/include/tbb/concurrent_hash_map.h:libtbb-dev:the TBB peers of the benchmarks
/usr/include/lmdb.h:liblmdb-dev:the LMDB peer of the benchmarks
/usr/include/rocksdb/db.h:librocksdb-dev:the RocksDB peer of the benchmarks
/usr/include/quickfix/Application.h:libquickfix-dev:the tests against another FIX engine, and its rows in the benchmarks
/usr/include/mosquitto.h:libmosquitto-dev:the libmosquitto peer of the benchmarks
/usr/include/modbus/modbus.h:libmodbus-dev:the libmodbus peer of the benchmarks
/usr/lib/rabbitmq/bin/rabbitmq-server:rabbitmq-server:the tests of replication against three RabbitMQ nodes
nginx:nginx-light:the test of the host behind nginx
caddy:caddy:the test of the host behind Caddy
systemd-analyze:systemd:the test of the systemd unit
python3:python3:the tests of what is generated for the cards, and those of packages and logs against another implementation
strace:strace:the test that a bundle is verified without a call for a socket
yosys:yosys:the synthesis of the RTL of cards
iverilog:iverilog:the tests of the RTL of cards in a second simulator
zsh:zsh:the test of what zsh completes
fish:fish:the test of what fish completes
protoc:protobuf-compiler:the Google.Protobuf peer of the benchmarks
redis-server:redis-server:the Redis rows of the benchmarks
'

is_there() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *) PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing_packages() {
  local what package why
  while IFS=: read -r what package why; do
    [ -z "$what" ] || is_there "$what" || echo "$package"
  done <<<"$needs"
}

apt_quietly() {
  # RUNLEVEL=1: tests start an installed mosquitto or RabbitMQ themselves; neither may run as a service of this machine.
  RUNLEVEL=1 apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$logs/apt.log" 2>&1 </dev/null
}

install_needs() {
  local -a packages
  mapfile -t packages < <(missing_packages | sort -u)
  [ "${#packages[@]}" -gt 0 ] || return 0
  if is_debian_root; then
    echo "installing: ${packages[*]}"
    : >"$logs/apt.log"
    local attempt
    for attempt in 1 2; do
      apt_quietly update && apt_quietly install --no-install-recommends "${packages[@]}" && return 0
      [ "$attempt" = 2 ] || sleep 10
    done
    echo "apt-get could not install the packages; the end of $logs/apt.log:" >&2
    tail -n 15 "$logs/apt.log" >&2
  fi
  local what package why
  while IFS=: read -r what package why; do
    [ -z "$what" ] || is_there "$what" || echo "skipped: $why ($what is missing; Debian package $package)"
  done <<<"$needs"
}

require() {
  command -v "$1" >/dev/null && return
  echo "test.sh: $1 is not on PATH: install $2" >&2
  exit 2
}

build() {
  echo "building"
  : >artifacts/build.started
  if ! dotnet build Estream.sln -c Release -v q --nologo >"$logs/build.log" 2>&1; then
    grep -E ' error |error :' "$logs/build.log" | sort -u >&2 || tail -n 40 "$logs/build.log" >&2
    echo "the build failed; full log: $logs/build.log" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
  fi
  dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1   # no compiler process stays running
  cp -p artifacts/build.started artifacts/host.built   # for ./run.sh and ./estream: their programs are current
  mv artifacts/build.started artifacts/estream.built
}

test_projects() {
  # Excludes helpers and processes that tests start, which declare that they are not test projects. The host's tests take longest and come
  # first.
  find tests -name '*.csproj' -not -path '*/obj/*' -exec grep -L '<IsTestProject>false' {} + | grep -F -- "$only" | sort |
    awk '/\/Estream\.Host\.Tests\.csproj$/ { print; next } { rest = rest $0 "\n" } END { printf "%s", rest }'
}

# The last count of a kind that the runner printed: "Failed:     1, Passed:    86, Skipped:     0".
count() {
  grep -oE "$2: +[0-9]+" "$1" | tail -n 1 | grep -oE '[0-9]+' || echo 0
}

passed=0 failed=0 skipped=0
declare -a failures=() unstable=() again=()   # again: projects with failures, which run once more

# Creates a folder in memory for the temporary files of the tests and prints its path: on ext4, many projects spent half of their time on
# creating and deleting files. With --long, or with less than 8 GiB free, prints nothing, and tests use the folder of the system.
make_memory_folder() {
  [ -z "${ESTREAM_TEST_LONG-}" ] && [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] || return 0
  [ "$(df -k --output=avail /dev/shm | tail -n 1)" -ge $((8 << 20)) ] || return 0
  local folder
  folder=$(mktemp -d /dev/shm/estream-test-XXXXXX) && chmod 755 "$folder" && echo "$folder"   # some tests run programs as other users
}

# Runs a project in a subshell; read_run reads its output and exit code. The second argument is the ending of the log's name.
run_project() {
  local project=$1 name run assembly started=$SECONDS code cpu
  name=$(basename "$project" .csproj)
  run=$name$2
  assembly=$(dirname "$project")/bin/Release/net10.0/$name.dll
  case $name in
    Estream.Core.Tests|Estream.Compatibility|Estream.Stress|Estream.Wire.Iso20022.Tests) ;;   # on disk: they test a real file system
    *) [ -z "$memory" ] || export TMPDIR=$memory ;;
  esac
  timeout --kill-after=30s "$project_limit" dotnet test "$assembly" \
    --logger 'console;verbosity=normal' --results-directory "$logs/$run" \
    --blame --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none \
    >"$logs/$run.log" 2>&1 </dev/null
  code=$?
  times >"$logs/$run.times"   # not in a pipe, whose shell has no children; line 2 is theirs: 1m2.345s 0m6.789s
  cpu=$(awk -F'[ms ]' 'NR == 2 { printf "%d", $1 * 60 + $2 + $4 * 60 + $5 }' "$logs/$run.times")
  find "$logs/$run" -name '*.dmp' -delete 2>/dev/null
  echo "$code $((SECONDS - started)) $cpu" >"$logs/$run.end"
}

# Sets p, f and s to the counts of a run and names to its failed tests. A run that did not end properly counts as one more failure.
read_run() {
  local log=$logs/$1.log code=none seconds=0 cpu=0
  read -r code seconds cpu <"$logs/$1.end"
  grep -E '^ *(Passed|Failed|Skipped): +[0-9]+$' "$log" >"$logs/$1.summary"
  p=$(count "$logs/$1.summary" Passed) f=$(count "$logs/$1.summary" Failed) s=$(count "$logs/$1.summary" Skipped) is_complete=yes
  mapfile -t names < <(grep -oE '^ *Failed [^ :]+.*' "$log" | sed -E 's/^ *Failed //; s/ \[[^]]*\]$//')
  if grep -q '^Test Run Aborted' "$log" || { [ "$code" != 0 ] && [ "$f" = 0 ]; } || [ $((p + f + s)) = 0 ]; then
    f=$((f + 1)) is_complete=   # a crash, a hang or a run that found nothing: the runner prints no count
    names+=("$2: the test run did not end properly (exit code $code); $log")
  fi
  printf '%-34s %5d passed %3d failed %3d skipped %5d s, %4d s of CPU\n' "$1" "$p" "$f" "$s" "$seconds" "$cpu"
  [ "$f" = 0 ] || show_failures "$log"
}

report_project() {
  local name p f s is_complete names
  name=$(basename "$1" .csproj)
  read_run "$name" "$name"
  if [ "$f" != 0 ]; then
    again+=("$1")
    printf '%s\n' "${names[@]}" >"$logs/$name.failed"
    return
  fi
  passed=$((passed + p)) skipped=$((skipped + s))
  [ "$s" = 0 ] || show_skips "$logs/$name.log"
}

# Runs a project with failures once more, alone. A test that failed in one run and passed in the other counts as passed and is listed as
# unstable. Every other test that failed is a failure.
repeat_project() {
  local name p f s is_complete names test both=0
  local -A other=()   # failed test -> the log of the run that must show that it passed
  name=$(basename "$1" .csproj)
  (run_project "$1" .again)   # in a subshell, as the first run: it changes the environment and counts the CPU time of its children
  read_run "$name.again" "$name"
  [ "$s" = 0 ] || show_skips "$logs/$name.again.log"
  if [ -z "$is_complete" ] || [ "${#names[@]}" != "$f" ]; then
    failures+=("${names[@]}")   # also if failures have no names: they cannot be compared
    both=$f
  else
    for test in "${names[@]}"; do
      other[$test]=$logs/$name.log
    done
    mapfile -t names <"$logs/$name.failed"
    for test in "${names[@]}"; do
      other[$test]=$logs/$name.again.log
    done
    for test in "${!other[@]}"; do
      # A run that did not end properly has no test of its name: the second run, which did, stands for it.
      if grep -qF "  Passed $test [" "${other[$test]}" || [[ $test = "$name: the test run did not end"* ]]; then
        unstable+=("$test ($logs/$name.log, $logs/$name.again.log)")
      else
        failures+=("$test")
        both=$((both + 1))
      fi
    done
  fi
  passed=$((passed + p + f - both)) failed=$((failed + both)) skipped=$((skipped + s))
}

# Prints from the name of a failed test to the next result, which includes its message and stack.
show_failures() {
  awk '/^ *(Passed|Skipped) [^ ]|^Test Run |^Total tests:|^The active test run/ { on = 0 } /^ *Failed [^ :]+/ { on = 1 }
       on && !/^\[xUnit\.net/' "$1"
  grep -A 12 -m 1 -E '^The active test run was aborted|^Unhandled exception' "$1" | cut -c 1-200
  grep -A 1 -E '^The test running when the crash occurred' "$1"
}

show_skips() {
  grep -E '\[SKIP\]' -A 1 "$1" | grep -vE '^--$' | sed -E 's/^\[xUnit\.net [^]]*\] *//; s/^/    /'
}

mkdir -p "$logs"
require dotnet "the .NET SDK 10 (https://dotnet.microsoft.com/download)"
require node "Node.js 20.19 or newer: the console page is built with it"
require npm "npm: it comes with Node.js (Debian: apt-get install npm)"
require git "git: the tidy tests ask it which files belong to the repository"
install_needs
build
mapfile -t projects < <(test_projects)
[ "${#projects[@]}" -gt 0 ] || { echo "test.sh: no test project's name contains '$only'" >&2; exit 2; }

# Runs three projects at a time, because most spend much of their time waiting: for processes to start, for a soak test, for timed kills.
readonly lanes=3
memory=$(make_memory_folder)
readonly memory
trap 'kill $(jobs -p) 2>/dev/null; [ -z "$memory" ] || rm -rf "$memory"' EXIT
declare -A running=()   # process of the lane -> project
next=0
while [ "$next" -lt "${#projects[@]}" ] || [ "${#running[@]}" -gt 0 ]; do
  while [ "${#running[@]}" -lt "$lanes" ] && [ "$next" -lt "${#projects[@]}" ]; do
    run_project "${projects[next]}" "" & running[$!]=${projects[next]}
    next=$((next + 1))
  done
  wait -n "${!running[@]}" 2>/dev/null
  for lane in "${!running[@]}"; do   # of two lanes that end at once, wait may never name the second
    kill -0 "$lane" 2>/dev/null && continue
    report_project "${running[$lane]}"
    unset "running[$lane]"
  done
done

for project in "${again[@]}"; do
  echo "once more, alone: $(basename "$project" .csproj)"
  repeat_project "$project"
done

if [ "${#unstable[@]}" -gt 0 ]; then
  echo "unstable: failed in one of two runs. Fix these tests, or the code that they test, before anything else:"
  printf '  %s\n' "${unstable[@]}"
fi
if [ "${#failures[@]}" -gt 0 ]; then
  echo "failed:"
  printf '  %s\n' "${failures[@]}"
fi
code=0
[ "$failed" = 0 ] || code=1
if [ "$skipped" != 0 ] && is_debian_root; then
  echo "on Debian as root a skipped test counts as a failure of this run"
  code=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $code
