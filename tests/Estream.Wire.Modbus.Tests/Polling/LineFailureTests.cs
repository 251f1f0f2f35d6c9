using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>Connections that are dead or cannot be opened: who notices, and what happens to the others.</summary>
public sealed class LineFailureTests
{
    private const string Nine = """{"device_id":"plc","point":"setting","unsigned":9,"requested_at":NOW}""";

    private static ModbusDeviceOptions Device(string name, ModbusClientOptions endpoint, int everyMs) => new()
    {
        Name = name,
        Endpoint = endpoint,
        MaxBackoffMs = 20,
        Points = [new ModbusPointOptions { Name = "setting", Address = 1, EveryMs = everyMs, IsWritable = true }],
    };

    [Fact]
    public async Task A_silent_connection_that_carries_only_writes_is_degraded_and_opened_again()
    {
        int requests = 0;
        await using HostileServer server = new(async (request, _, send) =>
        {
            if (Interlocked.Increment(ref requests) > 5)
            {
                await send(request[7] == 6 ? request : HostileServer.Register(request, 9));
            }
        });
        await using PollerRig rig = new([Device("plc", new ModbusClientOptions { Port = server.Port, TimeoutMs = 250 }, 0)]);
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        Assert.Equal(EmitCode.Deferred, (await rig.WriteAsync(Nine)).Code);
        Assert.Equal(HealthState.Degraded, rig.Poller.Health.State);
        for (int write = 1; write < 5; write++)
        {
            Assert.Equal(EmitCode.Deferred, (await rig.WriteAsync(Nine)).Code);
        }

        Eventually.True(() => server.Connections >= 2, "five time-outs open the connection again");
        Eventually.True(() => rig.WriteAsync(Nine).GetAwaiter().GetResult().IsOk, "the write is performed on the new connection");
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is healthy again");
    }

    [Fact]
    public async Task A_connection_that_fails_with_an_unexpected_exception_is_reported_and_tried_again()
    {
        await using HostileServer server = new(async (request, _, send) => await send(HostileServer.Register(request, 9)));

        // TLS without a name of the server is an ArgumentException, which no caller expects of a connection.
        ModbusClientOptions impossible = new() { Host = "", Tls = new WireTlsOptions() };
        await using PollerRig rig = new(
            [Device("lost", impossible, 20), Device("plc", new ModbusClientOptions { Port = server.Port, TimeoutMs = 60_000 }, 20)],
            "ModbusValue");

        Eventually.True(
            () => rig.Events.Count(one => one.Kind == AdapterEventKind.ConnectionFailed) > 1, "the failure is reported at each attempt");
        Eventually.True(() => rig.Messages().Count > 0, "the other device is polled");

        Assert.Equal(HealthState.Degraded, rig.Poller.Health.State);
        Assert.StartsWith("1 of 2 connections are open; :802: ", rig.Poller.Health.Detail, StringComparison.Ordinal);
    }
}
