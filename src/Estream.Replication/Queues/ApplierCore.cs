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
    // A publisher sends lost entries again after one session; entries of a session are far fewer than this.
    private const int MaxGapEntries = 4_096;

    private readonly string _directory;
    private readonly QueueOptions _options;
    private readonly EntryCodec _codec;
    private ProgressFile? _progress;
    private int _gapEntries;

    public ApplierCore(string directory, QueueOptions options, EntryCodec codec)
    {
        (_directory, _options, _codec) = (Path.GetFullPath(directory), options, codec);
        if (options.Storage.FileExists(Path.Combine(_directory, MetadataLayout.QueueFile)))
        {
            long id = QueueFiles.Open(_directory, options.Storage).QueueId;
            OpenCopy(id, options.SegmentBytes);
            _progress!.Restore(State);
            if (State.Position > Copy!.Position && State.Position != 0)
            {
                // A power cut took the end of the copy: the stream is read again from its start, and compared.
                State.Resume(0, 0, 0, -1);
            }
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

    /// <summary>Writes an entry that claims the next epoch.</summary>
    /// <returns>The length of the entry; 0 while the queue of the stream is not known.</returns>
    public int TryClaim(long owner, Func<int, Memory<byte>> rent) =>
        Copy is { } copy ? EpochClaim.Write(_codec, copy.Queue, State, owner, rent) : 0;

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
        if (offset <= State.Offset)
        {
            return Verdict.Duplicate;
        }

        EntryFault fault = _codec.TryRead(entry, out header, out ReadOnlySpan<byte> frames);
        if (fault != EntryFault.None)
        {
            throw EntryErrors.Of(fault, _directory, offset);
        }

        RequireKnownStart(offset, header);
        StreamState before = State;
        (long epoch, long owner, long position, long seen) = (before.Epoch, before.Owner, before.Position, before.Offset);
        Verdict verdict = State.Take(offset, header, out int skip);
        try
        {
            Apply(verdict, header, frames, skip);
        }
        catch
        {
            // Nothing was applied: the entry is taken again after the cause is gone.
            State.Resume(epoch, owner, position, seen);
            throw;
        }

        _progress?.Store(State);
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
            case Verdict.Epoch when Copy is null:
                OpenCopy(header.Segment.QueueId, header.Segment.SegmentBytes);
                break;
            case Verdict.Accepted:
                _gapEntries = 0;
                AppendFrames(header, header.Position + skip, frames[skip..]);
                NewestTime = Math.Max(NewestTime, header.NewestTime);
                break;
            case Verdict.Gap when ++_gapEntries > MaxGapEntries:
                throw Gap(header);
            case Verdict.Duplicate or Verdict.Stale or Verdict.Refused:
                SkippedEntries++;
                break;
        }
    }

    private void AppendFrames(in EntryHeader header, long position, ReadOnlySpan<byte> frames)
    {
        LogCopy copy = Copy!;
        if (!copy.IsEmpty && position < copy.Position)
        {
            int known = (int)Math.Min(frames.Length, copy.Position - position);
            if (!copy.Has(header.Segment, position, frames[..known]))
            {
                throw Diverged(header, position);
            }

            position += known;
            frames = frames[known..];
        }

        if (frames.Length > 0)
        {
            if (!copy.CanContinue(header.Segment))
            {
                throw Diverged(header, position);
            }

            AppliedMessages += copy.Append(header.Segment, position, frames).Count;
        }
    }

    private void OpenCopy(long queueId, long segmentBytes)
    {
        _codec.QueueId = queueId;
        Copy = LogCopy.Open(_directory, queueId, _options with { SegmentBytes = segmentBytes });
        _progress = ProgressFile.Open(_options.Storage, _directory, queueId);
    }

    // The first entry of a stream is the claim of its first epoch. If another entry is first, the stream no longer has its start.
    private void RequireKnownStart(long offset, in EntryHeader header)
    {
        if (State.Offset < 0 && !(header.Kind == EntryKind.Epoch && header.Epoch == 1) && !State.IsStarted)
        {
            throw new EstreamReplicationException(
                $"The stream of '{_directory}' begins at offset {offset} with position {header.Position} of epoch {header.Epoch}: the "
                + "messages before it are gone. Copy the directory of a complete replica to this machine, then start again.",
                _directory, ReplicationFault.Gap);
        }
    }

    private EstreamReplicationException Diverged(in EntryHeader header, long position) => new(
        $"The copy '{_directory}' differs from its stream at position {position} (epoch {header.Epoch}): it has messages that were never "
        + "confirmed, or another program wrote to it. Move the directory away; the copy is then made again.",
        _directory, ReplicationFault.Diverged);

    private EstreamReplicationException Gap(in EntryHeader header) => new(
        $"The stream of '{_directory}' has a gap: after position {State.Position} follows {header.Position} (epoch {header.Epoch}), and "
        + "the publisher did not send the messages between them. Check the publisher, which sends them when it starts again.",
        _directory, ReplicationFault.Gap);
}
