using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Streams.Tests.Windows;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: each result of a graph is exactly once in its output, and each rejected message exactly once among the rejected ones. Method: a
/// circuit with a fork, an invariant, a lookup and three outputs (a queue, a map and a window) runs in a host that is repeatedly killed
/// with SIGKILL. At the end, all outputs match a separate calculation.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class CircuitKillTests : OperatorKillCase
{
    private const int WindowMs = 10;
    private const string Rejected = "graph-rejected";

    private const string Types = """
        version: "1.0"
        namespace: plant.graph
        schemas:
          Checked: { fields: { device: { type: string(64) }, value: { type: f64 }, above: { type: f64 } } }
          Small: { fields: { device: { type: string(64) }, step: { type: u8 } } }
          Span: { fields: { device: { type: string(64) }, start: { type: timestamp }, until: { type: timestamp }, revision: { type: u32 }, events: { type: u64 }, total: { type: f64 } } }
        """;

    // No message reaches a node or output on two paths, and no message is rejected twice.
    private const string Graph = """
        escir_version: "0.8.0"
        name: plant.graph.v1
        version: "1.0.0"
        schemas: [operators.esf.yaml]
        inputs: [{ name: readings, type: IoTTelemetry, queue: telemetry }]
        outputs:
          - { name: checked, type: Checked }
          - { name: newest, type: Small, map: newest-small, key: device }
          - { name: sums, type: Span }
        compute:
          - { id: even, type: filter, when: value % 2 == 0 }
          - { id: limited, type: lookup, map: limits, holds: IoTTelemetry, as: limit, key: device_id, schema: Checked, set: { device: device_id, value: value, above: value - limit.value } }
          - { id: small, type: transform, schema: Small, set: { device: device_id, step: timestamp / 1000000 % 64 * 5 } }
          - id: spans
            type: aggregate
            tumbling: 10ms
            time: timestamp
            delay: 2ms
            key: device_id
            late: late-sums
            schema: Span
            set: { device: key, start: start, until: end, revision: revision, events: count, total: { sum: value } }
        flows:
          - readings -> even -> limited -> checked
          - readings -> small -> newest
          - even -> spans -> sums
        invariants: ["readings.value % 50 != 7"]
        rejected: graph-rejected
        """;

    private static readonly Dictionary<string, long> s_limits = Enumerable.Range(0, Kills * KillRounds.MostTimes)
        .SelectMany(kill => Enumerable.Range(0, Devices).Where(device => device % 3 != 0)
            .Select(device => (Device: $"r{kill}-{device}", Limit: 1_000L + device)))
        .ToDictionary(limit => limit.Device, limit => limit.Limit, StringComparer.Ordinal);

    // The readings, and the expected results and dead letters of these readings, counted after the previous crash.
    private int _readings, _checked, _letters;

    [Fact]
    public async Task Each_graph_result_and_rejected_message_exists_once_after_crashes()
    {
        ConfigureCircuit(Types, Graph, "\"limits\":{\"Queue\":\"limits\",\"Schema\":\"IoTTelemetry\",\"Key\":\"device_id\"},", "limits",
            "checked", "sums", "late-sums", Rejected);
        Fill("limits", s_limits.Select(limit => new Reading(limit.Key, 0, limit.Value)));
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        await KillAtWorkAsync(http, mqtt, seed: 13, results: "checked", IsLeft);

        using HostProcess last = Files.Start(http, mqtt).WaitUntilReady();
        Reading[] readings = Telemetry();
        string[] expected = Checked(readings), letters = Letters(readings);
        Assert.True(letters.Count(IsOfInvariant) > 10 && letters.Count(letter => !IsOfInvariant(letter)) > 10,
            "hardly anything was rejected");
        Eventually.True(() => Files.Count("checked") >= expected.Length && Files.Count(Rejected) >= letters.Length,
            "the queues have arrived");
        Assert.Equal(expected,
            Read("checked", "Checked", Schemas, json => $"{Text(json, "device")} {Number(json, "value")} {Number(json, "above")}"));
        Assert.Equal(letters.Order(StringComparer.Ordinal), ReadLetters().Order(StringComparer.Ordinal));
        CheckSpans("sums", WindowModel.Sliding(WindowMs, WindowMs, DelayMs).TakeAll(readings.Where(IsEven).Select(BeatOf)));
        CheckNewest(readings);
        Assert.Equal(0, last.Stop().ExitCode);
    }

    // The following methods calculate the expected results without the circuit.
    private static bool Holds(Reading reading) => reading.Value % 50 != 7;

    private static bool IsEven(Reading reading) => Holds(reading) && reading.Value % 2 == 0;

    private static long StepOf(Reading reading) => reading.Time / NanosPerMs % 64 * 5;

    private static string[] Checked(IEnumerable<Reading> readings) =>
        [.. readings.Where(reading => IsEven(reading) && s_limits.ContainsKey(reading.Device))
            .Select(reading => $"{reading.Device} {reading.Value} {reading.Value - s_limits[reading.Device]}")];

    private static string[] Letters(IEnumerable<Reading> readings) =>
        [.. readings.Where(reading => !Holds(reading) || StepOf(reading) > byte.MaxValue)
            .Select(reading => LetterOf(!Holds(reading), reading.Device, reading.Value))];

    private static string LetterOf(bool isOfInvariant, string device, long value) =>
        $"{(isOfInvariant ? "invariant" : "step")} {device} {value}";

    private static bool IsOfInvariant(string letter) => letter.StartsWith("invariant", StringComparison.Ordinal);

    private bool IsLeft()
    {
        List<Reading> further = ReadReadings("telemetry", _readings);
        _readings += further.Count;
        _checked += Checked(further).Length;
        _letters += Letters(further).Length;
        return Files.Count("checked") < _checked || Files.Count(Rejected) < _letters;
    }

    private void CheckNewest(Reading[] readings)
    {
        Dictionary<string, long> expected = new(StringComparer.Ordinal);
        foreach (Reading reading in readings.Where(reading => Holds(reading) && StepOf(reading) <= byte.MaxValue))
        {
            expected[reading.Device] = StepOf(reading);
        }

        Eventually.True(
            () => ReadNewest() is var found && found.Count == expected.Count
                && expected.All(one => found.TryGetValue(one.Key, out long step) && step == one.Value),
            "the map has the newest message of each device");
    }

    private Dictionary<string, long> ReadNewest()
    {
        EsfField step = Field(Schemas, "Small", "step");
        using StateMap<Utf8Key64, LatestEntry> map =
            StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(Path.Combine(Files.Data, "maps", "newest-small"));
        Dictionary<string, long> found = new(StringComparer.Ordinal);
        foreach ((Utf8Key64 key, LatestEntry entry) in map)
        {
            Assert.True(step.TryGetInt64(entry.Message, out long value));
            found[key.ToString()] = value;
        }

        return found;
    }

    private List<string> ReadLetters()
    {
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn;
        (EsfField reason, EsfField payload) = (Field(schemas, "DeadLetter", "reason"), Field(schemas, "DeadLetter", "payload"));
        (EsfField device, EsfField value) = (Field(schemas, "IoTTelemetry", "device_id"), Field(schemas, "IoTTelemetry", "value"));
        List<string> letters = [];
        Files.Read(Rejected, letter =>
        {
            Assert.True(
                reason.TryGetBytes(letter.Payload, out ReadOnlySpan<byte> why) & payload.TryGetBytes(letter.Payload,
                    out ReadOnlySpan<byte> message));
            Assert.True(device.TryGetBytes(message, out ReadOnlySpan<byte> of) & value.TryGetDouble(message, out double number));
            bool isOfInvariant = why.IndexOf("the invariant 'readings.value % 50 != 7' does not hold"u8) >= 0;
            Assert.True(isOfInvariant || why.IndexOf("the field 'step' of plant.graph.Small gets no value that fits"u8) >= 0,
                Encoding.UTF8.GetString(why));
            letters.Add(LetterOf(isOfInvariant, Encoding.UTF8.GetString(of), (long)number));
        });
        return letters;
    }

    private static EsfField Field(EsfSchemaSet schemas, string schema, string name)
    {
        Assert.True(schemas.TryGet(schema, out EsfSchema? found));
        Assert.True(found.TryGetField(name, out EsfField? field));
        return field;
    }
}
