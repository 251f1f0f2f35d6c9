using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>What each durability of an append guarantees, and when messages are reported durable.</summary>
public sealed class DurabilityTests : QueueCase
{
    private static readonly Durability s_soon = Durability.GroupCommit(TimeSpan.FromMilliseconds(1), 1 << 20);
    private static readonly Durability s_never = Durability.GroupCommit(TimeSpan.FromMinutes(1), long.MaxValue);

    private readonly FlushStorage _storage = new();

    private QueueOptions Options => Small with { Storage = _storage };

    public static TheoryData<AppenderMode> Modes => [AppenderMode.Exclusive, AppenderMode.Shared];

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_append_to_the_page_cache_does_not_flush(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        int flushes = _storage.Flushes;
        long position = appender.Append("kept by the kernel"u8, Durability.PageCache);
        Assert.Equal(0, queue.DurablePosition);
        Assert.True(position > 0);
        Assert.Equal(flushes, _storage.Flushes);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_append_with_Durability_Every_is_durable_when_it_returns(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        for (int i = 0; i < 2_000; i++)
        {
            // The first append does not wait for durability. The messages fill several segments.
            appender.Append(new byte[50]);
            int flushes = _storage.Flushes;
            long position = appender.Append(new byte[100 + (i % 50)], Durability.Every);
            Assert.True(queue.DurablePosition > position, $"message {i} at {position}, durable up to {queue.DurablePosition}");
            Assert.True(_storage.Flushes > flushes);
        }

        Assert.True(queue.DurablePosition > 4 * SegmentBytes);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_new_segment_is_durable_with_its_directory_entry(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        appender.Append("first"u8, Durability.Every);
        for (int segment = 1; segment <= 3; segment++)
        {
            int syncs = _storage.DirectorySyncs;
            AppendSegments(appender, 1);
            appender.Append("in the next"u8, Durability.Every);
            Assert.True(_storage.DirectorySyncs > syncs, $"segment {segment}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Claims_and_batches_accept_a_durability(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        using (AppendClaim claim = appender.Claim(20))
        {
            claim.Span.Fill(1);
            claim.Commit(10, Durability.Every);
            Assert.True(queue.DurablePosition > claim.Position);
        }

        using (BatchClaim batch = appender.ClaimBatch(100, 3))
        {
            batch.Append("one"u8);
            batch.Append("two"u8);
            batch.Commit(Durability.Every);
            Assert.True(queue.DurablePosition > batch.Position);
        }

        int flushes = _storage.Flushes;
        using (BatchClaim empty = appender.ClaimBatch(100, 3))
        {
            empty.Commit(Durability.Every);
        }

        Assert.Equal(flushes, _storage.Flushes);
        long position = appender.AppendBatch("ab"u8, [1, 1], Durability.Every);
        Assert.Equal(appender.NextPosition, queue.DurablePosition);
        Assert.True(queue.DurablePosition > position);
        Assert.Equal(appender.NextPosition, appender.AppendBatch([], [], Durability.Every));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_group_commit_becomes_durable_without_a_call(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        long position = appender.Append("soon"u8, s_soon);
        Eventually.True(() => queue.DurablePosition > position, "the flusher came by");

        position = appender.Append("waited for"u8, Durability.GroupCommit());
        await queue.WaitDurableAsync(position);
        Assert.True(queue.DurablePosition > position);
        ValueTask none = queue.WaitDurableAsync(position);
        Assert.True(none.IsCompletedSuccessfully);

        position = appender.Append("waited for by a thread"u8, s_soon);
        queue.WaitDurable(position);
        Assert.True(queue.DurablePosition > position);
    }

    [Fact]
    public void A_group_commit_flushes_at_its_byte_limit_before_the_interval_ends()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        long position = appender.Append(new byte[100], s_never);
        ValueTask wait = queue.WaitDurableAsync(position);
        Assert.False(wait.IsCompleted);
        position = appender.Append(new byte[20_000], Durability.GroupCommit(TimeSpan.FromMinutes(1), 10_000));
        Eventually.True(() => queue.DurablePosition > position, "10,000 bytes are flushed");
    }

    [Fact]
    public void The_shortest_interval_decides_when_a_group_commit_flushes()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        appender.Append(new byte[100], s_never);
        long position = appender.Append(new byte[100], s_soon);
        Eventually.True(() => queue.DurablePosition > position, "a millisecond is over");
    }

    [Fact]
    public async Task Many_waiters_share_a_flush()
    {
        using var held = new ManualResetEventSlim();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        int flushes = _storage.Flushes;
        _storage.OnFlush = _ => held.Wait(ChildProcess.DefaultLimit);
        var waits = new List<Task> { queue.WaitDurableAsync(appender.Append("first"u8, s_soon)).AsTask() };
        Eventually.True(() => _storage.Flushes > flushes, "the first is being flushed");
        for (int i = 0; i < 500; i++)
        {
            waits.Add(queue.WaitDurableAsync(appender.Append(new byte[20], s_never)).AsTask());
        }

        waits.Add(queue.WaitDurableAsync(appender.Append(new byte[20], s_soon)).AsTask());
        held.Set();
        await Task.WhenAll(waits);
        Assert.Equal(flushes + 2, _storage.Flushes);
    }

    [Fact]
    public async Task A_waiter_that_joins_during_a_flush_keeps_its_own_interval()
    {
        using var held = new ManualResetEventSlim();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        int flushes = _storage.Flushes;
        _storage.OnFlush = _ => held.Wait(ChildProcess.DefaultLimit);
        long first = appender.Append("first"u8, s_soon);
        Eventually.True(() => _storage.Flushes > flushes, "the first is being flushed");
        using var cancellation = new CancellationTokenSource();
        ValueTask patient = queue.WaitDurableAsync(appender.Append("patient"u8, s_never), cancellation.Token);
        held.Set();
        Eventually.True(() => queue.DurablePosition > first, "the first is flushed");
        Assert.Equal(flushes + 1, _storage.Flushes);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await patient);
    }

    [Fact]
    public void WaitDurable_works_for_a_message_appended_without_durability()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        long position = appender.Append("plain"u8);
        queue.WaitDurable(position);
        Assert.True(queue.DurablePosition > position);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_the_next_wait_succeeds()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        for (int i = 0; i < 50; i++)
        {
            using var cancellation = new CancellationTokenSource();
            long position = appender.Append("a"u8, s_never);
            ValueTask wait = queue.WaitDurableAsync(position, cancellation.Token);
            Assert.False(wait.IsCompleted);
            await cancellation.CancelAsync();
            OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);
            Assert.Equal(cancellation.Token, cancelled.CancellationToken);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.WaitDurableAsync(position, cancellation.Token));
            Assert.ThrowsAny<OperationCanceledException>(() => queue.WaitDurable(position, cancellation.Token));
        }

        await queue.WaitDurableAsync(appender.Append("b"u8, s_soon));
    }

    [Fact]
    public void Messages_after_an_open_claim_are_not_durable()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender first = queue.CreateAppender();
        using QueueAppender second = queue.CreateAppender();
        AppendClaim claim = first.Claim(100);
        long position = second.Append("behind"u8, s_soon);
        ValueTask wait = queue.WaitDurableAsync(position);
        int flushes = _storage.Flushes;
        long before = claim.Position;
        Eventually.True(() => _storage.Flushes > flushes || queue.DurablePosition == before, "it was tried");
        Assert.False(wait.IsCompleted);
        claim.Commit(50);
        Eventually.True(() => wait.IsCompletedSuccessfully, "the claim is committed");
        Assert.True(queue.DurablePosition > position);
    }

    [Fact]
    public void Every_queue_object_sees_what_another_one_flushed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using EstreamQueue reader = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender();
        Assert.Equal(0, reader.DurablePosition);
        long position = appender.Append("a"u8, Durability.Every);
        Assert.True(reader.DurablePosition > position);
        Assert.Throws<InvalidOperationException>(() => reader.WaitDurable(position + 100));

        // The queue object of another appender flushes the messages of this appender, and both objects see the result.
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory, Options);
        position = appender.Append("b"u8);
        other.WaitDurable(position);
        Assert.True(queue.DurablePosition > position);
    }

    [Fact]
    public void A_reopened_queue_flushes_earlier_messages_that_were_not_durable()
    {
        long position;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options))
        {
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            appender.Append("durable"u8, Durability.Every);
            AppendSegments(appender, 3);
            position = appender.Append("not yet"u8);
            Assert.True(queue.DurablePosition < SegmentBytes);
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Options);
        int flushes = _storage.Flushes;
        using QueueAppender next = again.CreateAppender(AppenderMode.Exclusive);
        next.Append("durable"u8, Durability.Every);
        Assert.True(again.DurablePosition > position);
        Assert.InRange(_storage.Flushes - flushes, 4, 8);
    }

    [Fact]
    public void Closing_flushes_promised_messages()
    {
        long position;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options))
        {
            using QueueAppender appender = queue.CreateAppender();
            position = appender.Append("a"u8, s_never);
        }

        using EstreamQueue reader = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.True(reader.DurablePosition > position);
    }

    [Fact]
    public void Appending_and_waiting_allocate_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, new QueueOptions());
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[64];
        Assert.Equal(0, AllocationMeter.OnThisThread(20_000, () => appender.Append(message, s_soon)));
        Assert.Equal(0, AllocationMeter.OnThisThread(20, () => appender.Append(message, Durability.Every)));
        Assert.Equal(0, AllocationMeter.OnThisThread(20, () => queue.WaitDurable(appender.Append(message, s_soon))));
        ValueTask wait = default;
        Assert.Equal(0, AllocationMeter.OnThisThread(20, () =>
        {
            wait = queue.WaitDurableAsync(appender.Append(message, s_soon));
            while (!wait.IsCompleted)
            {
                Thread.SpinWait(20);
            }

            wait.GetAwaiter().GetResult();
        }));
    }

    [Fact]
    public async Task Closing_the_queue_ends_every_wait()
    {
        EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender first = queue.CreateAppender();
        using QueueAppender second = queue.CreateAppender();
        first.Claim(100);
        long position = second.Append("behind a claim"u8, s_soon);
        Task awaited = queue.WaitDurableAsync(position).AsTask();
        Task blocked = Task.Factory.StartNew(() => queue.WaitDurable(position + 1_000_000), TaskCreationOptions.LongRunning);
        queue.Dispose();

        // Closing aborts the claim, so the messages after it may have become durable before.
        await Task.WhenAny(awaited);
        Assert.True(awaited.IsCompletedSuccessfully || awaited.Exception?.InnerException is ObjectDisposedException,
            $"{awaited.Exception}");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => blocked);
        Assert.Throws<ObjectDisposedException>(() => queue.DurablePosition);
        Assert.Throws<ObjectDisposedException>(() => queue.Recovery);
        Assert.Throws<ObjectDisposedException>(() => queue.WaitDurable(position));
    }

    [Fact]
    public void Bounds_of_a_group_commit_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Durability.GroupCommit(TimeSpan.FromMilliseconds(-1), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Durability.GroupCommit(TimeSpan.FromMinutes(2), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Durability.GroupCommit(TimeSpan.Zero, 0));
        Assert.Equal(default, Durability.PageCache);
        Assert.NotEqual(Durability.Every, Durability.GroupCommit());
    }
}
