#!/usr/bin/env bash
# Runs three RabbitMQ brokers and two hosts on this machine. One host is active; the other follows it and takes over.
#
#   samples/Cluster/run.sh             simulated devices publish; Ctrl-C ends all processes
#   samples/Cluster/run.sh --check N   publishes N messages, meanwhile kills the leading broker and then the active host, and
#                                      compares the logs of the hosts; exit code 0 if both have every message
#
# Needs the .NET SDK 10 and rabbitmq-server (apt-get install rabbitmq-server). All files are below artifacts/cluster.
# Settings, all optional:
#   ESTREAM_HTTP_PORT     console of host a, on 127.0.0.1; host b has the next port   (5080)
#   ESTREAM_MQTT_PORT     the MQTT endpoint of the active host, on 127.0.0.1          (1883)
#   ESTREAM_BROKER_PORT   the first of 7 ports of the brokers, on 127.0.0.1           (5680)
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
root=$PWD
work=$root/artifacts/cluster
http_port=${ESTREAM_HTTP_PORT:-5080} broker_port=${ESTREAM_BROKER_PORT:-5680}
export ESTREAM_MQTT_PORT=${ESTREAM_MQTT_PORT:-1883}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
. "$root/scripts/programs.sh"
readonly server=/usr/lib/rabbitmq/bin/rabbitmq-server control=/usr/lib/rabbitmq/bin/rabbitmqctl
readonly limit_seconds=180

count=
case ${1:-} in
  '') ;;
  --check) count=${2:-}
    [[ $count =~ ^[1-9][0-9]{0,6}$ ]] || { echo "run.sh: --check takes a number of messages, 1 to 9999999" >&2; exit 2; } ;;
  -h|--help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "run.sh: unknown option $1; see run.sh --help" >&2; exit 2 ;;
esac

declare -A process=()   # the leader of the process group of each broker and host, by name

say() { printf '== %s\n' "$*"; }

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

# start NAME COMMAND...: runs a program in its own process group, with its output in a file.
start() {
  local name=$1
  shift
  set -m
  "$@" >>"$work/$name.log" 2>&1 </dev/null 9>&- &
  process[$name]=$!
  set +m
}

# end NAME SIGNAL: signals a process group, and waits until its leader has ended.
end() {
  local pid=${process[$1]:-}
  [ -n "$pid" ] || return 0
  unset "process[$1]"
  kill "-$2" -- "-$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
}

stop() {
  trap '' INT TERM
  local name
  for name in feed a b; do end "$name" TERM; done
  for name in broker1 broker2 broker3 epmd; do end "$name" KILL; done
}
trap stop EXIT
trap 'exit 0' INT TERM

# wait_for WHAT COMMAND...: repeats a command until it succeeds.
wait_for() {
  local what=$1 until=$((SECONDS + limit_seconds))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || fail "$what: not within $limit_seconds s; see the files in $work"
    sleep 0.2
  done
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

http_port_of() { [ "$1" = a ] && echo "$http_port" || echo $((http_port + 1)); }

# The body of GET /health of a host.
health() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$(http_port_of "$1")" || exit
    printf 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
    timeout 5 cat <&3
  ) 2>/dev/null
}

is_active() { [[ $(health "$1") == *'"status":"ready"'* ]]; }
follows() { [[ $(health "$1") == *'"status":"standby"'*'"state":"running"'* ]]; }
find_active() { is_active a && active=a standby=b || { is_active b && active=b standby=a; }; }

start_broker() {
  local number=$1 folder=$work/broker$1
  mkdir -p "$folder/home"
  ( umask 077; [ -f "$folder/home/.erlang.cookie" ] || cp "$work/cookie" "$folder/home/.erlang.cookie" )
  echo '[].' >"$folder/plugins"
  cat >"$folder/rabbit.conf" <<END
listeners.tcp.1 = 127.0.0.1:$((broker_port + number))
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = broker1@localhost
cluster_formation.classic_config.nodes.2 = broker2@localhost
cluster_formation.classic_config.nodes.3 = broker3@localhost
cluster_formation.randomized_startup_delay_range.min = 0
cluster_formation.randomized_startup_delay_range.max = 1
cluster_partition_handling = pause_minority
END
  start "broker$number" env HOME="$folder/home" RABBITMQ_NODENAME="broker$number@localhost" \
    RABBITMQ_NODE_PORT=$((broker_port + number)) RABBITMQ_DIST_PORT=$((broker_port + 3 + number)) \
    RABBITMQ_MNESIA_BASE="$folder/data" RABBITMQ_LOG_BASE="$folder/log" RABBITMQ_CONFIG_FILE="$folder/rabbit.conf" \
    RABBITMQ_CONF_ENV_FILE="$folder/none" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+sbwt none -kernel inet_dist_use_interface {127,0,0,1}' "$server"
}

# A host that is not active any more ends with exit code 1. Restarts that host, as a service manager does.
run_host() { while dotnet "$host_program" --config "$work/host.json"; [ $? = 1 ]; do sleep 1; done; }

start_host() {
  ESTREAM_DATA=$work/$1 ESTREAM_HTTP_PORT=$(http_port_of "$1") start "$1" run_host
}

# The number of the broker that leads the stream of the queue.
leading_broker() {
  HOME=$work/broker1/home "$control" -q -n broker1@localhost list_queues --formatter csv name leader 2>/dev/null |
    sed -n 's/^"estream.sample.telemetry","broker\([123]\)@localhost".*/\1/p'
}

stored() { ESTREAM_DATA=$work/$1 dotnet "$cli_program" queue info telemetry --json 2>/dev/null | grep -o -m1 '"messages":[0-9]*' | cut -d: -f2; }
has_stored() { local found; found=$(stored "$1"); [ "${found:-0}" -ge "$2" ]; }

is_equal() {
  [[ $(ESTREAM_DATA=$work/$standby dotnet "$cli_program" replica verify telemetry --with "$work/$active/queues/telemetry" 2>/dev/null) \
    =~ ^equal:\ [^\;]*$ ]]
}

# The number of devices on the replica. Each device has sent one message; a message that was sent again counts once.
count_devices() {
  ESTREAM_DATA=$work/$standby dotnet "$cli_program" tail telemetry --from start --json 2>/dev/null |
    grep -o '"device_id":"[^"]*"' | sort -u | wc -l
}

check() {
  say "Publish $count messages to host $active, each acknowledged at Quorum"
  start feed dotnet "$cli_program" feed --devices "$count" --count "$count" --connections 1 --qos 1 --rate $((count / 20 + 1))
  wait_for "a quarter of the messages" has_stored "$active" $((count / 4))
  local leader
  leader=$(leading_broker)
  say "Kill broker ${leader:=1}, the leader"
  end "broker$leader" KILL
  wait_for "half of the messages" has_stored "$active" $((count / 2))
  wait_for "an active host" find_active
  say "Kill host $active, which is active"
  end "$active" KILL
  local killed=$active
  wait_for "the takeover by host $standby" find_active
  say "Host $active has taken over"
  wait "${process[feed]}" || fail "the devices ended with an error; see $work/feed.log"
  unset 'process[feed]'
  start_broker "$leader"
  start_host "$killed"
  wait_for "host $killed as standby" follows "$killed"
  wait_for "equal logs" is_equal
  local devices
  devices=$(count_devices)
  [ "$devices" -eq "$count" ] || fail "$devices of $count on the replica"
  say "$devices of $count on the replica, equal"
}

[ -x "$server" ] || fail "rabbitmq-server is missing: apt-get install rabbitmq-server"
for port in "$http_port" $((http_port + 1)) "$ESTREAM_MQTT_PORT" "$broker_port" $((broker_port + 1)) $((broker_port + 2)) $((broker_port + 3)); do
  ! is_open "$port" || fail "port $port is in use; see run.sh --help"
done
rm -rf "$work"
mkdir -p "$work"
lock_builds || fail "cannot write to $root/artifacts"
host_is_current || [ -n "${ESTREAM_BUILT:-}" ] || dotnet build src/Estream.Host -c Release -v q --nologo || exit
cli_is_current || [ -n "${ESTREAM_BUILT:-}" ] || dotnet build src/Estream.Cli -c Release -v q --nologo || exit
exec 9>&-

say "Start three brokers"
( umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$work/cookie" )
export ERL_EPMD_PORT=$broker_port ERL_EPMD_ADDRESS=127.0.0.1
start epmd epmd -port "$broker_port" -address 127.0.0.1
for number in 1 2 3; do start_broker $number; done
for number in 1 2 3; do wait_for "broker $number" is_open $((broker_port + number)); done

say "Start two hosts"
sed "s/BROKER1/$((broker_port + 1))/; s/BROKER2/$((broker_port + 2))/; s/BROKER3/$((broker_port + 3))/" samples/Cluster/host.json >"$work/host.json"
for host in a b; do start_host $host; done
wait_for "an active host" find_active
wait_for "host $standby as standby" follows "$standby"
say "Host $active is active: http://127.0.0.1:$(http_port_of "$active"); host $standby follows: http://127.0.0.1:$(http_port_of "$standby")"

if [ -n "$count" ]; then
  check
else
  say "Devices publish to port $ESTREAM_MQTT_PORT. To see a takeover: kill -9 -- -${process[$active]}. Ctrl-C ends"
  dotnet "$cli_program" feed --devices 100 --qos 1
fi
