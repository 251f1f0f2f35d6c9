using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Tests.Queues;
using Estream.Testing;

namespace Estream.Replication.Tests.Faults;

/// <summary>Appends the numbers 1, 2, 3, ... to a queue all the time, waits for their quorum, and copies the queue.</summary>
internal sealed class ReplicatedNumbers : IAsyncDisposable
{
    private const int Group = 20;
    private const int MessageBytes = 200;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _source;
    private readonly QueuePublisher _publisher;
    private readonly QueueFollower _follower;
    private readonly string _copy;
    private readonly Task _appending;
    private long _appended;
    private long _acknowledged;

    public ReplicatedNumbers(ReplicationCluster cluster, string queue, TempDirectory folder, IClock clock)
    {
        _copy = folder.Combine("copy");
        RabbitReplication replication = new(cluster);
        _source = EstreamQueue.Open(folder.Combine("source"), new QueueOptions { SegmentBytes = 1 << 20, Clock = clock });
        _publisher = replication.Publish(queue, _source);
        _follower = replication.Follow(queue, _copy);
        _appending = Task.Run(AppendAsync);
    }

    /// <summary>The newest number whose quorum was confirmed.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Whether the publisher knows that nothing is confirmed now.</summary>
    public bool IsHeldUp => _publisher.GetStatus().State != ReplicationState.Running;

    /// <summary>Waits until a number that is appended after this call is confirmed.</summary>
    /// <param name="what">What has happened before, for the error.</param>
    /// <param name="limit">The time limit of the round.</param>
    /// <param name="or">Another condition that ends the wait.</param>
    /// <param name="more">Further numbers to wait for.</param>
    public void WaitForNext(string what, RoundLimit limit, Func<bool>? or = null, int more = 0)
    {
        long last = Interlocked.Read(ref _appended) + more;
        Eventually.True(
            () => _appending.IsFaulted ? throw new InvalidOperationException("Appending failed.", _appending.Exception)
                : Acknowledged > last || or?.Invoke() == true,
            $"a message is confirmed after: {what} ({_publisher.GetStatus()})", limit.Left);
    }

    /// <summary>Stops, and requires that the copy has exactly the appended numbers, in their order.</summary>
    /// <param name="limit">The time limit of the wait for the copy.</param>
    /// <returns>The number of messages.</returns>
    public async Task<long> RequireAllAsync(RoundLimit limit)
    {
        await _stop.CancelAsync();
        await _appending;
        long end = _source.EndPosition();
        Eventually.True(() => _follower.GetStatus().Position >= end, $"the copy is complete ({_follower.GetStatus()})", limit.Left);
        long count = LogFiles.RequireEqual(_source.Directory, _copy);
        using EstreamQueue copy = EstreamQueue.OpenReadOnly(_copy);
        using QueueTailer tailer = copy.CreateTailer();
        long expected = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.Equal(++expected, BitConverter.ToInt64(message.Payload));
        }

        Assert.Equal(count, expected);
        Assert.Equal(Acknowledged, expected);
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _follower.DisposeAsync();
        await _publisher.DisposeAsync();
        await _appending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _source.Dispose();
        _stop.Dispose();
    }

    // The numbers of a group are confirmed with its last one.
    private async Task AppendAsync()
    {
        using QueueAppender appender = _source.CreateAppender();
        byte[] message = new byte[MessageBytes];
        while (!_stop.IsCancellationRequested)
        {
            for (int i = 1; i < Group; i++)
            {
                _ = appender.Append(Next(message));
            }

            byte[] last = Next(message);
            await appender.AppendAsync(last, Durability.Quorum).AsTask().WaitAsync(RoundLimit.Whole);
            Interlocked.Exchange(ref _acknowledged, BitConverter.ToInt64(last));
            await Task.Delay(s_pause);
        }
    }

    private byte[] Next(byte[] message)
    {
        _ = BitConverter.TryWriteBytes(message, Interlocked.Increment(ref _appended));
        return message;
    }
}
