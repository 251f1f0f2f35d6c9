using Estream.Core;
using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// A queue that follows another queue. Messages and the position in the source are committed in one batch (docs/decisions/0014), so each
/// message is replicated exactly once, even after a crash.
/// </summary>
internal sealed class LocalQueueReplica : IReplica
{
    private const string ReaderPrefix = "replica-";

    // The limits of one batch. A message that is longer than the byte limit is copied in a separate batch.
    private const int BatchBytes = 16 << 10;
    private const int BatchMessages = 256;
    private const int BatchesInSegment = 8;
    private const long LargestSegment = 1L << 30;

    private readonly EstreamQueue _source;
    private readonly EstreamQueue _target;
    private readonly ReplicaClock _clock;
    private readonly string _reader;
    private readonly int _batchBytes;

    // The position at which reading of the source resumed when the replica was opened. Peeking at the next message may have moved the
    // tailer to another segment since.
    private readonly long _begun;
    private QueueTailer _tailer;
    private QueueAppender? _appender;

    // True if the tailer has read messages that no batch has committed.
    private bool _isMidway;

    private LocalQueueReplica(EstreamQueue source, EstreamQueue target, ReplicaClock clock, string reader)
    {
        (_source, _target, _clock, _reader) = (source, target, clock, reader);
        _batchBytes = (int)Math.Min(BatchBytes, target.SegmentBytes / BatchesInSegment);

        // Without this check a new reader name in the source would retain messages that no replica reads.
        if (target.GetInfo().NextSequence > 0 && source.GetInfo().Tailers.All(known => known.Name != reader))
        {
            throw Fault(ReplicationFault.NotAReplica,
                "has messages, but the source has no reader for it. Move it away, or give the replica another name");
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

    public static LocalQueueReplica Open(string directory, string name, EstreamQueue source, QueueKeyRing? keys, IStorage storage)
    {
        if (keys is null && (source.HasKeys || source.GetInfo().Encryption is not null))
        {
            throw new ArgumentException(
                $"The queue '{source.Directory}' is encrypted, but its replica would be plaintext. Give the "
                + $"{nameof(LocalReplicationEngine)} keys for it.", nameof(source));
        }

        ReplicaClock clock = new();

        // A batch is slightly longer than its messages, and must fit even with the longest message.
        EstreamQueue target = EstreamQueue.Open(directory,
            new QueueOptions
            {
                SegmentBytes = Math.Min(2 * source.SegmentBytes, LargestSegment),
                Clock = clock,
                Storage = storage,
                Keys = keys,
                Region = source.Region,
            });
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
                // All messages of a batch have the same time, so a batch ends where the time of the messages changes.
                _clock.Set(first.Time);
                messages += Copy(_appender ??= Begin(), first.Time, Math.Max(first.Payload.Length, _batchBytes),
                    (int)Math.Min(BatchMessages, most - messages), ref bytes);
            }
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull && messages > 0)
        {
            // Report the work that was done. The next call, which can do no work, throws because the disk is full.
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

    // Called for the first message, so that the log begins at the time of that message. The appender is exclusive.
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
                    "has messages that are not from this source. Move it away, or give the replica another name");
            }

            if (_begun != _source.GetInfo().FirstPosition)
            {
                throw Fault(ReplicationFault.Truncated,
                    $"is empty, but the source was replicated up to position {_begun}. {RestartHint}");
            }

            return;
        }

        if (mark.MessagesBehind > 0)
        {
            throw Fault(ReplicationFault.Diverged,
                $"ends with {mark.MessagesBehind} messages that are not from the source: another program appended them. {RestartHint}");
        }

        if (mark.Position < _begun)
        {
            throw Fault(ReplicationFault.Truncated,
                $"ends at position {mark.Position} of the source, but had reached {_begun}. {RestartHint}");
        }

        if (mark.Position > _begun)
        {
            throw Fault(ReplicationFault.Diverged,
                $"is at position {mark.Position} of the source, which has recorded only {_begun}: the source may be an older copy. "
                + RestartHint);
        }
    }

    private string RestartHint => $"To restart, move the replica away and delete the reader '{_reader}' of the source";

    private EstreamReplicationException Fault(ReplicationFault fault, string what) =>
        new($"The replica '{_target.Directory}' of queue '{_source.Directory}' {what}.", _target.Directory, fault);
}

/// <summary>Gives messages of a replica the times of the source. Set and read only by the appending thread.</summary>
internal sealed class ReplicaClock : IClock
{
    private long _now;

    public long UtcNanos => Volatile.Read(ref _now);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    public void Set(long time) => Volatile.Write(ref _now, time);
}

/// <summary>A replica that is advanced step by step. One thread at a time; for a map, only the thread that writes the map.</summary>
public interface IReplica : IDisposable
{
    /// <summary>Advances the replica.</summary>
    /// <param name="most">The maximum number of messages or of map changes to copy; 0 only returns the progress. The initial snapshot of a
    /// map is always copied completely.</param>
    /// <returns>The progress of this step and the remaining lag. If the disk becomes full after part of the work, the result counts that
    /// part, and the next call, which can do no work, throws.</returns>
    /// <exception cref="EstreamReplicationException">The replica no longer contains the data that was replicated from its
    /// source.</exception>
    /// <exception cref="Core.EstreamException">The storage failed or is damaged. Earlier work is kept; a further call resumes from
    /// there.</exception>
    ReplicationProgress Advance(long most);
}

/// <summary>The progress of a replica.</summary>
/// <param name="Messages">Messages copied in this step; for a map, entries of the snapshot and changes.</param>
/// <param name="Bytes">Bytes of these messages; for a map, of keys and values.</param>
/// <param name="Position">The position in the source, or in the change feed of the map, up to which the replica is complete.</param>
/// <param name="LagMessages">Messages of the source that the replica does not have, by sequence numbers.</param>
/// <param name="LagBytes">Bytes of the log that contain them, including headers and unused ends of segments.</param>
public readonly record struct ReplicationProgress(long Messages, long Bytes, long Position, long LagMessages, long LagBytes);
