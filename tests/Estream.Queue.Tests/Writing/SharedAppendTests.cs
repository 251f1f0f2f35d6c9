using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Several appenders of one queue: slots, numbers, aborted or shortened claims, and changes of mode.</summary>
public sealed class SharedAppendTests : QueueCase
{
    [Fact]
    public void Appenders_take_turns_and_every_message_is_read_in_the_order_of_its_claim()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender[] appenders = [.. Enumerable.Range(0, 5).Select(_ => queue.CreateAppender())];
        var expected = new List<(long Position, string Text)>();
        for (int i = 0; i < 5_000; i++)
        {
            string text = $"message {i} {new string('x', i % 300)}";
            expected.Add((appenders[i * 7 % 5].Append(Bytes(text)), text));
        }

        Assert.Equal(expected, ReadAll(queue));
        Assert.True(SegmentFiles().Length > 10);
        AssertWhole(queue, 5_000);
        Assert.Equal(5_000, queue.GetInfo().NextSequence);
        Assert.All(appenders, a => Assert.Equal((5_000, queue.GetInfo().EndPosition), (a.NextSequence, a.NextPosition)));
    }

    [Fact]
    public void Readers_skip_a_claim_that_is_aborted_or_longer_than_its_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender first = queue.CreateAppender();
        using QueueAppender second = queue.CreateAppender();
        for (int unused = 0; unused < 40; unused++)
        {
            using AppendClaim claim = first.Claim(20 + unused);
            using AppendClaim aborted = second.Claim(unused);
            aborted.Span.Fill(0xFF);
            claim.Span.Fill((byte)'a');
            claim.Commit(20);
        }

        second.Append("last"u8);
        List<(long Position, string Text)> read = ReadAll(queue);
        Assert.Equal([.. Enumerable.Repeat(new string('a', 20), 40), "last"], read.Select(m => m.Text));
        AssertWhole(queue, 41);
        Assert.Equal(81, queue.GetInfo().NextSequence);
    }

    [Fact]
    public void Readers_wait_at_an_open_claim_while_other_writers_continue()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender slow = queue.CreateAppender();
        using QueueAppender quick = queue.CreateAppender();
        using QueueTailer tailer = queue.CreateTailer();
        using (AppendClaim claim = slow.Claim(10))
        {
            for (int i = 0; i < 300; i++)
            {
                quick.Append(Bytes($"behind {i}"));
            }

            Assert.False(tailer.TryRead(out _));
            Assert.Equal(0, queue.GetInfo().NextSequence);
            AssertWhole(queue, messages: 300);
            "now"u8.CopyTo(claim.Span);
            claim.Commit(3);
        }

        Assert.Equal(["now", .. Enumerable.Range(0, 300).Select(i => $"behind {i}")], ReadAll(queue).Select(m => m.Text));
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("now"u8, message.Payload);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60_000)]
    [InlineData(SegmentBytes - 256 - 32)]
    public void Messages_of_any_length_fit_and_longer_ones_are_refused(int length)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        byte[] payload = new byte[length];
        Random.Shared.NextBytes(payload);
        for (int i = 0; i < 5; i++)
        {
            appender.Append("short"u8);
            appender.Append(payload);
        }

        foreach (int tooLong in (int[])[queue.MaxMessageBytes + 1, SegmentBytes, 1 << 20])
        {
            Assert.Throws<ArgumentException>(nameof(length), () => appender.Append(new byte[tooLong]));
            Assert.Throws<ArgumentException>(nameof(length), () => appender.Claim(tooLong).Commit());
        }

        Assert.Throws<ArgumentException>(nameof(length), () => appender.Claim(-1).Commit());
        using QueueTailer tailer = queue.CreateTailer();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage @short));
            Assert.Equal("short"u8, @short.Payload);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(payload, message.Payload);
        }

        Assert.False(tailer.TryRead(out _));
        AssertWhole(queue, 10);
    }

    [Fact]
    public void A_mode_change_seals_the_segment_and_loses_no_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        long next = 0;
        foreach (AppenderMode mode in (AppenderMode[])[AppenderMode.Exclusive, AppenderMode.Shared, AppenderMode.Shared,
            AppenderMode.Exclusive, AppenderMode.Exclusive, AppenderMode.Shared])
        {
            using QueueAppender appender = queue.CreateAppender(mode);
            Assert.Equal(next, appender.NextSequence);
            AppendUpTo(appender, next + 50);
            next += 50;
        }

        Assert.Equal([0, 1, 2, 3], SegmentFiles());
        Assert.Equal(300, ReadToEnd(queue.CreateTailer(), 0));
        AssertWhole(queue, 300);
    }

    /// <summary>An exclusive appender ends the shared segment when it is created, and begins another only with its first message.</summary>
    [Fact]
    public void Shared_appenders_continue_after_an_exclusive_one_that_appended_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        for (int round = 0; round < 3; round++)
        {
            using (QueueAppender shared = queue.CreateAppender())
            {
                shared.Append("message"u8);
            }

            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        }

        AssertWhole(queue, 3);
    }

    [Fact]
    public void Exclusive_and_shared_appenders_exclude_each_other()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory);
        using (queue.CreateAppender(AppenderMode.Exclusive))
        {
            EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => other.CreateAppender());
            Assert.Equal(Environment.ProcessId, error.OwnerProcessId);
        }

        QueueAppender first = queue.CreateAppender();
        QueueAppender second = other.CreateAppender();
        Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender(AppenderMode.Exclusive));
        first.Dispose();
        Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender(AppenderMode.Exclusive));
        second.Append("still mine"u8);
        second.Dispose();
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        Assert.Throws<ArgumentException>(() => queue.CreateAppender((AppenderMode)2));
    }

    [Fact]
    public void There_are_256_writer_slots_and_released_slots_are_reused()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender[] appenders = [.. Enumerable.Range(0, 256).Select(_ => queue.CreateAppender())];
        EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender());
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
        appenders[77].Dispose();
        using QueueAppender again = queue.CreateAppender();
        again.Append("one of many"u8);
        appenders[255].Append("another"u8);
        Assert.Equal(["one of many", "another"], ReadAll(queue).Select(m => m.Text));
        Assert.Throws<ObjectDisposedException>(() => appenders[77].Append("x"u8));
        Assert.Throws<ObjectDisposedException>(() => appenders[77].Claim(1).Commit());
    }

    [Fact]
    public void Disposing_an_appender_aborts_its_open_claim()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender appender = queue.CreateAppender();
        AppendClaim claim = appender.Claim(100);
        claim.Span.Fill(0xEE);
        Assert.Throws<InvalidOperationException>(() => appender.Append("x"u8));
        appender.Dispose();
        claim.Dispose();
        using QueueAppender next = queue.CreateAppender();
        next.Append("next"u8);
        Assert.Equal(["next"], ReadAll(queue).Select(m => m.Text));
        AssertWhole(queue, 1);
    }

    [Fact]
    public void Appending_and_claiming_allocate_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender();
        byte[] message = new byte[64];
        appender.Append(new byte[17 << 20]);
        appender.Append(message);
        Assert.Equal(0, AllocationMeter.OnThisThread(100_000, () => appender.Append(message)));
        Assert.Equal(0, AllocationMeter.OnThisThread(100_000, () =>
        {
            using (AppendClaim claim = appender.Claim(64))
            {
                message.CopyTo(claim.Span);
                claim.Commit(48);
            }

            using AppendClaim aborted = appender.Claim(64);
        }));
    }

    [Fact]
    public void Old_segments_are_reused_and_cleared()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = 2 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender();
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = 2 * SegmentBytes });
        using QueueAppender second = other.CreateAppender();
        for (int i = 0; i < 30; i++)
        {
            AppendSegments(appender, 1);
            AppendSegments(second, 1);
        }

        Assert.InRange(SegmentFiles().Length, 2, 4);
        AssertReadsFromItsOldest(queue);
        Assert.True(queue.Verify().IsWhole);
    }

    private static void AssertWhole(EstreamQueue queue, long messages)
    {
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal(messages, verification.MessageCount);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static List<(long Position, string Text)> ReadAll(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var read = new List<(long, string)>();
        while (tailer.TryRead(out QueueMessage message))
        {
            read.Add((message.Position, System.Text.Encoding.UTF8.GetString(message.Payload)));
        }

        return read;
    }
}
