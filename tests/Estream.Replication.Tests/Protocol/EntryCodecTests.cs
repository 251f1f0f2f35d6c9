using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;
using Estream.Testing;

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

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(3)]
    public void A_segment_size_that_no_queue_has_is_refused(long segmentBytes)
    {
        using EntryCodec codec = NewCodec(isEncrypted: false);
        EntryHeader header = Header() with
        {
            Position = long.MinValue,
            Segment = Header().Segment with { SegmentBytes = segmentBytes },
        };
        Assert.Equal(EntryFault.Format, codec.TryRead(Write(codec, header), out _, out _));
    }

    [Fact]
    public void A_changed_flag_with_a_valid_checksum_does_not_pass_the_authentication()
    {
        using EntryCodec codec = NewCodec(isEncrypted: true);
        byte[] entry = Write(codec, Header());
        entry[EntryLayout.FlagsOffset] ^= EntryLayout.SealedFlag;
        uint checksum = Crc32C.Append(
            Crc32C.Compute(entry.AsSpan(0, EntryLayout.ChecksumOffset)), entry.AsSpan(EntryLayout.ClusterOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(EntryLayout.ChecksumOffset), checksum);
        Assert.Equal(EntryFault.Damaged, codec.TryRead(entry, out _, out _));
    }

    [Fact]
    public void Frames_that_do_not_end_their_segment_as_the_entry_says_are_refused()
    {
        using TempDirectory folder = new();
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine("queue"), new QueueOptions { SegmentBytes = SegmentBytes });
        using QueueAppender appender = queue.CreateAppender();
        _ = appender.Append(new byte[100]);
        using CommittedLogReader reader = new(queue, queue.OldestPosition());
        Assert.True(reader.TryRead(SegmentBytes, out LogRange range));
        using EntryCodec codec = new("cluster", queue.Id, []);
        byte[] entry = new byte[codec.LengthOf(range.Frames.Length)];
        EntryHeader header = Header() with { Position = range.Position, Segment = range.Segment, IsSealed = false };
        codec.Write(entry, header, range.Frames);
        Assert.Equal(EntryFault.None, codec.TryRead(entry, out _, out _));
        codec.Write(entry, header with { IsSealed = true }, range.Frames);
        Assert.Equal(EntryFault.Format, codec.TryRead(entry, out _, out _));
    }

    [Fact]
    public void Entries_of_earlier_keys_and_of_releases_that_did_not_name_their_key_are_read()
    {
        byte[] first = SHA256.HashData("key"u8);
        byte[] second = SHA256.HashData("newer"u8);
        using EntryCodec old = NewCodec(isEncrypted: true);
        using EntryCodec rotated = new("cluster", QueueId, second, [first]);
        Assert.Equal(EntryFault.None, rotated.TryRead(Write(old, Header()), out _, out ReadOnlySpan<byte> frames));
        Assert.True(frames.SequenceEqual(s_frames));
        Assert.Equal(EntryFault.Key, old.TryRead(Write(rotated, Header()), out _, out _));

        byte[] unnamed = Unnamed(first, Write(old, Header()));
        Assert.Equal(EntryFault.None, rotated.TryRead(unnamed, out _, out frames));
        Assert.True(frames.SequenceEqual(s_frames));
        using EntryCodec other = new("cluster", QueueId, second);
        Assert.Equal(EntryFault.Key, other.TryRead(Unnamed(first, Write(old, Header())), out _, out _));
    }

    // The same entry as earlier releases wrote it: no name of the key, which the tag and the checksum cover.
    private static byte[] Unnamed(byte[] key, byte[] entry)
    {
        entry.AsSpan(EntryLayout.KeyOffset, sizeof(uint)).Clear();
        byte[] authenticated = [.. entry[EntryLayout.VersionOffset..EntryLayout.ChecksumOffset],
            .. entry[EntryLayout.ClusterOffset..EntryLayout.HeaderBytes]];
        using AesGcm cipher = new(key, EntryLayout.TagBytes);
        cipher.Encrypt(entry.AsSpan(EntryLayout.NonceOffset, EntryLayout.NonceBytes), s_frames,
            entry.AsSpan(EntryLayout.HeaderBytes, s_frames.Length), entry.AsSpan(EntryLayout.HeaderBytes + s_frames.Length), authenticated);
        uint checksum = Crc32C.Append(
            Crc32C.Compute(entry.AsSpan(0, EntryLayout.ChecksumOffset)), entry.AsSpan(EntryLayout.ClusterOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(EntryLayout.ChecksumOffset), checksum);
        return entry;
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
