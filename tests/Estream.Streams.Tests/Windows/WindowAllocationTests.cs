using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>Events in stateful operators allocate nothing on the managed heap.</summary>
public sealed class WindowAllocationTests : WindowCase
{
    private const int Events = 100_000;

    private readonly EstreamQueue _queue;

    public WindowAllocationTests()
    {
        // The queue fits in one segment, so that no other segment is created.
        _queue = EstreamQueue.Open(Maps.Combine("queue"), new QueueOptions { SegmentBytes = 1 << 24 });
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (int i = 0; i < Events; i++)
        {
            new Beat(i % 40, 1_000 + (i / 100) - (i % 7), i).AppendTo(typed);
        }
    }

    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    [Fact]
    public void An_event_in_windows_sessions_throttles_and_thresholds_allocates_nothing()
    {
        EsfStream<IoTTelemetry.View> beats = EsfStream.From<IoTTelemetry.View>(_queue);
        using StateMap<long, Windowed<long, Tally>> sliding = NewState();
        using StateMap<long, Windowed<long, Tally>> sessions = NewState();
        using StateMap<long, Windowed<long, Throttled<long>>> throttled = StateMap.CreateInMemory<long, Windowed<long, Throttled<long>>>();
        using StateMap<long, Tally> latest = StateMap.CreateInMemory<long, Tally>();
        using StateMap<long, Tally> last = StateMap.CreateInMemory<long, Tally>();
        using StateMap<long, long> passed = StateMap.CreateInMemory<long, long>();
        using StateMap<long, Windowed<long, ThresholdState>> raised = StateMap.CreateInMemory<long, Windowed<long, ThresholdState>>();
        using StateMap<long, double> crossed = StateMap.CreateInMemory<long, double>();
        using EsfPipeline first = beats.Window(Streams.Windows.Sliding(Seconds(10), Seconds(5)), Beat.TimeOf, Behind(6))
            .AllowedLateness(Seconds(2)).PerSource(Beat.SourceOf, Seconds(60))
            .Aggregate("first", sliding, Beat.KeyOf, Tally.Add).Materialize(latest, KeyOf, TallyOf);
        using EsfPipeline second = beats.Window(Streams.Windows.Session(Seconds(1)), Beat.TimeOf, Behind(6))
            .Aggregate("second", sessions, Beat.KeyOf, Tally.Add, Tally.Merge).Materialize(last, KeyOf, TallyOf);
        using EsfPipeline third = beats.Window(Streams.Windows.Tumbling(Seconds(10)), Beat.TimeOf, Behind(6))
            .Throttle("third", throttled, Beat.KeyOf, Beat.TimeOf, most: 3, Excess.KeepNewest)
            .Materialize(passed, (scoped in long time) => time % 100, (scoped in long time) => time);
        using EsfPipeline fourth = beats.Threshold(Threshold.Above(60, 30), (scoped in IoTTelemetry.View reading) => reading.Value % 97)
            .Crossings("fourth", raised, Beat.KeyOf, Beat.TimeOf)
            .Materialize(crossed, (scoped in Crossing<long, long> crossing) => crossing.Key,
                (scoped in Crossing<long, long> crossing) => crossing.Value);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            first.StartOver();
            second.StartOver();
            third.StartOver();
            fourth.StartOver();
            if (first.RunToEnd() + second.RunToEnd() + third.RunToEnd() + fourth.RunToEnd() != 4 * Events)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });

        // Restarting and growing may allocate; an event may not.
        Assert.InRange(allocated, 0, Events / 2);
        Assert.Equal((40, 40), (latest.Count, crossed.Count));
    }

    [Fact]
    public void An_event_that_is_looked_up_in_a_map_allocates_nothing()
    {
        EsfStream<IoTTelemetry.View> beats = EsfStream.From<IoTTelemetry.View>(_queue);
        using StateMap<long, long> limits = StateMap.CreateInMemory<long, long>();
        using VersionedMap<long, long> versions = VersionedMap.CreateInMemory<long, long>();
        using StateMap<long, long> inner = StateMap.CreateInMemory<long, long>();
        using StateMap<long, long> outer = StateMap.CreateInMemory<long, long>();
        using StateMap<long, long> versioned = StateMap.CreateInMemory<long, long>();

        // Every second key has a value.
        for (long key = 0; key < 40; key += 2)
        {
            limits.Put(key, key);
            versions.Put(key, key);
        }

        using EsfPipeline first = beats.Join(limits, Beat.KeyOf, Sum).Materialize("inner", inner, Remainder, Itself);
        using EsfPipeline second = beats.LeftJoin(limits, Beat.KeyOf, SumOrNone).Materialize("outer", outer, Remainder, Itself);
        using EsfPipeline third = beats.LeftJoin(versions, Beat.KeyOf, SumOrNone).Materialize("versioned", versioned, Remainder, Itself);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            first.StartOver();
            second.StartOver();
            third.StartOver();
            if (first.RunToEnd() + second.RunToEnd() + third.RunToEnd() != 3 * Events)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });
        Assert.InRange(allocated, 0, Events / 2);
        Assert.True(inner.Count > 0 && outer.Count > inner.Count && outer.Count == versioned.Count, "The maps were not looked at.");
    }

    [Fact]
    public void A_late_event_allocates_nothing()
    {
        const int AtOnce = 1_000;
        QueueOptions oneSegment = new() { SegmentBytes = 1 << 26 };
        using EstreamQueue queue = EstreamQueue.Open(Maps.Combine("source"), oneSegment);
        using EstreamQueue late = EstreamQueue.Open(Maps.Combine("late"), oneSegment);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using StateMap<long, Tally> latest = StateMap.CreateInMemory<long, Tally>();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        new Beat(1, 1_000_000, 1).AppendTo(typed);
        new Beat(1, 5, 2).AppendTo(typed);
        byte[] lateOne = LastOf(queue);
        using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(queue)
            .Window(Streams.Windows.Tumbling(Seconds(10)), Beat.TimeOf, Behind(1))
            .LateTo<IoTTelemetry.Writer>(late, 200, Copy)
            .Aggregate("late", state, Beat.KeyOf, Tally.Add).Materialize(latest, KeyOf, TallyOf);
        pipeline.RunToEnd();
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            for (int i = 0; i < AtOnce; i++)
            {
                appender.Append(lateOne);
            }

            if (pipeline.RunToEnd() != AtOnce)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });
        Assert.InRange(allocated, 0, AtOnce / 2);
        Assert.Equal(appender.NextSequence - 1, pipeline.Late);
        Assert.Equal(pipeline.Late, late.GetInfo().MessageCount);
    }

    private static byte[] LastOf(EstreamQueue queue)
    {
        byte[] last = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            last = message.Payload.ToArray();
        }

        return last;
    }

    private static void Copy(scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer copy)
    {
        copy.DeviceId = reading.DeviceId;
        copy.Timestamp = reading.Timestamp;
        copy.MetricName = reading.MetricName;
        copy.Value = reading.Value;
    }

    private static long Sum(scoped in IoTTelemetry.View reading, in long limit) => (long)reading.Value + limit;

    private static long SumOrNone(scoped in IoTTelemetry.View reading, bool isThere, in long limit) => isThere
        ? (long)reading.Value + limit
        : -(long)reading.Value;

    // At most 200 entries, because the values count up.
    private static long Remainder(scoped in long sum) => sum % 100;

    private static long Itself(scoped in long sum) => sum;

    private static long KeyOf(scoped in WindowResult<long, Tally> result) => result.Key;

    private static Tally TallyOf(scoped in WindowResult<long, Tally> result) => result.State;
}
