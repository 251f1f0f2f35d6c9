using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Windows;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Declared operators over telemetry, in a host that is repeatedly killed with SIGKILL under load, and the final content of its
/// queues.</summary>
public abstract class OperatorKillCase : IDisposable
{
    private protected const int Devices = 20;
    private protected const int DelayMs = 2;
    private protected const int WithinMs = 5;
    private protected const long NanosPerMs = 1_000_000;

    // The telemetry of each run of the host has its own time range, which is longer than the load can use before the crash.
    private const int RoundMs = 100_000;
    private const int PointsMs = 50;

    // This number of readings gives the host at least a tenth of a second of work.
    private const int Backlog = 40_000;

    // 150 ms of each device: more than one result of each window, throttle and threshold.
    private const int EnoughLoad = 3_000;

    private protected static int Kills { get; } = LongRun.Count(4, 60);

    /// <summary>The events that are joined with telemetry. The time range of each run begins with enough events for the messages of a
    /// load.</summary>
    private protected static Reading[] Points { get; } = [.. Enumerable.Range(0, Kills * RoundMs / PointsMs / 20).Select(PointOf)];

    private protected HostFiles Files { get; } = new();

    private protected EsfSchemaSet Schemas => EsfSchemaSet.Load(Path.Combine(Folder, "operators.esf.yaml"));

    private string Folder => Path.Combine(Path.GetDirectoryName(Files.Config)!, "pipelines");

    public void Dispose() => Files.Dispose();

    /// <summary>Writes the configuration of a host with pipelines.</summary>
    /// <param name="schemas">The schemas of the pipelines.</param>
    /// <param name="pipelines">The pipelines.</param>
    /// <param name="maps">The maps of the configuration, as JSON with a comma after each.</param>
    /// <param name="queues">The queues other than telemetry.</param>
    private protected void Configure(string schemas, string pipelines, string maps, params string[] queues) =>
        Write("Pipelines", "operators.pipeline.yaml", schemas, pipelines, maps, queues);

    /// <summary>Writes the configuration of a host with a circuit; see <see cref="Configure"/>.</summary>
    private protected void ConfigureCircuit(string schemas, string circuit, string maps, params string[] queues) =>
        Write("Circuits", "operators.circuit.yaml", schemas, circuit, maps, queues);

    private void Write(string setting, string file, string schemas, string text, string maps, string[] queues)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "operators.esf.yaml"), schemas);
        File.WriteAllText(Path.Combine(Folder, file), text);
        string shapes = string.Concat(queues.Select(queue => $$"""
            "{{queue}}":{"SegmentBytes":1048576},
            """));
        File.WriteAllText(Files.Config, File.ReadAllText(Files.Config)
            .Replace("\"Maps\":{", $$"""
                "{{setting}}":[{{JsonSerializer.Serialize(Folder)}}],"Maps":{{{maps}}
                """, StringComparison.Ordinal)
            .Replace("\"dead-letters\":", shapes + "\"dead-letters\":", StringComparison.Ordinal));
    }

    /// <summary>Appends readings to a queue while the host does not run.</summary>
    private protected void Fill(string name, IEnumerable<Reading> readings)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[512];
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(Files.Data, "queues", name), new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        foreach (Reading reading in readings)
        {
            string json = string.Create(CultureInfo.InvariantCulture,
                $$"""{"device_id":"{{reading.Device}}","timestamp":{{reading.Time}},"metric_name":"m","value":{{reading.Value}}}""");
            Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
            appender.Append(message.AsSpan(0, length));
        }
    }

    /// <summary>Starts the host the given number of times and kills it each time under load from the devices of that run.</summary>
    /// <param name="http">The HTTP port.</param>
    /// <param name="mqtt">The MQTT port.</param>
    /// <param name="seed">The seed of the crash times.</param>
    private protected async Task KillUnderLoadAsync(int http, int mqtt, int seed)
    {
        Random random = new(seed);
        for (int kill = 0; kill < Kills; kill++)
        {
            using HostProcess host = Files.Start(http, mqtt).WaitUntilReady();
            AcknowledgedLoad load = LoadOf(kill, mqtt, from: 0);
            if (kill == 0)
            {
                // On a slow machine, the random times could all end before the operators have produced enough results to check.
                Eventually.True(() => load.Acknowledged > EnoughLoad || load.Completion.IsCompleted, "messages flow");
            }

            await load.KillAsync(host, random.Next(600));
        }
    }

    /// <summary>
    /// Starts and kills the host like <see cref="KillUnderLoadAsync"/>, but each run starts with a backlog of readings, and the runs
    /// continue until enough crashes have left unfinished work. A host that keeps up with its load rarely has unfinished work when it is
    /// killed. So in every second run, the host is killed while it processes the backlog.
    /// </summary>
    /// <param name="http">The HTTP port.</param>
    /// <param name="mqtt">The MQTT port.</param>
    /// <param name="seed">The seed of the crash times.</param>
    /// <param name="results">A queue that receives results before each crash.</param>
    /// <param name="isLeft">Checks whether a crash left unfinished work.</param>
    private protected async Task KillAtWorkAsync(int http, int mqtt, int seed, string results, Func<bool> isLeft)
    {
        Random random = new(seed);
        KillRounds rounds = new(Kills);
        for (int kill = 0; !rounds.AreOver; kill++)
        {
            Fill("telemetry", Enumerable.Range(0, Backlog).Select(number => BacklogOf(kill, number)));
            int before = CountOf(results);
            using HostProcess host = Files.Start(http, mqtt);
            Eventually.True(() => CountOf(results) > before, $"results arrive in {results}");
            if (kill % 2 == 0)
            {
                await Task.Delay(random.Next(20));
                host.Kill();
            }
            else
            {
                await LoadOf(kill, mqtt, from: Backlog / Devices).KillAsync(host.WaitUntilReady(), random.Next(600));
            }

            rounds.Add(isLeft());
        }
    }

    // Returns 0 before the first host has created the queue.
    private int CountOf(string queue) => File.Exists(Path.Combine(Files.Data, "queues", queue, "queue.meta")) ? Files.Count(queue) : 0;

    private static AcknowledgedLoad LoadOf(int round, int mqtt, int from) =>
        new(mqtt, $"r{round}", Devices, messagesPerSecond: 20_000, timeOf: number => TimeOf(round, from + number));

    // A reading of the backlog. Its value differs from the values of the load, which start at 0.
    private static Reading BacklogOf(int round, int number) =>
        new($"r{round}-{number % Devices}", TimeOf(round, number / Devices), 1_000_000 + (number / Devices));

    private static long TimeOf(int round, long number) => (((long)round * RoundMs) + number) * NanosPerMs;

    /// <summary>All telemetry, in order.</summary>
    private protected Reading[] Telemetry()
    {
        Reading[] readings = [.. ReadReadings("telemetry")];
        Assert.True(readings.Length > 1_000, "there was no load to speak of");
        return readings;
    }

    private protected List<Reading> ReadReadings(string queue, int from = 0) =>
        Read(queue, "IoTTelemetry", EsfSchemaSet.BuiltIn, Reading.Of, from);

    private protected List<T> Read<T>(string queue, string type, EsfSchemaSet schemas, Func<JsonElement, T> select, int from = 0)
    {
        Assert.True(schemas.TryGet(type, out EsfSchema? schema));
        List<T> all = [];
        System.Buffers.ArrayBufferWriter<byte> json = new();
        int passed = 0;
        Files.Read(queue, message =>
        {
            if (passed++ < from)
            {
                return;
            }

            json.ResetWrittenCount();
            Assert.True(EsfJson.WriteJson(schema, message.Payload, json).IsOk);
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            all.Add(select(document.RootElement));
        });
        return all;
    }

    /// <summary>The points near enough to a reading for the join.</summary>
    private protected static IEnumerable<Reading> Near(Reading reading)
    {
        int from = Array.BinarySearch(Points, reading with { Time = reading.Time - (WithinMs * NanosPerMs) },
            Comparer<Reading>.Create((left, right) => left.Time.CompareTo(right.Time)));
        return Points.Skip(from < 0 ? ~from : from).TakeWhile(point => point.Time <= reading.Time + (WithinMs * NanosPerMs));
    }

    // The name of a device consists of its run and its number: r3-17.
    private protected static Beat BeatOf(Reading reading)
    {
        string[] parts = reading.Device[1..].Split('-');
        long key = (Devices * long.Parse(parts[0], CultureInfo.InvariantCulture)) + long.Parse(parts[1], CultureInfo.InvariantCulture);
        return new Beat(key, reading.Time / NanosPerMs, reading.Value);
    }

    private protected static string NameOf(long key) => $"r{key / Devices}-{key % Devices}";

    private static string TextOf(Tallied span) =>
        $"{NameOf(span.Key)} {span.Start * NanosPerMs} {span.End * NanosPerMs} {span.Revision} {span.Tally.Count} {span.Tally.Sum}";

    private List<string> ReadSpans(string queue) => Read(
        queue, "Span", Schemas,
        json => $"{Text(json, "device")} {Number(json, "start")} {Number(json, "until")} "
            + $"{Number(json, "revision")} {Number(json, "events")} {Number(json, "total")}");

    private protected void CheckSpans(string queue, WindowModel model)
    {
        Assert.True(model.Results.Count > 100, $"there were no {queue} to speak of");
        Eventually.True(() => Files.Count(queue) >= model.Results.Count && Files.Count("late-" + queue) >= model.Late.Count,
            $"the {queue} have arrived");
        Assert.Equal(model.Results.Select(TextOf).Order(StringComparer.Ordinal), ReadSpans(queue).Order(StringComparer.Ordinal));
        Assert.Equal(model.Late, ReadReadings("late-" + queue).Select(BeatOf));
    }

    private protected static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private protected static long Number(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.String } text
            ? long.Parse(text.GetString()!, CultureInfo.InvariantCulture)
            : (long)json.GetProperty(name).GetDouble();

    private static Reading PointOf(int number)
    {
        const int OfRound = RoundMs / PointsMs / 20;
        return new Reading("point", (((long)(number / OfRound) * RoundMs) + (number % OfRound * PointsMs)) * NanosPerMs, number);
    }

    /// <summary>The fields of a telemetry message that the tests compare.</summary>
    private protected sealed record Reading(string Device, long Time, long Value)
    {
        public static Reading Of(JsonElement json) => new(Text(json, "device_id"), Number(json, "timestamp"), Number(json, "value"));
    }
}
