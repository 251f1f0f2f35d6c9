using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>Pipelines with windows over one queue of events, of which many end at the same moment.</summary>
public sealed class SampleWindows : IDisposable
{
    /// <summary>So many keys have windows that end at once: more than a step of a state takes.</summary>
    public const int Keys = 1_500;

    public const int Delay = 5;
    public const int Lateness = 5;
    public const int Size = 10;
    public const int Gap = 2;
    public const int Within = 3;

    private readonly EstreamQueue _beats;
    private readonly EstreamQueue _others;
    private readonly EsfPipeline[] _pipelines;
    private readonly List<IDisposable> _maps = [];

    /// <summary>Opens what is in a directory, or makes it.</summary>
    public SampleWindows(string directory)
    {
        _beats = EstreamQueue.Open(BeatsOf(directory), SamplePipelines.Options);
        Results = EstreamQueue.Open(Path.Combine(directory, "results"), SamplePipelines.Options);
        _others = EstreamQueue.Open(OthersOf(directory), SamplePipelines.Options);
        Pairs = EstreamQueue.Open(Path.Combine(directory, "pairs"), SamplePipelines.Options);
        LateLeft = EstreamQueue.Open(Path.Combine(directory, "late-left"), SamplePipelines.Options);
        LateRight = EstreamQueue.Open(Path.Combine(directory, "late-right"), SamplePipelines.Options);
        Late = EstreamQueue.Open(Path.Combine(directory, "late"), SamplePipelines.Options);
        Passed = EstreamQueue.Open(Path.Combine(directory, "passed"), SamplePipelines.Options);
        Sessions = Map<long, Tally>(Path.Combine(directory, "sessions"));
        EsfStream<IoTTelemetry.View> beats = EsfStream.From<IoTTelemetry.View>(_beats);
        Watermark watermark = Watermark.BoundedOutOfOrderness(TimeSpan.FromSeconds(Delay));
        EsfWindows<IoTTelemetry.View> windows = beats.Window(Windows.Tumbling(TimeSpan.FromSeconds(Size)), Beat.TimeOf, watermark);
        _pipelines =
        [
            windows.AllowedLateness(TimeSpan.FromSeconds(Lateness))
                .LateTo<IoTTelemetry.Writer>(Late, 200, (scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) => Beat.Of(in reading).Write(ref writer))
                .Aggregate("windows", Map<long, Windowed<long, Tally>>(Path.Combine(directory, "windows-state")), Beat.KeyOf, Tally.Add)
                .AppendTo<IoTTelemetry.Writer>(Results, 300, Tallied.Write),
            beats.Window(Windows.Session(TimeSpan.FromSeconds(Gap)), Beat.TimeOf, watermark)
                .Aggregate("sessions", Map<long, Windowed<long, Tally>>(Path.Combine(directory, "sessions-state")), GroupOf, Tally.Add, Tally.Merge)
                .Materialize(Sessions, (scoped in WindowResult<long, Tally> result) => SessionKey(result.Key, result.Start / Beat.Second), (scoped in WindowResult<long, Tally> result) => result.State),
            windows.Throttle("throttle", Map<long, Windowed<long, Throttled<long>>>(Path.Combine(directory, "throttle-state")), GroupOf, (scoped in IoTTelemetry.View reading) => (long)reading.Value, most: 2, Excess.KeepNewest)
                .AppendTo<IoTTelemetry.Writer>(Passed, 200, (scoped in long value, ref IoTTelemetry.Writer writer) => new Beat(0, 0, value).Write(ref writer)),
            beats.Select(Beat.Of).Join(EsfStream.From<IoTTelemetry.View>(_others).Select(Beat.Of), TimeSpan.FromSeconds(Within), TimeOf, TimeOf, watermark)
                .LateLeftTo<IoTTelemetry.Writer>(LateLeft, 200, Write).LateRightTo<IoTTelemetry.Writer>(LateRight, 200, Write)
                .LeftOuter("join", Map<long, Windowed<long, Joined<Beat, Beat>>>(Path.Combine(directory, "join-state")), KeyOf, KeyOf)
                .AppendTo<IoTTelemetry.Writer>(Pairs, 300, Pair.Write),
        ];
    }

    public EstreamQueue Results { get; }

    public EstreamQueue Late { get; }

    public EstreamQueue Passed { get; }

    public EstreamQueue Pairs { get; }

    public EstreamQueue LateLeft { get; }

    public EstreamQueue LateRight { get; }

    public StateMap<long, Tally> Sessions { get; }

    public IReadOnlyList<EsfPipeline> Pipelines => _pipelines;

    public static string OthersOf(string directory) => Path.Combine(directory, "others");

    /// <summary>The event of the other queue with a number: half as many as those of the one.</summary>
    public static Beat OtherOf(int number) => BeatOf((2 * number) + 1_000_003) with { Time = 1_000 + (number / 25) - (number % 5) - (number % 83 == 0 ? 30 : 0), Value = number };

    public static long JoinKeyOf(Beat beat) => beat.Key / 5;

    public static string BeatsOf(string directory) => Path.Combine(directory, "beats");

    /// <summary>The event with a number: some fifty of a second, mostly out of order by less than the watermark waits for.</summary>
    public static Beat BeatOf(int number)
    {
        uint mixed = unchecked((uint)number * 2_654_435_761);
        mixed ^= mixed >> 15;
        mixed *= 2_246_822_519;
        mixed ^= mixed >> 13;
        return new Beat(mixed % Keys, 1_000 + (number / 50) - ((mixed >> 11) % (mixed % 50 == 0 ? 40u : 4u)), number);
    }

    public static long GroupOf(long key) => key / 25;

    public static long SessionKey(long group, long start) => (group << 40) + start;

    /// <summary>Runs all of them beside each other, for ever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SampleWindows windows = new(directory);
        return SamplePipelines.RunUntilKilled(windows._pipelines);
    }

    public void Dispose()
    {
        foreach (EsfPipeline pipeline in _pipelines)
        {
            pipeline.Dispose();
        }

        foreach (IDisposable map in _maps)
        {
            map.Dispose();
        }

        LateRight.Dispose();
        LateLeft.Dispose();
        Pairs.Dispose();
        Passed.Dispose();
        _others.Dispose();
        Late.Dispose();
        Results.Dispose();
        _beats.Dispose();
    }

    private static long TimeOf(scoped in Beat beat) => beat.Time * Beat.Second;

    private static long KeyOf(scoped in Beat beat) => JoinKeyOf(beat);

    private static void Write(scoped in Beat beat, ref IoTTelemetry.Writer writer) => beat.Write(ref writer);

    private static long GroupOf(scoped in IoTTelemetry.View reading) => GroupOf(Beat.KeyOf(in reading));

    private StateMap<TKey, TValue> Map<TKey, TValue>(string directory)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        StateMap<TKey, TValue> map = StateMap.Open<TKey, TValue>(directory);
        _maps.Add(map);
        return map;
    }
}
