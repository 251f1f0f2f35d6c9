using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;

namespace Estream.Replication.Tests.Protocol;

public sealed class StreamStateTests
{
    private const int SegmentBytes = 64 << 10;
    private const long Start = 256;

    private readonly StreamState _state = new();
    private long _offset = -1;

    [Fact]
    public void Frames_before_the_first_epoch_are_stale() => Assert.Equal(Verdict.Stale, Take(Frames(1, 7, Start, 64)));

    [Fact]
    public void Frames_of_the_current_epoch_are_accepted_in_order_and_once()
    {
        _ = Take(Epoch(1, 7, Start));
        Assert.Equal(Verdict.Accepted, Take(Frames(1, 7, Start, 64)));
        Assert.Equal(Verdict.Duplicate, Take(Frames(1, 7, Start, 64)));
        Assert.Equal(Verdict.Gap, Take(Frames(1, 7, Start + 128, 64)));
        Assert.Equal(Verdict.Accepted, Take(Frames(1, 7, Start + 64, 64)));
        Assert.Equal(Start + 128, _state.Position);
    }

    [Fact]
    public void Frames_that_the_log_has_in_part_are_accepted_without_that_part()
    {
        _ = Take(Epoch(1, 7, Start));
        _ = Take(Frames(1, 7, Start, 64));
        Assert.Equal(Verdict.Accepted, _state.Take(++_offset, Frames(1, 7, Start, 96), out int skip));
        Assert.Equal(64, skip);
    }

    [Fact]
    public void An_epoch_that_does_not_know_all_accepted_frames_is_refused()
    {
        _ = Take(Epoch(1, 7, Start));
        _ = Take(Frames(1, 7, Start, 64));
        Assert.Equal(Verdict.Refused, Take(Epoch(2, 8, Start)));
        Assert.Equal(Verdict.Epoch, Take(Epoch(2, 8, Start + 64)));
    }

    [Fact]
    public void Of_two_owners_that_claim_one_epoch_the_first_has_it()
    {
        Assert.Equal(Verdict.Epoch, Take(Epoch(1, 7, Start)));
        Assert.Equal(Verdict.Refused, Take(Epoch(1, 8, Start)));
        Assert.Equal(Verdict.Stale, Take(Frames(1, 8, Start, 64)));
    }

    [Fact]
    public void Frames_of_an_owner_that_lost_the_log_are_stale()
    {
        _ = Take(Epoch(1, 7, Start));
        _ = Take(Epoch(2, 8, Start));
        Assert.Equal(Verdict.Stale, Take(Frames(1, 7, Start, 64)));
        Assert.Equal(Verdict.Accepted, Take(Frames(2, 8, Start, 64)));
    }

    [Fact]
    public void Sealed_frames_continue_in_the_next_segment()
    {
        _ = Take(Epoch(1, 7, Start));
        _ = Take(Frames(1, 7, Start, 64) with { IsSealed = true });
        Assert.Equal(SegmentBytes + Start, _state.Position);
    }

    private Verdict Take(EntryHeader header) => _state.Take(++_offset, header, out _);

    private static EntryHeader Epoch(long epoch, long owner, long position) =>
        Frames(epoch, owner, position, 0) with { Kind = EntryKind.Epoch };

    private static EntryHeader Frames(long epoch, long owner, long position, int bytes) => new()
    {
        Kind = EntryKind.Frames,
        Epoch = epoch,
        Owner = owner,
        Position = position,
        Bytes = bytes,
        Segment = new SegmentHeader(1, SegmentBytes, position / SegmentBytes, 0, 0, FrameChecksum.Crc32C, ClaimKind.Exclusive, default),
    };
}
