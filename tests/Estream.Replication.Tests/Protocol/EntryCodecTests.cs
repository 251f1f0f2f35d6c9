using System.Security.Cryptography;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;

namespace Estream.Replication.Tests.Protocol;

public sealed class EntryCodecTests
{
    private const long QueueId = 0x1122334455667788;
    private const int SegmentBytes = 64 << 10;

    private static readonly byte[] s_frames = RandomNumberGenerator.GetBytes(800);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_entry_reads_back_as_written(bool isEncrypted)
    {
        using EntryCodec codec = NewCodec(isEncrypted);
        EntryHeader written = Header();
        byte[] entry = Write(codec, written);
        Assert.Equal(EntryFault.None, codec.TryRead(entry, out EntryHeader read, out ReadOnlySpan<byte> frames));
        Assert.Equal(written, read);
        Assert.True(frames.SequenceEqual(s_frames));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_entry_with_any_changed_byte_is_refused(bool isEncrypted)
    {
        using EntryCodec codec = NewCodec(isEncrypted);
        byte[] entry = Write(codec, Header());
        for (int i = 0; i < entry.Length; i++)
        {
            byte[] changed = (byte[])entry.Clone();
            changed[i] ^= 0x40;
            Assert.NotEqual(EntryFault.None, codec.TryRead(changed, out _, out _));
        }
    }

    [Fact]
    public void An_entry_of_any_shorter_length_is_refused()
    {
        using EntryCodec codec = NewCodec(isEncrypted: false);
        byte[] entry = Write(codec, Header());
        for (int length = 0; length < entry.Length; length++)
        {
            Assert.NotEqual(EntryFault.None, codec.TryRead(entry.AsSpan(0, length).ToArray(), out _, out _));
        }
    }

    [Fact]
    public void An_entry_of_another_cluster_or_queue_is_refused()
    {
        using EntryCodec codec = NewCodec(isEncrypted: false);
        byte[] entry = Write(codec, Header());
        using EntryCodec otherCluster = new("other", QueueId, []);
        using EntryCodec otherQueue = new("cluster", QueueId + 1, []);
        Assert.Equal(EntryFault.Foreign, otherCluster.TryRead(entry, out _, out _));
        Assert.Equal(EntryFault.Foreign, otherQueue.TryRead(entry, out _, out _));
    }

    [Fact]
    public void A_reader_without_the_key_and_a_reader_that_requires_one_refuse_the_entry()
    {
        using EntryCodec plain = NewCodec(isEncrypted: false);
        using EntryCodec encrypted = NewCodec(isEncrypted: true);
        Assert.Equal(EntryFault.Key, plain.TryRead(Write(encrypted, Header()), out _, out _));
        Assert.Equal(EntryFault.Key, encrypted.TryRead(Write(plain, Header()), out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(260)]
    [InlineData(SegmentBytes - 400)]
    public void Frames_that_do_not_fit_in_their_segment_are_refused(long position)
    {
        using EntryCodec codec = NewCodec(isEncrypted: false);
        Assert.Equal(EntryFault.Format, codec.TryRead(Write(codec, Header() with { Position = position }), out _, out _));
    }

    private static EntryHeader Header() => new()
    {
        Kind = EntryKind.Frames,
        Owner = -5,
        Epoch = 3,
        Position = SegmentBytes + 1024,
        FirstSequence = 77,
        Count = 4,
        Bytes = s_frames.Length,
        NewestTime = 1_700_000_000_000_000_000,
        IsSealed = true,
        Segment = new SegmentHeader(
            QueueId, SegmentBytes, 1, 70, 1_600_000_000_000_000_000, FrameChecksum.Crc32C, ClaimKind.Shared, default),
    };

    private static byte[] Write(EntryCodec codec, EntryHeader header)
    {
        byte[] entry = new byte[codec.LengthOf(s_frames.Length)];
        codec.Write(entry, header, s_frames);
        return entry;
    }

    private static EntryCodec NewCodec(bool isEncrypted) =>
        new("cluster", QueueId, isEncrypted ? SHA256.HashData("key"u8) : []);
}
