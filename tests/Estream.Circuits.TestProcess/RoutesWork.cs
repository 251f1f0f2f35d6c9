using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Circuits.TestProcess;

/// <summary>A circuit whose messages reach a queue, windows and dead letters by several routes, with the expected results for the messages
/// numbered from 0.</summary>
public sealed class RoutesWork : IPipelineResources, IDisposable
{
    // The number of windows that close at once: more than one commit of a state can hold.
    private const int Devices = 1_500;
    private const int PerSecond = 1_600;
    private const int MostAtOnce = 400;
    private const int LongestText = 300;

    private const string Text = """
        escir_version: "0.8.0"
        name: work.ways.v1
        version: "1.0.0"
        types:
          - name: Reading
            fields: [{ name: device, type: string }, { name: at, type: timestamp }, { name: steps, type: i64 }, { name: text, type: string }]
          - name: Sum
            fields: [{ name: device, type: string }, { name: start, type: timestamp }, { name: level, type: i64 }]
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: out, type: Reading }, { name: sums, type: Sum }]
        compute:
          - { id: even, type: filter, when: steps % 2 == 0 }
          - { id: more, type: transform, schema: Reading, set: { device: device, at: at, steps: steps + 1, text: text } }
          - { id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Sum, set: { device: key, start: start, level: { sum: steps } } }
        flows: [readings -> out, readings -> even -> out, readings -> more -> out, readings -> sum, more -> sum, sum -> sums]
        invariants: ["even.steps % 7 != 6", "more.steps % 7 != 0"]
        rejected: dead
        max_bytes: 4096
        """;

    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly string _directory;
    private readonly EsfSchema _reading;
    private readonly EsfSchema _sum;
    private readonly EsfSchema _letter;
    private readonly RunningPipeline[] _running;

    /// <summary>Opens the files in a directory, or creates them.</summary>
    public RoutesWork(string directory)
    {
        _directory = directory;
        CircuitReadResult read = CircuitReader.Read(Text, "work.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        if (read.Circuit is not { } circuit || !EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter))
        {
            throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        }

        (_reading, _sum, _letter) = (circuit.Outputs[0].Schema, circuit.Outputs[1].Schema, letter);
        _running = [.. circuit.Pipelines.Select(pipeline => pipeline.Open(this))];
    }

    public static int RunUntilKilled(string directory)
    {
        using RoutesWork work = new(directory);
        Random random = new();
        Console.WriteLine("running");
        for (int round = 0; ; round++)
        {
            work.Append(random.Next(MostAtOnce));
            work.RunToEnd();
            if (round == 10)
            {
                Console.WriteLine("under way");
            }
        }
    }

    /// <summary>Processes everything that is left, and describes the first difference from the expected results; null if there is
    /// none.</summary>
    public string? Difference()
    {
        RunToEnd();
        long count = Queue("readings").GetInfo().NextSequence;
        return Difference("out", Results(count), Found("out", message => Number(_reading, "steps", message)))
            ?? Difference("sums", Sums(count).Order(),
                Found("sums", message => (Name(_sum, "device", message), Number(_sum, "start", message), Number(_sum, "level", message)))
                    .Order())
            ?? Difference("dead", Letters(count).Order(),
                Found("dead",
                    message => (Name(_letter, "reason", message).Split('\'')[1],
                        Number(_reading, "steps", BytesOf(_letter, "payload", message)))).Order());
    }

    public EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name,
                queue = EstreamQueue.Open(Path.Combine(_directory, "queues", name), new QueueOptions { SegmentBytes = 256 << 10 }));
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

    private static string DeviceOf(long number) => string.Create(CultureInfo.InvariantCulture, $"d{number % Devices}");

    private static long SecondOf(long number) => number / PerSecond * 1_000_000_000;

    // Returns the expected results, in the order of the circuit's flows.
    private static IEnumerable<long> Results(long count)
    {
        for (long i = 0; i < count; i++)
        {
            yield return i;
            if (i % 2 == 0 && i % 7 != 6)
            {
                yield return i;
            }

            if ((i + 1) % 7 != 0)
            {
                yield return i + 1;
            }
        }
    }

    // Returns the expected sums of all seconds except the last, whose windows are still open.
    private static IEnumerable<(string Device, long Start, long Level)> Sums(long count) => Numbers(count)
        .Where(i => i / PerSecond < (count - 1) / PerSecond)
        .GroupBy(i => (Device: DeviceOf(i), Start: SecondOf(i)),
            (key, numbers) => (key.Device, key.Start, numbers.Sum(i => i + ((i + 1) % 7 != 0 ? i + 1 : 0))));

    private static IEnumerable<(string Place, long Number)> Letters(long count) =>
        Numbers(count).Where(i => i % 7 == 6)
            .SelectMany(i => i % 2 == 0 ? (IEnumerable<(string Place, long Number)>)[("even", i), ("more", i)] : [("more", i)]);

    private static IEnumerable<long> Numbers(long count) => Enumerable.Range(0, (int)count).Select(i => (long)i);

    private static string? Difference<T>(string queue, IEnumerable<T> expected, IEnumerable<T> found)
    {
        List<T> all = [.. expected];
        List<T> there = [.. found];
        int same = all.Zip(there).TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second)).Count();
        return same == all.Count && same == there.Count
            ? null
            : $"'{queue}' has {there.Count} messages, and {all.Count} are expected: at {same} it is {there.ElementAtOrDefault(same)} and "
                + $"not {all.ElementAtOrDefault(same)}";
    }

    private delegate T MessageReader<T>(ReadOnlySpan<byte> message);

    private List<T> Found<T>(string queue, MessageReader<T> read)
    {
        List<T> found = [];
        using QueueTailer tailer = Queue(queue).CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            found.Add(read(message.Payload));
        }

        return found;
    }

    private static EsfField FieldOf(EsfSchema schema, string name) => schema.TryGetField(name, out EsfField? field)
        ? field
        : throw new ArgumentException($"{schema} has no '{name}'.", nameof(name));

    private static ReadOnlySpan<byte> BytesOf(EsfSchema schema, string name, ReadOnlySpan<byte> message) =>
        FieldOf(schema, name).TryGetBytes(message, out ReadOnlySpan<byte> bytes) ? bytes : default;

    private static string Name(EsfSchema schema, string name, ReadOnlySpan<byte> message) =>
        Encoding.UTF8.GetString(BytesOf(schema, name, message));

    private static long Number(EsfSchema schema, string name, ReadOnlySpan<byte> message) =>
        FieldOf(schema, name).TryGetInt64(message, out long number) ? number : -1;

    private void RunToEnd()
    {
        foreach (RunningPipeline running in _running)
        {
            running.Results.RunToEnd();
            foreach (EsfPipeline rejects in running.Rejects)
            {
                rejects.RunToEnd();
            }
        }
    }

    private void Append(int count)
    {
        using QueueAppender appender = Queue("readings").CreateAppender(AppenderMode.Exclusive);
        byte[] place = new byte[2 * LongestText];
        byte[] text = new byte[LongestText];
        Array.Fill(text, (byte)'x');
        for (int i = 0; i < count; i++)
        {
            long number = appender.NextSequence;
            EsfMessageBuilder reading = EsfMessageBuilder.Begin(_reading, place);
            bool isSet = reading.TrySet(FieldOf(_reading, "device"), Encoding.UTF8.GetBytes(DeviceOf(number)))
                & reading.TrySet(FieldOf(_reading, "at"), (Int128)SecondOf(number))
                & reading.TrySet(FieldOf(_reading, "steps"), (Int128)number)
                & reading.TrySet(FieldOf(_reading, "text"), text.AsSpan(0, (int)(number * 37 % LongestText)));
            if (!isSet || !reading.TryFinish(out ReadOnlySpan<byte> message))
            {
                throw new InvalidOperationException($"The message {number} cannot be made.");
            }

            appender.Append(message);
        }
    }
}
