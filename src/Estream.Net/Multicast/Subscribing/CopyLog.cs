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

    public bool PositionsAreEqual { get; private set; } = true;

    public bool SequencesAreEqual { get; private set; } = true;

    public bool TimesAreEqual { get; private set; } = true;

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
                return own.Payload.SequenceEqual(message) ? Verified(header, own) : CopyResult.Different;
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
        _last = new Checkpoint(header.Position, position);
        _file!.Store(_last);
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
            foreach (Checkpoint checkpoint in _file.NewestFirst())
            {
                if (Has(checkpoint.Copy))
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

    private bool Has(long position)
    {
        using QueueTailer tailer = _queue!.CreateTailer();
        try
        {
            return tailer.TrySeek(position) && tailer.TryPeek(out QueueMessage message) && message.Position == position;
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
        _last = new Checkpoint(header.Position, own.Position);
        _lastTime = own.Time;
        _file!.Store(_last);
        return CopyResult.Verified;
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
        PositionsAreEqual &= position == header.Position;
        SequencesAreEqual &= sequence == header.Sequence;
        TimesAreEqual &= _lastTime < 0
            || (header.Time >= _lastTime && (header.Time - _lastTime) % PacketLayout.TimeUnitNanos == 0);
        _lastTime = header.Time;
    }
}
