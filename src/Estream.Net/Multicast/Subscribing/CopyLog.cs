using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue;

namespace Estream.Net.Multicast.Internal;

/// <summary>What the copy did with a message.</summary>
internal enum CopyResult
{
    Appended,

    /// <summary>The copy had the message already, with the same bytes.</summary>
    Verified,

    /// <summary>The copy has another message there.</summary>
    Different,
}

/// <summary>
/// The copy: a queue with an exclusive appender and the map of its positions to those of the source. Appends each source message once;
/// after a restart it compares the messages that it already has with what the source sends again. Not thread-safe.
/// </summary>
internal sealed class CopyLog : IDisposable
{
    private readonly MulticastSubscriberOptions _options;
    private readonly ReplicaClock _clock;
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private CopyFile? _file;
    private QueueTailer? _verifier;
    private Checkpoint _last;
    private long _sourceSegmentBytes;
    private long _lastTime = -1;

    public CopyLog(string directory, MulticastSubscriberOptions options)
    {
        Directory = System.IO.Path.GetFullPath(directory);
        _options = options;
        _clock = new ReplicaClock(options.Clock);
        if (CopyFile.Exists(options.Queue.Storage, Directory))
        {
            OpenExisting();
        }
    }

    /// <summary>The directory of the copy.</summary>
    public string Directory { get; }

    /// <summary>Whether a copy exists.</summary>
    public bool Exists => _file is not null;

    /// <summary>The queue id of the source of an existing copy.</summary>
    public long SourceId => _file!.SourceId;

    /// <summary>The message from which the source must be requested: the newest one that the copy is known to have.</summary>
    public Checkpoint Resume { get; private set; }

    /// <summary>Whether messages that the copy has must be compared before any is appended.</summary>
    public bool IsVerifying => _verifier is not null;

    /// <summary>What differs from the source.</summary>
    public CopyDifferences Differences { get; private set; }

    /// <summary>The largest message that fits.</summary>
    public int MaxMessageBytes => Math.Min(_options.MaxMessageBytes, _queue?.MaxMessageBytes ?? int.MaxValue);

    /// <summary>Prepares a copy of a source, whose first message decides when it is created.</summary>
    public void Bind(long sourceSegmentBytes) => _sourceSegmentBytes = sourceSegmentBytes;

    /// <summary>Prepares to be sent the last message again, by another session of the source.</summary>
    public void ResumeAtLast()
    {
        if (_file is not null && _last.Source != 0)
        {
            Resume = _last;
            BeginVerification(_last.Copy);
        }
    }

    /// <summary>Appends the next message of the source, or compares it with the one that the copy has.</summary>
    /// <exception cref="EstreamException">The copy cannot be written; if the exception is transient, try again later.</exception>
    public CopyResult Take(in DataHeader header, ReadOnlySpan<byte> message, long sourceId)
    {
        if (_verifier is not null)
        {
            if (_verifier.TryRead(out QueueMessage own))
            {
                return own.Payload.SequenceEqual(message) && IsSameMessage(header, own) ? Verified(header, own) : CopyResult.Different;
            }

            _verifier.Dispose();
            _verifier = null;
        }

        _clock.UtcNanos = header.Time;
        if (_file is null)
        {
            Create(header, sourceId);
        }

        QueueAppender appender = _appender!;
        StartSegmentLikeSource(header, appender);
        long sequence = appender.NextSequence;
        long position = appender.Append(message);
        Compare(header, position, sequence);
        Store(header, position, Crc32C.Compute(message));
        return CopyResult.Appended;
    }

    public void Dispose()
    {
        _verifier?.Dispose();
        _appender?.Dispose();
        _file?.Dispose();
        _queue?.Dispose();
    }

    private void OpenExisting()
    {
        try
        {
            _queue = EstreamQueue.Open(Directory, _options.Queue with { Clock = _clock });
            _file = CopyFile.Open(_options.Queue.Storage, Directory, _queue.Id);
            _appender = _queue.CreateAppender(AppenderMode.Exclusive);
            IReadOnlyList<Checkpoint> checkpoints = _file.NewestFirst();
            Differences = checkpoints.Count == 0 ? CopyDifferences.None : checkpoints[0].Differences;
            foreach (Checkpoint checkpoint in checkpoints)
            {
                if (Has(checkpoint.Copy, checkpoint.Checksum))
                {
                    Resume = checkpoint;
                    BeginVerification(checkpoint.Copy);
                    return;
                }
            }

            Resume = _file.First;
            if (Has(_file.First.Copy))
            {
                BeginVerification(_file.First.Copy);
            }
            else if (!IsEmpty())
            {
                throw new EstreamMulticastException(
                    $"The copy '{Directory}' has messages, but not the first one or any that '{CopyFile.Name}' names, so its place in the "
                    + "source is unknown. Copy again into an empty directory.", Directory, MulticastFailure.NotACopy);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Create(in DataHeader header, long sourceId)
    {
        _queue ??= EstreamQueue.Open(Directory, _options.Queue with { Clock = _clock, SegmentBytes = _sourceSegmentBytes });
        if (!IsEmpty())
        {
            throw new EstreamMulticastException(
                $"The queue '{Directory}' has messages and no '{CopyFile.Name}': it is not a copy. Choose an empty directory.", Directory,
                MulticastFailure.NotACopy);
        }

        _appender ??= _queue.CreateAppender(AppenderMode.Exclusive);
        Checkpoint first = new(header.Position, _appender.NextPosition);
        _file = CopyFile.Create(_options.Queue.Storage, Directory, sourceId, _queue.Id, first, _options.StreamId);
        Resume = first;
    }

    private bool IsEmpty()
    {
        using QueueTailer tailer = _queue!.CreateTailer();
        return !tailer.TryPeek(out _);
    }

    // The checksum refuses another message that was appended at the position after a power cut.
    private bool Has(long position, uint? checksum = null)
    {
        using QueueTailer tailer = _queue!.CreateTailer();
        try
        {
            return tailer.TrySeek(position) && tailer.TryPeek(out QueueMessage message) && message.Position == position
                && (checksum is null || Crc32C.Compute(message.Payload) == checksum);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    private void BeginVerification(long position)
    {
        _verifier?.Dispose();
        _verifier = _queue!.CreateTailer();
        _verifier.Seek(position);
    }

    private CopyResult Verified(in DataHeader header, in QueueMessage own)
    {
        _lastTime = own.Time;
        Differences |= (own.Position == header.Position ? 0 : CopyDifferences.Positions)
            | (own.Sequence == header.Sequence ? 0 : CopyDifferences.Sequences)
            | (own.Time == header.Time ? 0 : CopyDifferences.Times);
        Store(header, own.Position, Crc32C.Compute(own.Payload));
        return CopyResult.Verified;
    }

    // Equal bytes do not suffice: a source that was rolled back may have an equal message at the same position. The message of the
    // checkpoint has the number and the time of the source. Of any other one the time is known to be at most that of the copy, except
    // for the unit in which the log stores times.
    private bool IsSameMessage(in DataHeader header, in QueueMessage own) =>
        header.Time - own.Time < PacketLayout.TimeUnitNanos
        && (Resume.Sequence < 0 || header.Position != Resume.Source
            || (header.Sequence == Resume.Sequence && header.Time == Resume.Time));

    private void Store(in DataHeader header, long position, uint checksum)
    {
        _last = new Checkpoint(header.Position, position, header.Sequence, header.Time, checksum, Differences);
        _file!.Store(_last);
    }

    // The segments of the copy begin with the same messages as those of the source, so positions and the units of times can be equal.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StartSegmentLikeSource(in DataHeader header, QueueAppender appender)
    {
        if (_last.Source != 0 && header.Position / _sourceSegmentBytes != _last.Source / _sourceSegmentBytes)
        {
            bool isAtStart = appender.NextPosition % _queue!.SegmentBytes == PacketLayout.MinPosition;
            if (!isAtStart)
            {
                appender.StartSegment();
            }

            _lastTime = -1;
        }
    }

    private void Compare(in DataHeader header, long position, long sequence)
    {
        bool isTimeEqual = _lastTime < 0
            || (header.Time >= _lastTime && (header.Time - _lastTime) % PacketLayout.TimeUnitNanos == 0);
        Differences |= (position == header.Position ? 0 : CopyDifferences.Positions)
            | (sequence == header.Sequence ? 0 : CopyDifferences.Sequences)
            | (isTimeEqual ? 0 : CopyDifferences.Times);
        _lastTime = header.Time;
    }
}
