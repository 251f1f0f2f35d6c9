using System.Net;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Dnp3;
using Estream.Wire.Modbus;
using Estream.Wire.OpcUa;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A device that an adapter of the host connects to. Its values survive a crash, as in non-volatile memory.</summary>
internal abstract class FieldDevice : IFieldPeer
{
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <param name="address">The address at which the host reaches the device.</param>
    /// <param name="port">The port of the device on loopback.</param>
    /// <param name="stored">The numbers that the host has stored.</param>
    protected FieldDevice(string address, int port, StoredNumbers stored)
    {
        (Address, Numbers) = (address, stored);
        Relay = new TcpRelay(address, new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract object Adapter { get; }

    /// <inheritdoc/>
    public int Progress { get; private set; }

    protected string Address { get; }

    protected TcpRelay Relay { get; }

    protected StoredNumbers Numbers { get; }

    /// <inheritdoc/>
    public void Start() => _run = Task.Run(RunAsync);

    /// <inheritdoc/>
    public void Kill() => Relay.Kill();

    /// <inheritdoc/>
    public void Restart() => Relay.Restart();

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
        await CompleteAsync();
    }

    /// <inheritdoc/>
    public abstract void AssertStored();

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        Relay.Dispose();
        Numbers.Dispose();
        _stop.Dispose();
    }

    /// <summary>Changes the values of the device, if the host has stored enough of the earlier ones.</summary>
    protected abstract void Step(IReadOnlyList<int> stored);

    /// <summary>Waits until the host has stored the last value.</summary>
    protected abstract Task CompleteAsync();

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                IReadOnlyList<int> stored = Numbers.Advance();
                Step(stored);
                Progress = stored.Count;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the load.
        }
    }
}

/// <summary>A DNP3 outstation with a counter, each of whose values is an event.</summary>
internal sealed class Dnp3Device : FieldDevice
{
    private const int MaxUnconfirmed = 100;

    private readonly Dnp3Outstation _outstation;
    private int _last;

    private Dnp3Device(string address, StoredNumbers stored, Dnp3Outstation outstation)
        : base(address, outstation.Port, stored) => _outstation = outstation;

    /// <inheritdoc/>
    public override string Name => "grid";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "dnp3-master", Reconnect = new { MaxMs = 200 },
        Devices = new[] { new { Name = "rtu", Host = Address, Relay.Port, TimeoutMs = 20_000 } },
        Mappings = new[] { new { Schema = "Dnp3Value", Queue = "grid" } },
    };

    public static Dnp3Device Start(HostFiles files, string address) => new(
        address, new StoredNumbers(files, "grid", Dnp3Schemas.Own, NumberOf),
        new Dnp3Outstation(new Dnp3OutstationOptions { Port = 0, MaxEvents = 100_000 }));

    /// <inheritdoc/>
    public override void AssertStored() => Assert.Equal(Enumerable.Range(1, _last), Numbers.Advance().Distinct().Order());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _outstation.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Step(IReadOnlyList<int> stored)
    {
        if (_outstation.UnconfirmedEvents < MaxUnconfirmed)
        {
            _outstation.Set(new Dnp3Measurement(Dnp3PointKind.Counter, 0, ++_last) { IsInteger = true }, Dnp3Classes.Events1);
        }
    }

    /// <inheritdoc/>
    protected override Task CompleteAsync()
    {
        Eventually.True(() => _outstation.UnconfirmedEvents == 0, "all events are confirmed", OutageTests.Recovery);
        return Task.CompletedTask;
    }

    private static int? NumberOf(JsonElement message) =>
        message.GetProperty("is_event").GetBoolean() ? message.GetProperty("unsigned").GetInt32() : null;
}

/// <summary>An OPC UA server with a variable, whose value changes when the host has stored the one before.</summary>
internal sealed class OpcUaDevice : FieldDevice
{
    private readonly OpcUaSimulator _server;
    private int _last = 1;

    private OpcUaDevice(string address, StoredNumbers stored, OpcUaSimulator server)
        : base(address, server.Port, stored) => _server = server;

    /// <inheritdoc/>
    public override string Name => "line";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "opcua-client",
        Servers = new[] { new { Name = "press", Url = $"opc.tcp://{Address}:{Relay.Port}/simulator", Policy = "None",
            PublishingIntervalMs = 50, Items = new[] { new { Name = "level", Node = "ns=1;s=Level", SamplingMs = 0 } } } },
        Mappings = new[] { new { Schema = "OpcUaReading", Queue = "line" } },
    };

    public static OpcUaDevice Start(HostFiles files, string address)
    {
        OpcUaSimulator server = new();
        server.AddVariable("Level", new UaVariant(UaType.Double, 1.0));
        StoredNumbers stored = new(files, "line", OpcUaSchemas.Own, static message =>
            message.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.Number
                ? (int)value.GetDouble() : null);
        return new OpcUaDevice(address, stored, server);
    }

    /// <inheritdoc/>
    public override void AssertStored() => Assert.Equal(Enumerable.Range(1, _last), Numbers.Advance());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Step(IReadOnlyList<int> stored)
    {
        if (stored is [.., int last] && last == _last)
        {
            _server.SetValue("Level", new UaVariant(UaType.Double, (double)++_last));
        }
    }

    /// <inheritdoc/>
    protected override Task CompleteAsync()
    {
        Eventually.True(() => Numbers.Advance() is [.., int last] && last == _last, "the last value is stored", OutageTests.Recovery);
        return Task.CompletedTask;
    }
}

/// <summary>A Modbus device that answers each poll with the next number.</summary>
internal sealed class ModbusDevice : FieldDevice
{
    private readonly RegisterDevice _device;

    private ModbusDevice(string address, StoredNumbers stored, RegisterDevice device)
        : base(address, device.Port, stored) => _device = device;

    /// <inheritdoc/>
    public override string Name => "plant";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "modbus-client",
        Devices = new[] { new { Name = "plc", Host = Address, Relay.Port, TimeoutMs = 2_000,
            Points = new[] { new { Name = "level", Address = 10, EveryMs = 20 } } } },
        Mappings = new[] { new { Schema = "ModbusValue", Queue = "plant" } },
    };

    public static ModbusDevice Start(HostFiles files, string address) => new(
        address, new StoredNumbers(files, "plant", ModbusSchemas.Own, static message =>
            message.TryGetProperty("value", out JsonElement value) ? (int)value.GetDouble() : null),
        new RegisterDevice());

    /// <summary>Checks that no response was stored twice, and none after a later one.</summary>
    public override void AssertStored()
    {
        IReadOnlyList<int> stored = Numbers.Advance();
        Assert.Equal(stored.Distinct().Order(), stored);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _device.Dispose();
    }

    /// <inheritdoc/>
    protected override void Step(IReadOnlyList<int> stored)
    {
        // The device counts with each poll.
    }

    /// <inheritdoc/>
    protected override Task CompleteAsync() => Task.CompletedTask;
}
