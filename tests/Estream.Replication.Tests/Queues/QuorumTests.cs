using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

public sealed class QuorumTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;

    public QuorumTests()
    {
        _queue = EstreamQueue.Open(_folder.Combine("queue"), new QueueOptions { IngressDurability = Durability.Quorum });
        _appender = _queue.CreateAppender();
    }

    public void Dispose()
    {
        _queue.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Without_a_replicator_an_append_with_quorum_throws_and_appends_nothing()
    {
        long end = _appender.NextPosition;
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await _appender.AppendAsync(new byte[1], Durability.Quorum));
        Assert.Contains("no replicator", refused.Message, StringComparison.Ordinal);
        Assert.Equal(end, _appender.NextPosition);
    }

    [Fact]
    public async Task An_append_completes_when_its_message_is_confirmed_and_not_before()
    {
        using QueueQuorum quorum = _queue.OpenQuorum();
        Task<long> first = _appender.AppendAsync(new byte[10], Durability.Quorum).AsTask();
        long between = _appender.NextPosition;
        Task<long> second = _appender.AppendAsync(new byte[10], Durability.Quorum).AsTask();
        quorum.AdvanceTo(between);
        long position = await first;
        Assert.False(second.IsCompleted);
        await _queue.WaitDurableAsync(position);
        quorum.AdvanceTo(_appender.NextPosition);
        Assert.Equal(between, await second);
    }

    [Fact]
    public async Task After_a_failure_waits_and_appends_throw_it()
    {
        using QueueQuorum quorum = _queue.OpenQuorum();
        Task<long> waiting = _appender.AppendAsync(new byte[1], Durability.Quorum).AsTask();
        quorum.Fail(new EstreamStorageException("taken over", null, StorageFailure.Other));
        Assert.Equal("taken over", (await Assert.ThrowsAsync<EstreamStorageException>(() => waiting)).Message);
        _ = Assert.Throws<EstreamStorageException>(() => _appender.Append(new byte[1], Durability.Quorum));
        _ = Assert.Throws<EstreamStorageException>(() => _queue.WaitDurable(_appender.NextPosition));
    }

    [Fact]
    public async Task Disposing_the_replicator_ends_waits_and_a_queue_has_one_replicator()
    {
        QueueQuorum quorum = _queue.OpenQuorum();
        _ = Assert.Throws<InvalidOperationException>(_queue.OpenQuorum);
        Task<long> waiting = _appender.AppendAsync(new byte[1], Durability.Quorum).AsTask();
        quorum.Dispose();
        _ = await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        _queue.OpenQuorum().Dispose();
    }
}
