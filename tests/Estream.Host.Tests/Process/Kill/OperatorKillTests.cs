using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: each result of declared windows, joins and lookups exists exactly once. Method: the host is repeatedly killed with SIGKILL under
/// load. At the end, the queues of results and late events match a calculation with lists from the input.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class OperatorKillTests : OperatorKillCase
{
    private const int WindowMs = 10;

    private const string Results = """
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

    [Fact]
    public async Task Each_window_join_and_lookup_result_exists_once_after_crashes_under_load()
    {
        Reading[] limits = [.. Enumerable.Range(0, Kills)
            .SelectMany(kill =>
                Enumerable.Range(0, Devices).Where(HasLimit).Select(device => new Reading($"r{kill}-{device}", 0, 1_000 + device)))];
        Configure(
            Results, Pipelines, "\"limits\":{\"Queue\":\"limits\",\"Schema\":\"IoTTelemetry\",\"Key\":\"device_id\"},", "points", "limits",
            "sums", "late-sums", "near", "late-near", "checked");
        Fill("points", Points);
        Fill("limits", limits);
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        await KillUnderLoadAsync(http, mqtt, seed: 6);

        using HostProcess last = Files.Start(http, mqtt).WaitUntilReady();
        Reading[] readings = Telemetry();
        EsfSchemaSet schemas = Schemas;
        CheckSums(readings, schemas);
        CheckNear(readings, schemas);
        Dictionary<string, long> limitOf = limits.ToDictionary(limit => limit.Device, limit => limit.Value, StringComparer.Ordinal);
        string[] expected = [.. readings.Where(reading => limitOf.ContainsKey(reading.Device))
            .Select(reading => $"{reading.Device} {reading.Value} {reading.Value - limitOf[reading.Device]}")];
        Eventually.True(() => Files.Count("checked") >= expected.Length, "the lookup has arrived");
        Assert.Equal(expected,
            Read("checked", "Checked", schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "above")}"));
        Assert.Equal(0, last.Stop().ExitCode);
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
        Eventually.True(() => Files.Count("sums") >= expected.Count && Files.Count("late-sums") >= late.Count, "the windows have arrived");
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Read("sums", "Sum", schemas,
                json => $"{Text(json, "device")} {Number(json, "start")} {Number(json, "events")} {Number(json, "total")}")
                    .Order(StringComparer.Ordinal));
        Assert.Equal(late, ReadReadings("late-sums"));
    }

    // Which readings are late depends on the timing; readings that are not late are joined. The points are in order, so never late.
    private void CheckNear(Reading[] readings, EsfSchemaSet schemas)
    {
        List<string> expected = [];
        Eventually.True(
            () =>
            {
                HashSet<Reading> late = [.. ReadReadings("late-near")];
                expected = [.. readings.Where(reading => !late.Contains(reading))
                    .SelectMany(reading => Near(reading).Select(point => $"{reading.Device} {reading.Value} {point.Value}"))];
                return Files.Count("near") >= expected.Count;
            },
            "the join has arrived");
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Read("near", "Near", schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "point")}")
                .Order(StringComparer.Ordinal));
    }
}
