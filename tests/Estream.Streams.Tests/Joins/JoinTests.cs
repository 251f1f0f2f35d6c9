using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Windows;
using Estream.Testing;

namespace Estream.Streams.Tests.Joins;

/// <summary>Joins of two queues, one case per test. Times are in seconds.</summary>
public sealed class JoinTests : WindowCase
{
    private readonly EstreamQueue _others;
    private readonly QueueAppender _othersAppender;

    public JoinTests()
    {
        _others = Open("others");
        _othersAppender = _others.CreateAppender();
    }

    public override void Dispose()
    {
        _others.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        EsfStream<Beat> left = Readings.Select(Beat.Of);
        Assert.Equal("right",
            Assert.Throws<ArgumentNullException>(() => left.Join((EsfStream<Beat>)null!, Seconds(1), TimeOf, TimeOf, Behind(0))).ParamName);
        Assert.Equal("within",
            Assert.Throws<ArgumentOutOfRangeException>(() => left.Join(left, Seconds(-1), TimeOf, TimeOf, Behind(0))).ParamName);
        using StateMap<long, long> names = StateMap.CreateInMemory<long, long>();
        EsfStream<Beat> looked = left.Join(names, (scoped in Beat beat) => beat.Key, (scoped in Beat beat, in long _) => beat);
        Assert.Throws<InvalidOperationException>(() => left.Join(looked, Seconds(1), TimeOf, TimeOf, Behind(0)));
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        Assert.Throws<ArgumentException>(() => Join(1, 0).Inner("", state, KeyOf, KeyOf));
        using EstreamQueue output = Open("output");
        Assert.Throws<ArgumentException>(() =>
            Join(1, 0).Inner("a name", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write));
        using EsfPipeline first = Join(1, 0).Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        using EstreamQueue another = Open("another");
        Assert.Throws<EstreamLeaseException>(() =>
            Join(1, 0).Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(another, 300, Pair.Write));
    }

    [Fact]
    public void Too_many_waiting_events_end_the_run_without_loss()
    {
        Append([.. Enumerable.Range(0, 40).Select(i => new Beat(i, 1, i))]);
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using (EsfPipeline small = Join(1, 0).AtMost(30).Inner("j", state, KeyOf, KeyOf)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write))
        {
            Assert.Throws<EstreamStorageException>(() => small.RunToEnd());
        }

        AppendOthers([.. Enumerable.Range(0, 40).Select(i => new Beat(i, 2, i))]);
        using EsfPipeline large = Join(1, 0).Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        large.RunToEnd();
        Assert.Equal(Enumerable.Range(0, 40).Select(i => new Pair(new Beat(i, 1, i), new Beat(i, 2, i))), Pair.Order(Pair.All(output)));
    }

    [Fact]
    public void Events_of_a_key_within_the_distance_are_joined_in_either_order()
    {
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Join(5, 10).Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        Append(new Beat(1, 100, 1), new Beat(2, 100, 2));
        pipeline.RunToEnd();
        AppendOthers(new Beat(1, 105, 3), new Beat(1, 106, 4), new Beat(1, 95, 5), new Beat(1, 94, 6));
        pipeline.RunToEnd();
        Append(new Beat(1, 108, 7));
        pipeline.RunToEnd();
        Assert.Equal(
            Pair.Order([new(new(1, 100, 1), new Beat(1, 105, 3)), new(new(1, 100, 1), new Beat(1, 95, 5)),
                new(new(1, 108, 7), new Beat(1, 105, 3)), new(new(1, 108, 7), new Beat(1, 106, 4))]),
            Pair.Order(Pair.All(output)));
        Assert.Equal(0, pipeline.Late);
    }

    [Fact]
    public void Skipped_pair_is_counted_and_the_run_continues()
    {
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Join(5, 10).Inner("j", state, KeyOf, KeyOf)
            .AppendTo<IoTTelemetry.Writer>(output, 300, (scoped in JoinResult<Beat, Beat> result, ref IoTTelemetry.Writer writer) =>
        {
            if (result.Left.Value == 1)
            {
                writer = default;
                return;
            }

            Pair.Write(in result, ref writer);
        });
        Append(new Beat(1, 100, 1), new Beat(2, 100, 2));
        AppendOthers(new Beat(1, 101, 3), new Beat(2, 101, 4));
        pipeline.RunToEnd();
        Assert.Equal([new Pair(new Beat(2, 100, 2), new Beat(2, 101, 4))], Pair.All(output));
        Assert.Equal(1, pipeline.LeftOut);
    }

    [Fact]
    public void Unmatched_left_event_yields_a_result_when_no_match_can_follow()
    {
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Join(5, 0).LeftOuter("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        Append(new Beat(1, 100, 1), new Beat(1, 101, 2), new Beat(1, 200, 3));
        AppendOthers(new Beat(1, 95, 4), new Beat(1, 106, 5));
        pipeline.RunToEnd();
        Assert.Equal([new(new(1, 100, 1), new Beat(1, 95, 4)), new(new(1, 101, 2), new Beat(1, 106, 5))], Pair.Order(Pair.All(output)));
        Append(new Beat(2, 201, 6));
        AppendOthers(new Beat(9, 205, 7));
        Append(new Beat(1, 300, 8));
        pipeline.RunToEnd();
        Assert.Equal(2, Pair.All(output).Count);
        AppendOthers(new Beat(9, 207, 9));
        pipeline.RunToEnd();
        Assert.Equal([new(new(1, 200, 3), null), new(new(2, 201, 6), null)], Pair.All(output).Skip(2));
    }

    [Fact]
    public void Late_events_are_counted_and_written_to_the_late_queue()
    {
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using EstreamQueue lateLeft = Open("late-left");
        using EstreamQueue lateRight = Open("late-right");
        using EsfPipeline pipeline = Join(5, 3).LateLeftTo<IoTTelemetry.Writer>(lateLeft, 200, Copy)
            .LateRightTo<IoTTelemetry.Writer>(lateRight, 200, Copy)
            .Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        Append(new Beat(1, 100, 1));
        AppendOthers(new Beat(1, 120, 2));
        pipeline.RunToEnd();
        Append(new Beat(1, 97, 3), new Beat(1, 96, 4));
        pipeline.RunToEnd();
        AppendOthers(new Beat(1, 95, 5), new Beat(1, 97, 6));
        pipeline.RunToEnd();
        Assert.Equal([new Beat(1, 96, 4)], Beat.All(lateLeft));
        Assert.Equal([new Beat(1, 95, 5)], Beat.All(lateRight));
        Assert.Equal(2, pipeline.Late);
        Assert.Equal([new(new(1, 97, 3), new Beat(1, 97, 6)), new(new(1, 100, 1), new Beat(1, 97, 6))], Pair.Order(Pair.All(output)));
    }

    [Fact]
    public void Queue_can_be_joined_with_itself()
    {
        Append(new Beat(1, 10, 1), new Beat(1, 11, 2));
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        EsfStream<Beat> beats = Readings.Select(Beat.Of);
        using EsfPipeline pipeline = beats.Join(beats, TimeSpan.Zero, TimeOf, TimeOf, Behind(5)).Inner("j", state, KeyOf, KeyOf)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        Assert.Equal(4, pipeline.RunToEnd());
        Assert.Equal([new(new(1, 10, 1), new Beat(1, 10, 1)), new(new(1, 11, 2), new Beat(1, 11, 2))], Pair.Order(Pair.All(output)));
    }

    [Fact]
    public void Lost_state_throws_when_results_exist_and_is_rebuilt_when_they_can_be_discarded()
    {
        Append(new Beat(1, 10, 1));
        AppendOthers(new Beat(1, 11, 2));
        using EstreamQueue output = Open("output");
        using StateMap<long, long> pairs = StateMap.CreateInMemory<long, long>();
        for (int times = 0; times < 2; times++)
        {
            using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
            using StateMap<long, Windowed<long, Joined<Beat, Beat>>> mapState = NewJoin();
            EsfResults<JoinResult<Beat, Beat>> toQueue = Join(5, 0).Inner("q", state, KeyOf, KeyOf);
            using (EsfPipeline toMap = Join(5, 0).Inner("m", mapState, KeyOf, KeyOf)
                .Materialize(pairs, (scoped in JoinResult<Beat, Beat> pair) => pair.Left.Value,
                    (scoped in JoinResult<Beat, Beat> pair) => pair.Right.Value))
            {
                toMap.RunToEnd();
                Assert.Equal([(1L, 2L)], pairs.Select(entry => (entry.Key, entry.Value)));
            }

            if (times == 0)
            {
                using EsfPipeline pipeline = toQueue.AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
                pipeline.RunToEnd();
                Assert.Single(Pair.All(output));
                Assert.Throws<NotSupportedException>(pipeline.StartOver);
                continue;
            }

            Assert.Contains("join",
                Assert.Throws<EstreamCorruptionException>(() => toQueue.AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_waits_for_messages_of_either_side_until_cancelled()
    {
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Join(5, 0).Inner("j", state, KeyOf, KeyOf).AppendTo<IoTTelemetry.Writer>(output, 300, Pair.Write);
        using CancellationTokenSource stop = new();
        Task running = Task.Factory.StartNew(() => pipeline.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (int i = 1; i <= 4; i++)
        {
            Append(new Beat(1, i, i));
            Eventually.True(() => pipeline.Read == (2 * i) - 1, $"left event {i} is taken");
            AppendOthers(new Beat(1, i, i));
            Eventually.True(() => pipeline.Read == 2 * i, $"right event {i} is taken");
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal(16, Pair.All(output).Count);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        const int Events = 40_000;
        using EstreamQueue left = Large("large-left", Events);
        using EstreamQueue right = Large("large-right", Events);
        using StateMap<long, Windowed<long, Joined<Beat, Beat>>> state = NewJoin();
        using StateMap<long, long> newest = StateMap.CreateInMemory<long, long>();
        using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(left).Select(Beat.Of)
            .Join(EsfStream.From<IoTTelemetry.View>(right).Select(Beat.Of), Seconds(1), TimeOf, TimeOf, Behind(2))
            .LeftOuter("j", state, KeyOf, KeyOf)
            .Materialize(newest, (scoped in JoinResult<Beat, Beat> pair) => pair.Left.Key,
                (scoped in JoinResult<Beat, Beat> pair) => pair.Right.Value);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            pipeline.StartOver();
            if (pipeline.RunToEnd() != 2 * Events)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });

        // Restarting and growing may allocate; an event may not.
        Assert.InRange(allocated, 0, Events);
        Assert.Equal(40, newest.Count);
    }

    internal static long TimeOf(scoped in Beat beat) => beat.Time * Beat.Second;

    internal static long KeyOf(scoped in Beat beat) => beat.Key;

    internal static void Copy(scoped in Beat beat, ref IoTTelemetry.Writer writer) => beat.Write(ref writer);

    private static StateMap<long, Windowed<long, Joined<Beat, Beat>>> NewJoin() =>
        StateMap.CreateInMemory<long, Windowed<long, Joined<Beat, Beat>>>();

    private EsfJoin<Beat, Beat> Join(long within, long delay) =>
        Readings.Select(Beat.Of)
            .Join(EsfStream.From<IoTTelemetry.View>(_others).Select(Beat.Of), Seconds(within), TimeOf, TimeOf, Behind(delay));

    private void AppendOthers(params Beat[] beats)
    {
        var typed = new EsfAppender<IoTTelemetry.Writer>(_othersAppender);
        foreach (Beat beat in beats)
        {
            beat.AppendTo(typed);
        }
    }

    // The queue fits in one segment, so that no other segment is created.
    private EstreamQueue Large(string name, int events)
    {
        EstreamQueue queue = EstreamQueue.Open(Maps.Combine(name), new QueueOptions { SegmentBytes = 1 << 24 });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (int i = 0; i < events; i++)
        {
            new Beat(i % 40, 1_000 + (i / 20), i).AppendTo(typed);
        }

        return queue;
    }
}
