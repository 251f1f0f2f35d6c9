using Estream.Core;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.Logging;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: devices with many messages cannot use the last free space, which is reserved for orders and payments.</summary>
public sealed class FreeSpaceFloorTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _telemetry;
    private readonly EstreamQueue _orders;
    private readonly IngressSinks _sinks;
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();
    private long _free = 100 * GiB;
    private long _total = 1_000 * GiB;
    private volatile bool _isUnmeasurable;
    private int _measurements;
    private PeriodicCheck? _check;

    public FreeSpaceFloorTests()
    {
        QueueOptions small = new() { SegmentBytes = 1 << 16 };
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"), small);
        _telemetry = EstreamQueue.Open(_directory.Combine("telemetry"), small);
        _orders = EstreamQueue.Open(_directory.Combine("orders"), small);
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _sinks.Add("telemetry", _telemetry);
        _sinks.Add("orders", _orders);
    }

    public void Dispose()
    {
        _check?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _log.Dispose();
        _sinks.Dispose();
        _deadLetters.Dispose();
        _telemetry.Dispose();
        _orders.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Below_the_floor_only_queues_with_a_reserve_accept_messages()
    {
        HostConfiguration plan = new();
        plan.UsesReserve.Add("orders");
        FreeSpaceFloor floor = Start(plan);
        Assert.Equal((null, null, null), Failures());

        _free = GiB - 1;
        Measure();
        Assert.Contains("has 1023 MiB free, less than Storage:MinFreeBytes (1024 MiB)", floor.Reason, StringComparison.Ordinal);
        Assert.Equal((StorageFailure.DiskFull, null, StorageFailure.DiskFull), Failures());
        Assert.False(_sinks.DeadLetters.TryAppend(1, "test", new WireMessage("a"u8, "b"u8), "why"));

        // The queues resume only at 10 % above the floor, so their state does not change back and forth at the floor.
        _free = GiB + 1;
        Measure();
        Assert.NotNull(floor.Reason);
        _free = GiB + (GiB / 10) + 1;
        Measure();
        Assert.Null(floor.Reason);
        Assert.Equal((null, null, null), Failures());
        Assert.True(_sinks.DeadLetters.TryAppend(1, "test", new WireMessage("a"u8, "b"u8), "why"));
    }

    [Fact]
    public void Returning_space_does_not_resume_a_queue_that_is_paused_for_another_reason()
    {
        _free = GiB - 1;
        Start(new HostConfiguration());
        _sinks.Pause(new EstreamStorageException("By hand.", null, StorageFailure.Other), name => name == "telemetry");
        Assert.Equal((StorageFailure.Other, StorageFailure.DiskFull, StorageFailure.DiskFull), Failures());

        _free = 100 * GiB;
        Measure();
        Assert.Equal((StorageFailure.Other, null, null), Failures());

        _sinks.Pause(null, static _ => true);
        Assert.Equal((null, null, null), Failures());
    }

    /// <summary>A health report that says that the space is back must not find a queue that is still paused.</summary>
    [Fact]
    public void The_reason_is_shown_while_a_queue_is_paused()
    {
        FreeSpaceFloor floor = Start(new HostConfiguration());
        Assert.True(_sinks.TryGet("telemetry", out IngressSink? sink));
        int hidden = 0;
        bool isEnding = false;
        Thread reader = new(() =>
        {
            while (!Volatile.Read(ref isEnding))
            {
                bool isHidden = sink.Failure is { } failure && floor.Reason is null && ReferenceEquals(failure, sink.Failure);
                hidden += isHidden ? 1 : 0;
            }
        });
        reader.Start();
        for (int i = 0; i < 300; i++)
        {
            _free = i % 2 == 0 ? 0 : 100 * GiB;
            Measure();
        }

        Volatile.Write(ref isEnding, true);
        reader.Join();
        Assert.Equal(0, hidden);
    }

    [Theory]
    [InlineData(null, 10 * GiB, (10 * GiB / 20) - 1, true)]
    [InlineData(null, 10 * GiB, 10 * GiB / 20, false)]
    [InlineData(0L, 10 * GiB, 0L, false)]
    [InlineData(5 * GiB, 10 * GiB, (5 * GiB) - 1, true)]
    public void The_floor_is_the_configured_size_or_a_share_of_a_small_volume(long? set, long total, long free, bool isBelow)
    {
        (_total, _free) = (total, free);
        FreeSpaceFloor floor = Start(new HostConfiguration { MinFreeBytes = set });

        Assert.Equal(isBelow, floor.Reason is not null);
    }

    [Fact]
    public async Task A_measurement_that_hangs_does_not_prevent_the_end_and_has_no_effect_afterwards()
    {
        using ManualResetEventSlim isHanging = new();
        using ManualResetEventSlim answers = new();
        FreeSpaceFloor floor = Start(new HostConfiguration());
        using ManualResetEventSlim hasAnswered = new();
        floor.Measure = _ =>
        {
            isHanging.Set();
            answers.Wait();
            hasAnswered.Set();
            return (0, 1_000 * GiB);
        };
        Task ticking = Task.Run(() => _time.Advance(TimeSpan.FromSeconds(1)));
        isHanging.Wait();

        Task ended = _check!.DisposeAsync().AsTask();
        Assert.False(ended.IsCompleted);
        Eventually.True(() => Passed(PeriodicCheck.EndLimit, ended), "the check is left behind");
        Assert.Contains(
            _log.Lines, line => line.StartsWith("The check of the free space did not end within 5 s.", StringComparison.Ordinal));
        answers.Set();
        await Task.WhenAll(ended, ticking);
        hasAnswered.Wait();
        await _check.DisposeAsync();   // waits for the abandoned check
        Assert.Null(floor.Reason);
    }

    private bool Passed(TimeSpan time, Task task)
    {
        _time.Advance(time);
        return task.IsCompleted;
    }

    [Fact]
    public void While_the_free_space_cannot_be_measured_the_last_decision_stays_and_one_line_is_logged()
    {
        _free = GiB - 1;
        FreeSpaceFloor floor = Start(new HostConfiguration());
        _isUnmeasurable = true;
        Measure();
        Measure();
        Assert.NotNull(floor.Reason);
        Assert.Equal((StorageFailure.DiskFull, StorageFailure.DiskFull, StorageFailure.DiskFull), Failures());
        Assert.Single(_log.Lines, line => line.StartsWith("The check of the free space failed.", StringComparison.Ordinal));

        (_isUnmeasurable, _free) = (false, 100 * GiB);
        Measure();
        Assert.Equal((null, null, null), Failures());
    }

    private FreeSpaceFloor Start(HostConfiguration plan)
    {
        FreeSpaceFloor floor = new(plan, _time, new LoggerFactory([_log]).CreateLogger<FreeSpaceFloor>()) { Measure = _ => Measured() };
        _check = floor.Start(_sinks);
        return floor;
    }

    private (long Free, long Total) Measured()
    {
        Interlocked.Increment(ref _measurements);
        return _isUnmeasurable ? throw new IOException("The volume does not answer.") : (_free, _total);
    }

    // The second measurement begins after the first has paused or resumed the queues.
    private void Measure()
    {
        for (int i = 0; i < 2; i++)
        {
            int before = Volatile.Read(ref _measurements);
            _time.Advance(TimeSpan.FromSeconds(1));
            Eventually.True(() => Volatile.Read(ref _measurements) > before, "the free space is measured");
        }
    }

    private (StorageFailure? Telemetry, StorageFailure? Orders, StorageFailure? Letters) Failures() =>
        (Of("telemetry"), Of("orders"), _sinks.DeadLetters.Failure?.Reason);

    private StorageFailure? Of(string queue) => _sinks.TryGet(queue, out IngressSink? sink) ? sink.Failure?.Reason : null;
}
