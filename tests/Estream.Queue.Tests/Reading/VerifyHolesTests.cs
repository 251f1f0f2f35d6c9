using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>An empty slot instead of a frame in a log of several writers: a writer is claiming it, a writer died there, or the frame was
/// lost.</summary>
public sealed class VerifyHolesTests : QueueCase
{
    private const int Stride = 96;

    [Theory]
    [InlineData(0, 4)]
    [InlineData(0, 8)]
    [InlineData(1, 4)]
    [InlineData(1, 8)]
    public void A_wiped_start_of_a_frame_is_damage_when_no_writer_is_alive(int segment, int bytes)
    {
        int at = 256 + (3 * Stride);
        Fill();
        Wipe(segment, at, bytes);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        QueueDamage damage = queue.Verify().Damage!;
        Assert.Equal((SegmentFile(segment), bytes == 4 ? at : at + 8), (damage.Path, damage.Offset));
    }

    /// <summary>The message looks like an open claim of a living or dead writer. Readers would wait there, and a process with write access
    /// would reclaim the slot and lose the message.</summary>
    [Fact]
    public void A_message_that_looks_claimed_is_damage_and_is_not_reclaimed()
    {
        int at = 256 + (3 * Stride);
        Fill();
        string file = SegmentFile(1);
        byte word = Content(file)[at + 3];
        Overwrite(file, at + 3, (byte)(word | 0x80));
        using (EstreamQueue reading = EstreamQueue.OpenReadOnly(QueueDirectory))
        {
            QueueDamage damage = reading.Verify().Damage!;
            Assert.Equal((file, at), (damage.Path, damage.Offset));
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Throws<EstreamCorruptionException>(() =>
        {
            while (tailer.TryRead(out _, Eventually.DefaultLimit))
            {
            }
        });
        Assert.Equal((byte)(word | 0x80), Content(file)[at + 3]);
    }

    /// <summary>An exclusive writer leaves no claim words, so there is nothing to wait for.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_of_an_exclusive_writer_that_looks_claimed_is_damage_to_a_reader(bool isEncrypted)
    {
        long[] positions;
        using (EstreamQueue filling = EstreamQueue.Open(QueueDirectory, SmallWith(isEncrypted)))
        {
            using QueueAppender appender = filling.CreateAppender(AppenderMode.Exclusive);
            positions = [appender.Append("one"u8), appender.Append("two"u8), appender.Append("three"u8)];
        }

        // The first frame of a block follows the block header.
        long at = positions[1] - (isEncrypted ? BlockLayout.HeaderBytes : 0);
        string file = SegmentFile(0);
        Overwrite(file, at + 3, (byte)(Content(file)[at + 3] | 0x80));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, SmallWith(isEncrypted));
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        AssertNames<EstreamCorruptionException>(file, at, () => tailer.TryRead(out _));
        AssertNames<EstreamCorruptionException>(file, at, () => tailer.TryRead(out _, Eventually.DefaultLimit));
    }

    /// <summary>Taken for a claim, the message would block a wait for the durability of later messages forever.</summary>
    [Fact]
    public async Task A_message_of_an_exclusive_writer_that_looks_claimed_is_damage_to_a_wait_for_durability()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        long at = appender.Append("one"u8);
        using (MemoryRegion segment = FileStorage.Instance.OpenRegion(SegmentFile(0), RegionAccess.ReadWrite))
        {
            segment.All.WriteInt32(at, segment.All.ReadInt32(at) | FrameLayout.ClaimFlag);
        }

        long behind = appender.Append("two"u8);
        EstreamCorruptionException damage = await Assert.ThrowsAsync<EstreamCorruptionException>(
            () => queue.WaitDurableAsync(behind).AsTask().WaitAsync(Eventually.DefaultLimit));
        Assert.Equal((SegmentFile(0), at), (damage.Path, damage.Offset));
    }

    /// <summary>Without a checksum, a message with bit 31 set looks like a claim. A durable message was committed, so the bit is
    /// damage.</summary>
    [Fact]
    public void A_durable_message_without_a_checksum_that_looks_claimed_is_not_reclaimed()
    {
        ManualClock clock = new();
        QueueOptions options = Small with { Checksum = FrameChecksum.None, Clock = clock };
        long at;
        using (EstreamQueue filling = EstreamQueue.Open(QueueDirectory, options))
        {
            using QueueAppender appender = filling.CreateAppender();
            at = appender.Append("message1"u8, Durability.Every);
        }

        Overwrite(SegmentFile(0), at + 3, 0x80);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.False(tailer.TryRead(out _));
        clock.PassNanos(1_000_000_000);
        AssertNames<EstreamCorruptionException>(SegmentFile(0), at, () => tailer.TryRead(out _));
        Assert.Equal(0x80, Content(SegmentFile(0))[at + 3]);
    }

    /// <summary>A claim of a living owner is waited for, whatever bytes it contains: no reader computes a checksum over bytes that are
    /// being written.</summary>
    [Fact]
    public void A_claim_of_a_living_writer_is_waited_for_whatever_its_bytes_are()
    {
        const int Bytes = 104;
        ManualClock clock = new();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Clock = clock });
        using QueueAppender appender = queue.CreateAppender();
        using QueueTailer tailer = queue.CreateTailer();
        using AppendClaim claim = appender.Claim(Bytes);

        // The checksum equals the claimer word, which happens by chance once in 2^32.
        byte[] file = Content(SegmentFile(0));
        int at = (int)claim.Position;
        uint seed = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(SegmentLayout.HeaderChecksumOffset));
        uint claimer = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + FrameLayout.ChecksumOffset));
        uint before = Crc32C.Append(seed,
            file.AsSpan(at + FrameLayout.NumberOffset, FrameLayout.HeaderBytes - FrameLayout.NumberOffset + Bytes - sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(claim.Span[^sizeof(uint)..], LastWord(before, claimer));
        Assert.False(tailer.TryRead(out _));
        clock.PassNanos(1_000_000_000);
        Assert.False(tailer.TryRead(out _));
        claim.Commit();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal(Bytes, message.Payload.Length);
    }

    [Fact]
    public void Verify_reports_no_damage_at_a_wiped_frame_while_an_appender_is_open()
    {
        Fill();
        Wipe(segment: 0, 256 + (3 * Stride), bytes: 4);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender();
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void Verify_reports_a_damaged_writer_table()
    {
        Fill();
        Wipe(segment: 0, 256 + (3 * Stride), bytes: 4);
        string table = Path.Combine(QueueDirectory, "writers.tab");
        using (FileStream file = new(table, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Equal(table, queue.Verify().Damage?.Path);
    }

    [Fact]
    public void Verify_skips_a_slot_that_was_never_written()
    {
        int messages = Fill();
        Wipe(segment: 0, 256 + (3 * Stride), Stride);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal(messages - 1, verification.MessageCount);
    }

    // Each bit of the last word flips the same bits of the checksum, whatever the other bits are. This solves a system of equations over 32
    // bits.
    private static uint LastWord(uint before, uint checksum)
    {
        uint zero = Append(0);
        List<(uint Effect, uint Bits)> solved = [];
        for (int bit = 0; bit < 32; bit++)
        {
            solved.Add(Reduce(Append(1u << bit) ^ zero, 1u << bit));
        }

        uint word = Reduce(checksum ^ zero, 0).Bits;
        Assert.Equal(checksum, Append(word));
        return word;

        uint Append(uint last)
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, last);
            return Crc32C.Append(before, bytes);
        }

        (uint Effect, uint Bits) Reduce(uint effect, uint bits)
        {
            foreach ((uint known, uint by) in solved)
            {
                bool isLess = (effect ^ known) < effect;
                effect ^= isLess ? known : 0;
                bits ^= isLess ? by : 0;
            }

            return (effect, bits);
        }
    }

    private int Fill()
    {
        byte[] payload = new byte[Stride - 16];
        payload.AsSpan().Fill(0x5A);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        int count = 0;
        for (; appender.NextPosition < SegmentBytes + (SegmentBytes / 2); count++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, count);
            appender.Append(payload);
        }

        return count;
    }

    private void Wipe(int segment, int at, int bytes)
    {
        using FileStream file = new(SegmentFile(segment), FileMode.Open);
        file.Position = at;
        file.Write(new byte[bytes]);
    }
}
