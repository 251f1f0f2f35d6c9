using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A reader whose progress is part of the batches it appends: each message is consumed exactly once, wherever its process
/// dies.</summary>
public sealed class ConsumeTests : QueueCase
{
    private const int Messages = 3_000;

    private static readonly int s_kills = LongRun.Count(8, 300);

    public static TheoryData<AppenderMode> Modes => [AppenderMode.Exclusive, AppenderMode.Shared];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Reading_does_not_consume_and_Commit_does(AppenderMode mode)
    {
        FillSource(30);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender(mode);
        for (int from = 0; from < 30; from += 10)
        {
            // Messages consumed by an aborted batch are read again.
            Consume(source, output, appender, from, 7, commit: false);
            Consume(source, output, appender, from, 10, commit: true);
        }

        using QueueTailer tailer = source.CreateTailer("pipe", output);
        Assert.False(tailer.TryRead(out _));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), Consumed(output));
        Assert.True(output.Verify().IsWhole);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_committed_batch_counts_as_consumed_even_if_the_cursor_does_not_include_it(AppenderMode mode)
    {
        FillSource(30);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender(mode);
        Consume(source, output, appender, 0, 10, commit: true);
        byte[] before = Consume(source, output, appender, 10, 10, commit: true);

        // Restores the cursor as a process leaves it that dies between the batch and the cursor. Then another appender appends.
        File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), before);
        appender.Append(new byte[16]);
        Consume(source, output, appender, 20, 10, commit: true);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), Consumed(output));
    }

    [Fact]
    public void A_batch_of_another_tailer_name_or_source_does_not_count_as_consumed()
    {
        FillSource(20);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        byte[] before = Consume(source, output, appender, 0, 5, commit: true);
        Consume(source, output, appender, 0, 10, commit: true, name: "pipf");
        File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), before);
        Consume(source, output, appender, 5, 5, commit: true);
    }

    [Fact]
    public void Progress_without_output_needs_a_tailer_commit_or_an_empty_batch()
    {
        FillSource(20);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            Read(tailer, 5);
            tailer.Commit();
            Read(tailer, 5);
            using BatchClaim empty = appender.ClaimBatch(0, 1, tailer);
            empty.Commit();
            Read(tailer, 5);
        }

        Assert.Empty(Consumed(output));
        Consume(source, output, appender, 10, 1, commit: true);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Progress_without_output_counts_after_a_crash(AppenderMode mode)
    {
        FillSource(20);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender(mode);
        Consume(source, output, appender, 0, 5, commit: true);
        byte[] left;
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            Read(tailer, 5);
            tailer.Commit();
            left = Content(InQueue("tailers", "pipe.cursor"));
        }

        File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), left);
        Consume(source, output, appender, 10, 5, commit: true);
    }

    [Fact]
    public void A_tailer_that_resumes_behind_an_open_claim_waits_for_it()
    {
        FillSource(20);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        using QueueAppender other = output.CreateAppender();
        AppendClaim claimed = other.Claim(10);
        byte[] left;
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            Read(tailer, 5);
            using BatchClaim empty = appender.ClaimBatch(0, 1, tailer);
            empty.Commit();
            left = Content(InQueue("tailers", "pipe.cursor"));
        }

        // Restores the cursor as a killed process leaves it.
        File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), left);
        Exception? refused = null;
        QueueTailer? goesOn = null;
        var next = new Thread(() => refused = Record.Exception(() => goesOn = source.CreateTailer("pipe", output)));
        next.Start();

        // Waits for a moment, in which the new tailer may or may not reach the flush.
        next.Join(50);
        claimed.Dispose();
        next.Join();
        Assert.Null(refused);
        Assert.True(goesOn!.TryRead(out QueueMessage message) && message.Sequence == 5);
        goesOn.Dispose();
    }

    [Fact]
    public void Invalid_use_of_a_consuming_tailer_throws()
    {
        FillSource(5);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using EstreamQueue other = EstreamQueue.Open(Beside("other"), Small);
        using QueueAppender appender = output.CreateAppender();
        using QueueAppender elsewhere = other.CreateAppender();
        QueueTailer tailer = source.CreateTailer("pipe", output);
        Assert.Throws<ArgumentException>("consumed", () => elsewhere.ClaimBatch(1, 1, tailer).Commit());
        using QueueTailer plain = source.CreateTailer("plain");
        Assert.Throws<ArgumentException>("consumed", () => appender.ClaimBatch(1, 1, plain).Commit());
        Assert.Throws<EstreamLeaseException>(() => source.CreateTailer("pipe", output));
        Assert.Throws<EstreamLeaseException>(() => source.CreateTailer("pipe"));
        Assert.Throws<ArgumentException>("name", () => source.CreateTailer("a/b", output));
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(Beside("output"));
        Assert.Throws<InvalidOperationException>(() => source.CreateTailer("second", readOnly));
        using BatchClaim batch = appender.ClaimBatch(100, 1, tailer);
        batch.Append("x"u8);
        tailer.Dispose();
        Assert.Throws<ArgumentException>("consumed", () => elsewhere.ClaimBatch(1, 1, tailer).Commit());
        bool refused = false;
        try
        {
            batch.Commit();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
        batch.Dispose();
        Assert.Empty(Consumed(output));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_consumer_killed_repeatedly_neither_loses_nor_repeats_messages(AppenderMode mode)
    {
        FillSource(Messages);
        EstreamQueue.Open(Beside("output"), Small).Dispose();
        var random = new Random(11);
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess consumer = StartOther("pipe", QueueDirectory, Beside("output"), $"{mode}", $"{kill}");
            consumer.WaitForText("consuming");
            Thread.Sleep(random.Next(30));
            consumer.Kill();
            Assert.Equal("", consumer.WaitForExit().Error);
        }

        using ChildProcess last = StartOther("pipe", QueueDirectory, Beside("output"), $"{mode}", "0");
        last.WaitForText("consumed all");
        last.Kill();
        using EstreamQueue output = EstreamQueue.OpenReadOnly(Beside("output"));
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => (long)i), Consumed(output));
    }

    // Retention follows the cursor, so it keeps messages that must be consumed again after a power cut.
    [Theory]
    [MemberData(nameof(Modes))]
    public void The_cursor_follows_the_flush_of_a_durable_batch(AppenderMode mode)
    {
        FillSource(30);
        FlushStorage device = new();
        using (EstreamQueue source = EstreamQueue.Open(QueueDirectory))
        using (EstreamQueue output = EstreamQueue.Open(Beside("output"), Small with { Storage = device }))
        using (QueueAppender appender = output.CreateAppender(mode))
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            long Cursor() => source.GetInfo().Tailers.Single().Position;
            long before = Cursor();
            long? during = null;
            device.OnFlush = _ => during ??= Cursor();
            ConsumeDurably(tailer, appender, 10);
            long after = Cursor();
            Assert.Equal(before, during);
            Assert.Equal(tailer.Position, after);

            // The batch is in the output and may not be durable, so the cursor does not include it.
            (device.OnFlush, device.Fails) = (null, true);
            Assert.Throws<EstreamStorageException>(() => ConsumeDurably(tailer, appender, 5));
            Assert.Equal(after, Cursor());
        }

        // The next reader finds the batch in the output, even though the last reader was closed properly.
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory), found = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender next = found.CreateAppender(mode);
        Consume(again, found, next, 15, 15, commit: true);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), Consumed(found));
    }

    // As the test above, for a batch that the next reader finds in the output: its writer may have been killed before the flush.
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_batch_found_in_the_output_is_durable_before_the_cursor_includes_it(AppenderMode mode)
    {
        FillSource(30);
        FlushStorage device = new();
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small with { Storage = device });
        using QueueAppender appender = output.CreateAppender(mode);
        byte[] before = Consume(source, output, appender, 0, 10, commit: true);
        long After(bool fails)
        {
            File.WriteAllBytes(InQueue("tailers", "pipe.cursor"), before);
            device.Fails = fails;
            source.CreateTailer("pipe", output).Dispose();
            device.Fails = false;
            return source.GetInfo().Tailers.Single().Position;
        }

        long unknown = output.DurablePosition;
        long told = After(fails: false);
        Assert.True(unknown < output.DurablePosition);
        Consume(source, output, appender, 10, 1, commit: false);

        // The device then refuses the flush of a batch. The reader continues after the batch, and the cursor stays, however often the
        // tailer is created.
        before = Consume(source, output, appender, 10, 10, commit: true);
        Assert.Equal(told, After(fails: true));
        source.CreateTailer("pipe", output).Dispose();
        Assert.Equal(told, source.GetInfo().Tailers.Single().Position);
        Consume(source, output, appender, 20, 5, commit: true);
        Assert.True(source.GetInfo().Tailers.Single().Position > told);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), Consumed(output));
    }

    // The cursor does not include the batch. A proper close must then still record that there is a batch to look for.
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_batch_whose_flush_failed_is_remembered_after_a_refused_commit(AppenderMode mode)
    {
        FillSource(30);
        FlushStorage device = new();
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small with { Storage = device });
        using QueueAppender appender = output.CreateAppender(mode);
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            ConsumeDurably(tailer, appender, 10);
            device.Fails = true;
            Assert.Throws<EstreamStorageException>(() => ConsumeDurably(tailer, appender, 5));
            (device.Fails, device.FailsLists) = (false, true);
            Assert.Throws<EstreamStorageException>(tailer.Commit);
            device.FailsLists = false;
        }

        Consume(source, output, appender, 15, 15, commit: true);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), Consumed(output));
    }

    private static void ConsumeDurably(QueueTailer tailer, QueueAppender appender, int count)
    {
        using BatchClaim batch = appender.ClaimBatch(count * 8, count, tailer);
        for (int i = 0; i < count; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            batch.Append(BitConverter.GetBytes(message.Sequence));
        }

        batch.Commit(Durability.Every);
    }

    private void FillSource(int messages)
    {
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = source.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, messages);
    }

    /// <returns>The cursor before the commit.</returns>
    private byte[] Consume(EstreamQueue source, EstreamQueue output, QueueAppender appender, long first, int count, bool commit,
        string name = "pipe")
    {
        using QueueTailer tailer = source.CreateTailer(name, output);
        using BatchClaim batch = appender.ClaimBatch(count * 8, count, tailer);
        for (int i = 0; i < count; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(first + i, message.Sequence);
            batch.Append(BitConverter.GetBytes(message.Sequence));
        }

        byte[] before = Content(InQueue("tailers", $"{name}.cursor"));
        if (commit)
        {
            batch.Commit();
        }

        return before;
    }

    private static void Read(QueueTailer tailer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(tailer.TryRead(out _));
        }
    }

    private static List<long> Consumed(EstreamQueue output)
    {
        using QueueTailer tailer = output.CreateTailer();
        var consumed = new List<long>();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (message.Payload.Length == sizeof(long))
            {
                consumed.Add(BitConverter.ToInt64(message.Payload));
            }
        }

        return consumed;
    }
}
