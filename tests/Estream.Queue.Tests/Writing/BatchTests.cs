using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Batches in both modes: all messages of a batch are visible or none, whatever calls are made on it.</summary>
public sealed class BatchTests : QueueCase
{
    public static TheoryData<AppenderMode> Modes => [AppenderMode.Exclusive, AppenderMode.Shared];

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_batch_becomes_visible_as_a_whole_at_its_commit(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer tailer = queue.CreateTailer();
        appender.Append("before"u8);
        using (BatchClaim batch = appender.ClaimBatch(1_000, 10))
        {
            for (int i = 0; i < 5; i++)
            {
                batch.Span[..i].Fill((byte)('0' + i));
                batch.Add(i);
            }

            Assert.Equal(5, batch.Count);
            Assert.True(tailer.TryRead(out _));
            Assert.False(tailer.TryRead(out _));
            batch.Commit();
        }

        appender.Append("behind"u8);
        Assert.Equal(["before", "", "1", "22", "333", "4444", "behind"], Texts(queue));
        AssertWhole(queue, 7);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_disposed_batch_leaves_no_message(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        using (BatchClaim batch = appender.ClaimBatch(500, 3))
        {
            batch.Append("never"u8);
            batch.Append("seen"u8);
        }

        using (BatchClaim empty = appender.ClaimBatch(500, 3))
        {
            empty.Commit();
        }

        appender.Append("goes on"u8);
        Assert.Equal(["goes on"], Texts(queue));
        AssertWhole(queue, 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Batches_of_every_size_fill_segments_and_are_read_back(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        var random = new Random(3);
        var expected = new List<byte[]>();
        for (int i = 0; i < 300; i++)
        {
            byte[][] messages = [.. Enumerable.Range(0, random.Next(40)).Select(_ => Payload(random))];
            long position = i % 2 == 0
                ? appender.AppendBatch([.. messages.Select(m => (ReadOnlyMemory<byte>)m)])
                : appender.AppendBatch(messages.SelectMany(m => m).ToArray(), [.. messages.Select(m => m.Length)]);
            expected.AddRange(messages);
            Assert.True(position >= 256);
            byte[] single = Payload(random);
            appender.Append(single);
            expected.Add(single);
        }

        using QueueTailer tailer = queue.CreateTailer();
        foreach (byte[] payload in expected)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(payload, message.Payload);
        }

        Assert.False(tailer.TryRead(out _));
        AssertWhole(queue, expected.Count);
        Assert.True(SegmentFiles().Length > 5);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_invalid_call_on_a_batch_throws_and_does_no_harm(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        Assert.Throws<ArgumentOutOfRangeException>(() => appender.ClaimBatch(-1, 1).Commit());
        Assert.Throws<ArgumentOutOfRangeException>(() => appender.ClaimBatch(1, 0).Commit());
        Assert.Throws<ArgumentException>("maxBytes", () => appender.ClaimBatch(SegmentBytes, 1).Commit());
        Assert.Throws<ArgumentException>("maxBytes", () => appender.ClaimBatch(0, int.MaxValue).Commit());
        Assert.Throws<ArgumentException>("lengths", () => appender.AppendBatch(new byte[3], [1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>("lengths", () => appender.AppendBatch(new byte[3], [4, -1]));
        BatchClaim batch = appender.ClaimBatch(10, 2);
        BatchClaim copy = batch;
        Assert.Throws<InvalidOperationException>(() => appender.Append("x"u8));
        Assert.Throws<InvalidOperationException>(() => appender.ClaimBatch(1, 1).Commit());
        batch.Append("one"u8);
        batch.Append("two"u8);
        AssertThrows<InvalidOperationException>(batch, (in BatchClaim b) => b.Add(0));
        batch.Commit();
        AssertThrows<InvalidOperationException>(copy, (in BatchClaim b) => b.Commit());
        AssertThrows<InvalidOperationException>(copy, (in BatchClaim b) => b.Add(0));
        AssertThrows<InvalidOperationException>(default, (in BatchClaim b) => b.Commit());
        copy.Dispose();
        Assert.Equal(["one", "two"], Texts(queue));
        BatchClaim open = appender.ClaimBatch(10, 2);
        open.Append("lost"u8);
        AssertThrows<ArgumentOutOfRangeException>(open, (in BatchClaim b) => b.Add(1_000));
        appender.Dispose();
        AssertThrows<InvalidOperationException>(open, (in BatchClaim b) => b.Commit());
        using QueueAppender next = queue.CreateAppender(mode);
        next.Append("three"u8);
        Assert.Equal(["one", "two", "three"], Texts(queue));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Messages_of_every_length_are_copied_into_a_batch(AppenderMode mode)
    {
        const int Longest = 300;
        byte[] bytes = [.. Enumerable.Range(0, Longest).Select(i => (byte)(i * 7))];
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        for (int first = 0; first < Longest; first += 50)
        {
            using BatchClaim batch = appender.ClaimBatch(50 * Longest, 50);
            for (int length = first; length < first + 50; length++)
            {
                batch.Append(bytes.AsSpan(0, length));
            }

            batch.Commit();
        }

        using QueueTailer tailer = queue.CreateTailer();
        for (int length = 0; length < Longest; length++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(bytes.AsSpan(0, length), message.Payload);
        }

        AssertWhole(queue, Longest);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_message_that_does_not_fit_in_a_batch_is_refused_and_not_added(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        using (BatchClaim batch = appender.ClaimBatch(maxBytes: 16, maxMessages: 2))
        {
            AssertThrows<ArgumentException>(batch, (in BatchClaim b) => b.Append(new byte[100]));
            batch.Append("eleven bytes"u8);
            AssertThrows<ArgumentException>(batch, (in BatchClaim b) => b.Append(new byte[100]));
            batch.Append("two"u8);
            AssertThrows<InvalidOperationException>(batch, (in BatchClaim b) => b.Append([]));
            Assert.Equal(2, batch.Count);
            batch.Commit();
            AssertThrows<InvalidOperationException>(batch, (in BatchClaim b) => b.Append("late"u8));
            AssertThrows<InvalidOperationException>(default, (in BatchClaim b) => b.Append("nowhere"u8));
        }

        Assert.Equal(["eleven bytes", "two"], Texts(queue));
        AssertWhole(queue, 2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_writer_that_dies_in_a_batch_leaves_none_of_its_messages(AppenderMode mode)
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueAppender appender = queue.CreateAppender(mode);
            appender.Append("whole"u8);
        }

        using ChildProcess killed = StartOther("batch", QueueDirectory, $"{mode}");
        killed.WaitForText("written");
        killed.Kill();
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory);
        using QueueAppender next = again.CreateAppender(mode);
        next.Append("next"u8);
        Assert.Equal(["whole", "next"], Texts(again));
        AssertWhole(again, 2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Batches_allocate_nothing(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(mode);
        byte[] payloads = new byte[300];
        int[] lengths = [100, 50, 150];
        appender.Append(new byte[17 << 20]);
        appender.AppendBatch(payloads, lengths);
        Assert.Equal(0, AllocationMeter.OnThisThread(50_000, () => appender.AppendBatch(payloads, lengths)));
    }

    private static void AssertThrows<TError>(in BatchClaim batch, BatchAction action)
        where TError : Exception
    {
        try
        {
            action(batch);
        }
        catch (TError)
        {
            return;
        }

        Assert.Fail($"no {typeof(TError).Name}");
    }

    private static void AssertWhole(EstreamQueue queue, long messages)
    {
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal(messages, verification.MessageCount);
    }

    private static byte[] Payload(Random random)
    {
        byte[] payload = new byte[random.Next(10) == 0 ? random.Next(1_000) : random.Next(60)];
        random.NextBytes(payload);
        return payload;
    }

    private delegate void BatchAction(in BatchClaim batch);
}
