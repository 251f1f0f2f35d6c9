using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>A running server with a map in memory and a queue for writes.</summary>
internal sealed class ServerRig : IAsyncDisposable
{
    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);

    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _commands;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly ModbusServer _server;
    private readonly Task _ingest;

    public ServerRig(
        IReadOnlyList<ModbusServedPoint> points, bool takesWrites = true, Func<ModbusServerOptions, ModbusServerOptions>? change = null,
        IStorage? storage = null)
    {
        _commands = EstreamQueue.Open(_folder.Combine("commands"), new QueueOptions
        {
            IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1),
            Storage = storage ?? FileStorage.Instance,
        });
        _deadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"));
        _sinks = new IngressSinks(_deadLetters, s_schemas);
        _sinks.Add("commands", _commands);
        ModbusServerOptions options = new()
        {
            Port = 0,
            Map = "latest",
            Units = [new ModbusUnitOptions { Name = "plant", Points = points }],
            Mappings = takesWrites ? [new ModbusMapping(Schema("ModbusWrite"), "commands")] : [],
        };
        AdapterContext context = new("scada", s_schemas, _sinks, SystemClock.Instance, Events.Enqueue)
        {
            Maps = name => name == "latest" ? Map : null,
        };
        _server = new ModbusServer(change?.Invoke(options) ?? options, context);
        _server.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = Task.Run(() => _server.Ingest(_stop.Token));
    }

    public MapInMemory Map { get; } = new();

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public ModbusServer Server => _server;

    public int Port => _server.LocalEndPoint!.Port;

    public static EsfSchema Schema(string name) => s_schemas.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"There is no schema {name}.");

    /// <summary>A point with the key and field that settings have by default.</summary>
    public static ModbusServedPoint Point(ModbusPointOptions point) =>
        new(point, point.Name, point.Type == PointType.Text ? "text" : "value");

    public Task<ModbusClient> ConnectAsync(int timeoutMs = 20_000, WireTlsOptions? tls = null) =>
        ModbusClient.ConnectAsync(new ModbusClientOptions
        {
            Host = tls is null ? "127.0.0.1" : "localhost", Port = Port, TimeoutMs = timeoutMs, ConnectTimeoutMs = 60_000,
            Tls = tls,
        });

    public TcpClient Open() => new("127.0.0.1", Port);

    /// <summary>Makes the queue of writes impossible to write, or possible again.</summary>
    public void Block(bool isBlocked) => _sinks.Pause(
        isBlocked ? new EstreamStorageException("The test has blocked the queue.", null, StorageFailure.DiskFull) : null, _ => true);

    /// <summary>The stored writes as JSON, without requested_at.</summary>
    public IReadOnlyList<string> Writes()
    {
        List<string> messages = [];
        using QueueTailer tailer = _commands.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(EsfJson.WriteJson(Schema("ModbusWrite"), message.Payload, json).IsOk);
            string text = Encoding.UTF8.GetString(json.WrittenSpan);
            messages.Add(text[..text.IndexOf(",\"requested_at\"", StringComparison.Ordinal)] + "}");
        }

        return messages;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await _server.DisposeAsync();
        _sinks.Dispose();
        _commands.Dispose();
        _deadLetters.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }
}

/// <summary>A map of ModbusValue in memory.</summary>
internal sealed class MapInMemory : ILatestMessages
{
    private readonly ConcurrentDictionary<string, byte[]> _messages = new();

    /// <summary>The time at which the messages were stored, in nanoseconds since 1970-01-01 UTC.</summary>
    public long StoredAt { get; set; }

    public EsfSchema Schema { get; } = ServerRig.Schema("ModbusValue");

    /// <summary>Puts a value, such as <c>"value":21.5</c>.</summary>
    public void Put(string point, string value)
    {
        byte[] message = new byte[1_024];
        string json = string.Create(CultureInfo.InvariantCulture,
            $$"""{"device_id":"d","unit_id":1,"point":"{{point}}",{{value}},"read_at":1}""");
        EsfStatus status = EsfJson.TryEncode(Schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        _messages[point] = message[..length];
    }

    public int Read(ReadOnlySpan<byte> key, Span<byte> destination, out long storedAt)
    {
        storedAt = StoredAt;
        Span<char> name = stackalloc char[64];
        name = name[..Encoding.UTF8.GetChars(key, name)];
        if (!_messages.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out byte[]? message))
        {
            return 0;
        }

        message.AsSpan(0, Math.Min(message.Length, destination.Length)).CopyTo(destination);
        return message.Length;
    }
}
