using Estream.Circuits.Operations.Replication;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>What a publisher has to do after an entry was read.</summary>
internal enum PublisherStep
{
    /// <summary>Continue.</summary>
    Continue,

    /// <summary>Frames were lost on the way: connect again and send them again.</summary>
    Reset,

    /// <summary>Another owner claims the next epoch, but frames came before its entry: pause, so that its next entry succeeds.</summary>
    Yield,

    /// <summary>Another owner has taken over the log: stop.</summary>
    Fenced,
}

/// <summary>
/// Publishes a log: takes over its stream with a new epoch, sends frames, and counts a frame as confirmed when it is read back and accepted
/// by the rules of <see cref="StreamState"/>. Reading back, not the broker's confirm, decides, because the broker also confirms the entries
/// of an owner that has lost the log. Not thread-safe, and does no input or output of its own.
/// </summary>
internal sealed class PublisherCore : IDisposable
{
    // A reader that has lost the stream continues after at most this many entries.
    private const int EntriesPerCheckpoint = 1_024;

    private readonly EstreamQueue _queue;
    private readonly EntryCodec _codec;
    private readonly int _maxBatchBytes;
    private readonly long _maxInFlight;
    private readonly EntryIntake _intake;
    private CommittedLogReader? _reader;
    private bool _hasClaimed;
    private bool _wasActive;
    private long _localEnd;
    private long _checkpoint;
    private long _oldest;
    private int _framesEntries;

    public PublisherCore(EstreamQueue queue, EntryCodec codec, StreamState state, long owner, int maxBatchBytes, long maxInFlight)
    {
        (_queue, _codec, State, Owner) = (queue, codec, state, owner);
        (_maxBatchBytes, _maxInFlight) = (maxBatchBytes, maxInFlight);
        _intake = new EntryIntake(queue.Directory, codec, state);
    }

    /// <summary>The entries that no reader can use.</summary>
    public EntryIntake Intake => _intake;

    /// <summary>Whether an epoch may begin at the oldest position of the log although the stream has other frames, or no entry from which
    /// it can be read. An operator allows that once.</summary>
    public bool MayRestart { get; set; }

    /// <summary>The state of the stream as read.</summary>
    public StreamState State { get; }

    /// <summary>The random number of this publisher. Changes when the stream is read again.</summary>
    public long Owner { get; private set; }

    /// <summary>Whether the current epoch is that of this publisher.</summary>
    public bool IsActive => State.IsStarted && State.Owner == Owner;

    /// <summary>Whether bytes are sent and not confirmed, or a claim of the epoch is.</summary>
    public bool IsAwaiting => IsActive ? _reader is not null && _reader.Position > State.Position : _hasClaimed;

    /// <summary>Prepares for a new connection: everything that is not confirmed is sent again.</summary>
    /// <param name="isShort">See <see cref="IBatchSession.IsShort"/>.</param>
    public void BeginSession(bool isShort = false)
    {
        _intake.BeginSession(isShort);
        if (_wasActive && !State.IsStarted)
        {
            // Entries of this publisher are read again. They must not make it active before all others were read.
            Owner = unchecked((Owner * 0x5851F42D4C957F2D) + 1);
        }

        _hasClaimed = false;
        _checkpoint = -1;
        _reader?.Dispose();
        _reader = null;
        _localEnd = _queue.EndPosition();
    }

    /// <summary>Writes the next entry to send.</summary>
    /// <param name="rent">Provides a buffer of at least the given length.</param>
    /// <returns>The length of the entry; 0 if there is nothing to send now.</returns>
    public int TryNext(Func<int, Memory<byte>> rent)
    {
        if (!IsActive)
        {
            return _hasClaimed ? 0 : WriteClaim(rent);
        }

        _reader ??= new CommittedLogReader(_queue, State.Position);
        if (_checkpoint < 0 || _framesEntries >= EntriesPerCheckpoint
            || (_reader.Position != _checkpoint && IsSegmentStart(_reader.Position)))
        {
            _framesEntries = 0;
            (_checkpoint, _oldest) = (_reader.Position, _queue.OldestPosition());
            return EpochClaim.WriteCheckpoint(_codec, _queue, State, _reader.Position, rent);
        }

        if (_queue.BytesBetween(State.Position, _reader.Position) >= _maxInFlight || !_reader.TryRead(_maxBatchBytes, out LogRange range))
        {
            return 0;
        }

        _framesEntries++;
        EntryHeader header = new()
        {
            Kind = EntryKind.Frames,
            Owner = Owner,
            Epoch = State.Epoch,
            Position = range.Position,
            FirstSequence = range.Run.FirstSequence,
            Count = range.Run.Count,
            Bytes = range.Frames.Length,
            NewestTime = range.Run.NewestTime,
            Segment = range.Segment,
            IsSealed = range.Run.IsSealed,
            HasSmallStart = _queue.Files.FirstSegmentBytes > 0,
        };
        int length = _codec.LengthOf(range.Frames.Length);
        _codec.Write(rent(length).Span[..length], header, range.Frames);
        return length;
    }

    /// <summary>Takes the next entry of the stream.</summary>
    /// <exception cref="EstreamReplicationException">The entry is damaged or foreign, or the stream has messages that the queue does not
    /// have.</exception>
    public PublisherStep Take(long offset, Span<byte> entry)
    {
        if (!_intake.TryRead(offset, entry, out EntryHeader header, out ReadOnlySpan<byte> frames, out uint mark))
        {
            return PublisherStep.Continue;
        }

        Verdict verdict = State.Take(offset, header, out _, mark);
        switch (verdict)
        {
            case Verdict.Epoch when header.Owner == Owner:
                RequireNoDoubt();
                RequireLocal(State.Position);
                (_wasActive, MayRestart) = (true, false);
                return PublisherStep.Continue;
            case Verdict.Epoch or Verdict.Missed when _wasActive && header.Epoch > State.KnownEpoch:
                return PublisherStep.Fenced;
            case Verdict.Refused when header.Owner == Owner && !State.IsStarted && !MayRestart:
                throw NoStart();
            case Verdict.Refused or Verdict.Stale when header.Kind == EntryKind.Epoch && header.Owner == Owner:
                // Entries of an earlier owner came first. All of them are known now: claim again, behind them.
                _hasClaimed = false;
                return PublisherStep.Continue;
            case Verdict.Refused when header.Kind == EntryKind.Epoch && IsActive:
                return PublisherStep.Yield;
            case Verdict.Gap when header.Owner == Owner:
                return PublisherStep.Reset;
            case Verdict.Accepted when header.Owner != Owner:
                _intake.Doubt = null;
                RequireSame(header, frames);
                return PublisherStep.Continue;
            default:
                return PublisherStep.Continue;
        }
    }

    /// <summary>Announces what the queue retains with the next entry, if that has changed.</summary>
    /// <param name="always">Whether to announce it also if it has not changed.</param>
    public void Announce(bool always)
    {
        if (always || _queue.OldestPosition() != _oldest)
        {
            _checkpoint = -1;
        }
    }

    /// <summary>Requires that the log has everything before a position that was confirmed.</summary>
    /// <exception cref="EstreamReplicationException">The log is shorter.</exception>
    public void RequireLocal(long position)
    {
        if (position > _localEnd && position > (_localEnd = _queue.EndPosition()) && !IsNextSegment(position))
        {
            throw new EstreamReplicationException(
                $"Queue '{_queue.Directory}' ends at position {_localEnd}, but its stream has messages up to {position}: the queue was "
                + "truncated or is an older copy. Follow the stream into this directory before you publish from it."
                + ResetHint,
                _queue.Directory, ReplicationFault.Truncated);
        }
    }

    /// <summary>Requires that the log has everything that was confirmed when the publisher ran last. A power cut may take confirmed
    /// messages from the end of the log, and later appends hide the loss. The stream is then read again from its start and compared, also
    /// if this start fails and a later one finds a longer log.</summary>
    /// <exception cref="EstreamReplicationException">The log is shorter.</exception>
    public void RequireUncut(ProgressFile progress)
    {
        long confirmed = State.Position;
        if (_queue.Recovery is { } recovery && recovery.RecoveredAt != progress.KnownRecovery)
        {
            if (recovery.EndPosition < confirmed)
            {
                Forget(progress);
            }

            progress.KnownRecovery = recovery.RecoveredAt;
        }

        try
        {
            RequireLocal(confirmed);
        }
        catch (EstreamReplicationException)
        {
            Forget(progress);
            throw;
        }
    }

    public void Dispose() => _reader?.Dispose();

    private void Forget(ProgressFile progress)
    {
        State.Forget();
        progress.Store(State);
    }

    private string ResetHint => " If the log of this host is the right one, stop the hosts, run 'estream replica reset "
        + $"{Path.GetFileName(_queue.Directory)}', and start this host first.";

    // After brokers lost the end of a stream, the log may not have what followed any more: retention has deleted it.
    private int WriteClaim(Func<int, Memory<byte>> rent)
    {
        _hasClaimed = true;
        bool isRestart = MayRestart || (State.IsStarted && State.Position < _queue.OldestPosition());
        return EpochClaim.Write(_codec, _queue, State, Owner, rent, isRestart);
    }

    private void RequireSame(in EntryHeader header, ReadOnlySpan<byte> frames)
    {
        if (MayRestart)
        {
            return;
        }

        RequireLocal(header.Position + header.Bytes);
        bool isRetained = header.Segment.Index >= _queue.OldestPosition() / _queue.SegmentBytes;
        if (isRetained && !LogCopy.Has(_queue, header.Segment, header.Position, frames))
        {
            throw new EstreamReplicationException(
                $"Queue '{_queue.Directory}' differs from its stream at position {header.Position} (epoch {header.Epoch}): other messages "
                + "were replicated there. Move the directory away and follow the stream, or use another queue name."
                + ResetHint,
                _queue.Directory, ReplicationFault.Diverged);
        }
    }

    // This publisher has read every entry up to its own claim, and no entry names the epoch of those before.
    private EstreamReplicationException NoStart() => _intake.Reason is { } reason ? Refused(reason) : new(
        $"The start of the stream of queue '{_queue.Directory}' is gone, and no entry names the current epoch, so the log cannot be "
        + "compared. Copy the directory of a complete replica to this machine, then publish from it." + ResetHint,
        _queue.Directory, ReplicationFault.Gap);

    private EstreamReplicationException Refused(string reason) =>
        new(reason + ResetHint, _queue.Directory, ReplicationFault.Refused);

    // Another owner may have begun an epoch with a key that this host does not have. Its messages must not be lost.
    private void RequireNoDoubt()
    {
        if (!MayRestart && _intake.Doubt is { } doubt)
        {
            throw Refused(doubt);
        }

        _intake.Doubt = null;
    }

    private bool IsSegmentStart(long position) => position % _queue.SegmentBytes == SegmentLayout.HeaderBytes;

    // The position after a sealed segment is the start of the next segment, which may not exist yet.
    private bool IsNextSegment(long position) => IsSegmentStart(position)
        && (position / _queue.SegmentBytes) - 1 == _localEnd / _queue.SegmentBytes;
}
