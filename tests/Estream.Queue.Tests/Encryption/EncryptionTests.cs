using System.Text;
using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>With the keys an encrypted queue behaves like a plaintext one. Without them no message can be read.</summary>
public sealed class EncryptionTests : QueueCase
{
    private static readonly byte[] s_canary = "canary-in-clear:"u8.ToArray();

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Messages_appended_in_every_mode_are_read_back(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender appender = queue.CreateAppender(mode);
        long first = appender.Append("one"u8);
        using (AppendClaim aborted = appender.Claim(500))
        {
            aborted.Span.Fill(1);
        }

        long claimed;
        using (AppendClaim claim = appender.Claim(100))
        {
            "two"u8.CopyTo(claim.Span);
            claimed = claim.Position;
            claim.Commit(3);
        }

        long batch = appender.AppendBatch("threefour"u8, [5, 4]);
        appender.Append([]);
        Assert.Equal(["one", "two", "three", "four", ""], Texts(queue));
        using QueueTailer tailer = queue.CreateTailer();
        foreach ((long position, string text) in (ReadOnlySpan<(long, string)>)[(batch + 24, "four"), (first, "one"), (claimed, "two"),
            (batch, "three")])
        {
            tailer.Seek(position);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(text, Encoding.UTF8.GetString(message.Payload));
            Assert.Equal(position, message.Position);
        }

        foreach (long position in (ReadOnlySpan<long>)[first + 8, first - 8, batch + 8, batch + 16, batch + 32])
        {
            Assert.Throws<ArgumentException>("position", () => tailer.Seek(position));
        }

        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal((5, 15), (verification.MessageCount, verification.PayloadBytes));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Sequence_numbers_and_times_are_found_across_many_segments(AppenderMode mode)
    {
        var clock = new ManualClock();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { Clock = clock });
        using QueueAppender appender = queue.CreateAppender(mode);
        var places = new List<(long Position, long Time)>();
        for (int i = 0; i < 1_500; i++)
        {
            clock.PassNanos(1_000_000);
            places.Add((appender.Append(new byte[200]), clock.UtcNanos));
        }

        Assert.True(SegmentFiles().Length > 4);
        using QueueTailer tailer = queue.CreateTailer("named");
        for (int i = places.Count - 1; i >= 0; i -= 73)
        {
            tailer.SeekToSequence(i);
            AssertAt(tailer, i, places[i]);
            tailer.SeekToTime(places[i].Time);
            AssertAt(tailer, i, places[i]);
            tailer.Seek(places[i].Position);
            AssertAt(tailer, i, places[i]);
        }

        tailer.SeekToEnd();
        Assert.Equal(appender.NextPosition, tailer.Position);
        Assert.False(tailer.TryRead(out _));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_plaintext_queue_continues_encrypted_in_a_new_segment(AppenderMode mode)
    {
        long messages = MakeQueue(2);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted))
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            AppendUpTo(appender, messages + 700);
            using QueueTailer tailer = queue.CreateTailer();
            Assert.Equal(messages + 700, ReadToEnd(tailer, 0));
            Assert.Equal(2, queue.GetInfo().Encryption!.FirstSegment);
            Assert.True(queue.Verify().IsWhole);
        }

        // Plaintext messages stay readable without keys. Then each read throws the same exception.
        using EstreamQueue keyless = EstreamQueue.Open(QueueDirectory);
        using QueueTailer old = keyless.CreateTailer();
        for (long sequence = 0; sequence < messages; sequence++)
        {
            Assert.True(old.TryRead(out QueueMessage message));
            Assert.Equal(sequence, message.Sequence);
        }

        AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => old.TryRead(out _));
        AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => old.TryRead(out _));
        AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => keyless.CreateAppender(mode));
    }

    [Fact]
    public void An_appender_without_keys_throws_when_another_appender_encrypts()
    {
        using EstreamQueue clear = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender before = clear.CreateAppender();
        before.Append("clear"u8);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender appender = queue.CreateAppender();
        before.Append("still clear"u8);
        appender.Append("encrypted"u8);
        AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => before.Append("clear again"u8));
        appender.Append("goes on"u8);
        Assert.Equal(["clear", "still clear", "encrypted", "goes on"], Texts(queue));
    }

    [Fact]
    public void A_queue_without_keys_can_be_counted_and_verified_but_not_read()
    {
        long messages = MakeQueue(3, Encrypted);
        using EstreamQueue keyless = EstreamQueue.OpenReadOnly(QueueDirectory);
        QueueInfo info = keyless.GetInfo();
        Assert.Equal(messages, info.MessageCount);
        QueueKeyGeneration generation = Assert.Single(info.Encryption!.Generations);
        Assert.Equal((1, "first", 0), (generation.Number, generation.MasterKeyId, info.Encryption.FirstSegment));
        QueueVerification verification = keyless.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal(messages, verification.MessageCount);
        using QueueTailer tailer = keyless.CreateTailer();
        tailer.SeekToEnd();
        Assert.False(tailer.TryRead(out _));
        Assert.Throws<EstreamKeyException>(() => tailer.SeekToSequence(3));
        tailer.SeekToStart();
        EstreamKeyException refused = AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, () => tailer.TryRead(out _));
        Assert.Contains("QueueOptions.Keys", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_key_is_reported_by_its_id_and_never_printed()
    {
        MakeQueue(1, Encrypted);
        using var other = new QueueKeyRing("first", TestKeys.Of("another"));
        foreach ((QueueKeyRing ring, string words) in ((QueueKeyRing, string)[])[(other, "does not unwrap"),
            (TestKeys.Ring("second"), "is not in the key ring of second")])
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Keys = ring });
            using QueueTailer tailer = queue.CreateTailer();
            foreach (Action refused in (Action[])[() => tailer.TryRead(out _), () => queue.CreateAppender(),
                () => queue.CreateAppender(AppenderMode.Exclusive), () => queue.RotateKey(), () => queue.RewrapKeys(),
                () => queue.Verify()])
            {
                EstreamKeyException error = AssertNames<EstreamKeyException>(InQueue("queue.keys"), null, refused);
                Assert.Equal("first", error.KeyId);
                Assert.Contains(words, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexStringLower(TestKeys.Of("another")), error.Message, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void No_file_ever_contains_a_plaintext_message(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { RetainedBytes = SegmentBytes });
        using (QueueAppender appender = queue.CreateAppender(mode))
        using (QueueTailer tailer = queue.CreateTailer("reader"))
        {
            for (int i = 0; i < 300; i++)
            {
                byte[] message = [.. s_canary, .. new byte[(i * 37) % 2_000], .. s_canary];
                appender.Append(message);
                using (AppendClaim aborted = appender.Claim(message.Length))
                {
                    message.CopyTo(aborted.Span);
                    AssertNoCanary();
                }

                appender.AppendBatch([.. message, .. message], [message.Length, message.Length]);
                while (tailer.TryRead(out QueueMessage read))
                {
                    Assert.True(read.Payload.StartsWith(s_canary));
                }
            }

            AssertNoCanary();
        }

        AssertNoCanary();
        MakeQueueBeside();
    }

    [Fact]
    public void A_reader_in_another_process_follows_a_queue_it_may_not_write()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 10);
        using ChildProcess reader = StartOther("tail", QueueDirectory);
        reader.WaitForText("tailing");
        AppendUpTo(appender, 1_000);
        reader.Input.Close();
        Assert.Contains("tailed 1000", reader.WaitForExit().EnsureSuccess().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_message_fits_and_a_longer_one_is_refused()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        foreach (AppenderMode mode in Enum.GetValues<AppenderMode>())
        {
            using QueueAppender appender = queue.CreateAppender(mode);
            appender.Append(new byte[queue.MaxMessageBytes]);
            appender.AppendBatch(new byte[queue.MaxMessageBytes - 8], [queue.MaxMessageBytes - 8]);
            Assert.Throws<ArgumentException>("length", () => appender.Append(new byte[queue.MaxMessageBytes + 1]));
            appender.Append("behind"u8);
        }

        Assert.Equal([65_184, 65_176, 6, 65_184, 65_176, 6], Texts(queue).Select(t => t.Length));
    }

    [Fact]
    public void Messages_after_an_open_claim_are_found()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueAppender one = queue.CreateAppender();
        using QueueAppender two = queue.CreateAppender();
        one.Append("before"u8);
        using AppendClaim open = one.Claim(100);
        long claimed = open.Position;
        long single = two.Append("single"u8);
        long batch = two.AppendBatch("firstsecond"u8, [5, 6]);
        using QueueTailer tailer = queue.CreateTailer();
        foreach ((long position, string text) in (ReadOnlySpan<(long, string)>)[(single, "single"), (batch, "first"),
            (batch + 24, "second")])
        {
            tailer.Seek(position);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(text, Encoding.UTF8.GetString(message.Payload));
        }

        tailer.SeekToStart();
        Assert.True(tailer.TryRead(out _));
        Assert.False(tailer.TryRead(out _));
        Assert.Throws<ArgumentException>("position", () => tailer.Seek(claimed));
    }

    [Fact]
    public void A_message_after_a_hole_is_found()
    {
        QueueOptions options = Encrypted;
        long position;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options))
        using (QueueAppender appender = queue.CreateAppender())
        {
            appender.Append("taken, and no word of it yet"u8);
            position = appender.Append("behind"u8);
        }

        // Restores the state after the atomic addition to the tail and before the store of the claim word. No writer is alive to reclaim
        // the space.
        Overwrite(SegmentFile(0), 256, new byte[8]);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory, options);
        using QueueTailer tailer = readOnly.CreateTailer();
        tailer.Seek(position);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("behind"u8, message.Payload);
        Assert.False(tailer.TryRead(out _));
        tailer.SeekToStart();
        Assert.False(tailer.TryRead(out _));
    }

    private void MakeQueueBeside()
    {
        // Shows that the check can find the canary: the file of a plaintext queue contains it.
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory + "-clear", Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(s_canary);
        Assert.Contains(Directory.GetFiles(queue.Directory), HasCanary);
    }

    private void AssertNoCanary()
    {
        foreach (string file in Directory.GetFiles(QueueDirectory, "*", SearchOption.AllDirectories))
        {
            Assert.False(HasCanary(file), $"{file} holds a message in clear");
        }
    }

    private static bool HasCanary(string file)
    {
        var info = new FileInfo(file);
        if (!info.Exists || info.Length == 0)
        {
            return false;
        }

        try
        {
            // Memory-mapped, because the framework refuses to open a locked file.
            using MemoryRegion content = FileStorage.Instance.OpenRegion(file, RegionAccess.ReadOnly);
            return content.All.ReadOnlySpan(0, (int)content.Length).IndexOf(s_canary) >= 0;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            // The file was a spare that has been renamed. It is checked under its new name, now or the next time.
            return false;
        }
    }

    private static void AssertAt(QueueTailer tailer, long sequence, (long Position, long Time) place)
    {
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal((sequence, place.Position), (message.Sequence, message.Position));
        Assert.InRange(message.Time, place.Time - 100_000, place.Time);
    }
}
