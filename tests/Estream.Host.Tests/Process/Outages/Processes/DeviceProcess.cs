using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Dnp3;
using Estream.Wire.Modbus;
using Estream.Wire.OpcUa;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A process of a device whose values count up, from the beginning after each start. What it has not sent is lost with it; the
/// host must store what it reads once and in order.</summary>
internal sealed class DeviceProcess : ProcessPeer
{
    private readonly Func<ChildProcess> _launch;
    private readonly StoredNumbers _numbers;
    private readonly bool _isEvents;

    private DeviceProcess(string name, object adapter, Func<ChildProcess> launch, StoredNumbers numbers, bool isEvents = false)
    {
        (Name, Adapter, _launch, _numbers, _isEvents) = (name, adapter, launch, numbers, isEvents);
        Restart();
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override object Adapter { get; }

    /// <inheritdoc/>
    public override int Progress => _numbers.Advance().Count;

    /// <summary>A Modbus device in Python.</summary>
    public static DeviceProcess Modbus(HostFiles files)
    {
        int port = FreePort.Next();
        object adapter = new
        {
            Type = "modbus-client",
            Devices = new[] { new { Name = "plc", Host = "127.0.0.1", Port = port, TimeoutMs = 2_000,
                Points = new[] { new { Name = "level", Address = 10, EveryMs = 20 } } } },
            Mappings = new[] { new { Schema = "ModbusValue", Queue = "plant" } },
        };
        return new DeviceProcess("plant", adapter, () => LaunchPython("register_device.py", Text(port)), new StoredNumbers(
            files, "plant", ModbusSchemas.Own, static message =>
                message.TryGetProperty("value", out JsonElement value) ? (int)value.GetDouble() : null));
    }

    /// <summary>The simulated DNP3 outstation of the command line, whose counters are events. Counter i has 100 i and the step.</summary>
    public static DeviceProcess Dnp3(HostFiles files)
    {
        int port = FreePort.Next();
        object adapter = new
        {
            Type = "dnp3-master", Reconnect = new { MaxMs = 200 },
            Devices = new[] { new { Name = "rtu", Host = "127.0.0.1", Port = port, TimeoutMs = 20_000 } },
            Mappings = new[] { new { Schema = "Dnp3Value", Queue = "grid" } },
        };
        return new DeviceProcess("grid", adapter, () => Simulate("dnp3", port, "--every", 50), new StoredNumbers(
            files, "grid", Dnp3Schemas.Own, static message =>
                message.GetProperty("is_event").GetBoolean() && message.TryGetProperty("unsigned", out JsonElement value)
                    ? value.GetInt32() - (100 * message.GetProperty("index").GetInt32()) : null), isEvents: true);
    }

    /// <summary>The simulated OPC UA server of the command line.</summary>
    public static DeviceProcess OpcUa(HostFiles files)
    {
        int port = FreePort.Next();
        object adapter = new
        {
            Type = "opcua-client",
            Servers = new[] { new { Name = "press", Url = $"opc.tcp://127.0.0.1:{port}/simulator", Policy = "None",
                PublishingIntervalMs = 50, Items = new[] { new { Name = "count", Node = "ns=1;s=Count", SamplingMs = 0 } } } },
            Mappings = new[] { new { Schema = "OpcUaReading", Queue = "line" } },
        };
        return new DeviceProcess("line", adapter, () => Simulate("opcua", port, "--interval", 10), new StoredNumbers(
            files, "line", OpcUaSchemas.Own, static message =>
                message.TryGetProperty("unsigned", out JsonElement value) ? value.GetInt32() : null));
    }

    /// <summary>Does nothing: the process runs since this object exists, because a host is not ready before it reaches its devices.
    /// </summary>
    public override void Start()
    {
    }

    /// <inheritdoc/>
    public override void AssertStored()
    {
        IReadOnlyList<int> stored = _numbers.Advance();
        if (_isEvents)
        {
            AssertEvents(stored);
            return;
        }

        int resets = stored.Zip(stored.Skip(1)).Count(pair => pair.Second <= pair.First);
        Assert.True(resets < Launches, $"{Name}: {resets} values are not above the one before, after {Launches} starts");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _numbers.Dispose();
    }

    /// <inheritdoc/>
    protected override ChildProcess Launch() => _launch();

    private static ChildProcess Simulate(string protocol, int port, string option, int everyMs) =>
        ChildProcess.StartDotnet(BuiltProgram.Cli, ["simulate", protocol, "--port", Text(port), option, Text(everyMs)]);

    /// <summary>Each start begins with step 0. Later steps follow without a gap; a step whose confirmation was lost may repeat.</summary>
    private void AssertEvents(IReadOnlyList<int> stored)
    {
        int next = int.MinValue;
        int starts = 0;
        foreach (int step in stored)
        {
            starts += step == 0 ? 1 : 0;
            next = step == 0 ? 0 : next;
            Assert.True(step <= next, $"{Name}: step {step} is stored, and steps from {next} on are not");
            next = Math.Max(next, step + 1);
        }

        Assert.True(starts >= Launches, $"{Name}: the first event of {Launches - starts} of {Launches} starts is not stored");
    }
}
