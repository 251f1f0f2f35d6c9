using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// A host with the role auto, on a separate machine. Follows the stream of its queue, or owns and publishes the queue and acknowledges
/// messages. Moves a diverged copy away, and starts again as a follower after an error, as the product does.
/// </summary>
internal sealed class ReplicaHost(string name, SimulatedMachine machine, SimulatedBrokers brokers, Action<string> note)
{
    private const int SegmentBytes = 64 << 10;
    private const int MaxBatchBytes = 4 << 10;
    private const int MaxInFlight = 24 << 10;

    private readonly SimulatedContext _waits = new();
    private readonly List<PendingMessage> _pending = [];
    private ApplierCore? _applier;
    private PublisherCore? _publisher;
    private ProgressFile? _progress;
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private QueueQuorum? _quorum;
    private QueueTailer? _hold;
    private Queue<byte[]>? _session;
    private byte[] _buffer = [];
    private int _next;
    private int _moved;
    private long? _claim;
    private bool _hasClaimed;

    public string Name => name;

    public SimulatedMachine Machine => machine;

    public SimulatedProcess Process { get; private set; } = machine.Start();

    public bool IsActive => _publisher?.IsActive == true;

    public bool IsOwner => _publisher is not null;

    /// <summary>Whether this host has read the whole stream, and the stream has all entries that this host sent.</summary>
    public bool IsSettled => (_applier is not null || IsActive) && !HasNext && _publisher?.IsAwaiting != true;

    public string Directory => DirectoryOf(_moved);

    /// <summary>The directories of the queue, the newest last. The others are diverged copies.</summary>
    public IEnumerable<string> Directories => Enumerable.Range(0, _moved + 1).Select(DirectoryOf);

    public string State => $"{name}: {(IsOwner ? "owner" : _applier is null ? "down" : "follower")} "
        + $"{(_publisher?.State ?? _applier?.State)?.Point} of {brokers.Count} entries";

    private long Offset => _publisher?.State.Offset ?? _applier?.State.Offset ?? -1;

    private bool HasNext => _next + (_next == Offset ? 1 : 0) < brokers.Count;

    private QueueOptions Options => new()
    {
        SegmentBytes = SegmentBytes, Storage = Process, Clock = machine.Clock, Background = machine.Background,
        IngressDurability = Durability.QuorumAndFlush,
    };

    /// <summary>Runs an action that a death or an error may end. After a death the machine starts again, with the host down.</summary>
    public void Do(Action action)
    {
        try
        {
            action();
            machine.ThrowIfDying();
        }
        catch (Exception) when (machine.IsDying)
        {
            Bury();
        }
        catch (EstreamReplicationException fault) when (fault.Fault is ReplicationFault.Diverged)
        {
            note($"  {name}: {fault.Message}");
            Restart();
            _moved++;
        }
        catch (EstreamException failure)
        {
            note($"  {name}: {failure.Message}");
            Restart();
        }
    }

    /// <summary>Starts as a follower if the host is down.</summary>
    public void Start()
    {
        if (_applier is null && _publisher is null)
        {
            _applier = new ApplierCore(Directory, Options, NewCodec(0));
            Connect();
        }
    }

    public void CutPower() => machine.End(Process, Death.PowerCut);

    /// <summary>Ends the process, also if the disk refuses.</summary>
    public void Restart()
    {
        try
        {
            Close();
            machine.ThrowIfDying();
        }
        catch (Exception) when (machine.IsDying)
        {
            Bury();
        }
    }

    /// <summary>Asks for the queue, as the holder of the lease does.</summary>
    public void TakeOver()
    {
        if (_applier is not null && !brokers.Exists)
        {
            Close();
            Own();
        }
        else if (_applier is not null && _claim is null)
        {
            _claim = (long)machine.Random.Next();
            _hasClaimed = false;
        }
    }

    public void Connect()
    {
        _session = brokers.Open();
        _hasClaimed = false;
        bool isShort = Offset >= brokers.Count;
        for (int attempt = isShort ? 0 : 2; attempt < 3; attempt++)
        {
            try
            {
                _applier?.BeginSession(isShort);
                _publisher?.BeginSession(isShort);
            }
            catch (EstreamStorageException) when (attempt < 2)
            {
                // Another broker may have a longer stream.
            }
        }

        _next = (int)Math.Max(0, Offset);
    }

    /// <summary>Appends a message, if the host believes that it is active.</summary>
    public void Append(long id, int length, Durability durability)
    {
        if (!IsActive)
        {
            return;
        }

        byte[] payload = new byte[sizeof(long) + length];
        _ = BitConverter.TryWriteBytes(payload, id);
        long position = _appender!.Append(payload, durability);
        bool isFlushed = durability == Durability.QuorumAndFlush;
        _waits.Do(() => _pending.Add(new PendingMessage(id, isFlushed,
            isFlushed ? _queue!.WaitDurableAsync(position) : _queue!.WaitQuorumAsync(position))));
    }

    /// <summary>Takes the messages whose waits have completed.</summary>
    public void Acknowledge(Action<long, bool> acknowledge)
    {
        _waits.RunPosted();
        foreach (PendingMessage message in _pending.Where(message => message.Wait.IsCompleted).ToArray())
        {
            _ = _pending.Remove(message);
            try
            {
                message.Wait.GetAwaiter().GetResult();
                acknowledge(message.Id, message.IsFlushed);
            }
            catch (Exception failure) when (failure is EstreamException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>Sends the next entry, or the claim of a takeover.</summary>
    /// <returns>Whether an entry or a claim was sent.</returns>
    public bool Send()
    {
        int length = _publisher?.TryNext(Rent) ?? 0;
        if (_claim is { } owner && !_hasClaimed && !HasNext && _applier is not null)
        {
            length = _applier.TryClaim(owner, Rent);
            _hasClaimed = length > 0;
        }

        if (length > 0)
        {
            _session!.Enqueue(_buffer[..length]);
        }

        return length > 0;
    }

    /// <summary>Reads the next entry. The first entry of a session is an entry that was read before.</summary>
    /// <returns>Whether an entry was read.</returns>
    public bool Read()
    {
        if (!HasNext || (_applier is null && _publisher is null))
        {
            return false;
        }

        int next = _next++;
        try
        {
            Take(next, brokers[next]);
        }
        catch (EstreamStorageException changed) when (changed.Reason == StorageFailure.Other && changed.Path == Directory)
        {
            // The stream is not the stream that was read before.
            Connect();
        }

        return true;
    }

    /// <summary>Forgets the stream, as ReplicationReset does for an operator.</summary>
    public void Reset()
    {
        Close();
        using EstreamQueue queue = EstreamQueue.Open(Directory, Options);
        using ProgressFile progress = ProgressFile.Open(Process, Directory, queue.Id);
        StreamState state = new();
        progress.Restore(state);
        state.Resume(StreamPoint.None);
        progress.Store(state);
        progress.MayRestart = true;
    }

    /// <summary>The ids of the messages in a directory of the host.</summary>
    public List<long> Ids(string directory)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, Options);
        return [.. DurableModel.ReadAll(queue).Select(message => BitConverter.ToInt64(message.Payload))];
    }

    /// <summary>Replaces the machine's disk by an empty disk.</summary>
    public void LoseDisk()
    {
        Restart();
        foreach (string directory in Directories.Append($"{Directory}/tailers").Append($"{Directory}/writers"))
        {
            foreach (string file in machine.Names.List(directory, ""))
            {
                machine.Names.Unlink($"{directory}/{file}");
            }
        }

        machine.Names.SyncAll();
    }

    private static string DirectoryOf(int number) => $"/orders-{number}";

    private static EntryCodec NewCodec(long queueId) => new("simulation", queueId, []);

    private void Take(int offset, byte[] entry)
    {
        if (_publisher is not null)
        {
            TakeAsOwner(offset, entry);
            return;
        }

        Verdict verdict = _applier!.Take(offset, entry, out EntryHeader header);
        if (_claim is { } owner && header.Kind == EntryKind.Epoch && header.Owner == owner)
        {
            if (verdict == Verdict.Epoch)
            {
                Close();
                Own();
            }
            else
            {
                _hasClaimed = false;
            }
        }
    }

    // As QueuePublisher does.
    private void Own()
    {
        _queue = EstreamQueue.Open(Directory, Options);
        _appender = _queue.CreateAppender(machine.Random.Pick(AppenderMode.Exclusive, AppenderMode.Shared));
        _progress = ProgressFile.Open(Process, Directory, _queue.Id);
        StreamState state = new();
        _progress.Restore(state);
        _hold = _queue.CreateTailer("cluster-simulation");
        _quorum = _queue.OpenQuorum();
        _publisher = new PublisherCore(_queue, NewCodec(_queue.Id), state, (long)machine.Random.Next(), MaxBatchBytes, MaxInFlight)
        {
            MayRestart = _progress.MayRestart,
        };
        _publisher.RequireUncut(_progress);
        brokers.Exists = true;
        Connect();
    }

    private void TakeAsOwner(int offset, byte[] entry)
    {
        PublisherStep step = _publisher!.Take(offset, entry);
        if (step == PublisherStep.Fenced)
        {
            note($"  {name} is fenced");
            _quorum!.Fail(new EstreamStorageException("Fenced.", Directory, StorageFailure.Other));
            Close();
            return;
        }

        if (step == PublisherStep.Reset)
        {
            Connect();
        }

        if (_publisher.IsActive)
        {
            _progress!.MayRestart &= _publisher.MayRestart;
            _quorum!.AdvanceTo(_publisher.State.Position);
            if (machine.Random.Chance(0.5) || !_publisher.IsAwaiting)
            {
                _progress.Store(_publisher.State);
                _ = _hold!.TrySeek(_publisher.State.Position);
            }
        }
    }

    private Memory<byte> Rent(int length) => _buffer = new byte[length];

    private void Close()
    {
        _applier?.Dispose();
        _publisher?.Dispose();
        _progress?.Dispose();
        _queue?.Dispose();
        Forget();
    }

    private void Forget()
    {
        (_applier, _publisher, _progress, _queue, _appender, _quorum, _hold) = (null, null, null, null, null, null, null);
        (_claim, _session) = (null, null);
        _pending.Clear();
        _waits.RunPosted();
    }

    private void Bury()
    {
        note($"  {name} died: {machine.Bury()}");
        Forget();
        Process = machine.Start();
    }

    private sealed record PendingMessage(long Id, bool IsFlushed, ValueTask Wait);
}
