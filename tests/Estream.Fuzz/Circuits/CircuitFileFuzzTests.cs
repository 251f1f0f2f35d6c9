using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damages circuit files: each is read as it is, or its errors are listed with their lines. A failure names the seed that
/// repeats it.</summary>
public sealed class CircuitFileFuzzTests
{
    private const string File = """
        escir_version: "0.8.0"
        name: acme.fuzz.v1
        version: "1.0.0"
        description: "x"
        enums: { State: { values: [Idle, Busy] } }
        types:
          - name: Part
            fields: [{ name: id, type: "[u8; 32]" }, { name: state, type: State, optional: true }]
          - name: Whole
            fields: [{ name: device, type: string }, { name: at, type: timestamp }, { name: steps, type: i64 }, { name: parts, type: "[Part]", optional: true }]
          - name: Sum
            fields: [{ name: device, type: string }, { name: total, type: i64 }]
        inputs: [{ name: wholes, type: Whole, queue: telemetry }, { name: identity, type: Part }, { name: minute, every: 1m, queue: minutes }]
        outputs: [{ name: sums, type: Sum }, { name: newest, type: Whole, map: newest, key: device }, { name: few, type: Whole }, { name: highs, type: Sum }, { name: beats, type: Sum }]
        annotations: { witness_tier: 2, governance_category: Generic }
        compute:
          - { id: high, type: filter, when: steps > 30 and has(parts) }
          - { id: more, type: transform, schema: Whole, set: { device: device, at: at, steps: steps + 1 } }
          - { id: seen, type: lookup, map: newest_of_others, holds: Whole, as: other, key: device, optional: true, schema: Whole, set: { device: device, at: at, steps: other.steps ?? 0 } }
          - { id: sum, type: aggregate, tumbling: 1m, time: at, key: device, delay: 5s, late: late, schema: Sum, set: { device: key, total: { sum: steps } } }
          - { id: slow, type: throttle, every: 1s, most: 3, excess: newest, time: at, key: device }
          - { id: raised, type: threshold, value: steps, raise_above: 50.5, clear_below: 4e1, for: 10s, time: at, key: device, as: change, at_most: 99, schema: Sum, set: { device: change.key, total: steps } }
          - { id: beat, type: transform, schema: Sum, set: { device: '"me"', total: number } }
        flows:
          - wholes -> high -> more -> sum -> sums
          - more -> seen -> newest
          - wholes -> seen
          - high -> slow -> few
          - wholes -> raised -> highs
          - minute -> beat -> beats
        invariants: ["wholes.steps >= 0", more.steps < 100]
        rejected: dead
        max_bytes: 1000
        """;

    [Fact]
    public void A_damaged_circuit_file_is_read_or_its_errors_are_listed()
    {
        byte[][] files = [Encoding.UTF8.GetBytes(File)];
        Assert.Empty(Read(File).Diagnostics);
        int count = LongRun.Count(3_000, 300_000);
        for (int seed = 0; seed < count; seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(files));
            try
            {
                CircuitReadResult result = Read(text);
                Assert.True(result.Circuit is not null != result.Diagnostics.Count > 0);
                Assert.All(result.Diagnostics, mistake => Assert.InRange(mistake.Position.Line, 1, text.Count(IsLineBreak) + 2));
                Assert.All(result.Diagnostics,
                    mistake => Assert.True(mistake.Code is ['E', 'C', 'R', ..] or ['E', 'S', 'F', ..], mistake.ToString()));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }
    }

    [Fact]
    public async Task A_circuit_read_from_a_damaged_file_runs_to_its_end()
    {
        byte[][] files = [Encoding.UTF8.GetBytes(File)];
        CircuitTrialResult? whole = await RunAsync(Read(File).Circuit!, "not damaged");
        Assert.All((string[])["sums", "newest", "few", "beats"], output => Assert.NotEmpty(whole!.Outputs[output]));
        int left = LongRun.Count(10, 1_000);
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000) && left > 0; seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(files));
            if (text != File && Read(text).Circuit is { Pipelines.Count: > 0 } circuit)
            {
                _ = await RunAsync(circuit, $"seed {seed}: {text}");
                left--;
            }
        }

        Assert.True(left == 0, $"too few files were read: {left} are missing");
    }

    [Fact]
    public void A_damaged_circuit_vector_file_is_read_or_rejected_with_a_position()
    {
        const string Vectors = """
            {"vectors":[{"name":"x\u0041","maps":{"newest_of_others":{"schema":"acme.fuzz.v1.Whole","entries":{"a":{"device":"a","at":1,"steps":2}}}},
            "inputs":{"wholes":[{"device":"a","at":"1","steps":40,"parts":[]}]},"outputs":{"sums":[{"device":"a","total":1}],"newest":{"a":{"device":"a","at":1,"steps":2}},"few":[]},"rejected":["no"]}]}
            """;
        CircuitReadResult circuit = Read(File);
        DamagedVectors.AssertReadOrRefused(circuit, Vectors);
    }

    /// <summary>Sends some messages through a circuit; returns null if the circuit reports that it cannot continue.</summary>
    private static async Task<CircuitTrialResult?> RunAsync(Circuit circuit, string what)
    {
        const int Messages = 30;

        // The maximum number of routes from one message to an output.
        const int RouteLimit = 1_024;
        CircuitTrial trial = new(circuit);
        CircuitTrialResult? result = null;
        try
        {
            for (int number = 0; number < Messages; number++)
            {
                foreach (CircuitPort input in circuit.Inputs)
                {
                    AppendTo(trial, input, number);
                }
            }

            result = await Task.Run(() => trial.Run()).WaitAsync(Eventually.DefaultLimit);
            Assert.All(result.Outputs, output => Assert.InRange(output.Value.Count, 0, Messages * RouteLimit));
        }
        catch (EstreamException)
        {
            // For example, the result of a window cannot be created.
        }
        catch (Exception failure)
        {
            // Does not dispose the trial, because a part of the circuit may still run and use its files.
            throw new InvalidOperationException(what, failure);
        }

        trial.Dispose();
        return result;
    }

    // Skips a message that is not valid for the damaged version of its type.
    private static void AppendTo(CircuitTrial trial, CircuitPort input, int number)
    {
        long at = number * 30_000_000_000;
        string part = $$"""{"id":"{{new string('0', 64)}}","state":"Busy"}""";
        string[] messages =
        [
            $$"""{"device":"a","at":"{{at}}","steps":{{number * 7 % 60}},"parts":[{{part}}]}""",
            part,
            $$"""{"at":"{{at}}","number":"{{number}}","missed":"0"}""",
            $$"""{"device":"a","total":"{{number}}"}""",
        ];
        byte[] buffer = new byte[2_000];
        foreach (string message in messages)
        {
            if (EsfJson.TryEncode(input.Schema, Encoding.UTF8.GetBytes(message), buffer, out int length).IsOk)
            {
                trial.Append(input.Name, buffer.AsSpan(0, length));
            }
        }
    }

    // The characters that end a line of YAML. The end of the file is a position after the last line.
    private static bool IsLineBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    private static CircuitReadResult Read(string text) => CircuitReader.Read(text, "x", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
}
