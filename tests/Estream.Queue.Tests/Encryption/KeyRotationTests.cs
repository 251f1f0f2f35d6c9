using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>New keys for new messages, new master keys for all keys, and removal of keys of deleted segments.</summary>
public sealed class KeyRotationTests : QueueCase
{
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_new_key_is_used_from_the_next_append_and_interrupts_no_appender_or_reader(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using EstreamQueue elsewhere = EstreamQueue.Open(QueueDirectory, Encrypted);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer tailer = readOnly.CreateTailer();
        long read = 0;
        for (int generation = 1; generation <= 4; generation++)
        {
            AppendUpTo(appender, 100 * generation);
            read = ReadToEnd(tailer, read);
            Assert.Equal(100 * generation, read);
            Assert.Equal(generation, GenerationOf(SegmentFiles()[^1]));
            Assert.Equal(generation + 1, elsewhere.RotateKey());
        }

        appender.Append("by the newest key"u8);
        Assert.Equal(5, GenerationOf(SegmentFiles()[^1]));
        Assert.Equal([1, 2, 3, 4, 5], queue.GetInfo().Encryption!.Generations.Select(g => g.Number));
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void Shared_appenders_continue_together_under_the_new_key()
    {
        using EstreamQueue one = EstreamQueue.Open(QueueDirectory, Encrypted);
        using EstreamQueue two = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender first = one.CreateAppender();
        using QueueAppender second = two.CreateAppender();
        for (int i = 0; i < 300; i++)
        {
            (i % 2 == 0 ? first : second).Append(BitConverter.GetBytes(i));
            if (i % 50 == 49)
            {
                (i % 100 == 99 ? one : two).RotateKey();
            }
        }

        using QueueTailer tailer = one.CreateTailer();
        for (int i = 0; i < 300; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(i, BitConverter.ToInt32(message.Payload));
            Assert.Equal(1 + (i / 50), GenerationOf(message.Position / SegmentBytes));
        }

        Assert.False(tailer.TryRead(out _));
    }

    [Fact]
    public void A_claim_open_during_a_rotation_is_committed_under_the_old_key()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using (AppendClaim claim = appender.Claim(3))
        {
            queue.RotateKey();
            "old"u8.CopyTo(claim.Span);
            claim.Commit();
        }

        appender.Append("new"u8);
        Assert.Equal(["old", "new"], Texts(queue));
        Assert.Equal((1, 2), (GenerationOf(0), GenerationOf(1)));
    }

    [Fact]
    public void After_a_rewrap_the_new_master_key_opens_the_queue_and_the_old_one_does_not()
    {
        long messages = MakeQueue(3, Encrypted);
        byte[][] before = [.. SegmentFiles().Select(i => File.ReadAllBytes(SegmentFile(i)))];
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Keys = TestKeys.Ring("second", "first") }))
        {
            queue.RotateKey();
            Assert.Equal(2, queue.RewrapKeys());
            Assert.All(queue.GetInfo().Encryption!.Generations, g => Assert.Equal("second", g.MasterKeyId));
        }

        Assert.Equal(before, SegmentFiles().Select(i => File.ReadAllBytes(SegmentFile(i))));
        using EstreamQueue opened = EstreamQueue.Open(QueueDirectory, Small with { Keys = TestKeys.Ring("second") });
        using QueueTailer tailer = opened.CreateTailer();
        Assert.Equal(messages, ReadToEnd(tailer, 0));
        using EstreamQueue old = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueTailer refused = old.CreateTailer();
        Assert.Equal("second", AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => refused.TryRead(out _)).KeyId);
    }

    [Fact]
    public void Keys_of_deleted_segments_are_removed()
    {
        using EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, Encrypted with { RetainedBytes = SegmentBytes, Background = InlineScheduler.Instance });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < 6; i++)
        {
            AppendSegments(appender, 1);
            queue.RotateKey();
        }

        AppendSegments(appender, 3);
        queue.RotateKey();
        uint[] used = [.. SegmentFiles().Select(i => (uint)GenerationOf(i)).Distinct()];
        IEnumerable<int> kept = queue.GetInfo().Encryption!.Generations.Select(g => g.Number);
        Assert.Equal([.. used.Select(u => (int)u), 8], kept);
        Assert.DoesNotContain(1, kept);
        using QueueTailer tailer = queue.CreateTailer();
        _ = ReadToEnd(tailer);
    }

    [Fact]
    public void A_new_key_is_not_used_before_its_table_is_durable()
    {
        var storage = new FlushStorage();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { Storage = storage });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 1);
        storage.FailsDirectories = true;
        Assert.Throws<EstreamStorageException>(() => queue.RotateKey());

        // The new table is already renamed into place, and each new segment reads it.
        Assert.Throws<EstreamStorageException>(() => AppendSegments(appender, 1));
        Assert.Equal([0, 1], SegmentFiles());
        storage.FailsDirectories = false;
        int before = storage.DirectorySyncs;
        AppendSegments(appender, 2);
        Assert.Equal(before + 1, storage.DirectorySyncs);
        Assert.Equal([1, 1, 2, 2], SegmentFiles().Select(GenerationOf));
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 0));
    }

    [Fact]
    public void A_damaged_segment_prevents_the_removal_of_keys()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("x"u8);
            queue.RotateKey();
            appender.Append("y"u8);
        }

        Overwrite(SegmentFile(0), 192, 9);
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Encrypted);
        again.RotateKey();
        Assert.Equal(3, BitConverter.ToInt32(File.ReadAllBytes(InQueue("queue.keys")), 32));
    }

    [Fact]
    public void An_encrypted_queue_without_its_key_table_is_neither_read_nor_continued()
    {
        MakeQueue(2, Encrypted);
        File.Move(InQueue("queue.keys"), Beside("kept"));
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted))
        using (QueueTailer tailer = queue.CreateTailer())
        {
            AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => tailer.TryRead(out _));
            AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => queue.CreateAppender(AppenderMode.Exclusive));
            AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => queue.CreateAppender());
        }

        File.Move(Beside("kept"), InQueue("queue.keys"));
        using EstreamQueue restored = EstreamQueue.Open(QueueDirectory, Encrypted);
        Assert.True(restored.Verify().IsWhole);
    }

    [Fact]
    public void Key_rotation_throws_on_a_queue_without_keys()
    {
        MakeQueue(1);
        using EstreamQueue clear = EstreamQueue.Open(QueueDirectory);
        Assert.Throws<InvalidOperationException>(() => clear.RotateKey());
        using EstreamQueue unused = EstreamQueue.Open(QueueDirectory, Encrypted);
        Assert.Throws<InvalidOperationException>(() => unused.RotateKey());
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
        Assert.Throws<InvalidOperationException>(() => readOnly.RewrapKeys());
    }

    /// <summary>Damage to used bytes of the table causes an error that names the file, even if the checksum matches. A wrong key is never
    /// used.</summary>
    [Fact]
    public void A_damaged_key_table_is_refused()
    {
        MakeQueue(1, Encrypted);
        byte[] whole = File.ReadAllBytes(InQueue("queue.keys"));
        var random = new Random(11);
        for (int i = 0; i < 600; i++)
        {
            byte[] damaged = [.. whole];
            int at = i < 192 ? i : random.Next(random.Next(2) == 0 ? 192 : damaged.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            bool resealed = i % 2 == 1 && at >= 16;
            if (resealed)
            {
                BitConverter.GetBytes(Crc32C.Compute(damaged.AsSpan(16))).CopyTo(damaged, 12);
            }

            File.WriteAllBytes(InQueue("queue.keys"), i % 50 == 49 ? damaged[..(random.Next(8) * 512)] : damaged);
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
            using QueueTailer tailer = queue.CreateTailer();
            try
            {
                Assert.True(tailer.TryRead(out QueueMessage message));

                // Unused bytes may have any value: the rest of the page, and the reserved bytes of the header.
                Assert.True(resealed && (at >= 176 || at is >= 40 and < 64), $"byte {at} was changed and the table believed");
                Assert.Equal(0, message.Sequence);
            }
            catch (EstreamException refused)
            {
                Assert.Equal(InQueue("queue.keys"), refused.Path);
            }
        }
    }

    private int GenerationOf(long index)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(SegmentFile(index), RegionAccess.ReadOnly);
        return region.All.ReadInt32(192);
    }
}
