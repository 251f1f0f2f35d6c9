using System.Collections.Concurrent;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>The queues of a host, the keys of their audiences, and adapters with connections.</summary>
internal sealed class ConnectionRig : IAsyncDisposable
{
    private static readonly (string Topic, string Schema)[] s_mapped =
    [
        ("pacs.008", "Pacs008CreditTransfer"), ("pacs.002", "Pacs002StatusReport"), ("camt.053", "Camt053Statement"),
        ("camt.052", "Camt052Report"),
    ];

    private readonly TempDirectory _directory = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly IngressSinks _sinks;
    private readonly Stack<Func<Task>> _stops = [];

    public ConnectionRig()
    {
        _ring = new EsfKeyRing(_key);
        Directory.CreateDirectory(Keys);
        MlKem1024KeyFile.WritePrivate(Path.Combine(Keys, "payment_agent.key.pem"), _key);
        QueueOptions options = new() { SegmentBytes = 8 << 20, IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1) };
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payment_agent", _key.PublicKey).With("auditor", _key.PublicKey)
            .With("regulator", _key.PublicKey);
        _queues["dead-letters"] = EstreamQueue.Open(_directory.Combine("dead-letters"), options);
        _sinks = new IngressSinks(_queues["dead-letters"], Schemas, keys);
        foreach (string topic in s_mapped.Select(one => one.Topic))
        {
            _queues[topic] = EstreamQueue.Open(_directory.Combine(topic), options);
            _sinks.Add(topic, _queues[topic]);
        }
    }

    public static EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(PaymentsPack.Schemas);

    /// <summary>The clock of clients.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>A folder with the key that decrypts stored messages.</summary>
    public string Keys => _directory.Combine("keys");

    /// <summary>The directory of the state of clients.</summary>
    public string State => _directory.Combine("state");

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    /// <summary>Called with each event of a client, by the thread that reports the event.</summary>
    public Action<AdapterEvent>? OnClientEvent { get; set; }

    public static TopicMapping Map(string topic) =>
        TopicMapping.Json(topic, PaymentsPack.Schema(s_mapped.First(one => one.Topic == topic).Schema), topic);

    /// <summary>Starts a listener that stores each message in the queue of its name.</summary>
    public Iso20022Listener Listen(Func<Iso20022ListenerOptions, Iso20022ListenerOptions>? change = null, params string[] topics)
    {
        Iso20022ListenerOptions defaults = new() { Port = 0 };
        string[] mapped = topics.Length == 0 ? [.. s_mapped.Select(one => one.Topic)] : topics;
        Iso20022Listener listener = new(
            change?.Invoke(defaults) ?? defaults, [.. mapped.Select(Map)],
            new AdapterContext("listener", Schemas, _sinks, SystemClock.Instance, Events.Enqueue));
        Start(listener);
        return listener;
    }

    /// <summary>Starts a client that sends payments and stores reports.</summary>
    public Iso20022Client Connect(int port, Func<Iso20022ClientOptions, Iso20022ClientOptions>? change = null)
    {
        Iso20022Client client = Create(port, change);
        Start(client);
        return client;
    }

    /// <summary>Creates a client without starting it.</summary>
    public Iso20022Client Create(int port, Func<Iso20022ClientOptions, Iso20022ClientOptions>? change = null)
    {
        Iso20022ClientOptions defaults = new()
        {
            Host = "localhost",
            Port = port,
            MaxReconnectSeconds = 1,
            Egress = [new Iso20022Egress(PaymentsPack.Schema("Pacs008CreditTransfer")) { KeyFolder = Keys }],
        };
        AdapterContext context = new("client", Schemas, _sinks, SystemClock.Instance, Report)
        {
            Place = new AdapterPlace(State, new QueueOptions { Clock = Clock }),
        };
        return new Iso20022Client(change?.Invoke(defaults) ?? defaults, [Map("pacs.002")], context);
    }

    /// <summary>Starts an adapter, which is stopped with this object.</summary>
    public void Start(IWireAdapter adapter)
    {
        CancellationTokenSource stop = new();
        adapter.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        Task ingest = adapter.Ingest(stop.Token);
        _stops.Push(async () =>
        {
            await stop.CancelAsync();
            await ingest;
            await adapter.DisposeAsync();
            stop.Dispose();
        });
    }

    /// <summary>Stops the adapter that was started last.</summary>
    public Task StopAsync() => _stops.Pop()();

    /// <summary>Stops appends to a queue, as if the disk were full; null continues.</summary>
    public void Pause(string queue, EstreamStorageException? reason) => _sinks.Pause(reason, name => name == queue);

    /// <summary>Translates a document to the stored form of its message, without private values.</summary>
    public static byte[] ToEsf(string document, out EsfSchema schema)
    {
        byte[] message = new byte[64 * 1024];
        TranslateStatus status = new Iso20022Translator(Schemas).ToEsf(
            System.Text.Encoding.UTF8.GetBytes(document), message, out EsfSchema? found, out int length);
        Assert.True(status.IsOk, status.Describe(default));
        schema = found!;
        return message[..length];
    }

    /// <summary>Sends a document as a host sends stored messages.</summary>
    public static async Task<EmitStatus> EmitAsync(Iso20022Client client, string document)
    {
        byte[] message = ToEsf(document, out EsfSchema schema);
        EgressMessage egress = new();
        TranslateStatus status = client.TranslateEgress(new EsfMessage(schema, message), egress);
        Assert.True(status.IsOk, status.Describe(default));
        return await client.Emit(egress, CancellationToken.None);
    }

    /// <summary>Returns the messages of a queue as they are stored, as Latin-1 text.</summary>
    public string ReadStored(string queue)
    {
        System.Text.StringBuilder all = new();
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Append(System.Text.Encoding.Latin1.GetString(message.Payload));
        }

        return all.ToString();
    }

    /// <summary>Returns the messages of a queue, decrypted, as JSON.</summary>
    public List<string> Read(string queue)
    {
        List<string> all = [];
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(Schemas.TryGet(message.Payload, out EsfSchema? schema));
            if (!schema.IsProtected)
            {
                all.Add(EsfJson.ToText(schema, message.Payload));
                continue;
            }

            using EsfUnsealer unsealer = new(schema, _ring);
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
            Assert.Equal(0, withheld);
            all.Add(PaymentsPack.Print(schema, opened));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        while (_stops.Count > 0)
        {
            await StopAsync();
        }

        _sinks.Dispose();
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }

        _ring.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    private void Report(AdapterEvent one)
    {
        Events.Enqueue(one);
        OnClientEvent?.Invoke(one);
    }
}
