using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>Writes the entry with which an owner claims the next epoch of a stream.</summary>
internal static class EpochClaim
{
    /// <summary>Writes the entry into a buffer, and returns its length.</summary>
    /// <param name="codec">The codec of the stream.</param>
    /// <param name="queue">The log of the owner. A stream without epochs begins at the oldest position of the log.</param>
    /// <param name="state">The state of the stream as the owner has read it.</param>
    /// <param name="owner">The random number of the owner.</param>
    /// <param name="rent">Provides a buffer of at least the given length.</param>
    public static int Write(EntryCodec codec, EstreamQueue queue, StreamState state, long owner, Func<int, Memory<byte>> rent)
    {
        long position = state.IsStarted ? state.Position : queue.OldestPosition();
        EntryHeader header = new()
        {
            Kind = EntryKind.Epoch,
            Owner = owner,
            Epoch = state.Epoch + 1,
            Position = position,
            Segment = new SegmentHeader(
                queue.Id, queue.SegmentBytes, position / queue.SegmentBytes, 0, 0, FrameChecksum.Crc32C, ClaimKind.Exclusive, default),
        };
        int length = codec.LengthOf(0);
        codec.Write(rent(length).Span[..length], header, []);
        return length;
    }
}
