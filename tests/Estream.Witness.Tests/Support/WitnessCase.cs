using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Witness.Tests.Support;

/// <summary>A queue, its witness queue and a key in a temporary directory.</summary>
public abstract class WitnessCase : IDisposable
{
    private const int FrameHeaderBytes = 16;
    private const int FirstFrame = 256;

    private readonly TempDirectory _directory = new();

    protected WitnessCase()
    {
        Options = new QueueOptions { SegmentBytes = 1 << 20, Checksum = FrameChecksum.None, Clock = Clock };
        Queue = EstreamQueue.Open(QueueDirectory, Options);
        Attestations = EstreamQueue.Open(WitnessDirectory, Options);
    }

    internal ManualClock Clock { get; } = new(1_700_000_000_000_000_000);

    protected MlDsa87PrivateKey Key { get; } = SampleAttestation.Key();

    protected QueueOptions Options { get; }

    protected EstreamQueue Queue { get; private set; }

    protected EstreamQueue Attestations { get; private set; }

    protected string QueueDirectory => _directory.Combine("log");

    protected string WitnessDirectory => _directory.Combine("log.witness");

    public void Dispose()
    {
        Queue.Dispose();
        Attestations.Dispose();
        Key.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static byte[] Payload(int number)
    {
        byte[] payload = new byte[40];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        payload.AsSpan(4).Fill((byte)number);
        return payload;
    }

    protected string Beside(string name) => _directory.Combine(name);

    protected WitnessOptions Bounded(int messages = 65_536) =>
        new() { MaxMessages = messages, MaxDelay = TimeSpan.FromMilliseconds(100), Clock = Clock };

    /// <summary>Appends numbered messages, and advances the clock now and then.</summary>
    protected void Append(int count)
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        for (int at = 0; at < count; at++)
        {
            appender.Append(Payload((int)appender.NextSequence));
            if (at % 10 == 9)
            {
                Clock.Pass(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    /// <summary>Attests all messages.</summary>
    protected void Witness(WitnessOptions? options = null)
    {
        using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, options ?? Bounded());
        witness.RunToEnd();
    }

    protected WitnessVerification Verify() => WitnessVerifier.Verify(Queue, Attestations, Key.PublicKey);

    /// <summary>Returns all entries.</summary>
    protected List<WitnessEntry> Entries() => Entries(Attestations);

    /// <summary>Returns all entries of a witness queue.</summary>
    protected static List<WitnessEntry> Entries(EstreamQueue witness)
    {
        List<WitnessEntry> entries = [];
        using QueueTailer tailer = witness.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault), fault.ToString());
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Computes the root of the first messages by the definition.</summary>
    protected byte[] NaiveRoot(int count)
    {
        List<byte[]> leaves = [];
        using QueueTailer tailer = Queue.CreateTailer();
        while (leaves.Count < count && tailer.TryRead(out QueueMessage message))
        {
            byte[] leaf = new byte[16 + message.Payload.Length];
            BinaryPrimitives.WriteInt64LittleEndian(leaf, message.Sequence);
            BinaryPrimitives.WriteInt64LittleEndian(leaf.AsSpan(8), message.Time);
            message.Payload.CopyTo(leaf.AsSpan(16));
            leaves.Add(leaf);
        }

        return NaiveTree.Root(leaves.ToArray());
    }

    /// <summary>Changes files while the queues are closed.</summary>
    protected void WhileClosed(Action change)
    {
        Queue.Dispose();
        Attestations.Dispose();
        change();
        Queue = EstreamQueue.Open(QueueDirectory, Options);
        Attestations = EstreamQueue.Open(WitnessDirectory, Options);
    }

    /// <summary>Replaces messages in the first segment of the queue, like an attacker who knows the format.</summary>
    protected void Rewrite(Action<List<byte[]>> change) => WhileClosed(() =>
    {
        string path = Directory.GetFiles(QueueDirectory, "*.seg").Order(StringComparer.Ordinal).First();
        byte[] file = File.ReadAllBytes(path);
        List<byte[]> payloads = [];
        List<int> times = [];
        int at = FirstFrame;
        for (int word; (word = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at))) > 0; at += (word + 7) & ~7)
        {
            times.Add(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 12)));
            payloads.Add(file[(at + FrameHeaderBytes)..(at + word)]);
        }

        int end = at;
        change(payloads);
        at = FirstFrame;
        for (int number = 0; number < payloads.Count; number++)
        {
            int word = FrameHeaderBytes + payloads[number].Length;
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), word);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 8), number);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 12), times[Math.Min(number, times.Count - 1)]);
            payloads[number].CopyTo(file, at + FrameHeaderBytes);
            at += (word + 7) & ~7;
        }

        file.AsSpan(at, Math.Max(end - at, 0) + 64).Clear();
        File.WriteAllBytes(path, file);
    });
}
