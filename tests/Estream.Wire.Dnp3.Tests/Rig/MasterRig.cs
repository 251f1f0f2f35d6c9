using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Dnp3.Tests.Rig;

/// <summary>A running master with real queues in a temporary folder: data and dead-letters.</summary>
internal sealed class MasterRig : IAsyncDisposable
{
    public static readonly EsfSchemaSet Schemas = EsfSchemaSet.BuiltIn.With(Dnp3Schemas.Own);

    private static int s_rigs;

    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly Task _ingest;

    /// <param name="devices">The devices.</param>
    /// <param name="stored">The schemas whose messages are stored in the queue data, in addition to Dnp3Value.</param>
    public MasterRig(IReadOnlyList<Dnp3DeviceOptions> devices, params string[] stored)
        : this(devices, null, stored)
    {
    }

    public MasterRig(IReadOnlyList<Dnp3DeviceOptions> devices, FailingFlushStorage? storage, params string[] stored)
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

        Dnp3MasterOptions options = new()
        {
            Devices = devices,
            Mappings = 
            [
                .. stored.Select(name => new Dnp3Mapping(Schema(name), storage is null ? "data" : "records")),
                .. stored.Contains("Dnp3Value") ? [] : (Dnp3Mapping[])[new Dnp3Mapping(Schema("Dnp3Value"), "data")],
            ],
            Egress = [Schema("Dnp3Command")],
            MaxCommandAge = TimeSpan.FromMinutes(5),
            ReconnectInitial = TimeSpan.FromMilliseconds(10),
            ReconnectMax = TimeSpan.FromMilliseconds(100),
        };
        Master = new Dnp3Master(options, new AdapterContext(Name, Schemas, _sinks, SystemClock.Instance, Events.Enqueue));
        Master.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = Task.Run(() => Master.Ingest(_stop.Token));
    }

    /// <summary>The name of the adapter, which no other rig has.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"grid-{Interlocked.Increment(ref s_rigs)}");

    public EstreamQueue Data { get; }

    /// <summary>The queue of the stored schemas, if the rig has a storage for it.</summary>
    public EstreamQueue? Records { get; }

    public Dnp3Master Master { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public static EsfSchema Schema(string name) => Schemas.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"There is no schema {name}.");

    /// <summary>All messages of the queue data, as JSON.</summary>
    public IReadOnlyList<string> Messages() => Read(Data);

    public IReadOnlyList<string> Letters() => Read(_deadLetters);

    public void AwaitMessage(string text) => Eventually.True(
        () => Messages().Any(message => message.Contains(text, StringComparison.Ordinal)), $"a message contains {text}");

    public void AwaitHealthy() => Eventually.True(() => Master.Health.State == HealthState.Healthy, "the master is healthy");

    /// <summary>Makes the queue data impossible to write, or possible again.</summary>
    public void Block(bool isBlocked) => _sinks.Pause(
        isBlocked ? new EstreamStorageException("The test has blocked the queue.", null, StorageFailure.DiskFull) : null, _ => true);

    /// <summary>Translates and sends a Dnp3Command. NOW in the text is replaced by the present time.</summary>
    public async Task<EmitStatus> SendAsync(string json)
    {
        EgressMessage egress = new();
        json = json.Replace("NOW", SystemClock.Instance.UtcNanos.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        byte[] message = new byte[4_096];
        EsfSchema schema = Schema("Dnp3Command");
        EsfStatus encoded = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(encoded.IsOk, encoded.ToString());
        TranslateStatus translated = Master.TranslateEgress(new EsfMessage(schema, message.AsSpan(0, length)), egress);
        return translated.IsOk
            ? await Master.Emit(egress, CancellationToken.None)
            : new EmitStatus(EmitCode.Refused, translated.Describe([]));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await Master.DisposeAsync();
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
