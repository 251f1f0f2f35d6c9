using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// A writer that stops between any two steps of an append. The test makes the steps one by one on the files, as a writer that holds its
/// lock (alive and only stopped) or does not hold it (dead). The next writer, a maintenance thread or a reader with write access reclaims
/// the slot of the dead writer, and never the slot of the living one.
/// </summary>
public sealed class DeadWriterTests : QueueCase
{
    private const int Stride = 96;

    // Fifty checks take a second, longer than any timeout by which a stopped writer could be taken for dead.
    private static readonly int s_looks = LongRun.Count(75, 1_500);

    /// <summary>The step at which a writer stops.</summary>
    public enum Stage
    {
        Registered,
        AboutToClaim,
        TailMoved,
        ClaimWritten,
        Claimed,
        HalfWritten,
        Committed,
    }

    public static IEnumerable<object[]> Steps => Enum.GetValues<Stage>().Select(s => (object[])[s]);

    [Theory]
    [MemberData(nameof(Steps))]
    public void The_next_shared_writer_reclaims_the_slot_of_a_dead_one(Stage step)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(step);
        others.Append("behind"u8);
        others.Dispose();
        queue.CreateAppender().Dispose();
        AssertRead(queue, step, "behind");
        Assert.Equal(0, writer.Table.Owner(5));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void An_exclusive_writer_reclaims_the_slot_of_a_dead_one(Stage step)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(step);
        others.Append("behind"u8);
        others.Dispose();
        using QueueAppender exclusive = queue.CreateAppender(AppenderMode.Exclusive);
        exclusive.Append("last"u8);
        AssertRead(queue, step, "behind", "last");
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void The_maintenance_thread_reclaims_dead_claims_for_read_only_readers(Stage step)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(step);
        others.Append("behind"u8);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        Eventually.True(() => ShortTexts(readOnly).LastOrDefault() == "behind", "the maintenance thread reclaims the slot");
        AssertRead(readOnly, step, "behind");
        others.Dispose();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_reader_with_write_access_reclaims_a_dead_claim_and_a_read_only_reader_changes_no_byte(Stage step)
    {
        // The writer counts as alive as long as the other appender exists. Otherwise the maintenance thread of that appender would reclaim
        // the writer's slot.
        EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        using (var writer = new StoppedWriter(queue, slot: 5, isAlive: true))
        {
            writer.StopAt(step);
            others.Append("behind"u8);
            queue.Dispose();
        }

        bool blocks = step is Stage.TailMoved or Stage.ClaimWritten or Stage.Claimed or Stage.HalfWritten;
        byte[] before = File.ReadAllBytes(SegmentFile(0));
        using (EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory))
        {
            using QueueTailer tailer = readOnly.CreateTailer();
            for (int i = 0; i < 100; i++)
            {
                while (tailer.TryRead(out _))
                {
                }
            }

            Assert.Equal(blocks, ShortTexts(readOnly).Last() != "behind");
        }

        Assert.Equal(before, File.ReadAllBytes(SegmentFile(0)));
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory);
        using QueueTailer waiting = again.CreateTailer();
        string last = "";
        Eventually.True(
            () =>
            {
                while (waiting.TryRead(out QueueMessage message))
                {
                    last = System.Text.Encoding.UTF8.GetString(message.Payload);
                }

                return last == "behind";
            },
            "the reader reclaims the slot");
        AssertRead(again, step, "behind");
    }

    /// <summary>No message becomes visible after the claim, so no reader is woken.</summary>
    [Fact]
    public async Task A_lone_reader_that_slept_before_the_claim_reclaims_it()
    {
        OpenWithMessages(out _).Dispose();   // also stops its maintenance thread
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.Idle = IdleStrategy.Sleep();
        Assert.True(tailer.LongestSleepNanos(0) + QueueTailer.PatienceNanos < 50_000_000);
        Assert.True(tailer.TryRead(out _) && tailer.TryRead(out _));
        using var ending = new CancellationTokenSource();
        Task sleeper = Task.Factory.StartNew(
            () => Assert.ThrowsAny<OperationCanceledException>(() => tailer.WaitToRead(Timeout.InfiniteTimeSpan, ending.Token)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Eventually.True(() => queue.WaiterSignal.Sleeps > 0, "the tailer sleeps");
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(Stage.HalfWritten);
        long claim = ClaimWord.Pack(ClaimWord.OwnerPart(5, writer.Table.Epoch(5)), Stride);
        Eventually.True(() => writer.WordAt(writer.Offset) != claim, "the waiter reclaims the slot");
        await ending.CancelAsync();
        await sleeper.WaitAsync(Eventually.DefaultLimit);
        AssertRead(queue, Stage.HalfWritten);
    }

    /// <summary>As the test above, for a reader that awaits: only the listener thread polls for awaiting readers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lone_reader_that_awaited_before_the_claim_reclaims_it(bool readsAll)
    {
        OpenWithMessages(out _).Dispose();   // also stops its maintenance thread
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _) && tailer.TryRead(out _));
        using var ending = new CancellationTokenSource();
        await using IAsyncEnumerator<QueueEntry> reading = tailer.ReadAllAsync(ending.Token).GetAsyncEnumerator();
        Task<bool> awaiting = readsAll ? reading.MoveNextAsync().AsTask() : tailer.WaitToReadAsync(ending.Token).AsTask();
        Eventually.True(() => queue.WaiterSignal.Sleeps > 0, "the listener sleeps");
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(Stage.HalfWritten);
        long claim = ClaimWord.Pack(ClaimWord.OwnerPart(5, writer.Table.Epoch(5)), Stride);
        Eventually.True(() => writer.WordAt(writer.Offset) != claim, "the listener reclaims the slot");
        Assert.False(awaiting.IsCompleted);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => awaiting.WaitAsync(Eventually.DefaultLimit));
        AssertRead(queue, Stage.HalfWritten);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_claim_of_a_living_writer_is_never_overwritten(Stage step)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: true);
        writer.StopAt(step);
        others.Append("behind"u8);
        queue.CreateAppender().Dispose();
        long offset = writer.Offset;
        long before = offset == 0 ? 0 : writer.WordAt(offset);
        for (int i = 0; i < 20; i++)
        {
            queue.Shared.Dead.TryClearUpAll();
            queue.Shared.Dead.TryClearAt(writer.Segment, offset == 0 ? 256 : offset);
        }

        Assert.Equal(before, offset == 0 ? 0 : writer.WordAt(offset));

        // The writer continues and commits.
        writer.StopAt(Stage.Committed);
        Assert.Contains("stopped", ShortTexts(queue));
        Assert.Contains("behind", ShortTexts(queue));
        Assert.Equal(Environment.ProcessId, writer.Table.Owner(5));
        others.Dispose();
    }

    [Fact]
    public void Adjacent_holes_of_several_dead_writers_are_reclaimed_together()
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        StoppedWriter[] writers = [.. Enumerable.Range(10, 6).Select(slot => new StoppedWriter(queue, slot, isAlive: false))];
        foreach ((StoppedWriter writer, int i) in writers.Select((w, i) => (w, i)))
        {
            writer.StopAt(i % 3 == 2 ? Stage.HalfWritten : Stage.TailMoved);
        }

        others.Append("behind"u8);
        queue.Shared.Dead.TryClearUpAll();
        Assert.Equal(["first", "second", "behind"], ShortTexts(queue));
        Assert.True(queue.Verify().IsWhole);
        Assert.All(writers, w => w.Dispose());
        others.Dispose();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Frequent_checks_skip_writers_of_this_process_but_not_those_of_an_earlier_one_with_its_number(int laterNanos, bool isSkipped)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others, withMaintenance: false);
        using var writer = new StoppedWriter(queue, slot: 5, isAlive: false);
        writer.StopAt(Stage.ClaimWritten);
        writer.Table.Slot(5).WriteInt64(WriterSlots.StartOffset, ProcessIdentity.OwnStartUtcNanos + laterNanos);
        Assert.False(queue.Shared.Dead.TryClearUpAll(skipsOwn: true));
        Assert.Equal(isSkipped ? Environment.ProcessId : 0, writer.Table.Owner(5));
        queue.Shared.Dead.TryClearUpAll();
        Assert.Equal(0, writer.Table.Owner(5));
        others.Dispose();
    }

    [Fact]
    public void A_hole_is_not_reclaimed_while_a_living_writer_may_own_it()
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others, withMaintenance: false);
        using var dead = new StoppedWriter(queue, slot: 5, isAlive: false);
        dead.StopAt(Stage.TailMoved);
        using (var stopped = new StoppedWriter(queue, slot: 6, isAlive: true))
        {
            stopped.StopAt(Stage.AboutToClaim);
            others.Append("behind"u8);
            queue.Shared.Dead.TryClearUpAll();
            Assert.Equal(["first", "second"], ShortTexts(queue));
        }

        queue.Shared.Dead.TryClearUpAll();
        Assert.Equal(["first", "second", "behind"], ShortTexts(queue));
        others.Dispose();
    }

    [Theory]
    [InlineData(Stage.TailMoved)]
    [InlineData(Stage.ClaimWritten)]
    public void A_writer_that_dies_at_the_end_of_a_segment_does_not_block_the_log(Stage step)
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others);
        others.Append(new byte[SegmentBytes - 256 - 16 - 48 - 8 - 16 - 64]);
        using var dead = new StoppedWriter(queue, slot: 5, isAlive: false);
        dead.StopAtEnd(sealIt: step == Stage.ClaimWritten);
        Assert.Equal(SegmentBytes + 256, others.Append("in the next segment"u8));
        Assert.Equal("in the next segment", ShortTexts(queue).Last());
        Assert.True(queue.Verify().IsWhole);
        others.Dispose();
    }

    [Fact]
    public void A_reused_writer_slot_does_not_make_the_claim_of_its_last_owner_look_alive()
    {
        using EstreamQueue queue = OpenWithMessages(out QueueAppender others, withMaintenance: false);
        using (var dead = new StoppedWriter(queue, slot: 5, isAlive: false))
        {
            dead.StopAt(Stage.Claimed);

            // Clears the slot as a process does that dies before it writes the pad.
            dead.Table.Clear(5);
        }

        using var next = new StoppedWriter(queue, slot: 5, isAlive: true);
        next.StopAt(Stage.Claimed);
        others.Append("behind"u8);
        Assert.True(queue.Shared.Dead.TryClearAt(next.Segment, next.Offset - Stride));
        Assert.False(queue.Shared.Dead.TryClearAt(next.Segment, next.Offset));
        next.StopAt(Stage.Committed);
        Assert.Equal(["first", "second", "stopped", "behind"], ShortTexts(queue));
        others.Dispose();
    }

    [Fact]
    public void A_stopped_process_keeps_its_claim_and_a_killed_one_loses_it()
    {
        var storage = new FlushStorage();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        using QueueAppender appender = queue.CreateAppender();
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = readOnly.CreateTailer();
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory);
        using QueueTailer impatient = other.CreateTailer();
        using ChildProcess stopped = StartOther("claim", QueueDirectory);
        stopped.WaitForText("claimed");
        stopped.Signal("STOP");
        appender.Append("behind"u8);
        AwaitLooks(queue, storage, stopped.Id, () => Assert.False(tailer.TryRead(out _) || impatient.TryRead(out _)));
        stopped.Signal("CONT");
        stopped.Input.WriteLine();
        stopped.Input.Flush();
        stopped.WaitForText("committed");
        Assert.True(tailer.TryRead(out QueueMessage committed));
        Assert.True(WriterMessage.TryRead(committed.Payload, out _));
        Assert.True(tailer.TryRead(out _));
        Assert.True(impatient.TryRead(out _) && impatient.TryRead(out _));
        other.Dispose();

        using ChildProcess killed = StartOther("claim", QueueDirectory);
        killed.WaitForText("claimed");
        appender.Append("behind the dead"u8);
        Assert.False(tailer.TryRead(out _));
        killed.Kill();
        Eventually.True(() => tailer.TryRead(out _), "the maintenance thread reclaims the claim");
    }

    // In this queue object only the maintenance thread requests the lock of another writer, once per liveness check.
    private static void AwaitLooks(EstreamQueue queue, FlushStorage storage, int writer, Action meanwhile)
    {
        using WriterTable table = WriterTable.Open(queue.Files);
        int slot = Enumerable.Range(0, WriterSlots.SlotCount).Single(place => table.Owner(place) == writer);
        int looks = 0;
        storage.OnLock = path =>
        {
            if (Path.GetFileName(path) == $"{slot:D3}.lock")
            {
                Interlocked.Increment(ref looks);
            }
        };
        Eventually.True(
            () =>
            {
                meanwhile();
                return Volatile.Read(ref looks) >= s_looks;
            },
            "the caretaker has looked many times whether the stopped writer lives",
            LongRun.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        storage.OnLock = null;
    }

    private EstreamQueue OpenWithMessages(out QueueAppender appender, bool withMaintenance = true)
    {
        TaskScheduler background = withMaintenance ? TaskScheduler.Default : InlineScheduler.Instance;
        EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Background = background });
        appender = queue.CreateAppender();
        appender.Append("first"u8);
        appender.Append("second"u8);
        return queue;
    }

    private static void AssertRead(EstreamQueue queue, Stage step, params string[] behind)
    {
        Assert.Equal([.. (string[])["first", "second"], .. step == Stage.Committed ? (string[])["stopped"] : [], .. behind],
            ShortTexts(queue));
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    private static List<string> ShortTexts(EstreamQueue queue) => Texts(queue).ConvertAll(text => text.Length > 1_000 ? "large" : text);

    /// <summary>The steps of docs/formats/queue.md, "How several writers append", one by one.</summary>
    private sealed class StoppedWriter : IDisposable
    {
        private readonly EstreamQueue _queue;
        private readonly bool _isAlive;
        private readonly int _slot;
        private readonly long _start;
        private IDisposable? _lock;
        private Stage? _reached;
        private long _taken;

        public StoppedWriter(EstreamQueue queue, int slot, bool isAlive)
        {
            _queue = queue;
            _isAlive = isAlive;
            _slot = slot;
            Table = WriterTable.Open(queue.Files);

            // A dead writer dies after its last step: before that, a reader or a maintenance thread would reclaim its slot between steps.
            _lock = Table.TryLock(slot, LockMode.Exclusive);
            Assert.NotNull(_lock);
            Segment = queue.Segments.Acquire(0)!;
            _start = SegmentLayout.HeaderBytes;
        }

        public WriterTable Table { get; }

        public Segment Segment { get; }

        public long Offset => _reached >= Stage.TailMoved ? TailWord.Offset(_taken) : 0;

        public long WordAt(long offset) => Segment.Memory.ReadInt64Acquire(offset);

        public void StopAt(Stage step)
        {
            GoTo(step);
            DieUnlessAlive();
        }

        /// <summary>Claims a slot that reaches beyond the end of the segment and optionally settles the end, but does not write the
        /// frame.</summary>
        public void StopAtEnd(bool sealIt)
        {
            GoTo(Stage.AboutToClaim);
            long size = TailWord.Pack(1, 4 * Stride);
            long taken = Segment.Memory.AddInt64(SegmentLayout.TailOffset, size) - size;
            Assert.True(TailWord.Offset(taken) <= Segment.Limit && TailWord.Offset(taken) + (4 * Stride) > Segment.Limit);
            if (sealIt)
            {
                Segment.Memory.WriteInt64(SegmentLayout.SealOffset, taken);
            }

            DieUnlessAlive();
        }

        public void Dispose()
        {
            _queue.Segments.Release(Segment);
            _lock?.Dispose();
            Table.Dispose();
        }

        private void GoTo(Stage step)
        {
            for (Stage next = _reached is null ? 0 : _reached.Value + 1; next <= step; next++)
            {
                Make(next);
                _reached = next;
            }
        }

        private void DieUnlessAlive()
        {
            if (!_isAlive)
            {
                _lock?.Dispose();
                _lock = null;
            }
        }

        private void Make(Stage step)
        {
            RegionSpan slot = Table.Slot(_slot);
            RegionSpan memory = Segment.Memory;
            switch (step)
            {
                case Stage.Registered:
                    slot.WriteInt64(WriterSlots.EpochOffset, slot.ReadInt64(WriterSlots.EpochOffset) + 1);
                    slot.WriteInt64(WriterLayout.ClaimOffset, _start);
                    slot.WriteInt32(WriterSlots.ProcessOffset, Environment.ProcessId);
                    break;
                case Stage.AboutToClaim:
                    slot.WriteInt64(WriterLayout.ClaimOffset, _start | WriterLayout.ClaimingFlag);
                    break;
                case Stage.TailMoved:
                    long size = TailWord.Pack(1, Stride);
                    _taken = memory.AddInt64(SegmentLayout.TailOffset, size) - size;
                    break;
                case Stage.ClaimWritten:
                    memory.WriteInt64(TailWord.Offset(_taken), ClaimWord.Pack(ClaimWord.OwnerPart(_slot, Table.Epoch(_slot)), Stride));
                    break;
                case Stage.Claimed:
                    slot.WriteInt64(WriterLayout.ClaimOffset, TailWord.Offset(_taken));
                    break;
                case Stage.HalfWritten:
                    "stopped"u8.CopyTo(memory.Span(TailWord.Offset(_taken) + 16, 7));
                    memory.WriteInt64(TailWord.Offset(_taken) + 24, PadFrame.Word(Segment, Stride - 24));
                    memory.WriteInt64(TailWord.Offset(_taken) + 8, FrameLayout.PackNumberAndTime(TailWord.Number(_taken), 0));
                    break;
                default:
                    uint checksum = Crc32C.Append(Segment.ChecksumSeed, memory.ReadOnlySpan(TailWord.Offset(_taken) + 8, 8 + 7));
                    memory.WriteInt64Release(TailWord.Offset(_taken), FrameLayout.PackLengthAndChecksum(16 + 7, checksum));
                    break;
            }
        }
    }
}
