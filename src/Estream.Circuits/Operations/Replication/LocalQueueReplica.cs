using Estream.Core;
using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// A queue that follows another one. Messages and the place in the source are one batch (docs/decisions/0014), so that each message is
/// there exactly once, whatever dies when.
/// </summary>
internal sealed class LocalQueueReplica : IReplica
{
    private const string ReaderPrefix = "replica-";

    // What is shown at once; a longer message is shown alone.
    private const int BatchBytes = 16 << 10;
    private const int BatchMessages = 256;
    private const int BatchesInSegment = 8;
    private const long LargestSegment = 1L << 30;

    private readonly EstreamQueue _source;
    private readonly EstreamQueue _target;
    private readonly ReplicaClock _clock;
    private readonly string _reader;
    private readonly int _batchBytes;

    // Where the source went on when it was opened. A look at the next message may have taken the tailer into another segment since.
    private readonly long _begun;
    private QueueTailer _tailer;
    private QueueAppender? _appender;

    // The tailer has read what no batch has committed.
    private bool _isMidway;

    private LocalQueueReplica(EstreamQueue source, EstreamQueue target, ReplicaClock clock, string reader)
    {
        (_source, _target, _clock, _reader) = (source, target, clock, reader);
        _batchBytes = (int)Math.Min(BatchBytes, target.SegmentBytes / BatchesInSegment);

        // A name of its own in the source would keep retention from what nobody reads.
        if (target.GetInfo().NextSequence > 0 && source.GetInfo().Tailers.All(known => known.Name != reader))
        {
            throw Fault(ReplicationFault.NotAReplica,
                "has messages, and the source knows nothing of it. Move it away, or give the replica another name");
        }

        _tailer = source.CreateTailer(reader, target);
        _begun = _tailer.Position;
        try
        {
            RequireOwn();
        }
        catch
        {
            _tailer.Dispose();
            throw;
        }
    }

    public static LocalQueueReplica Open(string directory, string name, EstreamQueue source, IStorage storage)
    {
        if (source.HasKeys || source.GetInfo().Encryption is not null)
        {
            throw new ArgumentException(
                $"The queue '{source.Directory}' is encrypted, and its replica would be in clear. Copy its directory instead.",
                nameof(source));
        }

        ReplicaClock clock = new();

        // A batch is a little longer than its messages, and has to fit where the longest message did.
        EstreamQueue target = EstreamQueue.Open(directory,
            new QueueOptions { SegmentBytes = Math.Min(2 * source.SegmentBytes, LargestSegment), Clock = clock, Storage = storage });
        try
        {
            return new LocalQueueReplica(source, target, clock, ReaderPrefix + name);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public ReplicationProgress Advance(long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        BeginWhereCommitted();
        (long messages, long bytes) = (0, 0);
        try
        {
            while (messages < most && _tailer.TryPeek(out QueueMessage first))
            {
                // Of the time that its messages have: so a batch ends where the time is another.
                _clock.Set(first.Time);
                messages += Copy(_appender ??= Begin(), first.Time, Math.Max(first.Payload.Length, _batchBytes),
                    (int)Math.Min(BatchMessages, most - messages), ref bytes);
            }
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull && messages > 0)
        {
            // What was done is told; the next step, which can do nothing, says that the disk is full.
            BeginWhereCommitted();
        }

        TailerInfo place = _source.GetInfo().Tailers.First(known => known.Name == _reader);
        return new ReplicationProgress(messages, bytes, _tailer.Position, place.LagMessages ?? 0, place.LagBytes);
    }

    public void Dispose()
    {
        _appender?.Dispose();
        _tailer.Dispose();
        _target.Dispose();
    }

    private void BeginWhereCommitted()
    {
        if (_isMidway)
        {
            _tailer.Dispose();
            _tailer = _source.CreateTailer(_reader, _target);
            _isMidway = false;
        }
    }

    private int Copy(QueueAppender appender, long time, int mostBytes, int mostMessages, ref long bytes)
    {
        using BatchClaim batch = appender.ClaimBatch(mostBytes, BatchMessages, _tailer);
        _isMidway = true;
        int count = 0;
        long copied = 0;
        while (count < mostMessages && _tailer.TryPeek(out QueueMessage message) && message.Time == time
            && message.Payload.Length <= batch.Span.Length)
        {
            batch.Append(message.Payload);
            copied += message.Payload.Length;
            count++;
            _ = _tailer.TryRead(out _);
        }

        batch.Commit();
        _isMidway = false;
        bytes += copied;
        return count;
    }

    // With the first message: the log begins with its time. From here on nobody else appends.
    private QueueAppender Begin()
    {
        QueueAppender appender = _target.CreateAppender(AppenderMode.Exclusive);
        try
        {
            RequireOwn();
            return appender;
        }
        catch
        {
            appender.Dispose();
            throw;
        }
    }

    private void RequireOwn()
    {
        if (_target.FindConsumed(_source, _reader) is not ConsumerOffset mark)
        {
            if (_target.GetInfo().NextSequence > 0)
            {
                throw Fault(ReplicationFault.NotAReplica,
                    "has messages that are not of this source. Move it away, or give the replica another name");
            }

            if (_begun != _source.GetInfo().FirstPosition)
            {
                throw Fault(ReplicationFault.Truncated,
                    $"is empty, and the source has been replicated up to position {_begun}. {RestartHint}");
            }

            return;
        }

        if (mark.MessagesBehind > 0)
        {
            throw Fault(ReplicationFault.Diverged,
                $"has {mark.MessagesBehind} messages at its end that are not of the source: somebody else has appended. {RestartHint}");
        }

        if (mark.Position < _begun)
        {
            throw Fault(ReplicationFault.Truncated,
                $"ends with what the source has before position {mark.Position}, and had come to {_begun}. {RestartHint}");
        }

        if (mark.Position > _begun)
        {
            throw Fault(ReplicationFault.Diverged,
                $"has come to position {mark.Position} of the source, which knows of {_begun} only: it may be an older copy. "
                + RestartHint);
        }
    }

    private string RestartHint => $"To begin anew, move the replica away and give up the reader '{_reader}' of the source";

    private EstreamReplicationException Fault(ReplicationFault fault, string what) =>
        new($"The replica '{_target.Directory}' of queue '{_source.Directory}' {what}.", _target.Directory, fault);
}

/// <summary>Gives the messages of a replica the times they have in the source. Set and read by the one thread that appends.</summary>
internal sealed class ReplicaClock : IClock
{
    private long _now;

    public long UtcNanos => Volatile.Read(ref _now);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    public void Set(long time) => Volatile.Write(ref _now, time);
}

/// <summary>A replica that is brought further step by step. One thread at a time; that of a map is the thread that writes the
/// map.</summary>
public interface IReplica : IDisposable
{
    /// <summary>Brings it further.</summary>
    /// <param name="most">The most messages to take over, or changes of a map; 0 says only how far it is. The beginning of a map, its
    /// snapshot, is taken as a whole.</param>
    /// <returns>What was done, and what is left. Where the disk is full behind some of it, that is what was done: the next call, which can
    /// do nothing, says so by its exception.</returns>
    /// <exception cref="EstreamReplicationException">The replica is not what replication has made of its source any more.</exception>
    /// <exception cref="Core.EstreamException">Storage refused, or is damaged. What was done before stays done; the same call goes on from
    /// there.</exception>
    ReplicationProgress Advance(long most);
}

/// <summary>How far a replica is.</summary>
/// <param name="Messages">Messages taken over in this step; of a map, entries of the snapshot and changes.</param>
/// <param name="Bytes">Bytes of these messages; of a map, of keys and values.</param>
/// <param name="Position">The position in the source, or in the feed of the map's changes, behind what the replica has.</param>
/// <param name="LagMessages">Messages that the source has and the replica has not, counted by their numbers.</param>
/// <param name="LagBytes">Bytes of the log they are in, with all headers and unused ends of segments.</param>
public readonly record struct ReplicationProgress(long Messages, long Bytes, long Position, long LagMessages, long LagBytes);
