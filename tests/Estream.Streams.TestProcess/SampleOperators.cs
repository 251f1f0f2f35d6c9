using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>The operators that <see cref="SampleWindows"/> has not, over the same events: sliding windows, a throttle that drops, an inner join, and joins with a map that stays as it is.</summary>
public sealed class SampleOperators : IDisposable
{
    public const int Advance = 5;
    public const int Most = 3;

    private readonly List<IDisposable> _opened = [];
    private readonly EsfPipeline[] _pipelines;

    /// <summary>Opens what is in a directory, or makes it. The map has to be there.</summary>
    public SampleOperators(string directory)
    {
        EstreamQueue source = Queue(SampleWindows.BeatsOf(directory));
        EstreamQueue other = Queue(SampleWindows.OthersOf(directory));
        Results = Queue(Path.Combine(directory, "results"));
        Late = Queue(Path.Combine(directory, "late"));
        Passed = Queue(Path.Combine(directory, "passed"));
        Pairs = Queue(Path.Combine(directory, "pairs"));
        LateLeft = Queue(Path.Combine(directory, "late-left"));
        LateRight = Queue(Path.Combine(directory, "late-right"));
        Found = Queue(Path.Combine(directory, "found"));
        FoundOrNot = Queue(Path.Combine(directory, "found-or-not"));
        StateMap<long, long> limits = Opened(StateMap.OpenReadOnly<long, long>(LimitsOf(directory)));
        EsfStream<IoTTelemetry.View> beats = EsfStream.From<IoTTelemetry.View>(source);
        Watermark watermark = Watermark.BoundedOutOfOrderness(TimeSpan.FromSeconds(SampleWindows.Delay));
        TimeSpan size = TimeSpan.FromSeconds(SampleWindows.Size);
        _pipelines =
        [
            beats.Window(Windows.Sliding(size, TimeSpan.FromSeconds(Advance)), Beat.TimeOf, watermark).AllowedLateness(TimeSpan.FromSeconds(SampleWindows.Lateness))
                .LateTo<IoTTelemetry.Writer>(Late, 200, (scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) => Beat.Of(in reading).Write(ref writer))
                .Aggregate("sliding", Opened(StateMap.Open<long, Windowed<long, Tally>>(Path.Combine(directory, "sliding-state"))), Beat.KeyOf, Tally.Add)
                .AppendTo<IoTTelemetry.Writer>(Results, 300, Tallied.Write),
            beats.Window(Windows.Tumbling(size), Beat.TimeOf, watermark)
                .Throttle("drop", Opened(StateMap.Open<long, Windowed<long, Throttled<long>>>(Path.Combine(directory, "drop-state"))), GroupOf, ValueOf, Most, Excess.Drop)
                .AppendTo<IoTTelemetry.Writer>(Passed, 200, WriteValue),
            beats.Select(Beat.Of).Join(EsfStream.From<IoTTelemetry.View>(other).Select(Beat.Of), TimeSpan.FromSeconds(SampleWindows.Within), TimeOf, TimeOf, watermark)
                .LateLeftTo<IoTTelemetry.Writer>(LateLeft, 200, WriteBeat).LateRightTo<IoTTelemetry.Writer>(LateRight, 200, WriteBeat)
                .Inner("inner", Opened(StateMap.Open<long, Windowed<long, Joined<Beat, Beat>>>(Path.Combine(directory, "inner-state"))), JoinKeyOf, JoinKeyOf)
                .AppendTo<IoTTelemetry.Writer>(Pairs, 300, Pair.Write),
            beats.Join(limits, GroupOf, (scoped in IoTTelemetry.View reading, in long limit) => ValueOf(in reading) + limit).AppendTo<IoTTelemetry.Writer>("found", Found, 200, WriteValue),
            beats.LeftJoin(limits, GroupOf, (scoped in IoTTelemetry.View reading, bool isThere, in long limit) => isThere ? ValueOf(in reading) + limit : -ValueOf(in reading))
                .AppendTo<IoTTelemetry.Writer>("found-or-not", FoundOrNot, 200, WriteValue),
        ];
    }

    public EstreamQueue Results { get; }

    public EstreamQueue Late { get; }

    public EstreamQueue Passed { get; }

    public EstreamQueue Pairs { get; }

    public EstreamQueue LateLeft { get; }

    public EstreamQueue LateRight { get; }

    public EstreamQueue Found { get; }

    public EstreamQueue FoundOrNot { get; }

    public IReadOnlyList<EsfPipeline> Pipelines => _pipelines;

    /// <summary>What the map has for a group: every third has nothing.</summary>
    public static long? LimitOf(long group) => group % 3 == 0 ? null : 1_000_000_000L * (group + 1);

    /// <summary>Makes the map, which then stays as it is.</summary>
    public static void FillLimits(string directory)
    {
        using StateMap<long, long> limits = StateMap.Open<long, long>(LimitsOf(directory));
        for (long group = 0; group <= SampleWindows.GroupOf(SampleWindows.Keys); group++)
        {
            if (LimitOf(group) is long limit)
            {
                limits.Put(group, limit);
            }
        }
    }

    /// <summary>Runs all of them beside each other, for ever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SampleOperators operators = new(directory);
        return SamplePipelines.RunUntilKilled(operators._pipelines);
    }

    public void Dispose()
    {
        foreach (EsfPipeline pipeline in _pipelines)
        {
            pipeline.Dispose();
        }

        _opened.ForEach(one => one.Dispose());
    }

    private static string LimitsOf(string directory) => Path.Combine(directory, "limits");

    private static long TimeOf(scoped in Beat beat) => beat.Time * Beat.Second;

    private static long JoinKeyOf(scoped in Beat beat) => SampleWindows.JoinKeyOf(beat);

    private static long GroupOf(scoped in IoTTelemetry.View reading) => SampleWindows.GroupOf(Beat.KeyOf(in reading));

    private static long ValueOf(scoped in IoTTelemetry.View reading) => (long)reading.Value;

    private static void WriteBeat(scoped in Beat beat, ref IoTTelemetry.Writer writer) => beat.Write(ref writer);

    private static void WriteValue(scoped in long value, ref IoTTelemetry.Writer writer) => new Beat(0, 0, value).Write(ref writer);

    private EstreamQueue Queue(string directory) => Opened(EstreamQueue.Open(directory, SamplePipelines.Options));

    private T Opened<T>(T one)
        where T : IDisposable
    {
        _opened.Add(one);
        return one;
    }
}
