using Estream.Circuits.Operations.Replication;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>
/// Applies a stream to a copy of its queue: in order, each frame once, the log equal byte for byte. Continues after a crash: entries that
/// the copy already has are compared. Not thread-safe, and reads no stream of its own.
/// </summary>
internal sealed class ApplierCore : IDisposable
{
    // A publisher sends lost entries again after one session; entries of a session are far fewer than this. Checkpoints are more
    // frequent.
    private const int MaxGapEntries = 4_096;

    private readonly string _directory;
    private readonly QueueOptions _options;
    private readonly EntryCodec _codec;
    private readonly EntryIntake _intake;
    private ProgressFile? _progress;
    private RetentionLimits _limits;
    private bool _mustClear;
    private int _gapEntries;

    public ApplierCore(string directory, QueueOptions options, EntryCodec codec)
    {
        (_directory, _options, _codec) = (Path.GetFullPath(directory), options, codec);
        _intake = new EntryIntake(_directory, codec, State);
        if (options.Storage.FileExists(Path.Combine(_directory, MetadataLayout.QueueFile)))
        {
            long id = QueueFiles.Open(_directory, options.Storage).QueueId;
            OpenCopy(id, options.SegmentBytes, hasSmallStart: false);
            _progress!.Restore(State);
            if (State.Position != 0 && (State.Position > Copy!.Position || WasCut()))
            {
                // A power cut took frames of the copy: the stream is read again from its start, and compared.
                State.Resume(StreamPoint.None);
                _progress.Store(State);
            }

            _progress.KnownRecovery = Copy!.Queue.Recovery?.RecoveredAt ?? 0;
        }
    }

    /// <summary>The state of the stream as read.</summary>
    public StreamState State { get; } = new();

    /// <summary>The copy; null before the first entry.</summary>
    public LogCopy? Copy { get; private set; }

    /// <summary>The time of the newest message that was applied, in nanoseconds since 1970 UTC; 0 if there is none.</summary>
    public long NewestTime { get; private set; }

    /// <summary>Entries that were left out, because their owner had lost the log or all readers have their frames.</summary>
    public long SkippedEntries { get; private set; }

    /// <summary>Messages that were applied since the copy was opened.</summary>
    public long AppliedMessages { get; private set; }

    /// <summary>See <see cref="ReplicationStatus.MayHoldAcknowledged"/>.</summary>
    public bool MayHoldAcknowledged { get; private set; }

    /// <summary>The entries that no reader can use.</summary>
    public EntryIntake Intake => _intake;

    /// <summary>Whether the copy has every frame that the stream has, up to what was read.</summary>
    public bool IsComplete => Copy is { } copy && !State.IsBehind && !_mustClear && _intake.Doubt is null
        && (copy.IsEmpty ? copy.IsStart(State.Position) : copy.Position >= State.Position);

    /// <summary>Whether entries were read and none of them named the current epoch.</summary>
    public bool IsSearching => State.Offset >= 0 && !State.IsStarted;

    /// <summary>Prepares for a new connection.</summary>
    /// <param name="isShort">See <see cref="IBatchSession.IsShort"/>.</param>
    public void BeginSession(bool isShort) => _intake.BeginSession(isShort);

    /// <summary>Writes an entry that claims the next epoch.</summary>
    /// <returns>The length of the entry; 0 while the copy lacks frames, or the queue of the stream is not known.</returns>
    public int TryClaim(long owner, Func<int, Memory<byte>> rent) =>
        IsComplete ? EpochClaim.Write(_codec, Copy!.Queue, State, owner, rent) : 0;

    /// <summary>Deletes what the owner of the queue has deleted, and, if nothing was heard from the owner for long, what has become too
    /// old.</summary>
    /// <param name="isSilent">Whether nothing was heard for long.</param>
    // Not by size: the owner may keep more for its readers, and tells what it deletes.
    public void Retain(bool isSilent) => Copy?.Retain(_limits with { Bytes = 0, AgeNanos = isSilent ? _limits.AgeNanos : 0 });

    /// <summary>Takes the next entry of the stream.</summary>
    /// <param name="offset">The offset of the entry in the stream.</param>
    /// <param name="entry">The entry, which is decrypted in place.</param>
    /// <param name="header">Receives the fields of the entry.</param>
    /// <exception cref="EstreamReplicationException">The entry is damaged or foreign, messages are missing before it, or the copy has other
    /// messages.</exception>
    /// <exception cref="Core.EstreamException">The copy cannot be written.</exception>
    public Verdict Take(long offset, Span<byte> entry, out EntryHeader header)
    {
        header = default;
        if (!_intake.TryRead(offset, entry, out header, out ReadOnlySpan<byte> frames, out uint mark))
        {
            return Verdict.Duplicate;
        }

        StreamPoint before = State.Point;
        Verdict verdict = State.Take(offset, header, out int skip, mark);
        try
        {
            Apply(verdict, header, frames, skip);
        }
        catch
        {
            // Nothing was applied: the entry is taken again after the cause is gone.
            State.Resume(before);
            throw;
        }

        if (verdict == Verdict.Accepted || (verdict == Verdict.Duplicate && header.IsCheckpoint))
        {
            _intake.Doubt = null;
        }

        // After entries with an unknown key, the next start reads them again, perhaps with more keys.
        if (!State.IsBehind && _intake.Doubt is null)
        {
            _progress?.Store(State);
        }

        return verdict;
    }

    public void Dispose()
    {
        _progress?.Dispose();
        Copy?.Dispose();
    }

    private void Apply(Verdict verdict, in EntryHeader header, ReadOnlySpan<byte> frames, int skip)
    {
        switch (verdict)
        {
            case Verdict.Epoch or Verdict.Missed:
                if (Copy is null)
                {
                    OpenCopy(header.Segment.QueueId, header.Segment.SegmentBytes, header.HasSmallStart);
                }

                // The frames of the epochs that were missed, and those of a log that starts again, may replace frames of the copy.
                _mustClear |= verdict == Verdict.Missed || (header.IsRestart && header.Position < Copy!.Position);
                _gapEntries = 0;
                NoteLimits(header);
                break;
            case Verdict.Duplicate when header.IsCheckpoint:
                NoteLimits(header);
                break;
            case Verdict.Accepted:
                _gapEntries = 0;
                AppendFrames(header, header.Position + skip, frames[skip..]);
                NewestTime = Math.Max(NewestTime, header.NewestTime);
                break;
            case Verdict.Gap when ++_gapEntries > MaxGapEntries:
                // The brokers have deleted the frames. The copy continues at the next checkpoint.
                State.Search();
                break;
            case Verdict.Stale when !State.IsStarted && ++_gapEntries > 2 * MaxGapEntries:
                throw Gap(header);
            case Verdict.Duplicate or Verdict.Stale or Verdict.Refused:
                SkippedEntries++;
                break;
        }
    }

    private void AppendFrames(in EntryHeader header, long position, ReadOnlySpan<byte> frames)
    {
        LogCopy copy = Copy!;
        if (_mustClear || copy.IsEmpty || position > copy.Position)
        {
            if (!copy.IsStart(position))
            {
                // A copy starts with the first frame of a segment.
                return;
            }

            copy.Clear();
            _mustClear = false;
        }

        if (!copy.IsEmpty && position < copy.Position)
        {
            int known = (int)Math.Min(frames.Length, copy.Position - position);
            if (header.Segment.Index >= copy.OldestIndex && !copy.Has(header.Segment, position, frames[..known]))
            {
                throw Diverged(header, position, copy.FindDifference(header.Segment, position, frames[..known]));
            }

            position += known;
            frames = frames[known..];
        }

        if (frames.Length > 0)
        {
            if (!copy.CanContinue(header.Segment))
            {
                throw Diverged(header, position, position);
            }

            AppliedMessages += copy.Append(header.Segment, position, frames).Count;
        }
    }

    // A recovery ends the segment that it truncates. The copy would continue in the next segment, without the truncated frames.
    private bool WasCut() => Copy!.Queue.Recovery is { } recovery && recovery.RecoveredAt != _progress!.KnownRecovery
        && recovery.EndPosition < State.Position;

    // On a full disk, the copy may exist without its progress file. The next call then tries to open both again.
    private void OpenCopy(long queueId, long segmentBytes, bool hasSmallStart)
    {
        _codec.QueueId = queueId;
        LogCopy copy = LogCopy.Open(_directory, queueId, _options with { SegmentBytes = segmentBytes }, hasSmallStart);
        try
        {
            _progress = ProgressFile.Open(_options.Storage, _directory, queueId);
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        (Copy, _limits) = (copy, _progress.Limits);
    }

    private void NoteLimits(in EntryHeader header)
    {
        if (header.Limits is { Before: > 0, IsKnown: true } limits)
        {
            _limits = _progress!.Limits = limits;
            Retain(isSilent: false);
        }
    }

    private EstreamReplicationException Diverged(in EntryHeader header, long position, long difference)
    {
        MayHoldAcknowledged = Copy!.Queue.DurablePosition > difference;
        return new EstreamReplicationException(
            $"The copy '{_directory}' differs from its stream at position {position} (epoch {header.Epoch}): it has messages that were "
            + "never confirmed, or another program wrote to it. Move the directory away; the copy is then made again.",
            _directory, ReplicationFault.Diverged);
    }

    private EstreamReplicationException Gap(in EntryHeader header) => new(
        $"The stream of '{_directory}' has lost messages before position {header.Position} (epoch {header.Epoch}), and no entry says where "
        + "the copy can continue. Install this release on the host that publishes the queue, or copy the directory of a complete replica "
        + "to this machine.",
        _directory, ReplicationFault.Gap);
}
