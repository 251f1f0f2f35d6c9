using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>A running poller: values, dead letters, slow devices, and writes that are read back.</summary>
public sealed class PollingTests
{
    private static ModbusDeviceOptions Device(string name, int port, int timeoutMs, params ModbusPointOptions[] points) => new()
    {
        Name = name,
        Endpoint = new ModbusClientOptions { Port = port, TimeoutMs = timeoutMs },
        Points = points,
    };

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Values_of_pymodbus_are_stored_typed_and_scaled()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        await using PollerRig rig = new(
            [Device("plc", server.Port, 20_000,
                new ModbusPointOptions { Name = "level", Address = 10, Scale = 0.5, Offset = 1, UnitOfMeasurement = "m", EveryMs = 20 })],
            "ModbusValue", "ModbusReadResponse");

        Eventually.True(() => rig.Messages().Count >= 4, "two polls are stored");

        Assert.Contains(rig.Messages(), json => json.Contains("\"registers\":[70]", StringComparison.Ordinal));
        Assert.Contains(rig.Messages(), json => json.Contains("\"point\":\"level\",\"value\":36", StringComparison.Ordinal)
            && json.Contains("\"unit\":\"m\"", StringComparison.Ordinal));
        Assert.Equal(HealthState.Healthy, rig.Poller.Health.State);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task A_write_is_performed_stored_and_read_back()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        ModbusPointOptions speed = new()
        {
            Name = "speed", Address = 20, Type = PointType.Real32, Order = WordOrder.WordSwapped, EveryMs = 0, IsWritable = true,
        };
        await using PollerRig rig = new([Device("plc", server.Port, 20_000, speed)], "ModbusWriteResponse");
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        EmitStatus status = await rig.WriteAsync("""{"device_id":"plc","point":"speed","value":1.5,"requested_at":NOW}""");

        Assert.True(status.IsOk, status.Detail);
        Assert.Contains("\"registers\":[0,16320]", Assert.Single(rig.Messages()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_the_device_ignores_is_refused_by_the_read_back()
    {
        await using HostileServer server = new(async (request, _, send) =>
            await send(request[7] == 6 ? request : HostileServer.Register(request, 7)));
        ModbusPointOptions point = new() { Name = "setting", Address = 1, EveryMs = 0, IsWritable = true };
        await using PollerRig rig = new([Device("plc", server.Port, 30_000, point)]);
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        EmitStatus status = await rig.WriteAsync("""{"device_id":"plc","point":"setting","unsigned":9,"requested_at":NOW}""");

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("0x0007", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_point_that_is_not_writable_is_not_written()
    {
        int requests = 0;
        await using HostileServer server = new(async (request, _, send) =>
        {
            Interlocked.Increment(ref requests);
            await send(request);
        });
        ModbusPointOptions readOnly = new() { Name = "p", Address = 1, EveryMs = 0 };
        await using PollerRig rig = new([Device("plc", server.Port, 30_000, readOnly)]);
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "the device is connected");

        EmitStatus status = await rig.WriteAsync("""{"device_id":"plc","point":"p","unsigned":9,"requested_at":NOW}""");

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_device_that_never_answers_delays_no_other()
    {
        await using HostileServer silent = new((_, _, _) => Task.CompletedTask);
        await using HostileServer quick = new(async (request, _, send) => await send(HostileServer.Register(request, 5)));
        await using PollerRig rig = new(
            [
                Device("silent", silent.Port, 60_000, new ModbusPointOptions { Name = "p", Address = 0, EveryMs = 10 }),
                Device("quick", quick.Port, 60_000, new ModbusPointOptions { Name = "p", Address = 0, EveryMs = 10 }),
            ],
            "ModbusValue");

        Eventually.True(() => rig.Messages().Count >= 20, "the quick device is polled while the other is waited for");

        Assert.All(rig.Messages(), json => Assert.Contains("\"device_id\":\"quick\"", json, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(PointType.U16, new[] { 5, 5, 6, 6, 9 }, new[] { "5,\"value\":6", "6,\"value\":9" })]
    [InlineData(PointType.Bit, new[] { 0, 1, 3, 2, 0 }, new[] { "1,\"value\":3", "2,\"value\":0" })]
    public async Task Each_change_of_a_polled_register_or_bit_is_stored_once_as_an_event(PointType type, int[] values, string[] changes)
    {
        await using HostileServer server = new(async (request, number, send) =>
            await send(HostileServer.Register(request, values[Math.Min(number, values.Length - 1)])));
        ModbusPointOptions point = new() { Name = "state", Address = 7, Type = type, Bit = 1, EveryMs = 20, ReportsChanges = true };
        await using PollerRig rig = new([Device("plc", server.Port, 30_000, point)], "ModbusValue", "ModbusEvent");

        Eventually.True(() => rig.Messages().Count(json => json.Contains("\"point\"", StringComparison.Ordinal)) > values.Length + 2,
            "two polls follow the last change");

        string[] stored = [.. rig.Messages().Where(json => json.Contains("Changed", StringComparison.Ordinal))];
        Assert.Equal(changes.Length, stored.Length);
        Assert.All(stored.Zip(changes), pair => Assert.Contains(
            $"\"address\":7,\"quantity\":1,\"previous_value\":{pair.Second}", pair.First, StringComparison.Ordinal));
    }

    [Fact]
    public void Reported_changes_without_a_mapping_of_events_are_refused()
    {
        WireSettings settings = new("Adapters:plant", new Dictionary<string, string?>
        {
            ["Devices:0:Name"] = "plc",
            ["Devices:0:Host"] = "127.0.0.1",
            ["Devices:0:Points:0:Name"] = "level",
            ["Devices:0:Points:0:ReportChanges"] = "true",
            ["Mappings:0:Schema"] = "ModbusValue",
            ["Mappings:0:Queue"] = "data",
        });
        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(
            () => new ModbusPollerFactory().Check("plant", PollerRig.Schemas, ["data"], settings));
        Assert.Contains("'level' of device 'plc' with ReportChanges, but no mapping stores the changes", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registers_that_are_no_value_of_the_type_become_a_dead_letter_with_the_registers()
    {
        await using HostileServer server = new(async (request, _, send) => await send(HostileServer.Register(request, 0x12AB)));
        ModbusPointOptions digits = new() { Name = "digits", Address = 0, Type = PointType.Bcd16, EveryMs = 20 };
        await using PollerRig rig = new([Device("plc", server.Port, 30_000, digits)], "ModbusValue");

        Eventually.True(() => rig.Letters().Count > 0, "a dead letter is stored");

        Assert.Contains("values/plc/digits", rig.Letters()[0], StringComparison.Ordinal);
        Assert.Empty(rig.Messages());
    }
}
