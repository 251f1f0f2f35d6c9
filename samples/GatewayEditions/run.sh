#!/usr/bin/env bash
# Shows the limits of gateway editions: ten Modbus devices under Lite, the refusal of the eleventh, and eleven under Standard.
#
#   samples/GatewayEditions/run.sh          everything below artifacts/gateway-editions; nothing else changes
#
# Needs the .NET SDK 10. Settings, all optional:
#   ESTREAM_HTTP_PORT     console and REST of the host, on 127.0.0.1    (5080)
#   ESTREAM_MODBUS_PORT   the simulated devices, on 127.0.0.1           (1502)
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
root=$PWD
work=$root/artifacts/gateway-editions
modbus_port=${ESTREAM_MODBUS_PORT:-1502}
export ESTREAM_HTTP_PORT=${ESTREAM_HTTP_PORT:-5080} ESTREAM_DATA=$work/data
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
. "$root/scripts/programs.sh"

case ${1:-} in
  '') ;;
  -h|--help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "run.sh: unknown option $1; see run.sh --help" >&2; exit 2 ;;
esac

say() { printf '\n== %s\n' "$*"; }

simulator= host=
stop() {
  for process in $host $simulator; do
    kill "$process" 2>/dev/null || continue
    wait "$process" 2>/dev/null || true
  done
}
trap stop EXIT

say "Build"
mkdir -p "$work"
host_is_current || dotnet build src/Estream.Host -c Release -v q --nologo
dotnet build src/Estream.Wire.Modbus -c Release -v q --nologo
estream=$root/estream
"$estream" --version
rm -rf "$work"
mkdir -p "$work/workspace"

say "A registry of this machine with the editions and the adapter they are made of"
cd "$work"
"$estream" marketplace registry create registry --name example.org/gateways
"$estream" key new --out owner.key
"$estream" marketplace key claim estream --key owner.key --registry registry
for folder in schemas/esf-industrial src/Estream.Wire.Modbus/bin/Release/net10.0/components/modbus-client \
    gateways/gateway-lite gateways/gateway-standard; do
  "$estream" marketplace pack "$root/$folder" --out "$(basename "$folder").escx"
  "$estream" marketplace publish "$(basename "$folder").escx" --key owner.key --registry registry
done
"$estream" marketplace registry renew --registry registry

say "A workspace with Lite"
cp registry/public/roles/1.root.json workspace/components.root.json
cat > workspace/estream-workspace.toml <<'END'
[components]

[registries]
default = "directory:../registry/public"

[trust]
default = "components.root.json"

[engines]
host = "0.1.0"

[license]
tier = "source-available"
END
"$estream" marketplace install gateway-lite --yes --workspace workspace --cache cache

# configure EDITION DEVICES writes the configuration of a host: one connection, one unit for each device.
configure() {
  devices=
  for unit in $(seq 1 "$2"); do
    devices="$devices${devices:+,}
      { \"Name\": \"plc-$unit\", \"Host\": \"127.0.0.1\", \"Port\": $modbus_port, \"Unit\": $unit,
        \"Points\": [ { \"Name\": \"plc-$unit.temperature\", \"Table\": \"input\", \"Address\": 0, \"Scale\": 0.1 } ] }"
  done
  cat > gateway.json <<END
{ "Estream": {
    "Components": { "Workspace": "$work/workspace", "Cache": "$work/cache" },
    "Gateway": { "Component": "$1" },
    "Queues": { "readings": {} },
    "Adapters": { "plant": { "Type": "modbus-client", "Mappings": [ { "Schema": "ModbusValue", "Queue": "readings" } ], "Devices": [$devices ] } } } }
END
}

# run_host starts the host, waits until it has polled each device twice, shows the devices, and stops the host.
run_host() {
  devices=http://127.0.0.1:$ESTREAM_HTTP_PORT/api/adapters/plant/devices
  dotnet "$host_program" --config gateway.json > host.log 2>&1 &
  host=$!
  for _ in $(seq 300); do
    kill -0 "$host" 2>/dev/null || { cat host.log; exit 1; }
    seen=$(curl -sf "$devices") && ! grep -qE '"polls":[01],' <<< "$seen" && break
    sleep 0.2
  done
  grep -o 'Gateway edition [^"]*' host.log | head -n 1
  sed 's/},{/},\n{/g' <<< "$seen"
  kill "$host"
  wait "$host" || true
  host=
}

"$estream" simulate modbus --port "$modbus_port" > simulator.log &
simulator=$!

say "Lite polls ten devices"
configure gateway-lite 10
run_host

say "Lite refuses the eleventh"
configure gateway-lite 11
if dotnet "$host_program" --config gateway.json --check; then
  echo "run.sh: the check should have failed" >&2
  exit 1
fi

say "Standard polls eleven"
"$estream" marketplace install gateway-standard --yes --workspace workspace --cache cache
configure gateway-standard 11
run_host
say "Done"
