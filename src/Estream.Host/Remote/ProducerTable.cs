using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>A producer of a queue. The lock of the queue's sink protects it.</summary>
internal sealed class Producer
{
    /// <summary>The number of the last message that the queue has.</summary>
    public long Last { get; set; }

    /// <summary>The number of the first message of the last append.</summary>
    public long First { get; set; }

    /// <summary>The position of the first message of the last append.</summary>
    public long Position { get; set; } = -1;

    /// <summary>When the producer last appended, as <see cref="ConnectionClock.Millis"/>.</summary>
    public long UsedAt { get; set; }
}

/// <summary>
/// The last message number of each producer and queue, so that a message that a client sends again is stored once. A record is written
/// before its messages. After a crash, the queue tells whether it has them. Thread-safe.
/// </summary>
internal sealed class ProducerTable : IDisposable
{
    /// <summary>The maximum number of producers. If there are more, the ones that have been idle longest are forgotten.</summary>
    public const int MaxProducers = 65_536;

    /// <summary>The time after which the record of an idle producer expires.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>The time for which an idle producer is not forgotten, although there are too many.</summary>
    private static readonly TimeSpan s_busy = TimeSpan.FromMinutes(10);

    private const int ForgottenAtOnce = 1024;
    private const int IdBytes = 16;
    private const int MaxNameBytes = 255;
    private const int ValueBytes = 48;

    private readonly VersionedByteMap _map;
    private readonly Dictionary<(Guid Id, string Queue), Producer> _producers = [];
    private readonly ConcurrentDictionary<string, long> _recoveries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private ProducerTable(VersionedByteMap map) => _map = map;

    /// <summary>Opens the table, and finds out which messages of the last process are stored. Nothing may be appended before.</summary>
    /// <exception cref="EstreamException">The files cannot be opened, or are damaged.</exception>
    public static ProducerTable Open(string directory, IngressSinks sinks, IClock clock)
    {
        ProducerTable table = new(VersionedByteMap.Open(directory, new ByteMapOptions { Clock = clock }));
        try
        {
            table.Add(sinks.All);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Adds queues, and finds the messages of the last process in them. Call this before any append to the queues. One thread
    /// at a time calls this method.</summary>
    /// <exception cref="EstreamException">A queue or the table cannot be read.</exception>
    public void Add(IEnumerable<IngressSink> queues)
    {
        Dictionary<string, IngressSink> known = queues.ToDictionary(sink => sink.Name, StringComparer.Ordinal);
        foreach (IngressSink sink in known.Values)
        {
            _recoveries[sink.Name] = sink.Newest.Queue.Recovery?.RecoveredAt ?? 0;
        }

        List<(byte[] Key, byte[] Value)> records = [];
        lock (_lock)
        {
            foreach (VersionedByteMapEntry entry in _map)
            {
                records.Add((entry.Key.ToArray(), entry.Value.ToArray()));
            }
        }

        foreach ((byte[] key, byte[] value) in records)
        {
            // The records of a queue that is not open stay for a later start.
            string queue = key.Length > IdBytes ? Encoding.UTF8.GetString(key.AsSpan(IdBytes)) : "";
            if (value.Length == ValueBytes && known.TryGetValue(queue, out IngressSink? named))
            {
                Resolve(new Guid(key.AsSpan(0, IdBytes)), named, value);
            }
        }
    }

    /// <summary>Returns a producer, or a new one for <see cref="Keep"/>; null if there are too many.</summary>
    public Producer? Find(Guid id, string queue)
    {
        lock (_lock)
        {
            if (_producers.TryGetValue((id, queue), out Producer? known))
            {
                known.UsedAt = ConnectionClock.Millis;
                return known;
            }

            return _producers.Count < MaxProducers || TryForgetIdle() ? new Producer() : null;
        }
    }

    /// <summary>Keeps a producer after an append.</summary>
    public void Keep(Guid id, string queue, Producer producer)
    {
        lock (_lock)
        {
            producer.UsedAt = ConnectionClock.Millis;
            _producers.TryAdd((id, queue), producer);
        }
    }

    /// <summary>Writes the record of an append before its messages are stored.</summary>
    /// <returns>False if the record cannot be written now.</returns>
    public bool TryWrite(Guid id, string queue, Producer known, long first, long last, long position, int length)
    {
        Span<byte> key = stackalloc byte[IdBytes + MaxNameBytes];
        Span<byte> value = stackalloc byte[ValueBytes];
        ReadOnlySpan<long> words = [known.Last, first, last, position, length, _recoveries.GetValueOrDefault(queue)];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(value[(i * sizeof(long))..], words[i]);
        }

        int keyBytes = WriteKey(key, id, queue);
        try
        {
            lock (_lock)
            {
                _map.Put(key[..keyBytes], value, Lifetime);
            }

            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    /// <summary>Takes the record of an append back whose messages were not stored. Another message may be stored at their
    /// position.</summary>
    public void TakeBack(Guid id, string queue, Producer known)
    {
        if (known.Last > 0)
        {
            TryWrite(id, queue, known, known.First, known.Last, known.Position, 0);
            return;
        }

        lock (_lock)
        {
            RemoveRecord(id, queue);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _map.Dispose();
        }
    }

    private void Resolve(Guid id, IngressSink sink, byte[] value)
    {
        Span<long> words = stackalloc long[ValueBytes / sizeof(long)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(i * sizeof(long)));
        }

        if (_recoveries[sink.Name] != words[5])
        {
            // The queue was recovered after the record was written, so it may lack messages that the record names: an append that is sent
            // again must not be taken for stored. The producer is forgotten, and its next append is refused.
            return;
        }

        bool isStored = sink.Earlier.Has(words[3], (int)words[4]) || IsDeleted(sink.Newest.Queue, words[3]);
        Producer producer = new() { Last = isStored ? words[2] : words[0], UsedAt = ConnectionClock.Millis };
        if (isStored)
        {
            (producer.First, producer.Position) = (words[1], words[3]);
        }

        // Later messages may lie at a position that received nothing, so the record must not refer to it any more.
        TryWrite(id, sink.Name, producer, producer.First, producer.Last, producer.Position, (int)words[4]);
        lock (_lock)
        {
            _producers[(id, sink.Name)] = producer;
        }
    }

    /// <summary>Whether retention has deleted the messages at a position. The record was checked at each start, so the messages were
    /// stored.</summary>
    private static bool IsDeleted(EstreamQueue queue, long position)
    {
        if (position < 0)
        {
            return false;
        }

        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToStart();
        return position < tailer.Position;
    }

    private bool TryForgetIdle()
    {
        long since = ConnectionClock.Millis - (long)s_busy.TotalMilliseconds;
        (Guid Id, string Queue)[] idle = [.. _producers.Where(one => one.Value.UsedAt < since).OrderBy(one => one.Value.UsedAt)
            .Take(ForgottenAtOnce).Select(one => one.Key)];
        foreach ((Guid id, string queue) in idle)
        {
            _producers.Remove((id, queue));
            RemoveRecord(id, queue);
        }

        return _producers.Count < MaxProducers;
    }

    private void RemoveRecord(Guid id, string queue)
    {
        Span<byte> key = stackalloc byte[IdBytes + MaxNameBytes];
        try
        {
            _map.Remove(key[..WriteKey(key, id, queue)]);
        }
        catch (EstreamStorageException)
        {
            // The record stays until it expires.
        }
    }

    private static int WriteKey(Span<byte> key, Guid id, string queue)
    {
        id.TryWriteBytes(key);
        return IdBytes + Encoding.UTF8.GetBytes(queue, key[IdBytes..]);
    }
}
