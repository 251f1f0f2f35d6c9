using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>
/// Operators that <see cref="SampleWindows"/> does not cover, over the same events: sliding windows, a dropping throttle, an inner join,
/// lookups in a constant map, a threshold, and a throttle and a join whose results are kept in maps.
/// </summary>
public sealed class SampleOperators : SampleEvents
{
    public const int Advance = 5;
    public const int Most = 3;
    public const int MostKept = 2;
    public const double Raise = 70;
    public const double Clear = 30;

    // More than the number of events between two events that are out of order, so of two events in one slot, the later event has the newer
    // result.
    private const long Slots = 100_003;

    /// <summary>Opens the sample in a directory, or creates it. The lookup map must exist.</summary>
    public SampleOperators(string directory)
        : base(directory)
    {
        Found = Queue("found");
        FoundOrNot = Queue("found-or-not");
        Crossings = Queue("crossings");
        KeptPassed = Map<long, long>("kept-passed");
        KeptPairs = Map<long, long>("kept-pairs");
        KeptLateLeft = Queue("kept-late-left");
        KeptLateRight = Queue("kept-late-right");
        StateMap<long, long> limits = Opened(StateMap.OpenReadOnly<long, long>(LimitsOf(directory)));
        TimeSpan size = TimeSpan.FromSeconds(Size);
        Pipelines =
        [
            Beats.Window(Windows.Sliding(size, TimeSpan.FromSeconds(Advance)), Beat.TimeOf, Behind)
                .AllowedLateness(TimeSpan.FromSeconds(Lateness))
                .LateTo<IoTTelemetry.Writer>(Late, 200, WriteReading)
                .Aggregate("sliding", Map<long, Windowed<long, Tally>>("sliding-state"), Beat.KeyOf, Tally.Add)
                .AppendTo<IoTTelemetry.Writer>(Results, 300, Tallied.Write),
            Beats.Window(Windows.Tumbling(size), Beat.TimeOf, Behind)
                .Throttle("drop", Map<long, Windowed<long, Throttled<long>>>("drop-state"), GroupOf, ValueOf, Most, Excess.Drop)
                .AppendTo<IoTTelemetry.Writer>(Passed, 200, WriteValue),
            Beats.Select(Beat.Of).Join(Others.Select(Beat.Of), TimeSpan.FromSeconds(Within), TimeOf, TimeOf, Behind)
                .LateLeftTo<IoTTelemetry.Writer>(LateLeft, 200, Write).LateRightTo<IoTTelemetry.Writer>(LateRight, 200, Write)
                .Inner("inner", Map<long, Windowed<long, Joined<Beat, Beat>>>("inner-state"), KeyOf, KeyOf)
                .AppendTo<IoTTelemetry.Writer>(Pairs, 300, Pair.Write),
            Beats.Join(limits, GroupOf, (scoped in IoTTelemetry.View reading, in long limit) => ValueOf(in reading) + limit)
                .AppendTo<IoTTelemetry.Writer>("found", Found, 200, WriteValue),
            Beats.LeftJoin(limits, GroupOf,
                (scoped in IoTTelemetry.View reading, bool isThere, in long limit) => isThere
                    ? ValueOf(in reading) + limit
                    : -ValueOf(in reading))
                .AppendTo<IoTTelemetry.Writer>("found-or-not", FoundOrNot, 200, WriteValue),
            Beats.Threshold(Threshold.Above(Raise, Clear), (scoped in IoTTelemetry.View reading) => LevelOf(ValueOf(in reading)))
                .Crossings("threshold", Map<long, Windowed<long, ThresholdState>>("threshold-state"), Beat.KeyOf, ValueOf)
                .AppendTo<IoTTelemetry.Writer>(Crossings, 200, WriteCrossing),
            Beats.Window(Windows.Tumbling(size), Beat.TimeOf, Behind)
                .Throttle("kept", Map<long, Windowed<long, Throttled<long>>>("kept-state"), GroupOf, ValueOf, MostKept, Excess.KeepNewest)
                .Materialize(KeptPassed, (scoped in long value) => SlotOf(value), (scoped in long value) => value),
            Beats.Select(Beat.Of).Join(Others.Select(Beat.Of), TimeSpan.FromSeconds(Within), TimeOf, TimeOf, Behind)
                .LateLeftTo<IoTTelemetry.Writer>(KeptLateLeft, 200, Write).LateRightTo<IoTTelemetry.Writer>(KeptLateRight, 200, Write)
                .Inner("kept-join", Map<long, Windowed<long, Joined<Beat, Beat>>>("kept-join-state"), KeyOf, KeyOf)
                .Materialize(KeptPairs, (scoped in JoinResult<Beat, Beat> pair) => PairKey(pair.Left.Value, pair.Right.Value),
                    (scoped in JoinResult<Beat, Beat> pair) => pair.Right.Time),
        ];
    }

    public EstreamQueue Found { get; }

    public EstreamQueue FoundOrNot { get; }

    public EstreamQueue Crossings { get; }

    /// <summary>The newest event that passed the throttle, by slot.</summary>
    public StateMap<long, long> KeptPassed { get; }

    /// <summary>The time of the right event, by the values of both events.</summary>
    public StateMap<long, long> KeptPairs { get; }

    public EstreamQueue KeptLateLeft { get; }

    public EstreamQueue KeptLateRight { get; }

    public static long SlotOf(long value) => value % Slots;

    public static long PairKey(long left, long right) => (left << 32) + right;

    /// <summary>Returns the level of an event's value, from 0 to 99.</summary>
    public static double LevelOf(long value) => value * 7_919 % 100;

    /// <summary>Returns the map's value for a group; every third group has none.</summary>
    public static long? LimitOf(long group) => group % 3 == 0 ? null : 1_000_000_000L * (group + 1);

    /// <summary>Creates the lookup map, which then stays constant.</summary>
    public static void FillLimits(string directory)
    {
        using StateMap<long, long> limits = StateMap.Open<long, long>(LimitsOf(directory));
        for (long group = 0; group <= GroupOf(Keys); group++)
        {
            if (LimitOf(group) is long limit)
            {
                limits.Put(group, limit);
            }
        }
    }

    private static void WriteCrossing(scoped in Crossing<long, long> crossing, ref IoTTelemetry.Writer writer) =>
        new Beat(crossing.Key, crossing.IsRaised ? 1 : 0, crossing.Event).Write(ref writer);

    private static string LimitsOf(string directory) => Path.Combine(directory, "limits");
}
