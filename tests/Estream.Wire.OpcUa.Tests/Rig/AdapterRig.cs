using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.OpcUa.Tests.Rig;

/// <summary>A running adapter with real queues in a temporary folder: data, values and dead-letters.</summary>
internal sealed class AdapterRig : IAsyncDisposable
{
    public static readonly EsfSchemaSet Schemas = EsfSchemaSet.BuiltIn.With(OpcUaSchemas.Own);

    private static int s_rigs;

    private readonly TempDirectory _folder = new();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _values;
    private readonly IngressSinks _sinks;
    private OpcUaAdapterOptions _options;
    private CancellationTokenSource _stop = new();
    private Task _ingest;

    /// <param name="server">The server.</param>
    /// <param name="stored">The schemas whose messages are stored: in the queue data, or OpcUaValue beside another in the queue
    /// values.</param>
    public AdapterRig(OpcUaServerOptions server, params string[] stored)
        : this(server, null, stored)
    {
    }

    public AdapterRig(OpcUaServerOptions server, FailingFlushStorage? storage, params string[] stored)
    {
        Data = EstreamQueue.Open(_folder.Combine("data"));
        _values = EstreamQueue.Open(_folder.Combine("values"));
        Records = storage is null ? null : EstreamQueue.Open(_folder.Combine("records"), new QueueOptions
        {
            Storage = storage, IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1),
        });
        _deadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"));
        _sinks = new IngressSinks(_deadLetters, Schemas);
        _sinks.Add("data", Data);
        _sinks.Add("values", _values);
        if (Records is not null)
        {
            _sinks.Add("records", Records);
        }

        string QueueOf(string schema) => storage is not null ? "records" : schema == "OpcUaValue" && stored.Length > 1 ? "values" : "data";
        _options = new OpcUaAdapterOptions
        {
            Servers = [server],
            Mappings = [.. stored.Select(name => new OpcUaMapping(Schema(name), QueueOf(name)))],
            Egress = [Schema("OpcUaWrite")],
            MaxWriteAge = TimeSpan.FromMinutes(5),
            ReconnectInitial = TimeSpan.FromMilliseconds(10),
            ReconnectMax = TimeSpan.FromMilliseconds(100),
        };
        Adapter = CreateAdapter();
        _ingest = Run(Adapter, _stop.Token);
    }

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"plant-{Interlocked.Increment(ref s_rigs)}");

    public EstreamQueue Data { get; }

    /// <summary>The queue of the stored schemas, if the rig has a storage for it.</summary>
    public EstreamQueue? Records { get; }

    public OpcUaAdapter Adapter { get; private set; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public static EsfSchema Schema(string name) => Schemas.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"There is no schema {name}.");

    /// <summary>A server with fast intervals. Its keep-alives are slow, because the adapter replaces a connection without messages after
    /// three of them, also if only this machine is slow.</summary>
    public static OpcUaServerOptions Server(string url, params string[] items) => new()
    {
        Name = "line",
        Client = new OpcUaClientOptions { Url = url, Policy = UaSecurityPolicy.None, TimeoutMs = 30_000 },
        PublishingIntervalMs = 20,
        KeepAliveMs = 20_000,
        Items = [.. items.Select(name => new OpcUaItemOptions
        {
            Name = name, Node = $"ns=1;s={name}", SamplingMs = 0, QueueSize = 1_000, IsWritable = true,
        })],
    };

    /// <summary>The values of an item in their order.</summary>
    public List<double> Values(string item) => [.. Messages()
        .Where(message => message.TryGetProperty("item", out JsonElement name) && name.GetString() == item
            && message.TryGetProperty("value", out _))
        .Select(message => message.GetProperty("value").GetDouble())];

    /// <summary>The events of a kind.</summary>
    public List<JsonElement> Stored(string kind) => [.. Messages()
        .Where(message => message.TryGetProperty("kind", out JsonElement found) && found.GetString() == kind)];

    /// <summary>All messages of the queue data.</summary>
    public List<JsonElement> Messages() => Read(Data);

    public List<JsonElement> Letters() => Read(_deadLetters);

    /// <summary>The number of messages of the queue values.</summary>
    public int ValueCount() => Read(_values).Count;

    /// <summary>The values of both queues.</summary>
    public List<JsonElement> AllValues() =>
        [.. Messages().Concat(Read(_values)).Where(message => message.TryGetProperty("received_at", out _))];

    /// <summary>Makes all queues, or one, impossible to write, or possible again.</summary>
    public void Block(bool isBlocked, string? queue = null) => _sinks.Pause(
        isBlocked ? new EstreamStorageException("The test has blocked the queue.", null, StorageFailure.DiskFull) : null,
        name => queue is null || name == queue);

    /// <summary>Translates and sends an OpcUaWrite. NOW in the text is replaced by the present time.</summary>
    public async Task<EmitStatus> WriteAsync(string json)
    {
        json = json.Replace("NOW", SystemClock.Instance.UtcNanos.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        byte[] message = new byte[8_192];
        EsfSchema schema = Schema("OpcUaWrite");
        EsfStatus encoded = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(encoded.IsOk, encoded.ToString());
        EgressMessage egress = new();
        TranslateStatus translated = Adapter.TranslateEgress(new EsfMessage(schema, message.AsSpan(0, length)), egress);
        return translated.IsOk
            ? await Adapter.Emit(egress, CancellationToken.None)
            : new EmitStatus(EmitCode.Refused, translated.Describe([]));
    }

    /// <summary>Stops the adapter, and starts another adapter on the same queues.</summary>
    /// <param name="whileStopped">Called while no adapter runs.</param>
    /// <param name="change">Changes the options of the adapter; null for none.</param>
    public async Task RestartAsync(Action whileStopped, Func<OpcUaAdapterOptions, OpcUaAdapterOptions>? change = null)
    {
        await StopAsync();
        whileStopped();
        _options = change?.Invoke(_options) ?? _options;
        _stop = new CancellationTokenSource();
        Adapter = CreateAdapter();
        _ingest = Run(Adapter, _stop.Token);
    }

    /// <summary>Waits until the adapter has failed, and returns the exception. Then the adapter can be restarted or disposed.</summary>
    public Exception WaitForFailure()
    {
        Eventually.True(() => _ingest.IsFaulted, "the adapter has failed");
        Exception failure = _ingest.Exception!.InnerException!;
        _ingest = Task.CompletedTask;
        return failure;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _sinks.Dispose();
        Data.Dispose();
        Records?.Dispose();
        _values.Dispose();
        _deadLetters.Dispose();
        _folder.Dispose();
    }

    private static Task Run(OpcUaAdapter adapter, CancellationToken cancellation)
    {
        adapter.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Task.Run(() => adapter.Ingest(cancellation), CancellationToken.None);
    }

    private OpcUaAdapter CreateAdapter() =>
        new(_options, new AdapterContext(Name, Schemas, _sinks, SystemClock.Instance, Events.Enqueue));

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await Adapter.DisposeAsync();
        _stop.Dispose();
    }

    private static List<JsonElement> Read(EstreamQueue queue)
    {
        List<JsonElement> messages = [];
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(Schemas.TryGet(message.Payload, out EsfSchema? schema));
            EsfStatus status = EsfJson.WriteJson(schema, message.Payload, json);
            Assert.True(status.IsOk, status.ToString());
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            messages.Add(document.RootElement.Clone());
        }

        return messages;
    }
}
