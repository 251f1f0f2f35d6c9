using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Circuits.TestProcess;

/// <summary>A circuit with a stream pattern, whose input messages are numbered from 0.</summary>
public sealed class PatternWork : IPipelineResources, IDisposable
{
    private const int MostAtOnce = 1_000;

    /// <summary>Writes the results of each message to two queues in one transaction: the first queue gets each number once, the second gets
    /// each odd number twice.</summary>
    public const string Transactions = """
        escir_version: "0.8.0"
        name: work.transactions.v1
        version: "1.0.0"
        inputs: [{ name: readings, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: all, type: estream.iot.IoTTelemetry }, { name: odd, type: estream.iot.IoTTelemetry }]
        compute:
          - { id: some, type: filter, when: value >= 0.0 }
          - { id: odds, type: filter, when: timestamp % 2 == 1 }
          - { id: again, type: filter, when: timestamp % 2 == 1 }
        flows: [readings -> some -> all, readings -> odds -> odd, readings -> again -> odd]
        annotations: { stream_pattern: transaction, transaction_log: decisions }
        """;

    /// <summary>Writes the newest number of each key to a map.</summary>
    public const string Signals = """
        escir_version: "0.8.0"
        name: work.signals.v1
        version: "1.0.0"
        inputs: [{ name: readings, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: newest, type: estream.iot.IoTTelemetry, map: newest, key: device_id }]
        compute: [{ id: some, type: filter, when: value >= 0.0 }]
        flows: [readings -> some -> newest]
        annotations: { stream_pattern: signal }
        """;

    /// <summary>The same circuit as <see cref="Signals"/>, without a buffer.</summary>
    public static readonly string States = Signals.Replace("stream_pattern: signal", "stream_pattern: state", StringComparison.Ordinal);

    /// <summary>The number of keys, which exceeds the number of messages of one step.</summary>
    public const int Keys = 5_000;

    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _maps = [];
    private readonly string _directory;
    private readonly EsfSchema _reading;
    private readonly Circuit _circuit;

    /// <summary>Opens the queues in a directory, or creates them. Does not open the circuit.</summary>
    public PatternWork(string directory, string text)
    {
        _directory = directory;
        CircuitReadResult read = CircuitReader.Read(text, "work.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        _circuit = read.Circuit ?? throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        _reading = _circuit.Outputs[0].Schema;
    }

    public static int RunUntilKilled(string directory, string text)
    {
        using PatternWork work = new(directory, text);
        using RunningPipeline running = work.Open();
        Random random = new();
        Console.WriteLine("running");
        for (int round = 0; ; round++)
        {
            work.Append(random.Next(MostAtOnce));
            running.Results.RunToEnd();
            if (round == 10)
            {
                Console.WriteLine("under way");
            }
        }
    }

    /// <summary>Opens the circuit. The caller disposes it.</summary>
    public RunningPipeline Open() => _circuit.Pipelines.Single().Open(this);

    public EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name,
                queue = EstreamQueue.Open(Path.Combine(_directory, "queues", name), new QueueOptions { SegmentBytes = 256 << 10 }));
        }

        return queue;
    }

    public StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
        if (!_maps.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map))
        {
            _maps.Add(name, map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(_directory, "maps", name)));
        }

        return map;
    }

    public string StateDirectory(string pipeline) => Path.Combine(_directory, "pipelines", pipeline);

    public EsfSealer Sealer(EsfSchema schema) => throw new NotSupportedException($"{schema} is not sealed here.");

    public void Dispose()
    {
        foreach (IDisposable queue in _queues.Values.Concat<IDisposable>(_maps.Values))
        {
            queue.Dispose();
        }
    }

    private void Append(int count)
    {
        using QueueAppender appender = Queue("readings").CreateAppender(AppenderMode.Exclusive);
        byte[] place = new byte[400];
        for (int i = 0; i < count; i++)
        {
            long number = appender.NextSequence;
            EsfMessageBuilder reading = EsfMessageBuilder.Begin(_reading, place);
            byte[] key = Encoding.UTF8.GetBytes((number % Keys).ToString(CultureInfo.InvariantCulture));
            bool isSet = reading.TrySet(FieldOf("device_id"), key)
                & reading.TrySet(FieldOf("timestamp"), (Int128)number)
                & reading.TrySet(FieldOf("metric_name"), "steps"u8)
                & reading.TrySet(FieldOf("value"), (double)number);
            if (!isSet || !reading.TryFinish(out ReadOnlySpan<byte> message))
            {
                throw new InvalidOperationException($"The message {number} cannot be made.");
            }

            appender.Append(message);
        }
    }

    private EsfField FieldOf(string name) => _reading.TryGetField(name, out EsfField? field)
        ? field
        : throw new ArgumentException($"{_reading} has no '{name}'.", nameof(name));
}
