using System.Net;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Replication;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a host that may not append to a queue any more pauses the queue, whether or not the state of the host is read.</summary>
public sealed class ReplicationRuntimeTests : IAsyncDisposable
{
    private const int MaxSpoolBytes = 1_000;

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _orders;
    private readonly IngressSinks _sinks;
    private readonly IngressSink _sink;
    private readonly TaskCompletionSource _completion = new();
    private readonly List<string> _losses = [];
    private readonly ReplicationRuntime _runtime;
    private ReplicationOverview _state = new("orders", ReplicationOverview.Publisher, "running", "");
    private bool _isUnreadable;

    public ReplicationRuntimeTests()
    {
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"));
        _orders = EstreamQueue.Open(_directory.Combine("orders"));
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _sink = _sinks.Add("orders", _orders);
        _runtime = Runtime(ReplicationOverview.Publisher);
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        _sinks.Dispose();
        _deadLetters.Dispose();
        _orders.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fenced_queue_is_paused_and_its_host_told_even_if_no_state_can_be_read(bool isUnreadable)
    {
        _runtime.Start(_sinks, _losses.Add);
        Assert.Null(_sink.Failure);
        (_isUnreadable, _state) = (isUnreadable, _state with { State = "fenced", Detail = "Another process has taken over." });
        _completion.SetResult();

        Eventually.True(() => _losses.Count == 1, "the host is told");
        string expected = isUnreadable ? "Its state cannot be read: The log is gone." : "Another process has taken over.";
        Assert.EndsWith(expected, _sink.Failure?.Message, StringComparison.Ordinal);
        Assert.EndsWith(expected, _losses[0], StringComparison.Ordinal);
        Assert.EndsWith(expected, _runtime.Failure, StringComparison.Ordinal);
        Assert.Null(_sinks.DeadLetters.Failure);
    }

    [Fact]
    public void Reading_the_overview_has_no_effect()
    {
        _runtime.Start(_sinks, _losses.Add);
        _runtime.Sample();
        _state = _state with { LagBytes = MaxSpoolBytes + 1 };
        Assert.Equal(0, _runtime.Overview.LagBytes);
        Assert.Null(_runtime.Failure);
        Assert.Null(_sink.Failure);

        _runtime.Sample();
        Assert.Contains("Replication:MaxSpoolBytes (1000)", _runtime.Failure, StringComparison.Ordinal);
        Assert.Contains("Replication:MaxSpoolBytes (1000)", _sink.Failure?.Message, StringComparison.Ordinal);
        _state = _state with { LagBytes = 901 };
        _runtime.Sample();
        Assert.NotNull(_sink.Failure);
        _state = _state with { LagBytes = 900 };
        _runtime.Sample();
        Assert.Null(_sink.Failure);
        Assert.Empty(_losses);
    }

    [Fact]
    public void A_fenced_queue_stays_paused_when_space_returns_to_a_full_disk()
    {
        _runtime.Start(_sinks, lost: null);
        _sinks.Pause(new EstreamStorageException("Full.", null, StorageFailure.DiskFull), static _ => true);
        _state = _state with { State = "fenced", Detail = "Another process has taken over." };
        _completion.SetResult();
        Eventually.True(() => _sink.Failure?.Message == "Another process has taken over.", "the queue is paused");

        _sinks.Pause(null, static _ => true);
        Assert.Equal("Another process has taken over.", _sink.Failure?.Message);
    }

    [Fact]
    public async Task A_publisher_that_the_host_closes_pauses_nothing()
    {
        _runtime.Start(_sinks, _losses.Add);
        await _runtime.DisposeAsync();
        _completion.SetResult();
        _runtime.Sample();

        Assert.Null(_sink.Failure);
        Assert.Empty(_losses);
    }

    [Fact]
    public async Task A_publisher_that_cannot_start_pauses_its_queue_and_a_follower_pauses_none()
    {
        await using ReplicationRuntime follower = Runtime(ReplicationOverview.Follower);
        follower.Start(_sinks, _losses.Add);
        _completion.SetResult();
        Eventually.True(() => follower.Failure is not null, "the follower has ended");
        Assert.Null(_sink.Failure);
        Assert.Empty(_losses);

        await using ReplicationRuntime failed = new("orders", ReplicationOverview.Publisher, 0, NullLogger.Instance,
            () => throw new EstreamStorageException("No progress file.", null, StorageFailure.Other));
        failed.Start(_sinks, _losses.Add);
        Assert.Equal("No progress file.", _sink.Failure?.Message);
        Assert.Equal("No progress file.", Assert.Single(_losses));
        Assert.Equal("failed", failed.Overview.State);
    }

    [Fact]
    public async Task The_spool_is_limited_although_the_cursor_of_a_reader_is_damaged()
    {
        // Nothing listens on the port.
        RabbitReplication replication = new(new ReplicationCluster
        {
            Name = "plant", Brokers = [new DnsEndPoint("127.0.0.1", FreePort.Next())],
        });
        using EstreamQueue trades = EstreamQueue.Open(_directory.Combine("trades"));
        await using ReplicationRuntime runtime =
            ReplicationRuntime.Publish(replication, "trades", trades, MaxSpoolBytes, NullLogger.Instance);
        runtime.Start(_sinks, _losses.Add);
        trades.CreateTailer("reader").Dispose();
        File.WriteAllText(Path.Combine(trades.Directory, "tailers", "reader.cursor"), "damaged");
        Assert.ThrowsAny<EstreamException>(() => trades.GetInfo());
        using (QueueAppender appender = trades.CreateAppender())
        {
            appender.Append(new byte[2 * MaxSpoolBytes]);
        }

        runtime.Sample();

        Assert.InRange(runtime.Overview.LagBytes, 2 * MaxSpoolBytes, 3 * MaxSpoolBytes);
        Assert.Contains("Replication:MaxSpoolBytes (1000)", runtime.Failure, StringComparison.Ordinal);
    }

    private ReplicationRuntime Runtime(string role) => new("orders", role, MaxSpoolBytes, NullLogger.Instance,
        () => new ReplicationRuntime.Running(
            () => _isUnreadable ? throw new IOException("The log is gone.") : _state, _completion.Task, new Nothing()));

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
