#!/usr/bin/env bash
# Builds Estream, starts the host, and lets a thousand simulated devices publish to it over MQTT.
#
#   ./run.sh             host and devices; Ctrl-C ends both
#   ./run.sh --no-demo   the host alone
#
# Needs the .NET SDK 10 and Node.js 20.19 or newer. Settings, all optional:
#   ESTREAM_HTTP_PORT   console and REST, on 127.0.0.1   (5080)
#   ESTREAM_MQTT_PORT   the MQTT endpoint, on 127.0.0.1  (1883)
#   ESTREAM_DATA        queues, maps, schemas            (data/ next to this file)
set -u
caller=$PWD
cd "$(dirname "$(readlink -f "$0")")" || exit 2
root=$PWD
. "$root/scripts/programs.sh"

demo=yes
for argument in "$@"; do
  case $argument in
    --no-demo) demo=no ;;
    -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $argument; see ./run.sh --help" >&2; exit 2 ;;
  esac
done

export ESTREAM_HTTP_PORT=${ESTREAM_HTTP_PORT:-5080} ESTREAM_MQTT_PORT=${ESTREAM_MQTT_PORT:-1883}
export ESTREAM_DATA=${ESTREAM_DATA:-$PWD/data}
case $ESTREAM_DATA in /*) ;; *) ESTREAM_DATA=$caller/$ESTREAM_DATA ;; esac
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export Estream__Http__LoopbackRole=${Estream__Http__LoopbackRole:-operator}   # any user of this machine may change the observed data
readonly logs=artifacts/run
readonly ready_limit_seconds=120 feed_stop_seconds=15 host_stop_seconds=60
host= feed= builder=

fail() {
  echo "run.sh: $1" >&2
  stop
  exit "${2:-1}"
}

is_running() {
  [ -n "$1" ] && kill -0 "$1" 2>/dev/null
}

# Asks a child to end, gives it time to save its state, and kills it after that.
end() {
  local pid=$1 patience=$(($2 * 10))
  is_running "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null
  while is_running "$pid" && [ $((patience--)) -gt 0 ]; do
    sleep 0.1
  done
  is_running "$pid" && kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
}

stop() {
  trap '' INT TERM HUP
  is_running "$builder" && kill -TERM -- "-$builder" 2>/dev/null
  end "$builder" 10
  end "$feed" "$feed_stop_seconds"
  end "$host" "$host_stop_seconds"
  local child
  for child in $(jobs -rp); do   # a child whose start was interrupted before its id was recorded
    end "$child" "$host_stop_seconds"
  done
}

interrupted() {
  stop
  echo "stopped; the data stays in $ESTREAM_DATA"
  exit 0
}
trap interrupted INT TERM HUP

check_needs() {
  command -v dotnet >/dev/null || fail "dotnet is not on PATH: install the .NET SDK 10 (https://dotnet.microsoft.com/download)" 2
  dotnet --version >/dev/null 2>&1 || fail "no .NET SDK 10 among: $(dotnet --list-sdks | tr '\n' ' ')(https://dotnet.microsoft.com/download)" 2
  command -v node >/dev/null || fail "node is not on PATH: install Node.js 20.19 or newer (https://nodejs.org)" 2
  command -v npm >/dev/null || fail "npm is not on PATH: it comes with Node.js (https://nodejs.org; Debian: apt-get install npm)" 2
  local version major minor
  version=$(node --version)
  IFS=. read -r major minor _ <<<"${version#v}"
  [ "$major" -gt 20 ] || { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; } ||
    fail "node is $version: the console needs 20.19 or newer (https://nodejs.org)" 2
}

# Succeeds if a server answers on the port: opens a connection and closes it again.
is_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

check_port() {
  local name=$1 port=${!1}
  [[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail "$name is '$port': give a port, 1 to 65535" 2
  ! is_taken "$port" || fail "port $port is in use: stop the program that listens on it, or set $name to another port" 2
}

build() {
  local project=$1 log started=$SECONDS
  log=$logs/build-$(basename "$project").log
  printf 'building %s ' "$(basename "$project")"
  set -m   # a separate process group: a build is many processes, npm and node among them
  dotnet build "$project" -c Release -v q --nologo -nodeReuse:false -p:UseSharedCompilation=false \
    >"$log" 2>&1 </dev/null 9>&- &
  builder=$!
  set +m
  while is_running "$builder"; do
    sleep 1
    printf .
  done
  if ! wait "$builder"; then
    echo
    grep -E 'error' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    fail "$project does not build; full log: $logs/$(basename "$log")" 1
  fi
  builder=
  echo " $((SECONDS - started)) s"
}

# Builds each program that is older than its sources.
build_all() {
  mkdir -p "$logs" && lock_builds || fail "cannot write to $PWD/artifacts" 2
  build_unless_current host src/Estream.Host
  build_unless_current cli src/Estream.Cli
  exec 9>&-
}

build_unless_current() {
  local stamp=${1}_stamp
  ! "${1}_is_current" || return 0
  : >"${!stamp}.new"
  build "$2"
  mv "${!stamp}.new" "${!stamp}"
}

# Prints the status code of GET /health, using only bash.
health() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$ESTREAM_HTTP_PORT" || exit
    printf 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
    read -r -t 5 _ code _ <&3
    echo "$code"
  ) 2>/dev/null
}

show_host_log() {
  echo "--- the end of $PWD/$logs/host.log" >&2
  tail -n 25 "$logs/host.log" >&2
}

start_host() {
  dotnet "$host_program" >"$logs/host.log" 2>&1 </dev/null &
  host=$!
  local started=$SECONDS
  until [ "$(health)" = 200 ]; do
    if ! is_running "$host"; then
      wait "$host"
      local code=$?
      show_host_log
      fail "the host ended with exit code $code before it was ready" 1
    fi
    if [ $((SECONDS - started)) -ge "$ready_limit_seconds" ]; then
      show_host_log
      fail "the host was not ready after $ready_limit_seconds s" 1
    fi
    sleep 0.2
  done
}

check_needs
check_port ESTREAM_HTTP_PORT
check_port ESTREAM_MQTT_PORT
build_all
start_host
echo "console  http://127.0.0.1:$ESTREAM_HTTP_PORT"
echo "mqtt     127.0.0.1:$ESTREAM_MQTT_PORT  topic devices/{device_id}/telemetry"
echo "data     $ESTREAM_DATA"
echo "logs     $PWD/$logs/host.log"
echo "Ctrl-C ends it"
if [ "$demo" = yes ]; then
  dotnet "$cli_program" feed --devices 1000 --port "$ESTREAM_MQTT_PORT" </dev/null &
  feed=$!
fi
wait -n $host $feed
code=$?
if ! is_running "$host"; then
  show_host_log
  fail "the host ended by itself" 1
fi
fail "the simulated devices ended by themselves with exit code $code" 1
