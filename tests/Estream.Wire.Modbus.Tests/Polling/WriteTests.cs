using Estream.Core;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>Writes that are too old, and writes whose outcome is uncertain.</summary>
public sealed class WriteTests
{
    private const string Nine = """{"device_id":"plc","point":"setting","unsigned":9,"requested_at":NOW}""";

    private static ModbusDeviceOptions Device(int port, int timeoutMs = 30_000) => new()
    {
        Name = "plc",
        Endpoint = new ModbusClientOptions { Port = port, TimeoutMs = timeoutMs },
        Points = [new ModbusPointOptions { Name = "setting", Address = 1, EveryMs = 0, IsWritable = true }],
    };

    private static void AwaitConnected(PollerRig rig) =>
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

    [Theory]
    [InlineData("1")]
    [InlineData("4000000000000000000")]
    public async Task A_write_whose_time_is_beyond_the_maximum_age_is_refused_and_not_sent(string requestedAt)
    {
        int requests = 0;
        await using HostileServer server = new((_, _, _) => Task.FromResult(Interlocked.Increment(ref requests)));
        await using PollerRig rig = new([Device(server.Port)], TimeSpan.FromSeconds(10));
        AwaitConnected(rig);

        EmitStatus status = await rig.WriteAsync(Nine.Replace("NOW", requestedAt, StringComparison.Ordinal));

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("point 'setting' has expired", status.Detail, StringComparison.Ordinal);
        Assert.Contains("MaxWriteAgeMs is 10000", status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_write_that_expires_between_two_attempts_is_not_sent()
    {
        int requests = 0;
        await using HostileServer server = new((_, _, _) => Task.FromResult(Interlocked.Increment(ref requests)));
        TimeSpan maximum = TimeSpan.FromSeconds(1);
        await using PollerRig rig = new([Device(server.Port)], maximum);
        AwaitConnected(rig);
        EgressMessage egress = new();
        Eventually.True(() => rig.Translate(Nine, egress).IsOk, "a write is translated before it expires");
        long end = SystemClock.Instance.UtcNanos + ((long)maximum.TotalMilliseconds * 1_000_000) + 1;
        Eventually.True(() => SystemClock.Instance.UtcNanos > end, "the maximum age has passed");

        EmitStatus status = await rig.Poller.Emit(egress, CancellationToken.None);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("expired", status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_write_of_any_age_is_sent_without_a_maximum_age()
    {
        await using HostileServer server = new(async (request, _, send) =>
            await send(request[7] == 6 ? request : HostileServer.Register(request, 9)));
        await using PollerRig rig = new([Device(server.Port)], TimeSpan.Zero);
        AwaitConnected(rig);

        Assert.True((await rig.WriteAsync(Nine.Replace("NOW", "1", StringComparison.Ordinal))).IsOk);
    }

    /// <summary>A device answers a write by echoing another value, or with exception 05 (accepted) or a failing read-back.</summary>
    [Theory]
    [InlineData("another value in the response", EmitCode.Ok)]
    [InlineData("exception 05", EmitCode.Ok)]
    [InlineData("the read fails", EmitCode.Refused)]
    [InlineData("the value is clamped", EmitCode.Refused)]
    public async Task A_write_that_the_device_may_have_performed_is_not_repeated(string behaviour, EmitCode expected)
    {
        int writes = 0;
        await using HostileServer server = new(async (request, _, send) =>
        {
            if (request[7] != 6)
            {
                await send(behaviour == "the read fails" ? HostileServer.Exception(request, 6)
                    : HostileServer.Register(request, behaviour == "the value is clamped" ? 7 : 9));
                return;
            }

            Interlocked.Increment(ref writes);
            if (behaviour == "exception 05")
            {
                await send(HostileServer.Exception(request, 5));
                return;
            }

            request[^1] = behaviour is "another value in the response" or "the value is clamped" ? (byte)7 : request[^1];
            await send(request);
        });
        await using PollerRig rig = new([Device(server.Port)]);
        AwaitConnected(rig);

        EmitStatus status = await rig.WriteAsync(Nine);

        Assert.Equal(expected, status.Code);
        Assert.Equal(1, writes);
    }
}
