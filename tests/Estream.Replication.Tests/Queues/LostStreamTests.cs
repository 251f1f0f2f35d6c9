using System.Net;
using Estream.Circuits.Operations.Replication;
using Estream.Queue;
using Estream.Replication.Internal;
using Estream.Replication.Tests.Maps;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

/// <summary>Streams that brokers lost, wholly or in part, under a publisher and followers that have read more.</summary>
public sealed class LostStreamTests : IDisposable
{
    private const int SegmentBytes = 64 << 10;
    private const string Stream = "orders";

    private static readonly ReplicationCluster s_cluster = new()
    {
        Name = "plant",
        Brokers = [new DnsEndPoint("localhost", 5672)],
        MaxBatchBytes = 4 << 10,
    };

    private readonly TempDirectory _folder = new();
    private readonly MemoryLogs _logs = new();
    private readonly EstreamQueue _source;
    private readonly QueueAppender _appender;

    public LostStreamTests()
    {
        _source = EstreamQueue.Open(_folder.Combine("source"), new QueueOptions { SegmentBytes = SegmentBytes });
        _appender = _source.CreateAppender();
    }

    private string Copy => _folder.Combine("copy");

    public void Dispose()
    {
        _appender.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task A_stream_that_lost_entries_has_every_message_again_and_confirms_new_ones(int lost)
    {
        await using QueuePublisher publisher = Publish();
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 300);
            _logs.LoseEnd(Stream, lost);
            await AppendAndWaitAsync(follower, 10);
        }

        Assert.Equal(310, LogFiles.RequireEqual(_source.Directory, Copy));
        await RequireNewCopyAsync(310);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task A_loss_while_publisher_and_follower_are_stopped_is_noticed_at_their_next_start(int lost)
    {
        await using (QueuePublisher publisher = Publish())
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 300);
        }

        _logs.LoseEnd(Stream, lost);
        await using (QueuePublisher publisher = Publish())
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 10);
        }

        Assert.Equal(310, LogFiles.RequireEqual(_source.Directory, Copy));
        await RequireNewCopyAsync(310);
    }

    [Fact]
    public async Task A_stream_that_was_created_again_and_has_grown_is_recognized_by_its_entries()
    {
        await using (QueuePublisher publisher = Publish())
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 20);
        }

        // The publisher fills the new stream past the offset that the follower knows.
        int known = _logs.Count(Stream);
        _logs.LoseEnd(Stream);
        await using QueuePublisher again = Publish();
        for (int i = 0; i < 2 * known; i++)
        {
            _ = await _appender.AppendAsync(new byte[100], Durability.Quorum);
        }

        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 1);
        }

        _ = LogFiles.RequireEqual(_source.Directory, Copy);
    }

    [Fact]
    public async Task A_log_that_no_longer_has_the_lost_messages_restarts_at_its_oldest_message()
    {
        await using (QueuePublisher publisher = Publish())
        {
            await using (QueueFollower follower = Follow(Copy))
            {
                await AppendAndWaitAsync(follower, 100);
            }

            await AppendAndWaitAsync(null, 3_000);
        }

        int lost = _logs.Count(Stream) - 10;
        Assert.NotEqual(0, _source.ApplyRetention(2 * SegmentBytes, TimeSpan.Zero).Segments);
        _logs.LoseEnd(Stream, lost);
        await using (QueuePublisher publisher = Publish())
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 10);
        }

        _ = LogFiles.RequireEqual(_source.Directory, Copy);
        await RequireNewCopyAsync((int)_source.GetInfo().MessageCount);
    }

    [Fact]
    public async Task A_takeover_of_a_copy_that_knows_more_than_the_stream_fails_until_the_source_has_sent_the_messages_again()
    {
        await using (QueuePublisher publisher = Publish())
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 100);
        }

        _logs.LoseEnd(Stream, 3);
        await using (QueueFollower early = Follow(Copy))
        {
            EstreamReplicationException refused =
                await Assert.ThrowsAsync<EstreamReplicationException>(() => early.TakeOverAsync().WaitAsync(TimeSpan.FromMinutes(2)));
            Assert.Equal(ReplicationFault.Truncated, refused.Fault);
            Assert.Contains("estream replica reset", refused.Message, StringComparison.Ordinal);
        }

        await using (QueuePublisher publisher = Publish())
        {
            _ = await _appender.AppendAsync(new byte[100], Durability.Quorum);
        }

        await using (QueueFollower follower = Follow(Copy))
        {
            Assert.True(await follower.TakeOverAsync().WaitAsync(TimeSpan.FromMinutes(2)));
        }

        Assert.Equal(101, LogFiles.RequireEqual(_source.Directory, Copy));
    }

    [Fact]
    public async Task After_a_reset_the_log_of_the_publisher_wins_over_a_stream_with_other_messages()
    {
        await using (QueuePublisher publisher = Publish())
        {
            await AppendAndWaitAsync(null, 10);
            Assert.NotNull(Record.Exception(() => ReplicationReset.Reset(_source.Directory)));
        }

        // Another host takes over and gets messages that this host does not have.
        await using (QueueFollower follower = Follow(Copy))
        {
            WaitFor(follower, _source.EndPosition() - 1);
        }

        using (EstreamQueue other = EstreamQueue.Open(Copy))
        await using (QueuePublisher publisher = new(Stream, other, s_cluster, _logs.OpenIndex(Stream, isReader: false)))
        using (QueueAppender appender = other.CreateAppender())
        {
            _ = await appender.AppendAsync(new byte[10], Durability.Quorum).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        }

        _ = _appender.Append(new byte[11]);
        await using (QueuePublisher refused = Publish())
        {
            await refused.Completion.WaitAsync(TimeSpan.FromMinutes(2));
            Assert.Equal(ReplicationFault.Diverged, refused.GetStatus().Fault);
            Assert.Contains("estream replica reset source", refused.GetStatus().Failure, StringComparison.Ordinal);
        }

        _appender.Dispose();
        Assert.True(ReplicationReset.Reset(_source.Directory).IsReplicated);
        await using QueuePublisher again = Publish();
        Eventually.True(() => again.GetStatus() is { State: ReplicationState.Running, LagBytes: 0 }, "the log is confirmed");
        string late = _folder.Combine("late");
        foreach (string copy in (string[])[Copy, late])
        {
            await using QueueFollower follower = Follow(copy);
            Eventually.True(
                () => follower.GetStatus() is { Epoch: 3, State: ReplicationState.Running } status
                    && status.Position >= _source.EndPosition(),
                "the copy follows the new epoch");
        }

        Assert.Equal(11, LogFiles.RequireEqual(_source.Directory, Copy));
        Assert.Equal(11, LogFiles.RequireEqual(_source.Directory, late));
    }

    [Fact]
    public async Task Messages_of_strangers_are_skipped_counted_and_shown_by_publisher_and_followers()
    {
        for (int round = 1; round <= 2; round++)
        {
            await using QueuePublisher publisher = Publish();
            await using QueueFollower follower = Follow(Copy);
            await AppendAndWaitAsync(follower, 10);
            await using (IBatchSession stranger = await _logs.OpenIndex(Stream, isReader: false).ConnectAsync(-1, default))
            {
                await stranger.PublishAsync("x"u8.ToArray(), default);
                await stranger.PublishAsync(new byte[300], default);
            }

            await AppendAndWaitAsync(follower, 10);
            foreach (ReplicationStatus status in (ReplicationStatus[])[publisher.GetStatus(), follower.GetStatus()])
            {
                Assert.Equal(ReplicationState.Running, status.State);
                Assert.Equal(2, status.UnreadableEntries);
                Assert.Contains("was skipped", status.Failure, StringComparison.Ordinal);
            }
        }

        Assert.Equal(40, LogFiles.RequireEqual(_source.Directory, Copy));
        await RequireNewCopyAsync(40);
    }

    [Fact]
    public async Task A_follower_without_a_copy_starts_in_a_stream_whose_oldest_entries_are_deleted()
    {
        await using QueuePublisher publisher = Publish();
        await using (QueueFollower follower = Follow(Copy))
        {
            await AppendAndWaitAsync(follower, 100);
        }

        await AppendAndWaitAsync(null, 3_000);
        _ = _source.ApplyRetention(2 * SegmentBytes, TimeSpan.Zero);
        _logs.Trim(Stream, _logs.Count(Stream) / 2);
        string late = _folder.Combine("late");
        foreach (string copy in (string[])[Copy, late])
        {
            await using QueueFollower follower = Follow(copy);
            await AppendAndWaitAsync(follower, 1_500);
        }

        Assert.True(ReplicaInspector.Verify(Copy, _source.Directory).IsEqual);
        Assert.True(ReplicaInspector.Verify(late, _source.Directory).IsEqual);
        Assert.NotEqual(0, ReplicaInspector.Verify(late, _source.Directory).Messages);
    }

    private static void WaitFor(QueueFollower follower, long position) => Eventually.True(
        () => follower.GetStatus().Position > position
            || (follower.Completion.IsCompleted ? throw new InvalidOperationException(follower.GetStatus().Failure) : false),
        "the copy has the last message", TimeSpan.FromMinutes(2));

    private QueuePublisher Publish() => new(Stream, _source, s_cluster, _logs.OpenIndex(Stream, isReader: false));

    private QueueFollower Follow(string directory) =>
        new(Stream, directory, new QueueOptions(), s_cluster, _logs.OpenIndex(Stream, isReader: true));

    private async Task AppendAndWaitAsync(QueueFollower? follower, int count)
    {
        byte[] message = new byte[200];
        for (int i = 1; i < count; i++)
        {
            Random.Shared.NextBytes(message);
            _ = _appender.Append(message.AsSpan(0, i % 200));
        }

        long last = await _appender.AppendAsync(message, Durability.Quorum).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        if (follower is not null)
        {
            WaitFor(follower, last);
        }
    }

    private async Task RequireNewCopyAsync(int messages)
    {
        string copy = _folder.Combine("new");
        await using (QueueFollower follower = Follow(copy))
        {
            WaitFor(follower, _source.EndPosition() - 1);
        }

        Assert.Equal(messages, LogFiles.RequireEqual(_source.Directory, copy));
    }
}
