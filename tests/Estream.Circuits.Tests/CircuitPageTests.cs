using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>The circuit file in docs/formats/escir.md loads and runs.</summary>
public sealed class CircuitPageTests : CircuitCase
{
    [Fact]
    public void The_circuit_in_the_format_page_runs()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md"));
        string path = Directory.Combine("alarms.circuit.yaml");
        File.WriteAllText(path, page.Split("```yaml\n")[1].Split("```")[0]);
        Circuit circuit = Circuit.Load(path);
        EsfSchema telemetry = circuit.Inputs[0].Schema;
        (string, int, double)[] readings =
            [("roof-1", 1, 212), ("cellar", 2, 150), ("cellar", 3, 120), ("roof-1", 70, 212), ("roof-1", 71, 9_000), ("cellar", 200, 212)];
        Append(
            "telemetry",
            telemetry,
            [.. readings.Select(one =>
                $$"""{"device_id":"{{one.Item1}}","timestamp":"{{one.Item2}}000000000","metric_name":"temperature","value":{{one.Item3}}}""")]);
        Assert.Equal(1, Run(circuit).Sum());
        Assert.Equal(["roof-1 100", "cellar 65", "roof-1 100", "cellar 100"],
            Texts("hot", circuit.Outputs[0].Schema).Select(text => $"{text.Split('"')[3]} {Celsius(text)}"));
        Assert.Equal("100", Celsius(Entry("newest-hot", "roof-1", circuit.Outputs[1].Schema)!));
        Assert.Equal(
            ["""{"device":"roof-1","start":0,"readings":1,"highest":100}""", "cellar", "roof-1"],
            Texts("hot-minutes", circuit.Outputs[2].Schema).Order(StringComparer.Ordinal)
                .OrderBy(text => text.Contains("\"start\":0", StringComparison.Ordinal) ? text.Contains("roof", StringComparison.Ordinal)
                    ? 0 : 1 : 2)
                .Select((text, i) => i == 0 ? text : text.Split('"')[3]));
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        Assert.Contains("at 'readings' the invariant 'readings.value < 5000.0' does not hold",
            Assert.Single(Texts("boiler-rejected", letter)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_vectors_in_the_format_page_pass()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md"));
        CircuitReadResult read = Read(page.Split("```yaml\n")[1].Split("```")[0]);
        byte[] vectors = System.Text.Encoding.UTF8.GetBytes(page.Split("```json\n")[2].Split("```")[0]);
        IReadOnlyList<CircuitVector> all = CircuitVectors.Read(vectors, "page", read.Circuit!, read.Schemas);
        Assert.Equal(2, all.Count);
        Assert.All(all, vector => Assert.Empty(vector.Run()));
    }

    [Fact]
    public void The_timer_examples_in_the_format_page_fire()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md"));
        CircuitReadResult read = Read(page.Split("```yaml\n")[2].Split("```")[0]);
        Assert.True(read.Circuit is not null, string.Join('\n', read.Diagnostics));
        const string Vectors = """
            { "vectors": [ {
              "name": "a boiler that is hot and cool again, and a host that was away",
              "inputs": {
                "readings": [
                  { "device_id": "roof-1", "timestamp": 1, "metric_name": "temperature", "value": 181 }, { "device_id": "roof-1", "timestamp": 2, "metric_name": "temperature", "value": 175 },
                  { "device_id": "cellar", "timestamp": 3, "metric_name": "temperature", "value": 175 }, { "device_id": "roof-1", "timestamp": 4, "metric_name": "pressure", "value": 1 },
                  { "device_id": "roof-1", "timestamp": 5, "metric_name": "temperature", "value": 182 }, { "device_id": "roof-1", "timestamp": 6, "metric_name": "temperature", "value": 169.5 } ],
                "minute": [ { "at": 60000000000, "number": 0, "missed": 0 }, { "at": 240000000000, "number": 1, "missed": 2 } ] },
              "outputs": {
                "warnings": [ { "device": "roof-1", "at": 1, "is_hot": true, "fahrenheit": 181 }, { "device": "roof-1", "at": 6, "is_hot": false, "fahrenheit": 169.5 } ],
                "heartbeats": [ { "at": 60000000000, "was_away": false }, { "at": 240000000000, "was_away": true } ] } } ] }
            """;
        Assert.Empty(Assert.Single(CircuitVectors.Read(System.Text.Encoding.UTF8.GetBytes(Vectors), "page", read.Circuit, read.Schemas))
            .Run());
    }

    private static string Celsius(string text) => text.Split("\"celsius\":")[1].TrimEnd('}').Split('.')[0];
}
