using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>What an event costs the garbage collector in operators with a state: nothing.</summary>
public sealed class WindowAllocationTests : WindowCase
{
    private const int Events = 100_000;

    private readonly EstreamQueue _queue;

    public WindowAllocationTests()
    {
        // One segment, so that none is left for the next.
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
        using EsfPipeline first = beats.Window(Streams.Windows.Sliding(Seconds(10), Seconds(5)), Beat.TimeOf, Behind(6)).AllowedLateness(Seconds(2)).PerSource(Beat.SourceOf, Seconds(60))
            .Aggregate("first", sliding, Beat.KeyOf, Tally.Add).Materialize(latest, KeyOf, TallyOf);
        using EsfPipeline second = beats.Window(Streams.Windows.Session(Seconds(1)), Beat.TimeOf, Behind(6))
            .Aggregate("second", sessions, Beat.KeyOf, Tally.Add, Tally.Merge).Materialize(last, KeyOf, TallyOf);
        using EsfPipeline third = beats.Window(Streams.Windows.Tumbling(Seconds(10)), Beat.TimeOf, Behind(6))
            .Throttle("third", throttled, Beat.KeyOf, Beat.TimeOf, most: 3, Excess.KeepNewest).Materialize(passed, (scoped in long time) => time % 100, (scoped in long time) => time);
        using EsfPipeline fourth = beats.Threshold(Threshold.Above(60, 30), (scoped in IoTTelemetry.View reading) => reading.Value % 97)
            .Crossings("fourth", raised, Beat.KeyOf, Beat.TimeOf).Materialize(crossed, (scoped in Crossing<long, long> crossing) => crossing.Key, (scoped in Crossing<long, long> crossing) => crossing.Value);
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

        // Beginning again may, and growing again; an event may not.
        Assert.InRange(allocated, 0, Events / 2);
        Assert.Equal((40, 40), (latest.Count, crossed.Count));
    }

    private static long KeyOf(scoped in WindowResult<long, Tally> result) => result.Key;

    private static Tally TallyOf(scoped in WindowResult<long, Tally> result) => result.State;
}
