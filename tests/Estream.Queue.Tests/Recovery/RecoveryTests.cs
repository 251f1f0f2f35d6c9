using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>How the first writer after a restart of the machine treats files that a power cut may leave. The simulation covers the rest;
/// here the damage is made by hand.</summary>
public sealed class RecoveryTests : QueueCase
{
    private static readonly Guid s_nextRun = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private QueueOptions Restarted => Small with { Storage = new FlushStorage { BootId = s_nextRun } };

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Recovery_of_a_whole_queue_loses_nothing_and_is_reported_once(AppenderMode mode)
    {
        long end = Write(mode, "one", "two", "three");
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted))
        {
            QueueRecovery report = Assert.IsType<QueueRecovery>(queue.Recovery);
            Assert.True(report.IsWhole, $"{report}");
            Assert.Equal(QueueRecoveryCause.MachineRestart, report.Cause);
            Assert.Equal(end, report.EndPosition);
            Assert.Equal(end, queue.DurablePosition);
            Assert.Equal(["one", "two", "three"], Texts(queue));
            using QueueAppender appender = queue.CreateAppender(mode);

            // Nothing followed the end, so the log continues there: a restart does not cost a segment.
            Assert.Equal(end, appender.Append("four"u8));
            Assert.Equal(["one", "two", "three", "four"], Texts(queue));
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.Equal(end, again.Recovery?.EndPosition);
        Assert.True(again.Verify().IsWhole);
    }

    [Fact]
    public void A_queue_that_was_never_recovered_has_no_report()
    {
        Write(AppenderMode.Shared, "one");
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        Assert.Null(queue.Recovery);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Recovery_truncates_the_log_before_the_first_message_with_a_wrong_checksum(AppenderMode mode)
    {
        long[] positions = WriteAll(mode, "one", "two", "three", "four");
        Overwrite(SegmentFile(0), positions[1] + 16, (byte)'T');
        using (EstreamQueue reader = EstreamQueue.OpenReadOnly(QueueDirectory, Restarted))
        {
            // A reader truncates nothing and returns no message that a writer will truncate.
            Assert.Equal(["one"], Texts(reader));
            Assert.Equal(1, reader.GetInfo().NextSequence);
            Assert.Equal(positions[1], reader.GetInfo().EndPosition);
            Assert.Null(reader.Recovery);
            using QueueTailer tailer = reader.CreateTailer();
            Assert.Throws<ArgumentException>(() => tailer.Seek(positions[2]));
            tailer.SeekToEnd();
            Assert.False(tailer.TryRead(out _));
            Recover(mode, positions);

            // After the recovery by a writer, the same reader continues with the log.
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal("again"u8, message.Payload);
        }

        using EstreamQueue last = EstreamQueue.OpenReadOnly(QueueDirectory, Restarted);
        Assert.Equal(["one", "again"], Texts(last));
        Assert.True(last.Verify().IsWhole, last.Verify().Damage?.Reason);
    }

    [Fact]
    public void Recovery_moves_named_tailers_beyond_the_truncated_end_back_to_it()
    {
        long[] positions = WriteAll(AppenderMode.Exclusive, "one", "two", "three");
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueTailer tailer = queue.CreateTailer("reader");
            tailer.SeekToEnd();
        }

        Overwrite(SegmentFile(0), positions[1] + 16, (byte)'T');
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Restarted);
        using QueueTailer reader = again.CreateTailer("reader");
        Assert.Equal(positions[1], reader.Position);
        using QueueAppender appender = again.CreateAppender();
        appender.Append("next"u8);
        Assert.True(reader.TryRead(out QueueMessage message));
        Assert.Equal("next"u8, message.Payload);
    }

    [Fact]
    public void Segments_after_the_truncation_are_kept_under_another_name()
    {
        MakeQueue(4);
        Overwrite(SegmentFile(1), 1_000, 0xFF, 0xFF, 0xFF);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.Equal([0, 1], SegmentFiles());
        Assert.True(File.Exists(SegmentFile(2) + ".lost"));
        Assert.True(File.Exists(SegmentFile(3) + ".lost"));
        QueueRecovery report = Assert.IsType<QueueRecovery>(queue.Recovery);
        Assert.Equal(2, report.CutSegments);
        Assert.InRange(report.EndPosition, SegmentBytes + 256, SegmentBytes + 1_000);
        Assert.InRange(report.CutTo, 3 * SegmentBytes, 4 * SegmentBytes);
        Assert.Equal(report.CutTo - report.EndPosition, report.CutBytes);
        Assert.True(report.CutMessages > 0);
        using QueueTailer tailer = queue.CreateTailer();
        long kept = ReadToEnd(tailer, 0);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(kept, appender.NextSequence);
        AppendSegments(appender, 2);
        ReadToEnd(tailer, kept);
        Assert.True(queue.Verify().IsWhole, queue.Verify().Damage?.Reason);
    }

    /// <summary>Recovery will truncate the log at the damage. A reader that followed an index entry past the damage would miss messages
    /// appended after recovery.</summary>
    [Fact]
    public void Before_recovery_a_reader_finds_numbers_and_times_before_the_damage()
    {
        MakeQueue(16, Small with { SegmentBytes = 4 * SegmentBytes });
        Assert.True(SegmentFiles().Length > 2);
        Overwrite(SegmentFile(1), 1_000, 0xFF, 0xFF, 0xFF);
        Overwrite(SegmentFile(2), 0, new byte[256]);
        using EstreamQueue reader = EstreamQueue.OpenReadOnly(QueueDirectory, Restarted);
        using QueueTailer tailer = reader.CreateTailer();
        long end = ReadToEnd(tailer, 0);
        long position = tailer.Position;
        Assert.InRange(position, 3 * SegmentBytes, (4 * SegmentBytes) + 1_000);
        for (long sequence = end - 1; sequence >= 0; sequence -= 7)
        {
            tailer.SeekToSequence(sequence);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(sequence, message.Sequence);
        }

        // The tailer is at the end of the last whole segment or at the start of the truncated one, where the next message is appended.
        tailer.SeekToTime(long.MaxValue);
        Assert.InRange(tailer.Position, position, (4 * SegmentBytes) + 1_000);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, end + 1);
        Assert.Equal(end + 1, ReadToEnd(tailer, end));
    }

    /// <summary>A second power cut could restore an index that was not flushed, and a segment that already has its end is not checked
    /// again.</summary>
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Recovery_makes_cleared_index_entries_durable_no_later_than_the_new_end(AppenderMode mode)
    {
        int last = MakeDamagedNearBegin(mode);
        byte[] device = File.ReadAllBytes(SegmentFile(last));
        byte[] before = [.. device];
        var states = new List<byte[]>();
        var storage = new FlushStorage { BootId = s_nextRun };
        storage.OnFlushed = (path, offset, length) =>
        {
            if (path == SegmentFile(last))
            {
                byte[] file = File.ReadAllBytes(path);
                file.AsSpan((int)offset, (int)length).CopyTo(device.AsSpan((int)offset));
                states.Add([.. device]);
            }
        };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        int end = (int)(queue.Recovery!.EndPosition % (4 * SegmentBytes));
        Assert.InRange(end, 1, 1_000);
        int index = 4 * SegmentBytes;
        Assert.True(before.AsSpan(index).ContainsAnyExcept((byte)0));
        Assert.Equal(File.ReadAllBytes(SegmentFile(last)), states[^1]);
        Assert.All(states, state => Assert.True(
            state.AsSpan(end, 4).SequenceEqual(before.AsSpan(end, 4)) || Enumerable.Range(0, 4)
                .All(entry => BitConverter.ToInt32(state, index + (16 * entry)) == 0)));
    }

    /// <summary>A segment that a truncation left empty is newer than the following one if a clock was set back in between.</summary>
    [Fact]
    public void A_time_is_found_when_a_newer_segment_is_empty()
    {
        var clock = new ManualClock(ManualClock.Start + 10_000_000_000);
        using (EstreamQueue made = EstreamQueue.Open(QueueDirectory, Small with { Clock = clock }))
        using (QueueAppender making = made.CreateAppender())
        {
            making.Append("lost"u8);
        }

        Overwrite(SegmentFile(0), 256 + 16, (byte)'L');
        clock.UtcNanos = ManualClock.Start;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted with { Clock = clock });
        Assert.Equal(256, queue.Recovery!.EndPosition);
        using QueueAppender appender = queue.CreateAppender();
        foreach (string text in (ReadOnlySpan<string>)["one", "two", "three"])
        {
            appender.Append(System.Text.Encoding.UTF8.GetBytes(text));
            clock.PassNanos(1_000_000_000);
        }

        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToTime(ManualClock.Start + 500_000_000);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("two"u8, message.Payload);
    }

    /// <summary>Truncated messages may still be whole in their file, and the index may still refer to them. A reader led there would wait
    /// for messages that never arrive.</summary>
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void After_a_truncation_no_lookup_finds_a_truncated_message(AppenderMode mode)
    {
        MakeDamagedNearBegin(mode);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.True(queue.Recovery!.CutMessages > 0);
        using QueueTailer byTime = queue.CreateTailer(), byNumber = queue.CreateTailer(), whole = queue.CreateTailer();
        long next = ReadToEnd(whole, 0);
        byTime.SeekToTime(long.MaxValue);
        byNumber.SeekToSequence(next);
        Assert.False(byTime.TryRead(out _));
        Assert.False(byNumber.TryRead(out _));
        using QueueAppender appender = queue.CreateAppender(mode);
        AppendUpTo(appender, next + 1);
        Assert.True(byTime.TryRead(out QueueMessage message));
        Assert.Equal(next, message.Sequence);
        Assert.True(byNumber.TryRead(out message));
        Assert.Equal(next, message.Sequence);
    }

    [Fact]
    public void Recovery_does_not_check_durable_messages_again()
    {
        long durable;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueAppender appender = queue.CreateAppender();
            AppendSegments(appender, 2);
            durable = appender.Append("durable"u8, Durability.Every);
            appender.Append("not durable"u8);
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.True(again.Recovery!.VerifiedFrom > durable);
        Assert.True(again.Recovery.IsWhole);
    }

    [Fact]
    public void A_batch_that_is_partly_lost_is_lost_as_a_whole()
    {
        long batch;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            appender.Append("before"u8);
            batch = appender.AppendBatch("onetwothree"u8, [3, 3, 5]);
            appender.Append("behind"u8);
        }

        Overwrite(SegmentFile(0), batch + 48 + 16, (byte)'T');
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.Equal(["before"], Texts(again));
    }

    [Fact]
    public void Recovery_skips_the_claim_of_a_dead_writer()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueAppender first = queue.CreateAppender();
            using QueueAppender second = queue.CreateAppender();
            first.Append("before"u8);
            using AppendClaim claim = first.Claim(100);
            claim.Span.Fill(0xEE);
            second.Append("behind"u8);

            // Copies the files as a crash leaves them, while the claim is still open.
            Directory.CreateDirectory(Beside("copy"));
            foreach (string file in Directory.GetFiles(QueueDirectory))
            {
                File.Copy(file, Path.Combine(Beside("copy"), Path.GetFileName(file)));
            }
        }

        using EstreamQueue again = EstreamQueue.Open(Beside("copy"), Restarted);
        Assert.Equal(["before", "behind"], Texts(again));
        using QueueAppender appender = again.CreateAppender();
        appender.Append("next"u8);
        Assert.Equal(["before", "behind", "next"], Texts(again));
        Assert.True(again.Verify().IsWhole);
    }

    /// <summary>No claim exists before the durable position: bit 31 there is damage, and recovery neither reclaims nor truncates
    /// there.</summary>
    [Theory]
    [InlineData("message2")]
    [InlineData("odd")]
    public void Recovery_reports_a_durable_message_that_looks_claimed_as_damage(string text)
    {
        long at;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        {
            using QueueAppender appender = queue.CreateAppender();
            appender.Append("message1"u8);
            at = appender.Append(System.Text.Encoding.UTF8.GetBytes(text));
            appender.Append("message3"u8, Durability.Every);
        }

        Overwrite(SegmentFile(0), at + 3, 0x80);
        byte[] before = Content(SegmentFile(0));
        AssertNames<EstreamCorruptionException>(SegmentFile(0), at, () => EstreamQueue.Open(QueueDirectory, Restarted));
        Assert.Equal(before, Content(SegmentFile(0)));
        Assert.Equal([0], SegmentFiles());
    }

    /// <summary>A message after the durable position looks like a claim if damage sets bit 31. Its checksum, in the place where a claim
    /// names its owner, still matches. Recovery therefore takes the frame for a damaged message and not for the claim of a dead
    /// writer.</summary>
    [Fact]
    public void Recovery_truncates_the_log_at_a_message_that_looks_claimed()
    {
        long[] positions = WriteAll(AppenderMode.Shared, "message1", "message2", "message3");
        Overwrite(SegmentFile(0), positions[1] + 3, 0x80);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted);
        Assert.Equal(positions[1], queue.Recovery!.EndPosition);
        Assert.False(queue.Recovery.IsWhole);
        Assert.Equal(["message1"], Texts(queue));
    }

    [Fact]
    public void The_next_process_that_opens_the_queue_alone_repairs_a_failed_flush()
    {
        var storage = new FlushStorage();
        long position;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage }))
        {
            using QueueAppender appender = queue.CreateAppender();
            AppendSegments(appender, 1);
            storage.Fails = true;
            Assert.Throws<EstreamStorageException>(() => appender.Append("lost?"u8, Durability.Every));
            storage.Fails = false;
            position = appender.Append("goes on"u8);

            // Another appender is open, so opening the queue does not repair the failed flush.
            using EstreamQueue beside = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
            Assert.Null(beside.Recovery);
            using QueueAppender other = beside.CreateAppender();
            Assert.Throws<EstreamStorageException>(() => other.Append("refused"u8, Durability.Every));
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        Assert.Equal(QueueRecoveryCause.FailedFlush, again.Recovery!.Cause);
        Assert.True(again.Recovery.IsWhole);
        Assert.True(again.DurablePosition > position);
        using QueueAppender next = again.CreateAppender();
        next.Append("durable again"u8, Durability.Every);
        Assert.Equal(["lost?", "goes on", "durable again"], Texts(again)[^3..]);
    }

    [Fact]
    public void A_device_that_still_fails_leaves_the_queue_open_and_refuses_durable_appends()
    {
        var storage = new FlushStorage();
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage }))
        {
            using QueueAppender appender = queue.CreateAppender();
            storage.Fails = true;
            Assert.Throws<EstreamStorageException>(() => appender.Append("lost?"u8, Durability.Every));
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        using QueueAppender next = again.CreateAppender();
        Assert.Throws<EstreamStorageException>(() => next.Append("refused"u8, Durability.Every));
        next.Append("goes on"u8);
        Assert.Equal(["lost?", "goes on"], Texts(again));
    }

    private void Recover(AppenderMode mode, long[] positions)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted);
        QueueRecovery report = Assert.IsType<QueueRecovery>(queue.Recovery);
        Assert.False(report.IsWhole);
        Assert.Equal(256, report.VerifiedFrom);
        Assert.Equal(positions[1], report.EndPosition);
        Assert.Equal(positions[3] + 24, report.CutTo);
        Assert.Equal(2, report.CutMessages);
        using QueueAppender appender = queue.CreateAppender(mode);
        Assert.Equal(1, appender.NextSequence);
        Assert.Equal(SegmentBytes + 256, appender.Append("again"u8));
    }

    /// <summary>Creates a queue whose last segment is half full and damaged near its start.</summary>
    /// <returns>The index of the damaged segment.</returns>
    private int MakeDamagedNearBegin(AppenderMode mode)
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { SegmentBytes = 4 * SegmentBytes }))
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            AppendSegments(appender, 10);
        }

        int last = SegmentFiles().Length - 1;
        Overwrite(SegmentFile(last), 1_000, 0xFF, 0xFF, 0xFF);
        return last;
    }

    private long Write(AppenderMode mode, params string[] texts)
    {
        WriteAll(mode, texts);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        return queue.GetInfo().EndPosition;
    }

    private long[] WriteAll(AppenderMode mode, params string[] texts)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        return [.. texts.Select(text => appender.Append(System.Text.Encoding.UTF8.GetBytes(text)))];
    }
}
