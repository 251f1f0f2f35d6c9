using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Windows;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Streams.Tests.Thresholds;

/// <summary>There is one result when a key is raised and one when the key is cleared, whenever the events are read.</summary>
public sealed class ThresholdTests : WindowCase
{
    private int _walks;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(double.NaN, 1)]
    [InlineData(1, double.NegativeInfinity)]
    public void Threshold_throws_for_overlapping_or_infinite_limits(double raise, double clear)
    {
        Assert.Equal("clearBelow", Assert.Throws<ArgumentException>(() => Threshold.Above(raise, clear)).ParamName);
        Assert.Equal("clearAbove", Assert.Throws<ArgumentException>(() => Threshold.Below(-raise, -clear)).ParamName);
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        EsfThreshold<IoTTelemetry.View> watched = Readings.Threshold(Threshold.Above(1, 1), ValueOf);
        Assert.Equal("value", Assert.Throws<ArgumentNullException>(() => Readings.Threshold(Threshold.Above(1, 1), null!)).ParamName);
        Assert.Equal("duration",
            Assert.Throws<ArgumentOutOfRangeException>(() => watched.HeldFor(TimeSpan.FromSeconds(-1), Beat.TimeOf)).ParamName);
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => watched.AtMost(0)).ParamName);
        using StateMap<long, long> limits = StateMap.CreateInMemory<long, long>();
        EsfStream<long> looked = Readings.Join(limits, Beat.KeyOf, (scoped in IoTTelemetry.View reading, in long limit) => limit);
        Assert.Throws<InvalidOperationException>(() => looked.Threshold(Threshold.Above(1, 1), (scoped in long value) => value));
    }

    [Fact]
    public void Values_between_the_limits_change_nothing_and_keys_are_independent()
    {
        Append(new Beat(1, 1, 70), new Beat(1, 2, 81), new Beat(2, 3, 79), new Beat(1, 4, 90), new Beat(1, 5, 80), new Beat(1, 6, 75),
            new Beat(2, 7, 82), new Beat(1, 8, 74), new Beat(1, 9, 79), new Beat(1, 10, 81));
        Assert.Equal([new(1, true, 81), new(2, true, 82), new(1, false, 74), new(1, true, 81)], Run(Threshold.Above(80, 75)));
    }

    [Fact]
    public void Threshold_Below_raises_low_values()
    {
        Append(new Beat(1, 1, 5), new Beat(1, 2, 4), new Beat(1, 3, 8), new Beat(1, 4, 3), new Beat(1, 5, 9), new Beat(1, 6, 5));
        Assert.Equal([new(1, true, 4), new(1, false, 9)], Run(Threshold.Below(5, 8)));
    }

    [Fact]
    public void NaN_changes_nothing()
    {
        Append(new Beat(1, 1, 0), new Beat(1, 2, 9), new Beat(1, 3, 0), new Beat(1, 4, 9), new Beat(1, 5, 1), new Beat(1, 6, 0),
            new Beat(1, 7, 2));
        EventSelector<IoTTelemetry.View, double> valueOf = (scoped in IoTTelemetry.View reading) => reading.Value == 0
            ? double.NaN
            : reading.Value;
        Assert.Equal([new(1, true, 9), new(1, false, 1)], Run(Threshold.Above(5, 5), null, valueOf));

        // NaN does not change the time since which a value has been beyond the threshold, either.
        Assert.Equal([new(1, true, 9), new(1, false, 1)], Run(Threshold.Above(5, 5), hold: 2, valueOf, "held"));
    }

    [Fact]
    public void HeldFor_raises_only_after_the_duration()
    {
        Append(
            new Beat(1, 1, 9), new Beat(1, 5, 9), new Beat(1, 8, 5), new Beat(1, 9, 9), new Beat(1, 18, 9), new Beat(2, 19, 9),
            new Beat(1, 19, 9), new Beat(1, 20, 9), new Beat(1, 21, 4), new Beat(1, 22, 9), new Beat(1, 40, 9));
        Assert.Equal([new(1, true, 9), new(1, false, 4), new(1, true, 9)], Run(Threshold.Above(8, 5), hold: 10));
        using StateMap<long, Windowed<long, ThresholdState>> state = OpenState();
        Assert.Equal([(1L, true, 22L), (2L, false, 19L)],
            Entries(state).Select(entry => (entry.Key, entry.State.IsRaised, entry.State.BeyondSince / Beat.Second)).Order());
    }

    [Fact]
    public void Only_raised_keys_are_stored_up_to_the_limit()
    {
        Append([.. Enumerable.Range(0, 100).Select(i => new Beat(i, i, 1)), new Beat(1, 200, 9), new Beat(2, 201, 9), new Beat(1, 202, 1),
            new Beat(3, 203, 9)]);
        using StateMap<long, Windowed<long, ThresholdState>> state = OpenState();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Pipeline(Readings.Threshold(Threshold.Above(5, 5), ValueOf).AtMost(2), state, output);
        pipeline.RunToEnd();
        Assert.Equal([new(1, true, 9), new(2, true, 9), new(1, false, 1), new(3, true, 9)], Crossed.All(output));
        Assert.Equal([2L, 3L], Entries(state).Select(entry => entry.Key).Order());

        Append(new Beat(4, 204, 9));
        EstreamStorageException full = Assert.Throws<EstreamStorageException>(() => pipeline.RunToEnd());
        Assert.Contains("The limit of 2 windows, events or raised keys", full.Message, StringComparison.Ordinal);

        // No event is lost: with a higher limit, the pipeline processes the event that failed.
        pipeline.Dispose();
        using EsfPipeline wider = Pipeline(Readings.Threshold(Threshold.Above(5, 5), ValueOf).AtMost(3), state, output);
        wider.RunToEnd();
        Assert.Equal(new Crossed(4, true, 9), Crossed.All(output).Last());
    }

    [Fact]
    public void Invalid_event_time_ends_the_run_when_times_are_used()
    {
        Append(new Beat(1, 9_000_000_000, 9));
        Assert.Throws<EstreamFormatException>(() => Run(Threshold.Above(5, 5), hold: 1));
    }

    [Property(20, 400, Arbitrary = [typeof(Seeds)])]
    public void Crossings_match_the_model_across_restarts(int seed) => Walk(new Random(seed), 0, $"{_walks++}");

    [Property(20, 400, Arbitrary = [typeof(Seeds)])]
    public void Held_crossings_match_the_model_across_restarts(int seed) => Walk(new Random(seed), 12, $"{_walks++}");

    [Fact]
    public void Crossings_match_the_model_with_a_restart_after_each_event()
    {
        var random = new Random(3);
        List<Beat> beats = [];
        using EstreamQueue output = Open("output");
        for (int i = 0; i < 60; i++)
        {
            beats.Add(new Beat(random.Next(2), i, random.Next(10)));
            Append(beats[^1]);
            using StateMap<long, Windowed<long, ThresholdState>> state = OpenState("each");
            using EsfPipeline pipeline = Pipeline(Readings.Threshold(Threshold.Above(7, 3), ValueOf), state, output);
            Assert.Equal(1, pipeline.RunToEnd());
            Assert.Equal(ThresholdModel.Above(beats, beat => beat.Value, 7, 3), Crossed.All(output));
        }

        Assert.True(Crossed.All(output).Count() > 5, "it hardly crossed");
    }

    [Fact]
    public void Changed_limits_do_not_reuse_the_state()
    {
        Append(new Beat(1, 1, 9), new Beat(1, 2, 6));
        using StateMap<long, Windowed<long, ThresholdState>> state = OpenState("each");
        using EstreamQueue output = Open("output");
        using (EsfPipeline first = Pipeline(Readings.Threshold(Threshold.Above(5, 5), ValueOf), state, output))
        {
            first.RunToEnd();
        }

        using EsfPipeline other = Pipeline(Readings.Threshold(Threshold.Above(8, 7), ValueOf), state, output);

        // The result of the first event exists already; the result of the second event differs.
        other.RunToEnd();
        Assert.Equal([new(1, true, 9), new(1, false, 6)], Crossed.All(output));
    }

    private static IEnumerable<Windowed<long, ThresholdState>> Entries(StateMap<long, Windowed<long, ThresholdState>> state)
    {
        List<Windowed<long, ThresholdState>> entries = [];
        foreach ((long place, Windowed<long, ThresholdState> entry) in state)
        {
            if (place >= 0)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private static double ValueOf(scoped in IoTTelemetry.View reading) => reading.Value;

    private static EsfPipeline Pipeline(EsfThreshold<IoTTelemetry.View> watched, StateMap<long, Windowed<long, ThresholdState>> state,
        EstreamQueue output) =>
        watched.Crossings("t", state, Beat.KeyOf, (scoped in IoTTelemetry.View reading) => (long)reading.Value)
            .AppendTo<IoTTelemetry.Writer>(output, 200,
                (scoped in Crossing<long, long> crossing, ref IoTTelemetry.Writer writer) => Crossed.BeatOf(in crossing).Write(ref writer));

    private StateMap<long, Windowed<long, ThresholdState>> OpenState(string? name = null) =>
        StateMap.Open<long, Windowed<long, ThresholdState>>(name is null ? StateDirectory : Maps.Combine(name));

    private List<Crossed> Run(Threshold threshold, long? hold = null, EventSelector<IoTTelemetry.View, double>? valueOf = null,
        string name = "state")
    {
        using StateMap<long, Windowed<long, ThresholdState>> state = OpenState(name);
        using EstreamQueue output = Open($"{name}-output");
        EsfThreshold<IoTTelemetry.View> watched = Readings.Threshold(threshold, valueOf ?? ValueOf);
        using EsfPipeline pipeline = Pipeline(hold is null ? watched : watched.HeldFor(Seconds(hold.Value), Beat.TimeOf), state, output);
        pipeline.RunToEnd();
        return [.. Crossed.All(output)];
    }

    private void Walk(Random random, long hold, string name)
    {
        using EstreamQueue readings = Open($"readings-{name}");
        using EstreamQueue output = Open($"output-{name}");
        using QueueAppender appender = readings.CreateAppender();
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        List<Beat> beats = [];
        long[] values = [50, 50, 50];
        (string state, string saved) = (Maps.Combine(name), Maps.Combine($"{name}-saved"));
        for (int round = 0; round < 6; round++)
        {
            for (int left = random.Next(40); left > 0; left--)
            {
                int key = random.Next(values.Length);
                values[key] = Math.Clamp(values[key] + random.Next(-15, 16), 0, 100);
                beats.Add(new Beat(key, 1_000 + beats.Count - random.Next(3), values[key]));
                beats[^1].AppendTo(typed);
            }

            // Restores a state that is older than the results, possibly by many events, as after a crash between writing results and
            // committing the state.
            if (random.Next(3) == 0 && Directory.Exists(saved))
            {
                Directory.Delete(state, recursive: true);
                StateCopy.Make(saved, state);
            }

            using (StateMap<long, Windowed<long, ThresholdState>> map = OpenState(name))
            {
                EsfThreshold<IoTTelemetry.View> watched = EsfStream.From<IoTTelemetry.View>(readings)
                    .Threshold(Threshold.Above(65, 40), ValueOf);
                using EsfPipeline pipeline = Pipeline(hold == 0 ? watched : watched.HeldFor(Seconds(hold), Beat.TimeOf), map, output);
                pipeline.RunToEnd();
            }

            if (random.Next(2) == 0)
            {
                StateCopy.Make(state, saved);
            }
        }

        Assert.Equal(ThresholdModel.Above(beats, beat => beat.Value, 65, 40, hold), Crossed.All(output));
    }

    /// <summary>Generates seeds of random walks.</summary>
    public static class Seeds
    {
        public static Arbitrary<int> All() => Gen.Choose(0, 1 << 30).ToArbitrary();
    }
}
