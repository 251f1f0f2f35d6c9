using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators.Keyed;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>Windows by event time, one case per test. Times are in seconds.</summary>
public sealed class WindowTests : WindowCase
{
    [Fact]
    public void Enabling_sources_on_existing_state_does_not_close_future_windows()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        AppendAt(1_000);
        using (EsfPipeline without = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            without.RunToEnd();
        }

        // The first event of a known source is older than the previous newest event by more than the idle time.
        Append(new Beat(1, 900, 1, Source: 2), new Beat(1, 1_015, 1, Source: 1), new Beat(1, 1_025, 1, Source: 1));
        using EsfPipeline with = Tumbling(10, 0).PerSource(Beat.SourceOf, Seconds(60)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        with.RunToEnd();
        Assert.Equal(1_025 * Beat.Second, with.Watermark);
        Assert.Equal(1, with.Late);
        Assert.Equal([1_000L, 1_010], Tallied.All(output).Select(result => result.Start));
    }

    [Fact]
    public void Closed_window_is_not_reopened_by_a_longer_lateness()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        AppendAt(5, 12);
        using (EsfPipeline brief = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            brief.RunToEnd();
        }

        AppendAt(7);
        using EsfPipeline pipeline = Tumbling(10, 0).AllowedLateness(Seconds(60)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(1, 1, 1))], Tallied.All(output));
        Assert.Equal(1, pipeline.Late);
    }

    [Fact]
    public void Skipped_result_is_counted_once_and_the_run_continues()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        EsfResults<WindowResult<long, Tally>> results = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add);
        AppendAt(1, 11, 12, 21, 31);
        for (int round = 0; round < 2; round++)
        {
            using EsfPipeline pipeline = results.AppendTo<IoTTelemetry.Writer>(output, 300,
                (scoped in WindowResult<long, Tally> result, ref IoTTelemetry.Writer writer) =>
            {
                if (result.State.Sum == 5)
                {
                    writer = default;
                    return;
                }

                Tallied.Write(in result, ref writer);
            });
            pipeline.RunToEnd();
            Assert.Equal(1, pipeline.LeftOut);
            Assert.Equal([0L, 20], Tallied.All(output).Select(one => one.Start));
        }
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => Streams.Windows.Tumbling(TimeSpan.Zero)).ParamName);
        Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => Streams.Windows.Tumbling(TimeSpan.MaxValue)).ParamName);
        Assert.Equal("advance",
            Assert.Throws<ArgumentOutOfRangeException>(() => Streams.Windows.Sliding(Seconds(1), Seconds(2))).ParamName);
        Assert.Equal("advance",
            Assert.Throws<ArgumentOutOfRangeException>(() => Streams.Windows.Sliding(Seconds(257), Seconds(1))).ParamName);
        Assert.Equal("gap", Assert.Throws<ArgumentOutOfRangeException>(() => Streams.Windows.Session(Seconds(-1))).ParamName);
        Assert.Equal("delay", Assert.Throws<ArgumentOutOfRangeException>(() => Behind(-1)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Readings.Window(default(TimeWindows), Beat.TimeOf, Behind(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Readings.Window(default(SessionWindows), Beat.TimeOf, Behind(0)));
        EsfWindows<IoTTelemetry.View> windows = Tumbling(10, 0);
        Assert.Equal("lateness", Assert.Throws<ArgumentOutOfRangeException>(() => windows.AllowedLateness(Seconds(-1))).ParamName);
        Assert.Equal("idleAfter",
            Assert.Throws<ArgumentOutOfRangeException>(() => windows.PerSource(Beat.SourceOf, TimeSpan.Zero)).ParamName);
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => windows.AtMost(0)).ParamName);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        EsfResults<WindowResult<long, Tally>> results = windows.Aggregate("w", state, Beat.KeyOf, Tally.Add);
        Assert.Equal("maxLength",
            Assert.Throws<ArgumentOutOfRangeException>(() => results.AppendTo<IoTTelemetry.Writer>(output, 3, Tallied.Write)).ParamName);
        Assert.Throws<ArgumentException>(() =>
            windows.Aggregate("a name", state, Beat.KeyOf, Tally.Add).AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write));
        Assert.Throws<ArgumentException>(() =>
            Sliding(10, 5, 0).Throttle("t", StateMap.CreateInMemory<long, Windowed<long, Throttled<long>>>(), Beat.KeyOf, Beat.TimeOf));
    }

    [Fact]
    public void Name_and_output_are_exclusive_until_disposed()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        EsfResults<WindowResult<long, Tally>> results = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add);
        using (results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            Assert.Throws<EstreamLeaseException>(() => results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write));
            using EstreamQueue another = Open("another");
            Assert.Throws<EstreamLeaseException>(() => results.AppendTo<IoTTelemetry.Writer>(another, 300, Tallied.Write));
        }

        using EsfPipeline again = results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Assert.Equal(0, again.RunToEnd());
    }

    [Fact]
    public void Event_time_out_of_range_ends_the_run_without_closing_windows()
    {
        AppendAt(1, 1L << 33);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        for (int times = 0; times < 2; times++)
        {
            Assert.Contains("event time", Assert.Throws<EstreamFormatException>(() => pipeline.RunToEnd()).Message,
                StringComparison.Ordinal);
            Assert.Empty(Tallied.All(output));
        }
    }

    [Fact]
    public void Too_many_windows_end_the_run_without_loss()
    {
        Append([.. Enumerable.Range(0, 40).Select(i => new Beat(i, 1, i))]);
        AppendAt(100);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using (EsfPipeline small = Tumbling(10, 0).AtMost(30).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            Assert.Contains("30 windows", Assert.Throws<EstreamStorageException>(() => small.RunToEnd()).Message, StringComparison.Ordinal);
        }

        using EsfPipeline large = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        large.RunToEnd();
        Assert.Equal(Enumerable.Range(0, 40).Select(i => new Tallied(i, 0, 10, 0, new Tally(1, i, i))), Sorted(Tallied.All(output)));
    }

    [Fact]
    public void Too_many_sources_end_the_run()
    {
        Append([.. Enumerable.Range(0, 257).Select(i => new Beat(1, 1, 1, Source: i))]);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).PerSource(Beat.SourceOf, Seconds(60)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Assert.Contains("256 sources", Assert.Throws<InvalidOperationException>(() => pipeline.RunToEnd()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stateful_operator_after_a_map_lookup_throws()
    {
        using StateMap<long, long> names = StateMap.CreateInMemory<long, long>();
        EsfStream<long> joined = Readings.Join(names, Beat.KeyOf, (scoped in IoTTelemetry.View _, in long name) => name)
            .Where((scoped in long _) => true);
        Assert.Contains("map lookup",
            Assert.Throws<InvalidOperationException>(() =>
                joined.Window(Streams.Windows.Tumbling(Seconds(1)), (scoped in long time) => time, Behind(0))).Message,
                StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() =>
            joined.Select((scoped in long x) => x).Window(Streams.Windows.Session(Seconds(1)), (scoped in long time) => time, Behind(0)));
    }

    [Fact]
    public void Window_yields_its_result_when_the_watermark_reaches_its_end()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 2).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Assert.Equal(long.MinValue, pipeline.Watermark);
        AppendAt(0, 9, 11);
        pipeline.RunToEnd();
        Assert.Empty(Tallied.All(output));
        Assert.Equal(9 * Beat.Second, pipeline.Watermark);
        AppendAt(12);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(2, 3, 2))], Tallied.All(output));
        Assert.Equal(0, pipeline.Late);
    }

    [Fact]
    public void Windows_work_for_times_before_1970()
    {
        AppendAt(-1, -10, -11, 0, 30);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 15).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal(
            [new Tallied(1, -20, -10, 0, new Tally(1, 3, 3)), new Tallied(1, -10, 0, 0, new Tally(2, 3, 2)),
                new Tallied(1, 0, 10, 0, new Tally(1, 4, 4))], Tallied.All(output));
    }

    [Fact]
    public void Event_is_in_each_sliding_window_that_contains_its_time()
    {
        AppendAt(12, 100);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Sliding(10, 4, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([4L, 8, 12], Tallied.All(output).Select(result => result.Start));
    }

    [Fact]
    public void Late_events_are_counted_and_written_to_the_late_queue()
    {
        AppendAt(5, 21, 9, 10, 3);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EstreamQueue late = Open("late");
        EsfResults<WindowResult<long, Tally>> results = Tumbling(10, 1)
            .LateTo<IoTTelemetry.Writer>(late, 300,
                (scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) => Beat.Of(in reading).Write(ref writer))
            .Aggregate("w", state, Beat.KeyOf, Tally.Add);
        using (EsfPipeline pipeline = results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            pipeline.RunToEnd();
            Assert.Equal(3, pipeline.Late);
        }

        Assert.Equal([new Beat(1, 9, 3), new Beat(1, 10, 4), new Beat(1, 3, 5)], Beat.All(late));
        using EsfPipeline again = results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Assert.Equal(3, again.Late);
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(1, 1, 1))], Tallied.All(output));
    }

    [Fact]
    public void Observer_receives_late_events()
    {
        AppendAt(5, 21, 9);
        List<long> told = [];
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using StateMap<long, long> sums = StateMap.CreateInMemory<long, long>();
        using EsfPipeline pipeline = Tumbling(10, 0)
            .OnLate((scoped in IoTTelemetry.View reading) => told.Add(reading.Timestamp / Beat.Second))
            .Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .Materialize(sums, (scoped in WindowResult<long, Tally> result) => result.Start,
                (scoped in WindowResult<long, Tally> result) => result.State.Sum);
        pipeline.RunToEnd();
        Assert.Equal([9], told);
        Assert.Equal([(0L, 1L)], sums.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void Event_within_the_allowed_lateness_yields_a_revision()
    {
        AppendAt(5, 12, 6, 15, 7);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).AllowedLateness(Seconds(5)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(1, 1, 1)), new Tallied(1, 0, 10, 1, new Tally(2, 4, 3))], Tallied.All(output));
        Assert.Equal(1, pipeline.Late);
    }

    [Fact]
    public void Existing_windows_adopt_a_longer_lateness()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        AppendAt(5, 12);
        using (EsfPipeline brief = Tumbling(10, 0).AllowedLateness(Seconds(5)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            brief.RunToEnd();
        }

        AppendAt(16, 7);
        using EsfPipeline pipeline = Tumbling(10, 0).AllowedLateness(Seconds(60)).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(1, 1, 1)), new Tallied(1, 0, 10, 1, new Tally(2, 3, 2))], Tallied.All(output));
    }

    [Fact]
    public void Event_at_the_session_end_belongs_to_it_even_at_the_maximum_lateness()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Session(5, 10).Aggregate("s", state, Beat.KeyOf, Tally.Add, Tally.Merge)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        AppendAt(0, 15);
        pipeline.RunToEnd();
        Assert.Equal(5 * Beat.Second, pipeline.Watermark);
        Assert.Empty(Tallied.All(output));

        AppendAt(5, 21);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 10, 0, new Tally(2, 2, 1))], Tallied.All(output));
        Assert.Equal(0, pipeline.Late);
    }

    [Fact]
    public void Session_accepts_no_events_after_the_watermark_passed_its_end()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Session(5, 10).Aggregate("s", state, Beat.KeyOf, Tally.Add, Tally.Merge)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        AppendAt(0, 16, 0);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 5, 0, new Tally(1, 1, 1))], Tallied.All(output));
        Assert.Equal(1, pipeline.Late);
    }

    [Fact]
    public void Session_state_of_a_former_layout_is_rebuilt()
    {
        // The state has a session of the former layout, which is due at its end. Read as a session of the current layout, the session would
        // be due twice.
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        KeyedSettings former =
            new($"s sessions {5 * Beat.Second}", 10 * Beat.Second, HasSources: false, IdleAfter: 0, Limit: 10, Reserve: 4);
        using (var core = new AggregateCore<long, Tally>(former, state,
            new ObserverOutput<WindowResult<long, Tally>>((scoped in WindowResult<long, Tally> _) => { }), lateness: 0, behindEnd: 0))
        {
            core.Clear();
            _ = core.Store.Insert(1, 77 * Beat.Second, 82 * Beat.Second, 82 * Beat.Second, KeyedStore<long, Tally>.None, core.Progress);
            core.Commit();
        }

        AppendAt(0, 15, 5, 21, 100);
        using EsfPipeline pipeline = Session(5, 10).Aggregate("s", state, Beat.KeyOf, Tally.Add, Tally.Merge)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([(0L, 2L), (15, 1), (21, 1)], Tallied.All(output).Select(result => (result.Start, result.Tally.Count)));
    }

    [Fact]
    public void Event_between_two_sessions_joins_them()
    {
        AppendAt(0, 3, 12, 8, 30);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Session(5, 10).Aggregate("s", state, Beat.KeyOf, Tally.Add, Tally.Merge)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal([new Tallied(1, 0, 17, 0, new Tally(4, 10, 4))], Tallied.All(output));
    }

    [Fact]
    public void Session_that_grows_replaces_its_result_in_the_map()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using StateMap<long, long> counts = StateMap.CreateInMemory<long, long>();
        using EsfPipeline pipeline = Session(5, 0).AllowedLateness(Seconds(20)).Aggregate("s", state, Beat.KeyOf, Tally.Add, Tally.Merge)
            .Materialize(counts, (scoped in WindowResult<long, Tally> result) => result.Start / Beat.Second,
                (scoped in WindowResult<long, Tally> result) => result.State.Count);
        AppendAt(10, 20, 26);
        pipeline.RunToEnd();
        Assert.Equal([(10L, 1L), (20, 1)], counts.Select(entry => (entry.Key, entry.Value)).Order());
        AppendAt(15);
        pipeline.RunToEnd();
        Assert.Equal([(10L, 3L)], counts.Select(entry => (entry.Key, entry.Value)));
        AppendAt(6);
        pipeline.RunToEnd();
        Assert.Equal([(6L, 4L)], counts.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void Slowest_source_determines_the_watermark_until_it_is_idle()
    {
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        EsfResults<WindowResult<long, Tally>> results = Tumbling(10, 0).PerSource(Beat.SourceOf, Seconds(60))
            .Aggregate("w", state, Beat.KeyOf, Tally.Add);
        using (EsfPipeline pipeline = results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write))
        {
            Append(new Beat(1, 1, 1, 1), new Beat(1, 2, 1, 2), new Beat(1, 50, 1, 1), new Beat(1, 9, 1, 2));
            pipeline.RunToEnd();
            Assert.Equal(9 * Beat.Second, pipeline.Watermark);
        }

        using EsfPipeline again = results.AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Append(new Beat(1, 69, 1, 1));
        again.RunToEnd();
        Assert.Empty(Tallied.All(output));
        Append(new Beat(1, 70, 1, 1));
        again.RunToEnd();
        Assert.Equal(70 * Beat.Second, again.Watermark);
        Assert.Equal([0L, 50, 60], Tallied.All(output).Select(result => result.Start));
    }

    [Fact]
    public void Windows_that_end_together_yield_results_in_creation_order_beyond_one_batch()
    {
        const int Keys = 5_000;
        Append([.. Enumerable.Range(0, Keys).Select(i => new Beat(Keys - i, 1, i))]);
        AppendAt(100);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => (long)(Keys - i)), Tallied.All(output).Select(result => result.Key));
    }

    [Fact]
    public void Open_windows_can_be_read_from_the_state_map()
    {
        AppendAt(5, 6);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Windowed<long, Tally> open = Assert.Single(state, entry => entry.Key >= 0).Value;
        Assert.Equal((1L, 0L, 10 * Beat.Second, 0L, new Tally(2, 3, 2)), (open.Key, open.Start, open.End, open.Revision, open.State));
    }

    [Fact]
    public void Retention_keeps_messages_not_yet_in_the_state()
    {
        AppendAt(1, 2, 3);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
        Assert.Equal(0, Assert.Single(Queue.GetInfo().Tailers, tailer => tailer.Name == "w").LagBytes);
    }
}
