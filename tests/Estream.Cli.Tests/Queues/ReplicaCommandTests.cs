using Estream.Circuits.Operations.Replication;
using Estream.Queue;
using Estream.Replication;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>The commands <c>estream replica</c>, with a queue that is replicated through a real broker.</summary>
public sealed class ReplicaCommandTests : IAsyncLifetime, IDisposable
{
    private readonly SampleData _data = new();
    private readonly TempDirectory _folder = new();
    private ChildProcess? _names;
    private BrokerNode? _broker;
    private RabbitReplication _replication = null!;

    private string Copy => _folder.Combine("copy");

    // Not in the constructor: Dispose is called also if the broker does not start.
    public Task InitializeAsync()
    {
        Assert.True(BrokerNode.IsInstalled, "rabbitmq-server is missing: apt-get install rabbitmq-server");
        int port = FreePort.Next();
        _names = ChildProcess.Start("epmd", ["-port", $"{port}", "-address", "127.0.0.1"]);
        _broker = new BrokerNode(Directory.CreateDirectory(_folder.Combine("broker")).FullName, 1, port);
        _broker.Configure([_broker], cookie: "cookie", tlsFiles: null);
        _broker.Start();
        _broker.WaitUntilReady();
        _replication = new RabbitReplication(new ReplicationCluster { Name = "plant", Brokers = [_broker.EndPoint], Factor = 1 });
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _broker?.Dispose();
        _names?.Dispose();
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reset_lets_a_publisher_send_its_log_again_over_a_stream_with_other_messages()
    {
        _ = _data.AppendReadings(3);
        long end;
        using (EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder))
        await using (QueuePublisher publisher = _replication.Publish("telemetry", queue))
        {
            end = queue.GetInfo().EndPosition;
            WaitUntil(() => publisher.GetStatus() is { State: ReplicationState.Running, LagBytes: 0 }, "the log is confirmed");
            CliResult inUse = await _data.RunAsync("replica", "reset", "telemetry");
            Assert.Equal(ExitCode.Failed, inUse.Code);
            Assert.NotEmpty(inUse.Error);
        }

        await TakeOverAsync(end);
        _ = _data.AppendReadings(2);
        ReplicationStatus refused = await PublishUntilAsync(status => status.State == ReplicationState.Failed);
        Assert.Equal(ReplicationFault.Diverged, refused.Fault);
        Assert.Contains("estream replica reset telemetry", refused.Failure, StringComparison.Ordinal);

        CliResult reset = await _data.RunAsync("replica", "reset", "telemetry");
        Assert.Equal(ExitCode.Ok, reset.Code);
        Assert.Matches("^forgot the stream of 'telemetry' \\(epoch [12], position [0-9]+\\)\\. If this host publishes the queue, it sends",
            reset.Output);
        Assert.Contains("from command line: replica reset telemetry: done (epoch",
            Assert.Single((await _data.RunAsync("audit", "--from", "start")).Lines), StringComparison.Ordinal);

        ReplicationStatus again = await PublishUntilAsync(status => status is { State: ReplicationState.Running, LagBytes: 0 });
        Assert.Equal(3, again.Epoch);
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(_data.QueueFolder))
        {
            end = queue.GetInfo().EndPosition;
        }

        await using (QueueFollower follower = _replication.Follow("telemetry", Copy))
        {
            WaitUntil(() => follower.GetStatus() is { Epoch: 3, State: ReplicationState.Running } copy && copy.Position == end,
                "the copy has all messages of the new epoch");
        }

        CliResult equal = await _data.RunAsync("replica", "verify", "telemetry", "--with", Copy);
        Assert.Equal(ExitCode.Ok, equal.Code);
        Assert.StartsWith("equal: 5 messages", equal.Output, StringComparison.Ordinal);
    }

    // Another machine takes over the queue, and gets a message that this machine does not have.
    private async Task TakeOverAsync(long end)
    {
        await using (QueueFollower follower = _replication.Follow("telemetry", Copy))
        {
            WaitUntil(() => follower.GetStatus().Position >= end, "the copy has all messages");
        }

        using EstreamQueue other = EstreamQueue.Open(Copy);
        await using QueuePublisher publisher = _replication.Publish("telemetry", other);
        using QueueAppender appender = other.CreateAppender();
        _ = await appender.AppendAsync(new byte[10], Durability.Quorum).AsTask().WaitAsync(ChildProcess.DefaultLimit);
    }

    private async Task<ReplicationStatus> PublishUntilAsync(Func<ReplicationStatus, bool> isReached)
    {
        using EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder);
        await using QueuePublisher publisher = _replication.Publish("telemetry", queue);
        WaitUntil(() => isReached(publisher.GetStatus()), "the publisher has the state");
        return publisher.GetStatus();
    }

    private static void WaitUntil(Func<bool> condition, string what) => Eventually.True(condition, what, ChildProcess.DefaultLimit);
}
