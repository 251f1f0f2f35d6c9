using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Rig;

/// <summary>A running poller with real queues in a temporary folder: data and dead-letters.</summary>
internal sealed class PollerRig : IAsyncDisposable
{
    public static readonly EsfSchemaSet Schemas = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);

    private static int s_rigs;

    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly Task _ingest;

    /// <param name="devices">The devices.</param>
    /// <param name="stored">The schemas whose messages are stored in the queue data.</param>
    public PollerRig(IReadOnlyList<ModbusDeviceOptions> devices, params string[] stored)
        : this(devices, TimeSpan.FromMinutes(5), stored)
    {
    }

    public PollerRig(IReadOnlyList<ModbusDeviceOptions> devices, TimeSpan maxWriteAge, params string[] stored)
        : this(devices, maxWriteAge, null, stored)
    {
    }

    public PollerRig(
        IReadOnlyList<ModbusDeviceOptions> devices, TimeSpan maxWriteAge, FailingFlushStorage? storage, params string[] stored)
    {
        Data = EstreamQueue.Open(_folder.Combine("data"));
        Records = storage is null ? null : EstreamQueue.Open(_folder.Combine("records"), new QueueOptions
        {
            Storage = storage, IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1),
        });
        _deadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"));
        _sinks = new IngressSinks(_deadLetters, Schemas);
        _sinks.Add("data", Data);
        if (Records is not null)
        {
            _sinks.Add("records", Records);
        }

        ModbusPollerOptions options = new()
        {
            Devices = devices,
            Mappings = [.. stored.Select(name => new ModbusMapping(Schema(name), storage is null ? "data" : "records"))],
            Egress = [Schema("ModbusWrite")],
            MaxWriteAge = maxWriteAge,
            ReconnectInitial = TimeSpan.FromMilliseconds(10),
            ReconnectMax = TimeSpan.FromMilliseconds(100),
        };
        Poller = new ModbusPoller(options, new AdapterContext(Name, Schemas, _sinks, SystemClock.Instance, Events.Enqueue));
        Poller.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = Task.Run(() => Poller.Ingest(_stop.Token));
    }

    /// <summary>The name of the adapter, which no other rig has.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"plant-{Interlocked.Increment(ref s_rigs)}");

    public EstreamQueue Data { get; }

    /// <summary>The queue of the stored schemas, if the rig has a storage for it.</summary>
    public EstreamQueue? Records { get; }

    public ModbusPoller Poller { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public static EsfSchema Schema(string name) => Schemas.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"There is no schema {name}.");

    /// <summary>All messages of the queue data, as JSON.</summary>
    public IReadOnlyList<string> Messages() => Read(Data);

    public IReadOnlyList<string> Letters() => Read(_deadLetters);

    /// <summary>Makes the queue data impossible to write, or possible again.</summary>
    public void Block(bool isBlocked) => _sinks.Pause(
        isBlocked ? new EstreamStorageException("The test has blocked the queue.", null, StorageFailure.DiskFull) : null, _ => true);

    /// <summary>Translates and sends a ModbusWrite.</summary>
    public async Task<EmitStatus> WriteAsync(string json)
    {
        EgressMessage egress = new();
        TranslateStatus translated = Translate(json, egress);
        return translated.IsOk
            ? await Poller.Emit(egress, CancellationToken.None)
            : new EmitStatus(EmitCode.Refused, translated.Describe([]));
    }

    /// <summary>Translates a ModbusWrite. NOW in the text is replaced by the present time.</summary>
    public TranslateStatus Translate(string json, EgressMessage egress)
    {
        json = json.Replace("NOW", SystemClock.Instance.UtcNanos.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        byte[] message = new byte[4_096];
        EsfSchema schema = Schema("ModbusWrite");
        EsfStatus encoded = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(encoded.IsOk, encoded.ToString());
        return Poller.TranslateEgress(new EsfMessage(schema, message.AsSpan(0, length)), egress);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await Poller.DisposeAsync();
        _sinks.Dispose();
        Data.Dispose();
        Records?.Dispose();
        _deadLetters.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }

    private static List<string> Read(EstreamQueue queue)
    {
        List<string> messages = [];
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(Schemas.TryGet(message.Payload, out EsfSchema? schema));
            EsfStatus status = EsfJson.WriteJson(schema, message.Payload, json);
            Assert.True(status.IsOk, status.ToString());
            messages.Add(Encoding.UTF8.GetString(json.WrittenSpan));
        }

        return messages;
    }
}
