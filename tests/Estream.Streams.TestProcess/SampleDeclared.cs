using Estream.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Streams.TestProcess;

/// <summary>Declared windows and a declared join over the events of <see cref="SampleEvents"/>. Many windows and pairs have no possible
/// result, because a field of the result is too narrow.</summary>
public sealed class SampleDeclared : IPipelineResources, IDisposable
{
    public const int Size = 10;
    public const int Delay = 5;
    public const int Within = 3;

    // The join has a delay of 45 s. No event is out of order by as much, so no event of the join is late.
    private const string Declarations = """
        version: "1.0"
        pipelines:
          totals:
            from: { queue: beats, schema: IoTTelemetry }
            stages:
              - window:
                  tumbling: 10s
                  time: timestamp
                  delay: 5s
                  key: device_id
                  schema: Total
                  set: { device: key, start: start, total: { sum: value }, spoiled: { sum: 'if(value % 7 == 0, 1e300, 0.0)' } }
            to: { queue: totals }
            rejected: dead
          pairs:
            from: { queue: beats, schema: IoTTelemetry }
            stages:
              - join:
                  with: { queue: others, schema: IoTTelemetry, time: timestamp, key: device_id }
                  as: other
                  within: 3s
                  time: timestamp
                  delay: 45s
                  key: device_id
                  schema: Near
                  set: { left: value, right: other.value, spoiled: 'if((value + other.value) % 5 == 0, 1e300, 0.0)' }
            to: { queue: pairs }
            rejected: dead
        """;

    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly string _directory;
    private readonly RunningPipeline[] _running;

    /// <summary>Opens the sample in a directory, or creates it.</summary>
    public SampleDeclared(string directory)
    {
        _directory = directory;
        EsfSchemaSet own = EsfSchemaSet.Parse(new EsfSchemaFile("sample.esf.yaml", """
            version: "1.0"
            namespace: sample
            schemas:
              Total: { fields: { device: { type: string(64) }, start: { type: timestamp }, total: { type: f64 }, spoiled: { type: f32 } } }
              Near: { fields: { left: { type: f64 }, right: { type: f64 }, spoiled: { type: f32 } } }
            """));
        PipelineReadResult read =
            PipelineReader.Read(Declarations, "sample.pipeline.yaml", EsfSchemaSet.BuiltIn.With(own), _ => EsfSchemaSet.Empty);
        if (read.Diagnostics.Count > 0)
        {
            throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        }

        Schemas = read.Schemas;
        _running = [.. read.Pipelines.Select(pipeline => pipeline.Open(this))];
    }

    /// <summary>The schemas of all messages in its queues.</summary>
    public EsfSchemaSet Schemas { get; }

    /// <summary>The pipelines of the window results and of the join results.</summary>
    public IReadOnlyList<EsfPipeline> Results => [.. _running.Select(running => running.Results)];

    private IEnumerable<EsfPipeline> All => _running.SelectMany(running => running.Rejects.Prepend(running.Results));

    /// <summary>Returns true if a window or pair that includes this value has no possible result.</summary>
    public static bool IsSpoiled(long value) => value % 7 == 0;

    /// <inheritdoc cref="IsSpoiled"/>
    public static bool IsSpoiledPair(long left, long right) => (left + right) % 5 == 0;

    /// <summary>Runs all pipelines concurrently and feeds them, forever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SampleDeclared sample = new(directory);
        using QueueAppender beats = sample.Queue("beats").CreateAppender(AppenderMode.Exclusive);
        using QueueAppender others = sample.Queue("others").CreateAppender(AppenderMode.Exclusive);
        var typedBeats = new EsfAppender<IoTTelemetry.Writer>(beats);
        var typedOthers = new EsfAppender<IoTTelemetry.Writer>(others);

        // Pipelines that read another queue do not count towards the progress on the events.
        ILookup<bool, EsfPipeline> all = sample.All.ToLookup(pipeline => !pipeline.Name.EndsWith(".left-out", StringComparison.Ordinal)
            && !pipeline.Name.EndsWith(".right.rejected", StringComparison.Ordinal));
        foreach (EsfPipeline beside in all[false])
        {
            new Thread(() => beside.Run(CancellationToken.None)) { IsBackground = true }.Start();
        }

        return Feeder.RunUntilKilled([.. all[true]], beats, () =>
        {
            SampleEvents.BeatOf((int)beats.NextSequence).AppendTo(typedBeats);
            while (2 * others.NextSequence < beats.NextSequence)
            {
                SampleEvents.OtherOf((int)others.NextSequence).AppendTo(typedOthers);
            }
        });
    }

    /// <summary>Processes all messages in the queues.</summary>
    public void RunToEnd()
    {
        foreach (EsfPipeline pipeline in All)
        {
            pipeline.RunToEnd();
        }
    }

    public EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name, queue = EstreamQueue.Open(Path.Combine(_directory, "queues", name), SamplePipelines.Options));
        }

        return queue;
    }

    public StateMap<Utf8Key64, LatestEntry> Map(string name) => throw new NotSupportedException($"There is no map '{name}'.");

    public string StateDirectory(string pipeline) => Path.Combine(_directory, "pipelines", pipeline);

    public EsfSealer Sealer(EsfSchema schema) => throw new NotSupportedException($"{schema} is not sealed here.");

    public void Dispose()
    {
        Array.ForEach(_running, static running => running.Dispose());
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }
    }
}
