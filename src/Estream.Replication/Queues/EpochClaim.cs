using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>Writes the entries in which an owner names its epoch.</summary>
internal static class EpochClaim
{
    /// <summary>Writes a claim of the next epoch into a buffer, and returns its length.</summary>
    /// <param name="codec">The codec of the stream.</param>
    /// <param name="queue">The log of the owner. A stream without epochs begins at the oldest position of the log.</param>
    /// <param name="state">The state of the stream as the owner has read it.</param>
    /// <param name="owner">The random number of the owner.</param>
    /// <param name="rent">Provides a buffer of at least the given length.</param>
    /// <param name="isRestart">Whether the epoch begins at the oldest position of the log, whatever the stream has.</param>
    public static int Write(EntryCodec codec, EstreamQueue queue, StreamState state, long owner, Func<int, Memory<byte>> rent,
        bool isRestart = false)
    {
        EntryHeader header = new()
        {
            Kind = EntryKind.Epoch,
            Owner = owner,
            Epoch = Math.Max(state.Epoch, state.KnownEpoch) + 1,
            Position = state.IsStarted && !isRestart ? state.Position : queue.OldestPosition(),
            IsRestart = isRestart,
        };
        return Write(codec, queue, header, isRestart ? state.Position : 0, rent);
    }

    /// <summary>Writes a checkpoint: the current epoch, the position of the next frames, and what the owner retains.</summary>
    public static int WriteCheckpoint(
        EntryCodec codec, EstreamQueue queue, StreamState state, long position, Func<int, Memory<byte>> rent)
    {
        EntryHeader header = new()
        {
            Kind = EntryKind.Epoch,
            Owner = state.Owner,
            Epoch = state.Epoch,
            Position = position,
            IsCheckpoint = true,
        };
        return Write(codec, queue, header, 0, rent);
    }

    private static int Write(EntryCodec codec, EstreamQueue queue, EntryHeader header, long known, Func<int, Memory<byte>> rent)
    {
        RetentionLimits limits = queue.Limits;
        header = header with
        {
            FirstSequence = queue.OldestPosition(),
            NewestTime = limits.AgeNanos,
            HasSmallStart = queue.Files.FirstSegmentBytes > 0,
            Segment = new SegmentHeader(queue.Id, queue.SegmentBytes, header.Position / queue.SegmentBytes, limits.Bytes, known,
                FrameChecksum.Crc32C, ClaimKind.Exclusive, default),
        };
        int length = codec.LengthOf(0);
        codec.Write(rent(length).Span[..length], header, []);
        return length;
    }
}
