using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Streams;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Thresholds;
using Estream.Streams.Tests.Windows;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: each result of the declared operators that <see cref="OperatorKillTests"/> does not cover exists exactly once: sliding windows and
/// sessions, windows in a map, throttles, thresholds, growing messages, and outer joins. Method: the same as in that class. The expected
/// results are calculated with the lists that <c>Estream.Streams.Tests</c> uses for the same operators, with milliseconds instead of
/// seconds.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class StatefulPipelineKillTests : OperatorKillCase
{
    private const int SlideMs = 20;
    private const int AdvanceMs = 10;
    private const int LatenessMs = 5;
    private const int GapMs = 3;
    private const int Most = 3;
    private const double Raise = 70;
    private const double Clear = 30;

    // A device sends fewer messages than this, so device key times Million plus value is unique.
    private const long Million = 1_000_000;

    private const string Results = """
        version: "1.0"
        namespace: plant.remembering
        schemas:
          Span: { fields: { device: { type: string(64) }, start: { type: timestamp }, until: { type: timestamp }, revision: { type: u32 }, events: { type: u64 }, total: { type: f64 } } }
          Maybe: { fields: { device: { type: string(64) }, value: { type: f64 }, point: { type: f64, optional: true } } }
          Crossed: { fields: { device: { type: string(64) }, value: { type: f64 }, raised: { type: bool } } }
          Plain: { fields: { device: { type: string(64) }, value: { type: f64 } } }
          Grown: { extends: Plain, fields: { twice: { type: f64 } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [operators.esf.yaml]
        pipelines:
          slides:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - window:
                  sliding: { size: 20ms, every: 10ms }
                  time: timestamp
                  delay: 2ms
                  lateness: 5ms
                  key: device_id
                  late: late-slides
                  schema: Span
                  set: { device: key, start: start, until: end, revision: revision, events: count, total: { sum: value } }
            to: { queue: slides }
          sessions:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - filter: value % 10 < 4
              - window:
                  session: 3ms
                  time: timestamp
                  delay: 2ms
                  key: device_id
                  late: late-sessions
                  schema: Span
                  set: { device: key, start: start, until: end, revision: revision, events: count, total: { sum: value } }
            to: { queue: sessions }
          newest-spans:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - window:
                  tumbling: 10ms
                  time: timestamp
                  delay: 2ms
                  key: device_id
                  schema: Span
                  set: { device: key, start: start, until: end, revision: revision, events: count, total: { sum: value } }
            to: { map: newest-spans, key: device }
          first-of-all:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - throttle: { every: 10ms, most: 3, excess: drop, time: timestamp, delay: 2ms, key: device_id }
            to: { queue: first-of-all }
          newest-of-all:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - throttle: { every: 10ms, most: 3, excess: newest, time: timestamp, delay: 2ms, key: device_id }
            to: { queue: newest-of-all }
          crossings:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - threshold: { value: value % 100, raise_above: 70.0, clear_below: 30.0, key: device_id, schema: Crossed, set: { device: device_id, value: value, raised: crossing.raised } }
            to: { queue: crossings }
          grown:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - transform: { schema: Plain, set: { device: device_id, value: value } }
              - widen: { schema: Grown, set: { twice: value * 2 } }
            to: { queue: grown }
          maybe-near:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - join:
                  with: { queue: points, schema: IoTTelemetry, time: timestamp, key: metric_name }
                  as: point
                  within: 5ms
                  time: timestamp
                  delay: 2ms
                  key: metric_name
                  outer: true
                  late: late-near
                  schema: Maybe
                  set: { device: device_id, value: value, point: point.value }
            to: { queue: maybe-near }
        """;

    [Fact]
    public async Task Each_result_of_the_other_stateful_operators_exists_once_after_crashes_under_load()
    {
        Configure(
            Results, Pipelines, "", "points", "slides", "late-slides", "sessions", "late-sessions", "first-of-all", "newest-of-all",
            "crossings", "grown", "maybe-near", "late-near");
        Fill("points", Points);
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        await KillUnderLoadAsync(http, mqtt, seed: 8);

        using HostProcess last = Files.Start(http, mqtt).WaitUntilReady();
        Reading[] readings = Telemetry();
        Beat[] beats = [.. readings.Select(BeatOf)];
        CheckSpans("slides", WindowModel.Sliding(SlideMs, AdvanceMs, DelayMs, LatenessMs).TakeAll(beats));
        CheckSpans("sessions", WindowModel.Session(GapMs, DelayMs).TakeAll(beats.Where(beat => beat.Value % 10 < 4)));
        CheckNewestSpans(beats);
        CheckThrottle("first-of-all", beats, Excess.Drop);
        CheckThrottle("newest-of-all", beats, Excess.KeepNewest);
        CheckCrossings(beats);
        CheckGrown(readings);
        CheckMaybeNear(readings);
        Assert.Equal(0, last.Stop().ExitCode);
    }

    private void CheckNewestSpans(Beat[] beats)
    {
        Dictionary<string, long> expected = WindowModel.Sliding(AdvanceMs, AdvanceMs, DelayMs).TakeAll(beats).Results
            .GroupBy(span => NameOf(span.Key), StringComparer.Ordinal)
            .ToDictionary(spans => spans.Key, spans => spans.MaxBy(span => span.Start).Tally.Sum, StringComparer.Ordinal);
        Assert.NotEmpty(expected);
        Eventually.True(
            () =>
            {
                Dictionary<string, long> found = ReadNewestSpans();
                return found.Count == expected.Count && expected.All(one => found.TryGetValue(one.Key, out long sum) && sum == one.Value);
            },
            "the map has the newest window of each device");
    }

    private Dictionary<string, long> ReadNewestSpans()
    {
        Assert.True(Schemas.TryGet("Span", out EsfSchema? schema));
        Assert.True(schema.TryGetField("total", out EsfField? total));
        using StateMap<Utf8Key64, LatestEntry> map =
            StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(Path.Combine(Files.Data, "maps", "newest-spans"));
        Dictionary<string, long> found = new(StringComparer.Ordinal);
        foreach ((Utf8Key64 key, LatestEntry entry) in map)
        {
            Assert.True(total.TryGetDouble(entry.Message, out double sum));
            found[key.ToString()] = (long)sum;
        }

        return found;
    }

    private void CheckThrottle(string queue, Beat[] beats, Excess excess)
    {
        List<long> expected = ThrottleModel.Passed(
            [.. beats.Select(beat => beat with { Value = (beat.Key * Million) + beat.Value })], Most, excess, AdvanceMs, DelayMs,
            out long dropped, out _);
        Assert.True(dropped > 0, "Nothing was dropped.");
        Eventually.True(() => Files.Count(queue) >= expected.Count, $"{queue} has arrived");
        Assert.Equal(expected.Order(), ReadReadings(queue).Select(BeatOf).Select(beat => (beat.Key * Million) + beat.Value).Order());
    }

    private void CheckCrossings(Beat[] beats)
    {
        List<Crossed> crossings = ThresholdModel.Above(beats, beat => beat.Value % 100, Raise, Clear);
        string[] expected = [.. crossings.Select(crossed => $"{NameOf(crossed.Key)} {crossed.Value} {crossed.IsRaised}")];
        Assert.True(expected.Length > Devices, "It hardly crossed.");
        Eventually.True(() => Files.Count("crossings") >= expected.Length, "the crossings have arrived");
        Assert.Equal(expected,
            Read("crossings", "Crossed", Schemas,
                json => $"{Text(json, "device")} {Number(json, "value")} {json.GetProperty("raised").GetBoolean()}"));
    }

    private void CheckGrown(Reading[] readings)
    {
        string[] expected = [.. readings.Select(reading => $"{reading.Device} {reading.Value} {2 * reading.Value}")];
        Eventually.True(() => Files.Count("grown") >= expected.Length, "the extended messages have arrived");
        Assert.Equal(expected,
            Read("grown", "Grown", Schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "twice")}"));
    }

    // Which readings are late depends on the timing; the others are joined, or emitted alone once no point can follow.
    private void CheckMaybeNear(Reading[] readings)
    {
        long watermark = Math.Min(readings.Max(reading => reading.Time), Points.Max(point => point.Time)) - (DelayMs * NanosPerMs);
        List<string> expected = [];
        Eventually.True(
            () =>
            {
                HashSet<Reading> late = [.. ReadReadings("late-near")];
                expected = [.. readings.Where(reading => !late.Contains(reading)).SelectMany(reading => MaybeNear(reading, watermark))];
                return Files.Count("maybe-near") >= expected.Count;
            },
            "the outer join has arrived");
        Assert.True(expected.Exists(text => text.EndsWith("alone", StringComparison.Ordinal))
            && expected.Exists(text => !text.EndsWith("alone", StringComparison.Ordinal)), "All were alone, or none.");
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Read("maybe-near", "Maybe", Schemas,
                json => $"{Text(json, "device")} {Number(json, "value")} "
                    + (json.TryGetProperty("point", out _)
                        ? Number(json, "point").ToString(CultureInfo.InvariantCulture)
                        : "alone"))
                .Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> MaybeNear(Reading reading, long watermark)
    {
        Reading[] near = [.. Near(reading)];
        return near.Length > 0 ? near.Select(point => $"{reading.Device} {reading.Value} {point.Value}")
            : reading.Time + (WithinMs * NanosPerMs) < watermark ? [$"{reading.Device} {reading.Value} alone"]
            : [];
    }
}
