using System.Globalization;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Modbus;
using Estream.Wire.Modbus.Tests.Rig;
using Estream.Wire.OpcUa;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A Modbus server of pymodbus, whose value is the time of the read.</summary>
internal sealed class PymodbusDevice : ProcessPeer
{
    private readonly int _port = FreePort.Next();
    private readonly string _answered;
    private readonly List<Poll> _polls = [];
    private readonly StoredNumbers _stored;
    private int _disconnects;

    public PymodbusDevice(HostFiles files)
    {
        _answered = Path.Combine(Path.GetDirectoryName(files.Config)!, "answered");
        _stored = new StoredNumbers(files, "plant", ModbusSchemas.Own, Add);
        Adapter = new
        {
            Type = "modbus-client",
            Devices = new[] { new { Name = "plc", Host = "127.0.0.1", Port = _port, TimeoutMs = 20_000,
                Points = new[] { new { Name = "time", Address = 0, Type = "uint64", EveryMs = 20 } } } },
            Mappings = new[] { new { Schema = "ModbusValue", Queue = "plant" }, new { Schema = "ModbusEvent", Queue = "plant" } },
        };
        Restart();
    }

    /// <inheritdoc/>
    public override string Name => "plant";

    /// <inheritdoc/>
    public override object Adapter { get; }

    /// <inheritdoc/>
    public override int Progress => _stored.Advance().Count;

    /// <summary>Does nothing: the process runs since this object exists.</summary>
    public override void Start()
    {
    }

    /// <summary>Checks that each poll is stored once, with the value that the device has read for this poll, and that what is not stored is
    /// visible.</summary>
    public override void AssertStored()
    {
        _stored.Advance();
        int gaps = 0;
        foreach ((Poll before, Poll after) in _polls.Zip(_polls.Skip(1)))
        {
            Assert.True(after.Sequence > before.Sequence, $"poll {after.Sequence} is stored after poll {before.Sequence}");
            gaps += after.Sequence > before.Sequence + 1 ? 1 : 0;

            // One request is under way, so the device reads a value between the response before and its own.
            Assert.True(after.Value > before.Value && after.Value * 1_000 >= before.ReadAt - 1_000 && after.Value * 1_000 <= after.ReadAt,
                $"poll {after.Sequence} has the value of another poll: {before}, {after}");
        }

        int kills = Launches - 1;
        Assert.True(gaps >= kills, $"{gaps} gaps in the numbers of polls after {kills} outages");
        Assert.True(_disconnects >= kills, $"{_disconnects} events of lost connections after {kills} outages");

        // A response that was on its way when the device was killed is not a stored one.
        HashSet<long> stored = [.. _polls.Select(poll => poll.Value)];
        int missing = File.ReadLines(_answered).Count(line => !stored.Contains(long.Parse(line, CultureInfo.InvariantCulture)));
        Assert.True(missing <= Launches, $"{missing} answered polls are not stored, and {Launches} could be on their way");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _stored.Dispose();
    }

    /// <inheritdoc/>
    protected override ChildProcess Launch() => ChildProcess.Start(
        "/usr/bin/python3", [Script("pymodbus_clock.py"), Text(_port), _answered]);

    private int? Add(JsonElement message)
    {
        if (message.TryGetProperty("kind", out JsonElement kind))
        {
            _disconnects += kind.GetString() == "Disconnected" ? 1 : 0;
            return null;
        }

        _polls.Add(new Poll(message.GetProperty("poll_sequence").GetInt64(), message.GetProperty("unsigned").GetInt64(),
            message.GetProperty("read_at").GetInt64()));
        return _polls.Count;
    }

    /// <param name="Sequence">The number of the poll.</param>
    /// <param name="Value">When the device read the value, in microseconds.</param>
    /// <param name="ReadAt">When the host got the response, in nanoseconds.</param>
    private readonly record struct Poll(long Sequence, long Value, long ReadAt);
}

/// <summary>A server of node-opcua, whose value counts up and continues after a crash.</summary>
internal sealed class NodeDevice : ProcessPeer
{
    private readonly int _port = FreePort.Next();
    private readonly NodeFolder _folder;
    private readonly StoredNumbers _stored;
    private readonly List<string> _mistakes = [];
    private int _last;
    private int _gaps;
    private bool _isGap = true;

    public NodeDevice(HostFiles files, NodeFolder folder)
    {
        _folder = folder;
        _stored = new StoredNumbers(files, "line", OpcUaSchemas.Own, Add);
        Adapter = new
        {
            Type = "opcua-client",
            Servers = new[] { new { Name = "press", Url = $"opc.tcp://127.0.0.1:{_port}/UA/T", Policy = "None",
                PublishingIntervalMs = 50,
                Items = new[] { new { Name = "count", Node = "ns=1;s=Count", SamplingMs = 0, QueueSize = 1_000 } } } },
            Mappings = new[] { new { Schema = "OpcUaReading", Queue = "line" }, new { Schema = "OpcUaEvent", Queue = "line" } },
        };
        Restart();
    }

    /// <inheritdoc/>
    public override string Name => "line";

    /// <inheritdoc/>
    public override object Adapter { get; }

    /// <inheritdoc/>
    public override int Progress => _stored.Advance().Count;

    /// <summary>Does nothing: the process runs since this object exists.</summary>
    public override void Start()
    {
    }

    /// <summary>Checks that no number is stored twice, and that an event precedes each missing number.</summary>
    public override void AssertStored()
    {
        _stored.Advance();
        Assert.True(_mistakes.Count == 0, string.Join('\n', _mistakes.Take(10)));
        Assert.True(_gaps >= Launches - 1, $"{_gaps} gaps are recorded after {Launches - 1} outages");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _stored.Dispose();
    }

    /// <inheritdoc/>
    protected override ChildProcess Launch() => ChildProcess.Start("node", ["node_counter.js", Text(_port)], _folder.Path);

    private int? Add(JsonElement message)
    {
        if (message.TryGetProperty("kind", out JsonElement kind))
        {
            bool isGap = kind.GetString() == "Gap";
            _gaps += isGap ? 1 : 0;
            _isGap |= isGap;
            return null;
        }

        int number = message.GetProperty("unsigned").GetInt32();
        if (number <= _last)
        {
            _mistakes.Add($"{number} is stored after {_last}");
        }
        else if (number > _last + 1 && !_isGap)
        {
            _mistakes.Add($"{number} is stored after {_last} without a gap");
        }

        (_last, _isGap) = (number, false);
        return number;
    }
}

/// <summary>A folder with node-opcua and the script of the server.</summary>
internal sealed class NodeFolder : IDisposable
{
    private readonly TempDirectory _folder = new();

    public NodeFolder()
    {
        string[] files = ["package.json", "package-lock.json", ".npmrc"];
        foreach (string file in files.Select(name => RepositoryRoot.Combine("tests", "Estream.Wire.OpcUa.Tests", "Peers", "Node", name))
            .Append(ProcessPeer.Script("node_counter.js")))
        {
            File.Copy(file, _folder.Combine(System.IO.Path.GetFileName(file)));
        }

        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--ignore-scripts", "--silent"], _folder.Path).EnsureSuccess();
    }

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();
}
