using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>A running listener with its queues and the keys of their audiences.</summary>
internal sealed class ListenerRig : IAsyncDisposable
{
    /// <summary>The schemas that are mapped, each to the queue of its name.</summary>
    public static readonly string[] AllSchemas =
    [
        "Hl7Message", "Hl7Header", "FhirPatient", "FhirEncounter", "FhirObservation", "FhirServiceRequest", "FhirAppointment",
        "FhirDocumentReference",
    ];

    private readonly TempDirectory _directory = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly IngressSinks _sinks;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Hl7Listener _listener;
    private readonly Task _ingest;

    public ListenerRig(Func<Hl7ListenerOptions, Hl7ListenerOptions>? change = null, string messages = "#", params string[] schemas)
        : this(null, change, messages, schemas)
    {
    }

    /// <param name="storage">The storage of all queues but dead-letters; null for the file system.</param>
    /// <param name="change">Changes the options; null for none.</param>
    /// <param name="messages">The messages that are mapped.</param>
    /// <param name="schemas">The schemas that are mapped; none for all.</param>
    public ListenerRig(
        FailingFlushStorage? storage, Func<Hl7ListenerOptions, Hl7ListenerOptions>? change, string messages, params string[] schemas)
    {
        _ring = new EsfKeyRing(_key);
        Schemas = EsfSchemaSet.BuiltIn.With(Hl7Schemas.Own);
        QueueOptions options = new() { SegmentBytes = 8 << 20, IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1) };
        _queues["dead-letters"] = EstreamQueue.Open(_directory.Combine("dead-letters"), options);
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("provider", _key.PublicKey).With("auditor", _key.PublicKey);
        _sinks = new IngressSinks(_queues["dead-letters"], Schemas, keys);
        string[] mapped = schemas.Length == 0 ? AllSchemas : schemas;
        foreach (string schema in mapped)
        {
            _queues[schema] = EstreamQueue.Open(
                _directory.Combine(schema), storage is null ? options : options with { Storage = storage });
            _sinks.Add(schema, _queues[schema]);
        }

        SecretFiles.Write(_directory.Combine("pseudonyms"), "0123456789abcdef0123456789abcdef\n");
        Hl7ListenerOptions defaults = new()
        {
            Port = 0,
            PseudonymKey = WireSecret.FromFile(_directory.Combine("pseudonyms")),
            Mappings = [.. mapped.Select(name => new Hl7Mapping(Schema(name), name, messages))],
        };
        AdapterContext context = new("adt", Schemas, _sinks, SystemClock.Instance, Events.Enqueue);
        Rejections = context.Rejections;
        _listener = new Hl7Listener(change?.Invoke(defaults) ?? defaults, context);
        _listener.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = _listener.Ingest(_stopping.Token);
    }

    public EsfSchemaSet Schemas { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public AdapterRejections Rejections { get; }

    public Hl7Listener Listener => _listener;

    public int Port => _listener.LocalEndPoint!.Port;

    public string Folder => _directory.Path;

    public EsfSchema Schema(string name)
    {
        Assert.True(Schemas.TryGet(name, out EsfSchema? schema));
        return schema;
    }

    /// <summary>Returns the messages of a queue as JSON, with their private values.</summary>
    public List<string> Read(string queue)
    {
        List<string> all = [];
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(Schemas.TryGet(message.Payload, out EsfSchema? schema));
            ReadOnlySpan<byte> opened = message.Payload;
            EsfUnsealer? unsealer = schema.IsProtected ? new EsfUnsealer(schema, _ring) : null;
            if (unsealer is not null)
            {
                Assert.True(unsealer.Open(message.Payload, out opened, out int withheld).IsOk);
                Assert.Equal(0, withheld);
            }

            ArrayBufferWriter<byte> text = new();
            Assert.True(EsfJson.WriteJson(schema, opened, text, EsfDisclosure.Disclosed).IsOk);
            all.Add(Encoding.UTF8.GetString(text.WrittenSpan));
            unsealer?.Dispose();
        }

        return all;
    }

    /// <summary>Stops appends to a queue, as if the disk were full; null continues.</summary>
    public void Pause(string queue, EstreamStorageException? reason) => _sinks.Pause(reason, name => name == queue);

    /// <summary>Returns the messages of a queue as they are stored.</summary>
    public List<byte[]> ReadStored(string queue)
    {
        List<byte[]> all = [];
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Add(message.Payload.ToArray());
        }

        return all;
    }

    /// <summary>Writes the private key of the audiences to a folder below another, and returns the folder.</summary>
    public string KeyFolder(TempDirectory place)
    {
        string folder = Directory.CreateDirectory(place.Combine("provider")).FullName;
        MlKem1024KeyFile.WritePrivate(Path.Combine(folder, "provider.key.pem"), _key);
        return folder;
    }

    /// <summary>Connects a plain socket.</summary>
    public Socket Connect()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        socket.Connect(IPAddress.Loopback, Port);
        return socket;
    }

    /// <summary>Sends a message, and returns the acknowledgements until one more than <paramref name="answers"/> would have to be
    /// awaited.</summary>
    public static List<string> Exchange(Socket socket, string message, int answers = 1, Encoding? encoding = null)
    {
        socket.Send([0x0B, .. (encoding ?? Encoding.UTF8).GetBytes(message), 0x1C, 0x0D]);
        List<string> all = [];
        while (all.Count < answers)
        {
            all.Add(ReadFrame(socket) ?? throw new IOException("The listener closed the connection."));
        }

        return all;
    }

    /// <summary>Reads one frame byte by byte; null at the end of the connection.</summary>
    public static string? ReadFrame(Socket socket)
    {
        List<byte> bytes = [];
        byte[] one = new byte[1];
        while (true)
        {
            int count;
            try
            {
                count = socket.Receive(one);
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionReset)
            {
                return null;
            }

            if (count == 0)
            {
                return null;
            }

            bytes.Add(one[0]);
            if (bytes.Count >= 2 && bytes[^2] == 0x1C && bytes[^1] == 0x0D)
            {
                Assert.Equal(0x0B, bytes[0]);
                return Encoding.UTF8.GetString(bytes.ToArray().AsSpan(1, bytes.Count - 3));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ingest;
        await _listener.DisposeAsync();
        _sinks.Dispose();
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }

        _ring.Dispose();
        _key.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }
}
