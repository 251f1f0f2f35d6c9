using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Streams.Tests.Windows;

/// <summary>Throttles limit the number of events of a key per interval, whenever the events are read.</summary>
public sealed class ThrottleTests : WindowCase
{
    private int _cases;

    [Fact]
    public void Invalid_arguments_throw()
    {
        using StateMap<long, Windowed<long, Throttled<long>>> state = NewThrottle();
        Assert.Equal("most",
            Assert.Throws<ArgumentOutOfRangeException>(() => Tumbling(10, 0).Throttle("t", state, Beat.KeyOf, ValueOf, most: 0)).ParamName);
        Assert.Throws<ArgumentException>(() => Tumbling(10, 0).Throttle("t", state, Beat.KeyOf, ValueOf, 1, (Excess)7));
    }

    [Fact]
    public void First_events_pass_immediately_and_the_rest_are_counted()
    {
        Append(new Beat(1, 1, 10), new Beat(1, 2, 11), new Beat(2, 3, 12), new Beat(1, 4, 13), new Beat(1, 11, 14));
        using StateMap<long, Windowed<long, Throttled<long>>> state = NewThrottle();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Throttle("t", state, Beat.KeyOf, ValueOf, most: 2)
            .AppendTo<IoTTelemetry.Writer>(output, 200, Write);
        pipeline.RunToEnd();
        Assert.Equal([10L, 11, 12, 14], Values(output));
        Assert.Equal((1, 0), (pipeline.Dropped, pipeline.Late));
    }

    [Fact]
    public void Newest_event_passes_at_the_end_of_the_interval()
    {
        Append(new Beat(1, 1, 10), new Beat(1, 5, 11), new Beat(1, 4, 12), new Beat(2, 3, 13), new Beat(2, 3, 14), new Beat(1, 12, 15));
        using StateMap<long, Windowed<long, Throttled<long>>> state = NewThrottle();
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Tumbling(10, 0).Throttle("t", state, Beat.KeyOf, ValueOf, most: 1, Excess.KeepNewest)
            .AppendTo<IoTTelemetry.Writer>(output, 200, Write);
        pipeline.RunToEnd();
        Assert.Equal([11L, 14], Values(output));
        Assert.Equal(3, pipeline.Dropped);
    }

    [Property(10, 200, Arbitrary = [typeof(Cases)])]
    public void Dropping_throttle_matches_the_model_across_restarts(ThrottleCase one) =>
        Run(one.Most, new Random(one.Seed), Excess.Drop, $"{_cases++}");

    [Property(10, 200, Arbitrary = [typeof(Cases)])]
    public void KeepNewest_throttle_matches_the_model_across_restarts(ThrottleCase one) =>
        Run(one.Most, new Random(one.Seed), Excess.KeepNewest, $"{_cases++}");

    private static StateMap<long, Windowed<long, Throttled<long>>> NewThrottle() =>
        StateMap.CreateInMemory<long, Windowed<long, Throttled<long>>>();

    private static long ValueOf(scoped in IoTTelemetry.View reading) => (long)reading.Value;

    private static void Write(scoped in long value, ref IoTTelemetry.Writer writer) => new Beat(0, 0, value).Write(ref writer);

    private static IEnumerable<long> Values(EstreamQueue queue) => Beat.All(queue).Select(beat => beat.Value);

    private void Run(int most, Random random, Excess excess, string name)
    {
        using EstreamQueue readings = Open($"readings-{name}");
        using EstreamQueue output = Open($"output-{name}");
        using QueueAppender appender = readings.CreateAppender();
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        List<Beat> beats = [];
        long dropped = 0;
        long late = 0;
        for (int round = 0; round < 5; round++)
        {
            for (int left = random.Next(30); left > 0; left--)
            {
                var beat = new Beat(random.Next(3), 1_000 + beats.Count - random.Next(random.Next(4) == 0 ? 20 : 3), beats.Count);
                beat.AppendTo(typed);
                beats.Add(beat);
            }

            using StateMap<long, Windowed<long, Throttled<long>>> state =
                StateMap.Open<long, Windowed<long, Throttled<long>>>(Maps.Combine(name));
            using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(readings)
                .Window(Streams.Windows.Tumbling(Seconds(10)), Beat.TimeOf, Behind(3))
                .Throttle("t", state, Beat.KeyOf, ValueOf, most, excess).AppendTo<IoTTelemetry.Writer>(output, 200, Write);
            pipeline.RunToEnd();
            (dropped, late) = (pipeline.Dropped, pipeline.Late);
        }

        List<long> expected = ThrottleModel.Passed(beats, most, excess, 10, 3, out long expectedDropped, out long expectedLate);
        Assert.Equal(expected.Order(), Values(output).Order());
        Assert.Equal(expectedLate, late);

        // The event held at the end is neither passed nor dropped yet.
        Assert.Equal(expectedDropped, dropped);
    }

    /// <summary>The number of events that pass per interval, and the seed of the events.</summary>
    public readonly record struct ThrottleCase(int Most, int Seed);

    /// <summary>Generates throttles that pass one to three events.</summary>
    public static class Cases
    {
        public static Arbitrary<ThrottleCase> All() =>
            (from most in Gen.Choose(1, 3)
             from seed in Gen.Choose(0, 1 << 30)
             select new ThrottleCase(most, seed)).ToArbitrary();
    }
}
