namespace Estream.Cli.Tests;

public sealed class CircuitCommandTests
{
    private const string Good = """
        escir_version: "0.8.0"
        name: acme.hot.v1
        version: "1.0.0"
        inputs: [{ name: readings, type: IoTTelemetry, queue: telemetry }]
        outputs: [{ name: hot, type: IoTTelemetry, map: hot, key: device_id }]
        compute: [{ id: high, type: filter, when: value > 30.0 }]
        flows: [readings -> high -> hot]
        invariants: [value < 2000.0]

        """;

    [Fact]
    public async Task A_good_file_is_ok_and_mistakes_are_listed_with_file_line_and_node()
    {
        using SampleData data = new();
        string good = data.Write("good.circuit.yaml", Good);
        string wrong = data.Write("wrong.circuit.yaml", Good.Replace("value >", "vlaue >", StringComparison.Ordinal));

        CliResult result = await data.RunAsync("circuit", "check", good);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal($"{good}: ok, acme.hot.v1 1.0.0, readings -> hot, 1 nodes, 1 invariants", Assert.Single(result.Lines));

        result = await data.RunAsync("circuit", "check", wrong, good);
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
        Assert.StartsWith($"{wrong}(6,43): error ECR012: node 'high': ", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("Did you mean 'value'?", result.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{good}: ok", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_only_code_can_run_are_named()
    {
        using SampleData data = new();
        string file = data.Write("bound.circuit.yaml", Good.Replace("filter, when: value > 30.0", "transform", StringComparison.Ordinal));
        Assert.EndsWith("; bound to code: high", Assert.Single((await data.RunAsync("circuit", "check", file)).Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_circuits_of_two_files_do_to_each_other_is_a_mistake()
    {
        using SampleData data = new();
        string one = data.Write("one.circuit.yaml", Good);
        string two = data.Write("two.circuit.yaml", Good.Replace("acme.hot", "acme.other", StringComparison.Ordinal));
        CliResult result = await data.RunAsync("circuit", "check", one, two);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("the map 'hot' is written by", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_failure()
    {
        using SampleData data = new();
        (await data.RunAsync("circuit", "check", "gone.circuit.yaml")).AssertFailed(ExitCode.Failed, "gone.circuit.yaml");
    }
}
