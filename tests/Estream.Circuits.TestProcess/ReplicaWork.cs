using System.Buffers.Binary;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.TestProcess;

/// <summary>A queue and a map that change continuously, and replicas that follow them. Each message has the next number, each entry the
/// number of its last change.</summary>
public sealed class ReplicaWork : IDisposable
{
    private const int Keys = 50;
    private const int Most = 60;

    private readonly string _directory;
    private readonly EstreamQueue _log;
    private readonly EstreamQueue _changes;
    private readonly QueueChangeSink _sink;
    private readonly VersionedByteMap _state;
    private readonly IReplica _queueReplica;
    private readonly IReplica _mapReplica;
    private readonly Random _random = new();
    private long _next;

    public ReplicaWork(string directory)
    {
        _directory = directory;
        QueueOptions small = new() { SegmentBytes = 64 << 10 };
        _log = EstreamQueue.Open(Path.Combine(directory, "log"), small);
        _changes = EstreamQueue.Open(Path.Combine(directory, "changes"), small);
        _sink = new QueueChangeSink(_changes);
        _state = VersionedByteMap.Open(Path.Combine(directory, "state"), new ByteMapOptions { Changes = _sink });
        LocalReplicationEngine engine = new(Path.Combine(directory, "copies"));
        _queueReplica = engine.OpenQueue("copy", _log);
        _mapReplica = engine.OpenMap("copy", OperationMap.Of(_state), _changes);
        _next = Numbers(_log).Count;
    }

    public static int RunUntilKilled(string directory)
    {
        using ReplicaWork work = new(directory);
        Console.WriteLine("running");
        for (int round = 0; ; round++)
        {
            // Changes and replication steps have the same maximum, so the replicas are usually behind.
            work.Change(work._random.Next(Most));
            _ = work._queueReplica.Advance(work._random.Next(Most));
            _ = work._mapReplica.Advance(work._random.Next(Most));
            if (round == 20)
            {
                Console.WriteLine("under way");
            }
        }
    }

    /// <summary>Replicates everything that is left, and describes the first difference between a replica and its source; null if there is
    /// none.</summary>
    public string? Difference()
    {
        _ = _queueReplica.Advance(long.MaxValue);
        _ = _mapReplica.Advance(long.MaxValue);
        List<long> source = Numbers(_log);
        using EstreamQueue copy = EstreamQueue.OpenReadOnly(Path.Combine(_directory, "copies", "queues", "copy"));
        List<long> copied = Numbers(copy);
        using VersionedByteMap entries = VersionedByteMap.OpenReadOnly(Path.Combine(_directory, "copies", "maps", "copy"));
        return !source.SequenceEqual(Enumerable.Range(0, source.Count).Select(i => (long)i))
            ? $"the source has {source.Count} messages that are not in their order"
            : !source.SequenceEqual(copied)
                ? $"the replica has {copied.Count} messages and not the {source.Count} of the source in their order"
            : !Entries(_state).SequenceEqual(Entries(entries)) ? "the replica of the map has other entries"
            : null;
    }

    public void Dispose()
    {
        _queueReplica.Dispose();
        _mapReplica.Dispose();
        _state.Dispose();
        _sink.Dispose();
        _log.Dispose();
        _changes.Dispose();
    }

    private void Change(int count)
    {
        using QueueAppender appender = _log.CreateAppender(AppenderMode.Exclusive);
        Span<byte> number = stackalloc byte[100];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, _next);
            appender.Append(number[..(8 + (int)(_next % 90))]);
            byte key = (byte)_random.Next(Keys);
            if (_random.Next(4) == 0)
            {
                _state.Remove([key]);
            }
            else
            {
                _state.Put([key], number[..8]);
            }

            _next++;
        }
    }

    private static List<long> Numbers(EstreamQueue queue)
    {
        List<long> numbers = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            numbers.Add(BinaryPrimitives.ReadInt64LittleEndian(message.Payload));
        }

        return numbers;
    }

    private static List<(byte Key, long Number)> Entries(VersionedByteMap map)
    {
        List<(byte Key, long Number)> entries = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            entries.Add((entry.Key[0], BinaryPrimitives.ReadInt64LittleEndian(entry.Value)));
        }

        entries.Sort();
        return entries;
    }
}
