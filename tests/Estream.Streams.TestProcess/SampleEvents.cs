using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>Pipelines over two queues of events, and their queues and maps. Many windows end at the same moment.</summary>
public abstract class SampleEvents : IDisposable
{
    /// <summary>The number of keys whose windows end together: more windows than fit into one commit of a state.</summary>
    public const int Keys = 1_500;

    public const int Delay = 5;
    public const int Lateness = 5;
    public const int Size = 10;
    public const int Within = 3;

    private readonly string _directory;
    private readonly EstreamQueue _beats;
    private readonly EstreamQueue _others;
    private readonly List<IDisposable> _opened = [];

    /// <summary>Opens the sample in a directory, or creates it.</summary>
    private protected SampleEvents(string directory)
    {
        _directory = directory;
        _beats = Queue("beats");
        _others = Queue("others");
        Beats = EsfStream.From<IoTTelemetry.View>(_beats);
        Others = EsfStream.From<IoTTelemetry.View>(_others);
        Results = Queue("results");
        Late = Queue("late");
        Passed = Queue("passed");
        Pairs = Queue("pairs");
        LateLeft = Queue("late-left");
        LateRight = Queue("late-right");
    }

    public int BeatCount => (int)_beats.GetInfo().NextSequence;

    /// <summary>The number of events in the second queue.</summary>
    public int OtherCount => (int)_others.GetInfo().NextSequence;

    public EstreamQueue Results { get; }

    public EstreamQueue Late { get; }

    public EstreamQueue Passed { get; }

    public EstreamQueue Pairs { get; }

    public EstreamQueue LateLeft { get; }

    public EstreamQueue LateRight { get; }

    public IReadOnlyList<EsfPipeline> Pipelines { get; protected init; } = [];

    private protected EsfStream<IoTTelemetry.View> Beats { get; }

    private protected EsfStream<IoTTelemetry.View> Others { get; }

    private protected static Watermark Behind { get; } = Watermark.BoundedOutOfOrderness(TimeSpan.FromSeconds(Delay));

    /// <summary>Returns the event with a number. A second has about fifty events, most of them out of order by less than the watermark's
    /// delay.</summary>
    public static Beat BeatOf(int number)
    {
        uint mixed = unchecked((uint)number * 2_654_435_761);
        mixed ^= mixed >> 15;
        mixed *= 2_246_822_519;
        mixed ^= mixed >> 13;
        return new Beat(mixed % Keys, 1_000 + (number / 50) - ((mixed >> 11) % (mixed % 50 == 0 ? 40u : 4u)), number);
    }

    /// <summary>Returns the event of the second queue with a number. That queue has half as many events per second.</summary>
    public static Beat OtherOf(int number) =>
        BeatOf((2 * number) + 1_000_003) with { Time = 1_000 + (number / 25) - (number % 5) - (number % 83 == 0 ? 30 : 0), Value = number };

    public static long JoinKeyOf(Beat beat) => beat.Key / 5;

    public static long GroupOf(long key) => key / 25;

    /// <summary>Runs all pipelines concurrently and feeds them, forever.</summary>
    public static int RunUntilKilled(SampleEvents events)
    {
        using (events)
        using (QueueAppender beats = events._beats.CreateAppender(AppenderMode.Exclusive))
        using (QueueAppender others = events._others.CreateAppender(AppenderMode.Exclusive))
        {
            var typedBeats = new EsfAppender<IoTTelemetry.Writer>(beats);
            var typedOthers = new EsfAppender<IoTTelemetry.Writer>(others);
            return Feeder.RunUntilKilled(events.Pipelines, beats, () =>
            {
                BeatOf((int)beats.NextSequence).AppendTo(typedBeats);
                while (2 * others.NextSequence < beats.NextSequence)
                {
                    OtherOf((int)others.NextSequence).AppendTo(typedOthers);
                }
            });
        }
    }

    public void Dispose()
    {
        foreach (EsfPipeline pipeline in Pipelines)
        {
            pipeline.Dispose();
        }

        _opened.ForEach(one => one.Dispose());
    }

    private protected static long TimeOf(scoped in Beat beat) => beat.Time * Beat.Second;

    private protected static long KeyOf(scoped in Beat beat) => JoinKeyOf(beat);

    private protected static long GroupOf(scoped in IoTTelemetry.View reading) => GroupOf(Beat.KeyOf(in reading));

    private protected static long ValueOf(scoped in IoTTelemetry.View reading) => (long)reading.Value;

    private protected static void Write(scoped in Beat beat, ref IoTTelemetry.Writer writer) => beat.Write(ref writer);

    private protected static void WriteReading(scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) =>
        Beat.Of(in reading).Write(ref writer);

    private protected static void WriteValue(scoped in long value, ref IoTTelemetry.Writer writer) =>
        new Beat(0, 0, value).Write(ref writer);

    private protected EstreamQueue Queue(string name) => Opened(EstreamQueue.Open(Path.Combine(_directory, name), SamplePipelines.Options));

    private protected StateMap<TKey, TValue> Map<TKey, TValue>(string name)
        where TKey : unmanaged
        where TValue : unmanaged => Opened(StateMap.Open<TKey, TValue>(Path.Combine(_directory, name)));

    /// <summary>Registers an object to be disposed with the sample.</summary>
    private protected T Opened<T>(T one)
        where T : IDisposable
    {
        _opened.Add(one);
        return one;
    }
}
