using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A message with <see cref="Durability.QuorumAndFlush"/> is acknowledged when it is flushed here and on a quorum, and not
/// before.</summary>
public sealed class QuorumAndFlushTests : QueueCase
{
    private readonly FlushStorage _storage = new();

    private QueueOptions Options => Small with { Storage = _storage, IngressDurability = Durability.QuorumAndFlush };

    [Fact]
    public async Task A_flush_alone_does_not_complete_the_wait()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("before"u8);
        long start = appender.NextPosition;
        Task<long> appended = appender.AppendAsync("a"u8, Durability.QuorumAndFlush).AsTask();
        long end = appender.NextPosition;
        Task awaited = queue.WaitDurableAsync(end - 1).AsTask();
        Task blocked = Task.Factory.StartNew(() => queue.WaitDurable(end - 1), TaskCreationOptions.LongRunning);

        // The append requested the flush, without a call that waits.
        Eventually.True(() => queue.DurablePosition >= end, "the message is flushed");
        quorum.AdvanceTo(start);
        Assert.False(appended.IsCompleted || awaited.IsCompleted || blocked.IsCompleted);

        // The waits above end asynchronously. A wait that begins after the flush would end at once.
        Assert.False(queue.WaitDurableAsync(end - 1).AsTask().IsCompleted);

        quorum.AdvanceTo(end);
        await Task.WhenAll(appended, awaited, blocked);
        Assert.True(queue.WaitDurableAsync(end - 1).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_quorum_alone_does_not_complete_the_wait()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender();
        using BlockedDisk disk = new(_storage);
        Task<long> appended = appender.AppendAsync("a"u8, Durability.QuorumAndFlush).AsTask();
        long end = appender.NextPosition;
        quorum.AdvanceTo(end);
        Task awaited = queue.WaitDurableAsync(end - 1).AsTask();
        Task blocked = Task.Factory.StartNew(() => queue.WaitDurable(end - 1), TaskCreationOptions.LongRunning);
        await queue.WaitQuorumAsync(end - 1);
        Assert.False(appended.IsCompleted || awaited.IsCompleted || blocked.IsCompleted);

        disk.Dispose();
        await Task.WhenAll(appended, awaited, blocked);
        Assert.True(queue.DurablePosition >= end);
    }

    [Fact]
    public async Task A_failed_quorum_ends_the_wait_and_refuses_appends()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender();
        using BlockedDisk disk = new(_storage);
        Task<long> appended = appender.AppendAsync("a"u8, Durability.QuorumAndFlush).AsTask();
        long end = appender.NextPosition;
        Task blocked = Task.Factory.StartNew(() => queue.WaitDurable(end - 1), TaskCreationOptions.LongRunning);

        quorum.Fail(new EstreamStorageException("taken over", null, StorageFailure.Other));

        Assert.Equal("taken over", (await Assert.ThrowsAsync<EstreamStorageException>(() => appended)).Message);
        Assert.Equal("taken over", (await Assert.ThrowsAsync<EstreamStorageException>(() => blocked)).Message);
        Assert.Throws<EstreamStorageException>(() => appender.Append("b"u8, Durability.QuorumAndFlush));
        Assert.Equal(end, appender.NextPosition);
    }

    [Fact]
    public async Task A_failed_flush_ends_the_wait_and_refuses_appends()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender();
        _storage.Fails = true;
        Task<long> appended = appender.AppendAsync("a"u8, Durability.QuorumAndFlush).AsTask();
        long end = appender.NextPosition;
        Task blocked = Task.Factory.StartNew(() => queue.WaitDurable(end - 1), TaskCreationOptions.LongRunning);

        Assert.Equal(StorageFailure.Device, (await Assert.ThrowsAsync<EstreamStorageException>(() => appended)).Reason);
        Assert.Equal(StorageFailure.Device, (await Assert.ThrowsAsync<EstreamStorageException>(() => blocked)).Reason);
        quorum.AdvanceTo(end);
        await Assert.ThrowsAsync<EstreamStorageException>(async () => await queue.WaitDurableAsync(end - 1));
        Assert.Throws<EstreamStorageException>(() => appender.Append("b"u8, Durability.QuorumAndFlush));
        Assert.Equal(end, appender.NextPosition);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_and_the_message_stays()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender();
        using CancellationTokenSource cancellation = new();
        Task<long> appended = appender.AppendAsync("a"u8, Durability.QuorumAndFlush, cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => appended);
        quorum.AdvanceTo(appender.NextPosition);
        await queue.WaitDurableAsync(appender.NextPosition - 1);
    }

    [Fact]
    public void Without_a_replicator_an_append_throws_and_appends_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        long end = appender.NextPosition;

        Assert.Throws<InvalidOperationException>(() => appender.Append("a"u8, Durability.QuorumAndFlush));
        Assert.Equal(end, appender.NextPosition);
        Assert.Throws<InvalidOperationException>(() => { _ = queue.WaitDurableAsync(0).AsTask(); });
        Assert.Equal(Durability.QuorumAndFlush, queue.GetInfo().IngressDurability);
        Assert.Equal("QuorumAndFlush", Durability.QuorumAndFlush.ToString());
    }

    [Fact]
    public void Waiting_allocates_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options with { SegmentBytes = 1 << 20 });
        using QueueQuorum quorum = queue.OpenQuorum();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[64];
        long end = 0;
        bool isDone = false;
        Thread replicator = new(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                quorum.AdvanceTo(Volatile.Read(ref end));
                Thread.Yield();
            }
        });
        replicator.Start();
        Assert.Equal(0, AllocationMeter.OnThisThread(20, () =>
        {
            ValueTask wait = queue.WaitDurableAsync(appender.Append(message, Durability.QuorumAndFlush));
            Volatile.Write(ref end, appender.NextPosition);
            while (!wait.IsCompleted)
            {
                Thread.Yield();
            }

            wait.GetAwaiter().GetResult();
        }));
        Volatile.Write(ref isDone, true);
        replicator.Join();
    }

    /// <summary>A disk whose flushes do not end before this object is disposed.</summary>
    private sealed class BlockedDisk : IDisposable
    {
        private readonly TaskCompletionSource _end = new();

        public BlockedDisk(FlushStorage storage) => storage.OnFlush = _ => _end.Task.Wait();

        public void Dispose() => _end.TrySetResult();
    }
}
