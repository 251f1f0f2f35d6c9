using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Testing;

/// <summary>Executes an operation a few times, on a temporary queue or map. Not thread-safe.</summary>
/// <remarks>Creates some files in the directory for temporary files. Its clock does not advance.</remarks>
public sealed class OperationTrial : IDisposable
{
    private const long SegmentBytes = 1 << 20;

    private readonly Dictionary<string, EstreamQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OperationMap> _maps = new(StringComparer.Ordinal);
    private readonly TrialClock _clock = new();
    private readonly OperationState _before;
    private readonly OperationCircuit _opened;
    private QueueChangeSink? _changes;

    /// <summary>Creates the trial.</summary>
    /// <param name="circuit">The circuit of an operation.</param>
    /// <param name="target">The target that runs the operation; the CPU when omitted.</param>
    /// <exception cref="InvalidOperationException">The circuit is not an operation.</exception>
    public OperationTrial(Circuit circuit, IExecutionTarget? target = null)
        : this(circuit, target, OperationState.Empty)
    {
    }

    internal OperationTrial(Circuit circuit, IExecutionTarget? target, OperationState before)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        CircuitOperation operation = circuit is { IsCallable: true, Operation: { } only }
            ? only
            : throw new InvalidOperationException($"{circuit} is not an operation. Use {nameof(CircuitTrial)} for it.");
        _before = before;
        Root = Directory.CreateTempSubdirectory("estream-operation-").FullName;
        try
        {
            foreach (string queue in new[] { operation.Queue, operation.Feed }.OfType<string>())
            {
                _queues.Add(queue, MakeQueue(queue));
            }

            if (operation.Map is string map)
            {
                _maps.Add(map, MakeMap(map, operation.Feed));
            }

            _clock.Pass(before.PassedNanos);
            OperationResources resources = new()
            {
                Queues = _queues,
                Maps = _maps,
                Appending = AppenderMode.Exclusive,
                Replication = new LocalReplicationEngine(Root, _clock),
            };
            _opened = OperationCircuit.Open(circuit, resources, target);
        }
        catch
        {
            Clear();
            throw;
        }
    }

    /// <summary>The directory of the trial's queues and maps.</summary>
    internal string Root { get; }

    /// <summary>Executes a request.</summary>
    /// <param name="request">The request; any bytes.</param>
    /// <returns>The result; valid until the next call.</returns>
    /// <exception cref="Core.EstreamException">The storage failed.</exception>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> request) => _opened.Run(request);

    /// <summary>Deletes all temporary files. Idempotent.</summary>
    public void Dispose()
    {
        _opened.Dispose();
        Clear();
    }

    /// <summary>Executes requests as one batch.</summary>
    internal void Run(MessageBatch requests, MessageBatch results) => _opened.Run(requests, results);

    /// <summary>Closes the operation, so that its queues and maps can be inspected.</summary>
    internal void End() => _opened.Dispose();

    /// <summary>Returns the messages of a queue or of its replica.</summary>
    internal IReadOnlyList<TrialMessages> MessagesIn(string name)
    {
        if (_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            return MessagesIn(queue);
        }

        string directory = Path.Combine(Root, "queues", name);
        if (!Directory.Exists(directory))
        {
            return [];
        }

        using EstreamQueue replica = EstreamQueue.OpenReadOnly(directory);
        return MessagesIn(replica);
    }

    /// <summary>Returns the entries of a map or of its replica, ordered by key.</summary>
    internal IReadOnlyList<TrialEntry> EntriesIn(string name)
    {
        if (_maps.TryGetValue(name, out OperationMap? map))
        {
            return map.Plain is null ? EntriesIn(map.Versioned!) : EntriesIn(map.Plain);
        }

        string directory = Path.Combine(Root, "maps", name);
        if (!Directory.Exists(directory))
        {
            return [];
        }

        ByteMapOptions options = new() { Clock = _clock };
        if (_maps.Values.Any(one => one.Plain is not null))
        {
            using ByteMap plain = ByteMap.OpenReadOnly(directory, options);
            return EntriesIn(plain);
        }

        using VersionedByteMap versioned = VersionedByteMap.OpenReadOnly(directory, options);
        return EntriesIn(versioned);
    }

    private static List<TrialMessages> MessagesIn(EstreamQueue queue)
    {
        List<TrialMessages> all = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (all.Count > 0 && message.Payload.SequenceEqual(all[^1].Payload))
            {
                all[^1] = all[^1] with { Times = all[^1].Times + 1 };
            }
            else
            {
                all.Add(new TrialMessages(message.Payload.ToArray(), 1));
            }
        }

        return all;
    }

    private static List<TrialEntry> EntriesIn(ByteMap map)
    {
        List<TrialEntry> all = [];
        foreach (ByteMapEntry entry in map)
        {
            all.Add(new TrialEntry(entry.Key.ToArray(), entry.Value.ToArray(), null));
        }

        return Ordered(all);
    }

    private static List<TrialEntry> EntriesIn(VersionedByteMap map)
    {
        List<TrialEntry> all = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            all.Add(new TrialEntry(entry.Key.ToArray(), entry.Value.ToArray(), null));
        }

        return Ordered(all);
    }

    private static List<TrialEntry> Ordered(List<TrialEntry> entries)
    {
        entries.Sort((one, other) => one.Key.AsSpan().SequenceCompareTo(other.Key));
        return entries;
    }

    private EstreamQueue MakeQueue(string name)
    {
        TrialQueue before = _before.Queues.GetValueOrDefault(name) ?? new TrialQueue(SegmentBytes, []);
        EstreamQueue queue =
            EstreamQueue.Open(Path.Combine(Root, "queues", name), new QueueOptions { SegmentBytes = before.SegmentBytes, Clock = _clock });
        if (before.Messages.Count > 0)
        {
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            foreach (TrialMessages messages in before.Messages)
            {
                for (int i = 0; i < messages.Times; i++)
                {
                    appender.Append(messages.Payload);
                }
            }
        }

        return queue;
    }

    private OperationMap MakeMap(string name, string? feed)
    {
        TrialMap before = _before.Maps.GetValueOrDefault(name) ?? new TrialMap(HasVersions: true, []);
        _changes = feed is null ? null : new QueueChangeSink(_queues[feed]);
        ByteMapOptions options = new() { Clock = _clock, Changes = _changes };
        string directory = Path.Combine(Root, "maps", name);
        OperationMap map = before.HasVersions
            ? OperationMap.Of(VersionedByteMap.Open(directory, options))
            : OperationMap.Of(ByteMap.Open(directory, options));
        foreach (TrialEntry entry in before.Entries)
        {
            map.Plain?.Put(entry.Key, entry.Value);
            map.Versioned?.Put(entry.Key, entry.Value, entry.TimeToLive);
        }

        return map;
    }

    private void Clear()
    {
        foreach (OperationMap map in _maps.Values)
        {
            map.Plain?.Dispose();
            map.Versioned?.Dispose();
        }

        _changes?.Dispose();
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }

        _maps.Clear();
        _queues.Clear();
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}

/// <summary>The clock of a trial, which advances only through <see cref="Pass"/>.</summary>
internal sealed class TrialClock : IClock
{
    // 14 November 2023, so that times in vectors have as many digits as current times.
    private long _now = 1_700_000_000_000_000_000;

    public long UtcNanos => Volatile.Read(ref _now);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;

    public void Pass(long nanos) => Interlocked.Add(ref _now, nanos);
}
