using System.Buffers;
using System.Net;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;
using Estream.Replication.Tests.Maps;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

/// <summary>Publishers and followers without brokers.</summary>
public sealed class PublisherTests : IDisposable
{
    private static readonly ReplicationCluster s_cluster = new() { Name = "plant", Brokers = [new DnsEndPoint("localhost", 5672)] };

    private readonly TempDirectory _folder = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;

    public PublisherTests()
    {
        _queue = EstreamQueue.Open(_folder.Combine("queue"), new QueueOptions { SegmentBytes = 64 << 10 });
        _appender = _queue.CreateAppender();
        _ = _appender.Append(new byte[100]);
    }

    public void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_log_that_is_shorter_than_what_was_confirmed_is_refused_and_compared_at_the_next_start()
    {
        StreamState state = new();
        state.Resume(new StreamPoint(1, 7, _queue.EndPosition() + 64, 3, Mark: 1));
        using (ProgressFile progress = ProgressFile.Open(FileStorage.Instance, _queue.Directory, _queue.Id))
        {
            progress.Store(state);
        }

        EstreamReplicationException refused = Assert.Throws<EstreamReplicationException>(Publish);
        Assert.Equal(ReplicationFault.Truncated, refused.Fault);

        // Later appends hide that the log was shorter, so the stream is read from its start.
        _ = _appender.Append(new byte[1_000]);
        Assert.True(ProgressFile.TryRead(FileStorage.Instance, _queue.Directory, _queue.Id, state));
        Assert.Equal(-1, state.Offset);
        Assert.Equal(0, state.Position);
        await Publish().DisposeAsync();
    }

    [Fact]
    public async Task An_unexpected_error_of_the_connection_is_shown_and_ends_waits()
    {
        QueuePublisher publisher = Publish();
        await publisher.Completion;
        Assert.Equal(ReplicationState.Failed, publisher.GetStatus().State);
        Assert.Contains("out of order", publisher.GetStatus().Failure, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<EstreamStorageException>(
            async () => await _appender.AppendAsync(new byte[1], Durability.Quorum));
        await publisher.DisposeAsync();

        QueueFollower follower = new("orders", _folder.Combine("copy"), new QueueOptions(), s_cluster, new BrokenLog());
        await follower.Completion;
        Assert.Equal(ReplicationState.Failed, follower.GetStatus().State);
        await follower.DisposeAsync();
    }

    [Fact]
    public void A_publisher_that_missed_two_epochs_claims_the_next_one()
    {
        using EntryCodec codec = new("plant", _queue.Id, []);
        using PublisherCore core = new(_queue, codec, new StreamState(), owner: 9, 4 << 10, 24 << 10);
        core.BeginSession();
        byte[] first = Next(core);
        Assert.Equal(PublisherStep.Continue, core.Take(0, Claim(codec, owner: 7, epoch: 1)));
        Assert.Equal(PublisherStep.Continue, core.Take(1, Claim(codec, owner: 8, epoch: 2)));
        Assert.Empty(Next(core));
        Assert.Equal(PublisherStep.Continue, core.Take(2, first));
        Assert.False(core.IsActive);
        Assert.Equal(PublisherStep.Continue, core.Take(3, Next(core)));
        Assert.True(core.IsActive);
        Assert.Equal(3, core.State.Epoch);
    }

    [Fact]
    public void A_publisher_refuses_a_stream_without_its_start_and_names_the_command()
    {
        using EntryCodec codec = new("plant", _queue.Id, []);
        using PublisherCore core = new(_queue, codec, new StreamState(), owner: 9, 4 << 10, 24 << 10);
        core.BeginSession();
        Assert.Equal(PublisherStep.Continue, core.Take(5, Claim(codec, owner: 7, epoch: 4)));
        EstreamReplicationException refused = Assert.Throws<EstreamReplicationException>(() => core.Take(6, Next(core)));
        Assert.Equal(ReplicationFault.Gap, refused.Fault);
        Assert.Contains("estream replica reset queue", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_takeover_claims_again_when_the_brokers_lose_the_claim_and_keep_the_connection()
    {
        using EntryCodec codec = new("plant", _queue.Id, []);
        ForgetfulLog log = new(Claim(codec, owner: 7, epoch: 1));
        await using QueueFollower follower = new("orders", _folder.Combine("copy"), new QueueOptions(), s_cluster, log);
        Assert.True(await follower.TakeOverAsync().WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(2, log.Sessions);
        Assert.Equal(2, follower.GetStatus().Epoch);
    }

    [Fact]
    public async Task A_connection_that_is_opened_again_while_no_message_comes_is_running()
    {
        CutLog log = new(new MemoryLogs().OpenIndex("orders", isReader: false));
        await using QueuePublisher publisher = new("orders", _queue, s_cluster, log);
        Eventually.True(() => publisher.GetStatus() is { State: ReplicationState.Running, LagBytes: 0 }, "the message is confirmed");
        await using QueueFollower follower = new("orders", _folder.Combine("copy"), new QueueOptions(), s_cluster, log);
        Eventually.True(() => follower.GetStatus() is { State: ReplicationState.Running, Messages: 1 }, "the message is copied");

        log.IsDown = true;
        log.Cut();
        Eventually.True(() => publisher.GetStatus().Failure is not null && follower.GetStatus().Failure is not null, "both are cut off");
        Assert.Equal(ReplicationState.Disconnected, publisher.GetStatus().State);
        Assert.Equal(ReplicationState.Disconnected, follower.GetStatus().State);

        log.IsDown = false;
        Eventually.True(() => publisher.GetStatus() is { State: ReplicationState.Running, Failure: null }, "the publisher is running");
        Eventually.True(() => follower.GetStatus() is { State: ReplicationState.Running, Failure: null }, "the follower is running");
    }

    private QueuePublisher Publish() => new("orders", _queue, s_cluster, new BrokenLog());

    private static byte[] Next(PublisherCore core)
    {
        byte[] entry = [];
        int length = core.TryNext(size => entry = new byte[size]);
        return entry[..length];
    }

    private byte[] Claim(EntryCodec codec, long owner, long epoch)
    {
        EntryHeader header = new()
        {
            Kind = EntryKind.Epoch,
            Owner = owner,
            Epoch = epoch,
            Position = _queue.OldestPosition(),
            Segment = new SegmentHeader(
                _queue.Id, _queue.SegmentBytes, 0, 0, 0, FrameChecksum.Crc32C, ClaimKind.Exclusive, default),
        };
        byte[] entry = new byte[codec.LengthOf(0)];
        codec.Write(entry, header, []);
        return entry;
    }

    /// <summary>A log whose client library throws an unexpected exception.</summary>
    private sealed class BrokenLog : IBatchLog
    {
        public string Name => "broken";

        public Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation) =>
            throw new InvalidOperationException("The client is out of order.");
    }

    /// <summary>A log whose connections the test can end.</summary>
    private sealed class CutLog(IBatchLog log) : IBatchLog
    {
        private CancellationTokenSource _cut = new();

        public volatile bool IsDown;

        public string Name => log.Name;

        public void Cut() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

        public async Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation)
        {
            CancellationToken cut = _cut.Token;
            return IsDown ? throw Failure() : new Session(await log.ConnectAsync(known, cancellation), cut);
        }

        private static EstreamStorageException Failure() => new("The broker was killed.", "orders", StorageFailure.Other);

        private sealed class Session(IBatchSession session, CancellationToken cut) : IBatchSession
        {
            public bool IsShort => session.IsShort;

            public ValueTask PublishAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation) =>
                session.PublishAsync(entry, cancellation);

            public async ValueTask<BatchEntry> ReadAsync(CancellationToken cancellation)
            {
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cut, cancellation);
                try
                {
                    return await session.ReadAsync(either.Token);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    throw Failure();
                }
            }

            public ValueTask DisposeAsync() => session.DisposeAsync();
        }
    }

    /// <summary>A log with one entry. It loses what its first session publishes.</summary>
    private sealed class ForgetfulLog(byte[] first) : IBatchLog
    {
        private readonly List<byte[]> _entries = [first];

        public int Sessions { get; private set; }

        public string Name => "forgetful";

        public Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation) =>
            Task.FromResult<IBatchSession>(new Session(_entries, Math.Max(0, known), isForgetful: ++Sessions == 1));

        private sealed class Session(List<byte[]> entries, long offset, bool isForgetful) : IBatchSession
        {
            private readonly SemaphoreSlim _added = new((int)(entries.Count - offset));
            private long _next = offset;

            public bool IsShort => false;

            public ValueTask PublishAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation)
            {
                if (!isForgetful)
                {
                    entries.Add(entry.ToArray());
                    _ = _added.Release();
                }

                return ValueTask.CompletedTask;
            }

            public async ValueTask<BatchEntry> ReadAsync(CancellationToken cancellation)
            {
                await _added.WaitAsync(cancellation);
                byte[] entry = entries[(int)_next];
                byte[] rented = ArrayPool<byte>.Shared.Rent(entry.Length);
                entry.CopyTo(rented, 0);
                return new BatchEntry(_next++, rented, entry.Length);
            }

            public ValueTask DisposeAsync()
            {
                _added.Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
