using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The record of a write, ModbusWriteResponse, is stored before the write is acknowledged to its queue.</summary>
public sealed class WriteRecordTests
{
    private const string Nine = """{"device_id":"plc","point":"setting","unsigned":9,"requested_at":NOW}""";

    private static ModbusDeviceOptions Device(int port) => new()
    {
        Name = "plc",
        Endpoint = new ModbusClientOptions { Port = port, TimeoutMs = 30_000 },
        Points = [new ModbusPointOptions { Name = "setting", Address = 1, EveryMs = 0, IsWritable = true }],
    };

    [Fact]
    public async Task A_write_waits_while_its_record_cannot_be_stored()
    {
        int requests = 0;
        await using HostileServer server = new((_, _, _) => Task.FromResult(Interlocked.Increment(ref requests)));
        await using PollerRig rig = new([Device(server.Port)], "ModbusWriteResponse");
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");
        rig.Block(true);

        EmitStatus status = await rig.WriteAsync(Nine);

        Assert.Equal(EmitCode.Deferred, status.Code);
        Assert.Contains("The test has blocked the queue.", status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, requests);
        rig.Block(false);
    }

    [Fact]
    public async Task A_write_is_not_repeated_if_the_flush_of_its_record_fails()
    {
        FailingFlushStorage storage = new();
        int writes = 0;
        await using HostileServer server = new(async (request, _, send) =>
        {
            bool isWrite = request[7] == 6;
            writes += isWrite ? 1 : 0;
            storage.Fails |= isWrite;
            await send(isWrite ? request : HostileServer.Register(request, 9));
        });
        await using PollerRig rig = new([Device(server.Port)], TimeSpan.FromMinutes(5), storage, "ModbusWriteResponse");
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        EmitStatus status = await rig.WriteAsync(Nine);

        Assert.True(status.IsOk, status.Detail);
        Assert.Contains(rig.Events, one => one.Detail.Contains("is not durable", StringComparison.Ordinal));
        Assert.Equal(EmitCode.Deferred, (await rig.WriteAsync(Nine)).Code);
        Assert.Equal(1, writes);
    }

    [Fact]
    public async Task A_write_whose_queue_blocks_meanwhile_is_acknowledged_after_its_record_is_stored()
    {
        PollerRig? rig = null;
        await using HostileServer server = new(async (request, _, send) =>
        {
            rig!.Block(request[7] == 6);
            await send(request[7] == 6 ? request : HostileServer.Register(request, 9));
        });
        rig = new PollerRig([Device(server.Port)], "ModbusWriteResponse");
        await using PollerRig used = rig;
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        Task<EmitStatus> write = rig.WriteAsync(Nine);
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the blocked queue is reported");
        Assert.False(write.IsCompleted);
        rig.Block(false);

        Assert.True((await write).IsOk);
        Assert.Single(rig.Messages());
    }
}
