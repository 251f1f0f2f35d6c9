using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: what declared windows, joins and lookups make is there exactly once. Method: the host is killed with SIGKILL under load again and again; in the end the queues of results and late events are
/// what lists make of the input.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class OperatorKillTests : IDisposable
{
    private const int Devices = 20;
    private const int WindowMs = 10;
    private const int DelayMs = 2;
    private const int WithinMs = 5;
    private const int PointsMs = 50;

    // Each run of the host has times of its own: more than a load sends before it is killed.
    private const int RoundMs = 100_000;
    private const long NanosPerMs = 1_000_000;

    private const string Schemas = """
        version: "1.0"
        namespace: plant.operators
        schemas:
          Sum: { fields: { device: { type: string(64) }, start: { type: timestamp }, events: { type: u64 }, total: { type: f64 } } }
          Near: { fields: { device: { type: string(64) }, value: { type: f64 }, point: { type: f64 } } }
          Checked: { fields: { device: { type: string(64) }, value: { type: f64 }, above: { type: f64 } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [operators.esf.yaml]
        pipelines:
          sums:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - window: { tumbling: 10ms, time: timestamp, delay: 2ms, key: device_id, late: late-sums, schema: Sum, set: { device: key, start: start, events: count, total: { sum: value } } }
            to: { queue: sums }
          near:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - join:
                  with: { queue: points, schema: IoTTelemetry, time: timestamp, key: metric_name }
                  as: point
                  within: 5ms
                  time: timestamp
                  delay: 2ms
                  key: metric_name
                  late: late-near
                  schema: Near
                  set: { device: device_id, value: value, point: point.value }
            to: { queue: near }
          checked:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - lookup: { map: limits, holds: IoTTelemetry, as: limit, key: device_id, schema: Checked, set: { device: device_id, value: value, above: value - limit.value } }
            to: { queue: checked }
        """;

    private static readonly int s_kills = LongRun.Count(4, 60);

    private readonly HostFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task After_kills_under_load_each_result_of_a_window_a_join_and_a_lookup_is_there_once()
    {
        Reading[] points = [.. Enumerable.Range(0, s_kills * RoundMs / PointsMs / 20).Select(PointOf)];
        Reading[] limits = [.. Enumerable.Range(0, s_kills).SelectMany(kill => Enumerable.Range(0, Devices).Where(HasLimit).Select(device => new Reading($"r{kill}-{device}", 0, 1_000 + device)))];
        Configure();
        Fill("points", points);
        Fill("limits", limits);
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        Random random = new(6);
        for (int kill = 0; kill < s_kills; kill++)
        {
            using HostProcess host = _files.Start(http, mqtt).WaitUntilReady();
            int round = kill;
            AcknowledgedLoad load = new(mqtt, $"r{kill}", Devices, messagesPerSecond: 20_000, timeOf: number => (((long)round * RoundMs) + number) * NanosPerMs);
            await load.KillAsync(host, random.Next(600));
        }

        using HostProcess last = _files.Start(http, mqtt).WaitUntilReady();
        Reading[] readings = [.. Read("telemetry", "IoTTelemetry", EsfSchemaSet.BuiltIn, Reading.Of)];
        Assert.True(readings.Length > 1_000, "there was no load to speak of");
        EsfSchemaSet schemas = EsfSchemaSet.Load(Path.Combine(Folder, "operators.esf.yaml"));
        CheckSums(readings, schemas);
        CheckNear(readings, points, schemas);
        Dictionary<string, long> limitOf = limits.ToDictionary(limit => limit.Device, limit => limit.Value, StringComparer.Ordinal);
        string[] expected = [.. readings.Where(reading => limitOf.ContainsKey(reading.Device)).Select(reading => $"{reading.Device} {reading.Value} {reading.Value - limitOf[reading.Device]}")];
        Eventually.True(() => _files.Count("checked") >= expected.Length, "the lookup has arrived");
        Assert.Equal(expected, Read("checked", "Checked", schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "above")}"));
        Assert.Equal(0, last.Stop().ExitCode);
    }

    private string Folder => Path.Combine(Path.GetDirectoryName(_files.Config)!, "pipelines");

    // Every twentieth part of a round has some: enough for what a load sends.
    private static Reading PointOf(int number)
    {
        int ofRound = RoundMs / PointsMs / 20;
        return new Reading("point", (((long)(number / ofRound) * RoundMs) + (number % ofRound * PointsMs)) * NanosPerMs, number);
    }

    private static bool HasLimit(int device) => device % 3 != 0;

    private void CheckSums(Reading[] readings, EsfSchemaSet schemas)
    {
        List<string> expected = [];
        List<Reading> late = [];
        Dictionary<(string Device, long Start), List<Reading>> open = [];
        long watermark = long.MinValue;
        foreach (Reading reading in readings)
        {
            long start = reading.Time / (WindowMs * NanosPerMs) * WindowMs * NanosPerMs;
            if (start + (WindowMs * NanosPerMs) <= watermark)
            {
                late.Add(reading);
            }
            else
            {
                open.TryAdd((reading.Device, start), []);
                open[(reading.Device, start)].Add(reading);
            }

            watermark = Math.Max(watermark, reading.Time - (DelayMs * NanosPerMs));
            foreach ((string device, long over) in open.Keys.Where(window => window.Start + (WindowMs * NanosPerMs) <= watermark).ToList())
            {
                open.Remove((device, over), out List<Reading>? events);
                expected.Add($"{device} {over} {events!.Count} {events.Sum(one => one.Value)}");
            }
        }

        Assert.True(expected.Count > 100, "there were no windows to speak of");
        Eventually.True(() => _files.Count("sums") >= expected.Count && _files.Count("late-sums") >= late.Count, "the windows have arrived");
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Read("sums", "Sum", schemas, json => $"{Text(json, "device")} {Number(json, "start")} {Number(json, "events")} {Number(json, "total")}").Order(StringComparer.Ordinal));
        Assert.Equal(late, Read("late-sums", "IoTTelemetry", EsfSchemaSet.BuiltIn, Reading.Of));
    }

    // Which readings are late depends on what was read when; what is not late is joined. The points are in order, and so never late.
    private void CheckNear(Reading[] readings, Reading[] points, EsfSchemaSet schemas)
    {
        List<string> expected = [];
        Eventually.True(
            () =>
            {
                HashSet<Reading> late = [.. Read("late-near", "IoTTelemetry", EsfSchemaSet.BuiltIn, Reading.Of)];
                expected = [.. readings.Where(reading => !late.Contains(reading)).SelectMany(reading => Near(reading, points).Select(point => $"{reading.Device} {reading.Value} {point.Value}"))];
                return _files.Count("near") >= expected.Count;
            },
            "the join has arrived");
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Read("near", "Near", schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "point")}").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Reading> Near(Reading reading, Reading[] points)
    {
        int from = Array.BinarySearch(points, reading with { Time = reading.Time - (WithinMs * NanosPerMs) }, Comparer<Reading>.Create((left, right) => left.Time.CompareTo(right.Time)));
        return points.Skip(from < 0 ? ~from : from).TakeWhile(point => point.Time <= reading.Time + (WithinMs * NanosPerMs));
    }

    private void Configure()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "operators.esf.yaml"), Schemas);
        File.WriteAllText(Path.Combine(Folder, "operators.pipeline.yaml"), Pipelines);
        string queues = string.Concat(((string[])["points", "limits", "sums", "late-sums", "near", "late-near", "checked"]).Select(queue => $$"""
            "{{queue}}":{"SegmentBytes":1048576},
            """));
        File.WriteAllText(_files.Config, File.ReadAllText(_files.Config)
            .Replace("\"Maps\":{", $$"""
                "Pipelines":[{{JsonSerializer.Serialize(Folder)}}],"Maps":{"limits":{"Queue":"limits","Schema":"IoTTelemetry","Key":"device_id"},
                """, StringComparison.Ordinal)
            .Replace("\"dead-letters\":", queues + "\"dead-letters\":", StringComparison.Ordinal));
    }

    private void Fill(string name, IEnumerable<Reading> readings)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[512];
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(_files.Data, "queues", name), new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        foreach (Reading reading in readings)
        {
            string json = string.Create(CultureInfo.InvariantCulture, $$"""{"device_id":"{{reading.Device}}","timestamp":{{reading.Time}},"metric_name":"m","value":{{reading.Value}}}""");
            Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
            appender.Append(message.AsSpan(0, length));
        }
    }

    private List<T> Read<T>(string queue, string type, EsfSchemaSet schemas, Func<JsonElement, T> select)
    {
        Assert.True(schemas.TryGet(type, out EsfSchema? schema));
        List<T> all = [];
        System.Buffers.ArrayBufferWriter<byte> json = new();
        _files.Read(queue, message =>
        {
            json.ResetWrittenCount();
            Assert.True(EsfJson.WriteJson(schema, message.Payload, json).IsOk);
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            all.Add(select(document.RootElement));
        });
        return all;
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static long Number(JsonElement json, string name) => json.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? long.Parse(text.GetString()!, CultureInfo.InvariantCulture) : (long)json.GetProperty(name).GetDouble();

    /// <summary>A reading as the test sees it.</summary>
    private sealed record Reading(string Device, long Time, long Value)
    {
        public static Reading Of(JsonElement json) => new(Text(json, "device_id"), Number(json, "timestamp"), Number(json, "value"));
    }
}
