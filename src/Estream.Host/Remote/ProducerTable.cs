using System.Buffers.Binary;
using System.Text;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Map;
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
    /// <summary>The maximum number of producers, and the time after which an idle producer is forgotten.</summary>
    public const int MaxProducers = 65_536;

    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const int IdBytes = 16;
    private const int MaxNameBytes = 255;
    private const int ValueBytes = 48;

    private readonly VersionedByteMap _map;
    private readonly IClock _clock;
    private readonly Dictionary<(Guid Id, string Queue), Producer> _producers = [];
    private readonly Lock _lock = new();

    private ProducerTable(VersionedByteMap map, IClock clock) => (_map, _clock) = (map, clock);

    /// <summary>Opens the table, and finds out which messages of the last process are stored. Nothing may be appended before.</summary>
    /// <exception cref="EstreamException">The files cannot be opened, or are damaged.</exception>
    public static ProducerTable Open(string directory, IngressSinks sinks, IClock clock)
    {
        ProducerTable table = new(VersionedByteMap.Open(directory, new ByteMapOptions { Clock = clock }), clock);
        try
        {
            Dictionary<string, IngressSink> known = sinks.All.ToDictionary(sink => sink.Name, StringComparer.Ordinal);
            List<(byte[] Key, byte[] Value)> records = [];
            foreach (VersionedByteMapEntry entry in table._map)
            {
                records.Add((entry.Key.ToArray(), entry.Value.ToArray()));
            }

            foreach ((byte[] key, byte[] value) in records)
            {
                // The records of a queue that is not open stay for a later start.
                string queue = key.Length > IdBytes ? Encoding.UTF8.GetString(key.AsSpan(IdBytes)) : "";
                if (value.Length == ValueBytes && known.TryGetValue(queue, out IngressSink? sink))
                {
                    table.Resolve(new Guid(key.AsSpan(0, IdBytes)), sink, value);
                }
            }

            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Returns a producer, and adds an unknown one; null if there are too many.</summary>
    public Producer? Find(Guid id, string queue)
    {
        lock (_lock)
        {
            if (_producers.TryGetValue((id, queue), out Producer? known))
            {
                known.UsedAt = ConnectionClock.Millis;
                return known;
            }

            if (_producers.Count >= MaxProducers && !TryForgetIdle())
            {
                return null;
            }

            Producer added = new() { UsedAt = ConnectionClock.Millis };
            _producers.Add((id, queue), added);
            return added;
        }
    }

    /// <summary>Writes the record of an append before its messages are stored.</summary>
    /// <returns>False if the record cannot be written now.</returns>
    public bool TryWrite(Guid id, string queue, Producer known, long first, long last, long position, int length)
    {
        Span<byte> key = stackalloc byte[IdBytes + MaxNameBytes];
        Span<byte> value = stackalloc byte[ValueBytes];
        ReadOnlySpan<long> words = [known.Last, first, last, position, length, _clock.UtcNanos];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(value[(i * sizeof(long))..], words[i]);
        }

        id.TryWriteBytes(key);
        int name = Encoding.UTF8.GetBytes(queue, key[IdBytes..]);
        try
        {
            lock (_lock)
            {
                _map.Put(key[..(IdBytes + name)], value, Lifetime);
            }

            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
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

        if (sink.Newest.Queue.Recovery is { } recovery && recovery.RecoveredAt > words[5])
        {
            // After a power cut the queue may lack messages that the record names, so an append that is sent again must not be taken for
            // stored. The producer is forgotten, and its next append is refused.
            return;
        }

        bool isStored = sink.Earlier.Has(words[3], (int)words[4]);
        Producer producer = new() { Last = isStored ? words[2] : words[0], UsedAt = ConnectionClock.Millis };
        if (isStored)
        {
            (producer.First, producer.Position) = (words[1], words[3]);
        }

        // Later messages may lie at a position that received nothing, so the record must not refer to it any more.
        TryWrite(id, sink.Name, producer, producer.First, producer.Last, producer.Position, (int)words[4]);
        _producers[(id, sink.Name)] = producer;
    }

    private bool TryForgetIdle()
    {
        long since = ConnectionClock.Millis - (long)Lifetime.TotalMilliseconds;
        foreach (((Guid, string) key, Producer producer) in _producers)
        {
            if (producer.UsedAt < since)
            {
                _producers.Remove(key);
            }
        }

        return _producers.Count < MaxProducers;
    }
}
