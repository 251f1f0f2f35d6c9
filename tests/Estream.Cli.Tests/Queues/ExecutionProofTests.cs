using Estream.Circuits;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Streams.Tests.Declared;
using Estream.Witness;

namespace Estream.Cli.Tests;

/// <summary>`estream witness verify --circuit`: a proven message is the record of how a circuit made an output from an input.</summary>
public sealed class ExecutionProofTests : IDisposable
{
    private const string Text = """
        escir_version: "0.8.0"
        name: acme.hot.v1
        version: "1.0.0"
        inputs: [{ name: telemetry, type: IoTTelemetry }]
        outputs: [{ name: hot, type: IoTTelemetry }]
        compute: [{ id: high, type: filter, when: value > 1.0 }]
        flows: [telemetry -> high -> hot]
        annotations: { execution_records: executions }
        """;

    private readonly SampleData _data = new();

    public ExecutionProofTests()
    {
        _data.AppendReadings(3);
        string circuit = _data.Write("hot.circuit.yaml", Text);
        using Resources resources = new(_data.Folder);
        foreach (DeclaredPipeline pipeline in Circuit.Load(circuit).Pipelines)
        {
            using RunningPipeline running = pipeline.Open(resources);
            running.Results.RunToEnd();
        }

        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.PublicKey.Save(In("key.pub"));
        using (QueueWitness witness = QueueWitness.Open(resources.Queue("executions"), resources.Queue("executions.witness"), key))
        {
            Assert.Equal(2, witness.RunToEnd());
        }

        File.WriteAllBytes(In("input"), MessageOf(resources.Queue("telemetry"), 1));
        File.WriteAllBytes(In("other"), MessageOf(resources.Queue("telemetry"), 2));
        File.WriteAllBytes(In("output"), MessageOf(resources.Queue("hot"), 0));
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_proof_of_a_record_verifies_with_the_circuit_its_input_and_its_output()
    {
        await ProveAsync("--sequence", "0");
        CliResult good = await VerifyAsync("hot.circuit.yaml", "input", "output");
        Assert.Equal((ExitCode.Ok, ""), (good.Code, good.Error));
        Assert.StartsWith("good: acme.hot.v1 1.0.0 made the output 'hot'", good.Output, StringComparison.Ordinal);

        await AssertBadAsync("the input message has another hash than the record", "hot.circuit.yaml", "other", "output");
        await AssertBadAsync("the output message has another hash than the record", "hot.circuit.yaml", "input", "other");
        _data.Write("colder.circuit.yaml", Text.Replace("value > 1.0", "value > 0.5", StringComparison.Ordinal));
        await AssertBadAsync("circuit", "colder.circuit.yaml", "input", "output");
    }

    [Fact]
    public async Task Options_that_do_not_belong_together_are_refused()
    {
        await ProveAsync("--sequence", "0");
        (await _data.RunAsync("witness", "verify", In("proof"), "--key", In("key.pub"), "--circuit", In("hot.circuit.yaml")))
            .AssertFailed(ExitCode.Failed, "--circuit, --input and --output belong together");
        await ProveAsync("--from", "0");
        (await VerifyAsync("hot.circuit.yaml", "input", "output")).AssertFailed(ExitCode.Failed, "--circuit needs the proof of a message");
    }

    private async Task AssertBadAsync(string reason, string circuit, string input, string output)
    {
        CliResult bad = await VerifyAsync(circuit, input, output);
        Assert.Equal((ExitCode.No, ""), (bad.Code, bad.Error));
        Assert.StartsWith("BAD: ", bad.Output, StringComparison.Ordinal);
        Assert.Contains(reason, bad.Output, StringComparison.Ordinal);
    }

    private async Task ProveAsync(params string[] what)
    {
        CliResult made = await _data.RunAsync(
            ["witness", "prove", "executions", .. what, "--key", In("key.pub"), "--out", In("proof")]);
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
    }

    private Task<CliResult> VerifyAsync(string circuit, string input, string output) => _data.RunAsync(
        "witness", "verify", In("proof"), "--key", In("key.pub"), "--circuit", In(circuit), "--input", In(input), "--output", In(output));

    private static byte[] MessageOf(EstreamQueue queue, int number)
    {
        using QueueTailer tailer = queue.CreateTailer();
        QueueMessage message = default;
        for (int read = 0; read <= number; read++)
        {
            Assert.True(tailer.TryRead(out message));
        }

        return message.Payload.ToArray();
    }

    private string In(string name) => Path.Combine(_data.Folder, name);
}
