using System.Text;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;

namespace Estream.Circuits.Tests;

/// <summary>Golden vectors pass, fail if one byte differs, and report errors in their files with a position.</summary>
public sealed class CircuitVectorTests : CircuitCase
{
    private const string Rest = """
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: alarms, type: Alarm }, { name: newest, type: Alarm, map: newest, key: device }]
        compute:
          - { id: hot, type: filter, when: value > 30.0 }
          - { id: alarm, type: lookup, map: limits, holds: Reading, as: limit, key: device, optional: true, schema: Alarm, set: { device: device, level: steps } }
        flows: [readings -> hot -> alarm -> alarms, alarm -> newest]
        invariants: [readings.value < 100.0]

        """;

    private const string Vectors = """
        { "vectors": [
          {
            "name": "hot ones, the newest of each, and what cannot be",
            "maps": { "limits": { "schema": "acme.test.v1.Reading", "entries": { "a": { "device": "a", "at": 1 } } } },
            "inputs": { "readings": [
              { "device": "b", "at": 1, "value": 31, "steps": 1 }, { "device": "a", "at": 2, "value": 31, "steps": "2" }, { "device": "b", "at": 3, "value": 31, "steps": 3 },
              { "device": "a", "at": 4, "value": 5, "steps": 4 }, { "device": "a", "at": 5, "value": 500, "steps": 5 }, { "device": "a", "at": 6, "value": 40 } ] },
            "outputs": {
              "alarms": [ { "device": "b", "level": 1 }, { "device": "a", "level": 2 }, { "device": "b", "level": 3 } ],
              "newest": { "b": { "device": "b", "level": 3 }, "a": { "device": "a", "level": 2 } } },
            "rejected": [
              "at 'readings' the invariant 'readings.value < 100.0' does not hold",
              "the field 'level' of acme.test.v1.Alarm gets no value that fits from 'steps'" ]
          },
          { "name": "nothing comes of nothing", "inputs": {}, "outputs": {} }
        ] }
        """;

    [Fact]
    public void Correct_circuit_vectors_pass()
    {
        IReadOnlyList<CircuitVector> vectors = Load(Vectors);
        Assert.Equal(["hot ones, the newest of each, and what cannot be", "nothing comes of nothing"],
            vectors.Select(vector => vector.Name));
        Assert.All(vectors, vector => Assert.Empty(vector.Run()));

        // A circuit that writes rejected messages to a queue rejects the same messages.
        Assert.All(Load(Vectors, Rest + "rejected: dead\n"), vector => Assert.Empty(vector.Run()));
    }

    [Fact]
    public void Failed_results_of_a_stateful_node_count_as_rejected()
    {
        const string Sums = """
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }]
            compute: [{ id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }]
            flows: [readings -> sum -> sums]

            """;
        const string Spoiled = """
            { "vectors": [ {
              "name": "one is spoiled, the other is not",
              "inputs": { "readings": [
                { "device": "a", "at": 1, "steps": "9223372036854775807" }, { "device": "a", "at": 2, "steps": 1 }, { "device": "b", "at": 3, "steps": 2 }, { "device": "c", "at": 2000000000, "steps": 1 } ] },
              "outputs": { "sums": [ { "device": "b", "level": 2 } ] },
              "rejected": [ "the result of the window of 'a' that ends at 1000000000 ns cannot be made: the value for 'level' of acme.test.v1.Alarm does not fit in the field, or in the pipeline's max_bytes" ]
            } ] }
            """;
        Assert.All(Load(Spoiled, Sums), vector => Assert.Empty(vector.Run()));
        Assert.All(Load(Spoiled, Sums + "rejected: dead\n"), vector => Assert.Empty(vector.Run()));
    }

    [Theory]
    [InlineData("""{ "device": "a", "level": 2 }, { "device": "b", "level": 3 } ]""", """{ "device": "a", "level": 2 } ]""",
        """output 'alarms', message 3: expected nothing, but was {"device":"b","level":3}""")]
    [InlineData("""[ { "device": "b", "level": 1 }""", """[ { "device": "b", "level": 9 }""",
        """output 'alarms', message 1: expected {"device":"b","level":9}, but was {"device":"b","level":1}""")]
    [InlineData("""{ "b": { "device": "b", "level": 3 }""", """{ "c": { "device": "b", "level": 3 }""",
        """output 'newest', message 2: expected 'c': {"device":"b","level":3}, but was 'b': {"device":"b","level":3}""")]
    [InlineData("""gets no value""", """gets a value""", """rejected messages: expected ["at 'readings'""")]
    [InlineData("""[ { "device": "b", "level": 1 }, { "device": "a", "level": 2 }, { "device": "b", "level": 3 } ]""",
        """[ { "device": "b", "level": 1 }, { "device": "a", "level": 2 }, { "device": "b", "level": 3 }, { "device": "z", "level": 0 } ]""", "output 'alarms', message 4: expected {\"device\":\"z\",\"level\":0}, but was nothing")]
    public void A_circuit_vector_reports_differences(string written, string other, string expected)
    {
        Assert.Contains(written, Vectors, StringComparison.Ordinal);
        Assert.StartsWith(expected, Assert.Single(Load(Vectors.Replace(written, other, StringComparison.Ordinal))[0].Run()),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "v.json is not valid JSON")]
    [InlineData("[]", "v.json: the file: must be an object")]
    [InlineData("{}", "v.json: the file: 'vectors' is missing")]
    [InlineData("""{"vectors":5}""", "v.json: /vectors: must be an array")]
    [InlineData("""{"vectors":[{"name":"x"}]}""", "v.json: /vectors/0: 'inputs' is missing")]
    [InlineData("""{"vectors":[{"name":"x","input":{}}]}""",
        "v.json: /vectors/0/input: is not a valid name here; use one of name, maps, inputs, outputs, rejected")]
    [InlineData("""{"vectors":[{"name":"x","inputs":{"reading":[]},"outputs":{}}]}""",
        "v.json: /vectors/0/inputs/reading: the circuit has no input 'reading'; it has readings")]
    [InlineData("""{"vectors":[{"name":"x","inputs":{"readings":[{"device":5}]},"outputs":{}}]}""",
        "v.json: /vectors/0/inputs/readings/0: is not a valid acme.test.v1.Reading")]
    [InlineData("""{"vectors":[{"name":"x","inputs":{},"outputs":{"newest":[]}}]}""",
        "v.json: /vectors/0/outputs/newest: must be an object")]
    [InlineData("""{"vectors":[{"name":"x","inputs":{},"outputs":{},"maps":{"m":{"schema":"None","entries":{}}}}]}""",
        "v.json: /vectors/0/maps/m/schema: there is no schema 'None'")]
    [InlineData("""{"vectors":[{"name":"x","name":"y","inputs":{},"outputs":{}}]}""", "v.json is not valid JSON")]
    [InlineData("""{"vectors":[{"name":"\ud800","inputs":{},"outputs":{}}]}""", "v.json: /vectors/0/name: has an unpaired surrogate")]
    [InlineData("""{"vectors":[{"\ud800":5}]}""", "v.json is not valid JSON")]
    public void An_error_in_a_circuit_vector_file_is_reported_with_its_position(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<EstreamFormatException>(() => Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_circuit_trial_refuses_invalid_input_and_deletes_its_files()
    {
        Circuit circuit = Declare(Rest);
        string left;
        using (CircuitTrial trial = new(circuit))
        {
            left = trial.Root;
            Assert.Throws<ArgumentException>(() => trial.Append("none", []));
            Assert.Throws<ArgumentException>(() => trial.Append("readings", new byte[20]));
            Assert.Throws<ArgumentException>(() => trial.Put("limits", new string('k', 65), []));
            Assert.Empty(trial.Run().Rejected);
        }

        Assert.False(System.IO.Directory.Exists(left));
        Assert.Throws<InvalidOperationException>(() =>
            new CircuitTrial(Declare(Rest.Replace("type: filter, when: value > 30.0", "type: transform", StringComparison.Ordinal))));
        Assert.Throws<EstreamFormatException>(() => CircuitVectors.Load(Directory.Combine("none.json"), circuit, EsfSchemaSet.BuiltIn));
    }

    [Fact]
    public void A_trial_stores_private_fields_sealed_and_compares_them_as_plaintext()
    {
        const string Secrets = """
            escir_version: "0.8.0"
            name: acme.secrets.v1
            version: "1.0.0"
            types:
              - name: Secret
                fields: [{ name: device, type: string }, { name: badge, type: string, optional: true, privacy: encrypted }]
            inputs: [{ name: secrets, type: Secret, queue: all }]
            outputs: [{ name: known, type: Secret }]
            compute: [{ id: named, type: filter, when: device == "a" }]
            flows: [secrets -> named -> known]
            """;
        const string Vector =
            """{ "vectors": [{ "name": "x", "inputs": { "secrets": [{ "device": "a", "badge": "7" }, { "device": "b", "badge": "8" }] }, "outputs": { "known": [{ "device": "a", "badge": "7" }] } }] }""";
        CircuitReadResult read = Read(Secrets);
        Assert.True(read.Circuit is not null, string.Join('\n', read.Diagnostics));
        IReadOnlyList<string> Differences(string vector) =>
            Assert.Single(CircuitVectors.Read(Encoding.UTF8.GetBytes(vector), "v.json", read.Circuit!, read.Schemas)).Run();

        Assert.Empty(Differences(Vector));
        Assert.Single(Differences(Vector.Replace("\"badge\": \"7\" }] } }", "\"badge\": \"8\" }] } }", StringComparison.Ordinal)));
    }

    private static IReadOnlyList<CircuitVector> Load(string vectors, string rest = Rest)
    {
        CircuitReadResult read = Read(Head + rest);
        Assert.True(read.Circuit is not null, string.Join('\n', read.Diagnostics));
        return CircuitVectors.Read(Encoding.UTF8.GetBytes(vectors), "v.json", read.Circuit, read.Schemas);
    }
}
