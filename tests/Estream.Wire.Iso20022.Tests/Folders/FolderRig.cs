using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Folders;

/// <summary>A folder for incoming messages, the queues of a host, and the keys of their audiences.</summary>
internal sealed class FolderRig : IDisposable
{
    public static readonly string[] MappedSchemas = ["Pacs008CreditTransfer", "Pacs002StatusReport", "Camt053Statement", "Camt052Report"];

    private readonly TempDirectory _directory = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly EstreamQueue _payments;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly AppendClock _clock = new();

    /// <param name="name">The name of the adapter.</param>
    /// <param name="durability">When the queue of payments acknowledges messages.</param>
    /// <param name="hasPlace">Whether the host has a folder for the data of the adapter, as usual.</param>
    public FolderRig(string name = "bank", Durability durability = default, bool hasPlace = true)
    {
        _ring = new EsfKeyRing(_key);
        Directory.CreateDirectory(Folder, FolderHandle.OwnersFolder | SharedFolder.OthersRead);
        Directory.CreateDirectory(Out);
        Directory.CreateDirectory(Keys);
        MlKem1024KeyFile.WritePrivate(Path.Combine(Keys, "payment_agent.key.pem"), _key);
        QueueOptions options = new() { SegmentBytes = 1 << 20 };
        _payments = EstreamQueue.Open(_directory.Combine("payments"), options with { IngressDurability = durability, Clock = _clock });
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"), options);
        Schemas = EsfSchemaSet.BuiltIn.With(PaymentsPack.Schemas);
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payment_agent", _key.PublicKey).With("auditor", _key.PublicKey)
            .With("regulator", _key.PublicKey);
        _sinks = new IngressSinks(_deadLetters, Schemas, keys);
        _sinks.Add("payments", _payments);
        Place = hasPlace ? new AdapterPlace(_directory.Combine("state", name), new QueueOptions()) : null;
        Context = new AdapterContext(name, Schemas, _sinks, SystemClock.Instance, Events.Enqueue) { Place = Place };
    }

    /// <summary>The data of the adapter.</summary>
    public AdapterPlace? Place { get; }

    /// <summary>The folder of files that are being stored.</summary>
    public string Taking => Path.Combine(Place?.Directory ?? Folder, "taking");

    /// <summary>The folder of outgoing files that are incomplete.</summary>
    public string OutPlace => Place is null ? Path.Combine(Out, ".estream-bank") : Path.Combine(Place.Directory, "out");

    /// <summary>The queue of payments.</summary>
    public EstreamQueue Payments => _payments;

    public string Folder => _directory.Combine("in");

    /// <summary>The folder for outgoing messages.</summary>
    public string Out => _directory.Combine("out");

    /// <summary>A folder with the key that decrypts stored messages.</summary>
    public string Keys => _directory.Combine("keys");

    public EsfSchemaSet Schemas { get; }

    public AdapterContext Context { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public void Put(string name, string text)
    {
        // A file gets its name when it is complete, as the adapter requires of every writer.
        File.WriteAllText(Path.Combine(Folder, name + ".part"), text);
        File.Move(Path.Combine(Folder, name + ".part"), Path.Combine(Folder, name));
    }

    /// <summary>Returns the files of the folder, or of a subfolder.</summary>
    public string[] Names(string below = "") =>
        Directory.Exists(Path.Combine(Folder, below))
            ? [.. Directory.GetFiles(Path.Combine(Folder, below)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Whether no file is waiting or being processed.</summary>
    public bool IsEverythingTaken => Names().Length == 0 && Names(Taking).Length == 0;

    /// <summary>Puts a statement with many parts into the folder, and stops the adapter in the middle of it.</summary>
    public async Task InterruptAsync(string name)
    {
        Assert.True(_sinks.TryGet("payments", out IngressSink? sink));
        long before = sink.Messages;
        Put(name, Statements.Long(2_000));
        _clock.Reading = () =>
        {
            if (sink.Messages >= before + 3)
            {
                sink.Control.Pause(PauseReason.Operator, new EstreamStorageException("Paused.", "payments", StorageFailure.Other));
            }
        };
        await using Iso20022Folder adapter = Adapter(new Iso20022Limits { MaxPartBytes = 1_024 });
        await RunUntilAsync(
            adapter, () => Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the adapter waits for the queue");
        _clock.Reading = null;
        sink.Control.Resume(PauseReason.Operator);
    }

    /// <summary>Writes the record of an earlier version: the sequence number of the first message of the file in progress.</summary>
    public static void PutEarlierRecord(string folder, string file, long sequence)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)));
        byte[] record = Encoding.UTF8.GetBytes($$$"""{"File":"{{{hash}}}","Next":{"payments":{{{sequence}}}}}""");
        File.WriteAllBytes(Path.Combine(folder, ".progress"), [.. record, .. BitConverter.GetBytes(Crc32C.Compute(record))]);
    }

    /// <summary>Appends an encoded message as a remote client does.</summary>
    public void AppendForeign(byte[] message)
    {
        Assert.True(_sinks.TryGet("payments", out IngressSink? sink));
        sink.Enter();
        try
        {
            Assert.True(sink.TryAppend(message, note: null));
        }
        finally
        {
            sink.Exit();
        }
    }

    /// <summary>Creates an adapter for all incoming messages.</summary>
    public Iso20022Folder Adapter(Iso20022Limits? limits = null, AdapterContext? context = null) => new(
        new Iso20022FolderOptions { Folder = Folder, PollMs = 10, Limits = limits ?? new Iso20022Limits() },
        [.. new[] { ("pacs.008", "Pacs008CreditTransfer"), ("pacs.002", "Pacs002StatusReport"),
            ("camt.053", "Camt053Statement") }.Select(one => TopicMapping.Json(one.Item1, PaymentsPack.Schema(one.Item2), "payments"))],
        context ?? Context);

    /// <summary>Creates an adapter that also sends all messages.</summary>
    public Iso20022Folder Sender(string? folder = null, Iso20022Limits? limits = null) => new(
        new Iso20022FolderOptions
        {
            Folder = Folder,
            PollMs = 10,
            Limits = limits ?? new Iso20022Limits { MaxPartBytes = 1_024 },
            Out = folder ?? Out,
            Egress = [.. MappedSchemas.Select(schema => new Iso20022Egress(PaymentsPack.Schema(schema)) { KeyFolder = Keys })],
        },
        [.. new[] { ("pacs.008", "Pacs008CreditTransfer"), ("camt.053", "Camt053Statement") }.Select(one =>
            TopicMapping.Json(one.Item1, PaymentsPack.Schema(one.Item2), "payments"))],
        Context);

    /// <summary>Runs an adapter until a condition is true.</summary>
    public static async Task RunUntilAsync(Iso20022Folder adapter, Func<bool> condition, string what)
    {
        using CancellationTokenSource stop = new();
        await adapter.StartAsync(CancellationToken.None);
        Task ingest = adapter.Ingest(stop.Token);
        try
        {
            Eventually.True(condition, what);
        }
        finally
        {
            await stop.CancelAsync();
            await ingest;
        }
    }

    /// <summary>Returns the messages as stored in the queue.</summary>
    public IReadOnlyList<byte[]> Stored() => Read(_payments);

    /// <summary>Returns the stored messages, decrypted, as JSON.</summary>
    public IReadOnlyList<string> Texts()
    {
        List<string> texts = [];
        foreach (byte[] message in Stored())
        {
            Assert.True(Schemas.TryGet(message.AsSpan(), out EsfSchema? schema));
            Assert.True(EsfValidator.CheckStored(schema, message).IsOk);
            using EsfUnsealer unsealer = new(schema, _ring);
            Assert.True(unsealer.Open(message, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
            Assert.Equal(0, withheld);
            texts.Add(PaymentsPack.Print(schema, opened));
        }

        return texts;
    }

    /// <summary>Returns the dead letters as JSON.</summary>
    public IReadOnlyList<string> Letters()
    {
        Assert.True(Schemas.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema));
        return [.. Read(_deadLetters).Select(letter => EsfJson.ToText(schema, letter))];
    }

    /// <summary>Returns all files outside the folder, and all events, as text.</summary>
    public string Everything()
    {
        // Lock files are empty, and cannot be opened while they are locked.
        IEnumerable<string> files = Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Folder, StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal))
            .Select(ReadShared);
        return string.Join('\n', files.Concat(Events.Select(one => $"{one.Detail} {one.Exception}")));
    }

    public void Dispose()
    {
        _sinks.Dispose();
        _payments.Dispose();
        _deadLetters.Dispose();
        _ring.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    private static string ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream copy = new();
        file.CopyTo(copy);
        return Encoding.Latin1.GetString(copy.ToArray());
    }

    private static List<byte[]> Read(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        List<byte[]> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(message.Payload.ToArray());
        }

        return messages;
    }

    /// <summary>The clock of a queue, which each append reads: the test acts on the thread of the adapter, at a certain message.</summary>
    private sealed class AppendClock : IClock
    {
        private volatile Action? _reading;

        public Action? Reading
        {
            set => _reading = value;
        }

        public long UtcNanos => SystemClock.Instance.UtcNanos;

        public long CoarseUtcNanos
        {
            get
            {
                _reading?.Invoke();
                return SystemClock.Instance.CoarseUtcNanos;
            }
        }

        public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

        public long ElapsedNanos => SystemClock.Instance.ElapsedNanos;
    }
}
