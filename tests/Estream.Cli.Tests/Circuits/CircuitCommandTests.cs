using Estream.Testing;

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
    public async Task Check_accepts_a_valid_file_and_lists_errors_with_file_line_and_node()
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
    public async Task Check_names_nodes_that_only_code_can_run()
    {
        using SampleData data = new();
        string file = data.Write("bound.circuit.yaml", Good.Replace("filter, when: value > 30.0", "transform", StringComparison.Ordinal));
        Assert.EndsWith("; bound to code: high", Assert.Single((await data.RunAsync("circuit", "check", file)).Lines),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_reports_conflicts_between_circuits_of_two_files()
    {
        using SampleData data = new();
        string one = data.Write("one.circuit.yaml", Good);
        string two = data.Write("two.circuit.yaml", Good.Replace("acme.hot", "acme.other", StringComparison.Ordinal));
        CliResult result = await data.RunAsync("circuit", "check", one, two);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("the map 'hot' is also written by", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_fails_for_a_missing_circuit_file()
    {
        using SampleData data = new();
        (await data.RunAsync("circuit", "check", "gone.circuit.yaml")).AssertFailed(ExitCode.Failed, "gone.circuit.yaml");
    }

    [Fact]
    public async Task Run_reads_messages_from_standard_input()
    {
        using SampleData data = new();
        string file = data.Write("good.circuit.yaml", Good);
        CliResult result = await data.RunWithInputAsync(
            """{"device_id":"a","timestamp":1,"metric_name":"m","value":50}{"device_id":"b","timestamp":1,"metric_name":"m","value":5}"""
                + "\n" + """{"device_id":"a","timestamp":2,"metric_name":"m","value":5000}""",
            "circuit", "run", file);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal(2, result.Lines.Length);
        Assert.StartsWith("""{"output":"hot","key":"a","message":{"device_id":"a",""", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("the invariant", result.Lines[1], StringComparison.Ordinal);

        (await data.RunWithInputAsync("""{"device":"a"}""", "circuit", "run", file)).AssertFailed(ExitCode.No, "object 1, line 1");
        (await data.RunWithInputAsync("{}", "circuit", "run", file, "--input", "others")).AssertFailed(ExitCode.Failed,
            "has no input 'others'. Its inputs are readings.");
    }

    [Fact]
    public async Task Ticks_of_a_timer_are_input_messages_and_its_queue_is_exclusive()
    {
        const string Timer = """
            escir_version: "0.8.0"
            name: acme.beats.v1
            version: "1.0.0"
            types: [{ name: Beat, fields: [{ name: at, type: timestamp }] }]
            inputs: [{ name: minute, every: 1m }]
            outputs: [{ name: beats, type: Beat }]
            compute: [{ id: made, type: transform, schema: Beat, set: { at: at } }]
            flows: [minute -> made -> beats]

            """;
        using SampleData data = new();
        string file = data.Write("timer.circuit.yaml", Timer);
        CliResult result = await data.RunWithInputAsync("""{"at":60000000000,"number":0,"missed":0}""", "circuit", "run", file);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal("""{"output":"beats","message":{"at":60000000000}}""", Assert.Single(result.Lines));

        string other = data.Write("other.circuit.yaml",
            Timer.Replace("acme.beats", "acme.others", StringComparison.Ordinal)
                .Replace("name: beats", "name: others", StringComparison.Ordinal)
                .Replace("-> beats", "-> others", StringComparison.Ordinal));
        result = await data.RunAsync("circuit", "check", file, other);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains(
            "the queue 'minute' belongs to the timer 'acme.others.v1.minute', but 'acme.beats.v1.minute' would also write it",
            Assert.Single(result.Lines[2..]), StringComparison.Ordinal);
        string writing =
            data.Write("writing.circuit.yaml", Good.Replace("map: hot, key: device_id", "queue: minute", StringComparison.Ordinal));
        result = await data.RunAsync("circuit", "check", writing, file);
        Assert.Contains("the queue 'minute' belongs to the timer 'acme.beats.v1.minute', but 'acme.hot.v1.hot' would also write it",
            Assert.Single(result.Lines[2..]), StringComparison.Ordinal);

        // A circuit that reads the ticks of another circuit names their schema instead of an interval.
        string reading = data.Write("reading.circuit.yaml",
            Timer.Replace("acme.beats", "acme.others", StringComparison.Ordinal)
                .Replace("name: beats", "name: others", StringComparison.Ordinal).Replace("-> beats", "-> others", StringComparison.Ordinal)
            .Replace("every: 1m", "type: estream.system.TimerTick", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Ok, (await data.RunAsync("circuit", "check", file, reading)).Code);
    }

    [Fact]
    public async Task Test_runs_the_vectors_beside_a_circuit()
    {
        const string Vectors =
            """{"vectors":[{"name":"hot","inputs":{"readings":[{"device_id":"a","timestamp":1,"metric_name":"m","value":50}]},"outputs":{"hot":{"a":{"device_id":"a","timestamp":1,"metric_name":"m","value":50}}}}]}""";
        using SampleData data = new();
        string file = data.Write("good.circuit.yaml", Good);
        data.Write("good.vectors.json", Vectors);
        CliResult result = await data.RunAsync("circuit", "test", file);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal(["passed: hot", "1 passed, 0 failed"], result.Lines);

        string other = data.Write("other.json", Vectors.Replace("value\":50}}", "value\":51}}", StringComparison.Ordinal));
        result = await data.RunAsync("circuit", "test", file, "--vectors", other);
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
        Assert.Equal("FAILED: hot", result.Lines[0]);
        Assert.Contains("output 'hot', message 1: expected", result.Lines[1], StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed", result.Lines[2]);
    }

    [Fact]
    public async Task Test_and_run_fail_without_vectors_or_for_an_invalid_circuit()
    {
        using SampleData data = new();
        string good = data.Write("good.circuit.yaml", Good);
        (await data.RunAsync("circuit", "test", good)).AssertFailed(ExitCode.Failed, "good.vectors.json");
        string named = data.Write("circuit.yaml", Good);
        (await data.RunAsync("circuit", "test", named)).AssertFailed(ExitCode.Failed, "--vectors");
        string wrong = data.Write("wrong.circuit.yaml", Good.Replace("-> hot]", "-> hots]", StringComparison.Ordinal));
        (await data.RunAsync("circuit", "run", wrong)).AssertFailed(ExitCode.Failed, "ECR032");
        string bound = data.Write("bound.circuit.yaml", Good.Replace("filter, when: value > 30.0", "transform", StringComparison.Ordinal));
        (await data.RunAsync("circuit", "run", bound)).AssertFailed(ExitCode.Failed, "'high'");
    }

    [Fact]
    public async Task The_widget_circuit_runs_with_its_built_in_code_and_the_content_beside_it()
    {
        using SampleData data = new();
        string folder = RepositoryRoot.Combine("circuits", "governance", "widget-publish.v1");
        string file = Path.Combine(folder, "widget-publish.circuit.yaml");
        Assert.EndsWith(
            "; bound to code of this program: identity_verifier, manifest_validator, bundle_integrity, version_checker, "
            + "approval_aggregator",
            Assert.Single((await data.RunAsync("circuit", "check", file)).Lines), StringComparison.Ordinal);

        // The output is the one shown in the README of the circuit.
        CliResult result = await data.RunAsync("circuit", "test", file);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        string page = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.Equal(page.Split("```text\n")[1].Split("```")[0].TrimEnd().Split('\n'), result.Lines);

        string other = data.Write("other.circuit.yaml",
            (await File.ReadAllTextAsync(file)).Replace("bundle_integrity", "bundle_checker", StringComparison.Ordinal));
        File.Copy(Path.Combine(folder, "widget-publish.esf.yaml"), Path.Combine(Path.GetDirectoryName(other)!, "widget-publish.esf.yaml"));
        (await data.RunAsync("circuit", "run", other)).AssertFailed(ExitCode.Failed, "a node 'bundle_integrity'");
    }

    [Fact]
    public async Task The_payment_circuit_runs_with_its_built_in_code()
    {
        using SampleData data = new();
        string folder = RepositoryRoot.Combine("circuits", "wire", "iso20022.parse.v1");
        string schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

        // The output is the one shown in the README of the circuit.
        CliResult result =
            await data.RunAsync("circuit", "test", "--schema", schemas, Path.Combine(folder, "iso20022.parse.v1.circuit.yaml"));
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        string page = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.Equal(page.Split("```text\n")[1].Split("```")[0].TrimEnd().Split('\n'), result.Lines);
    }

    [Fact]
    public async Task An_operation_circuit_can_be_checked_tested_and_run()
    {
        using SampleData data = new();
        string file = RepositoryRoot.Combine("circuits", "queue.append.v1", "queue.append.v1.circuit.yaml");
        CliResult result = await data.RunAsync("circuit", "check", file);
        Assert.Equal((ExitCode.Ok, $"{file}: ok, queue.append.v1 1.0.0, operation queue.append on log"),
            (result.Code, Assert.Single(result.Lines)));
        result = await data.RunAsync("circuit", "test", file);
        Assert.Equal((ExitCode.Ok, "3 passed, 0 failed"), (result.Code, result.Lines[^1]));
        result = await data.RunWithInputAsync("""{"payload":"68656c6c6f"}{"payload":""}""", "circuit", "run", file);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Equal(
            ["""{"output":"results","message":{"status":"Done","position":256,"sequence":0}}""",
                """{"output":"results","message":{"status":"Done","position":280,"sequence":1}}"""], result.Lines);
        (await data.RunWithInputAsync("""{"payload":"6"}""", "circuit", "run", file)).AssertFailed(ExitCode.No, "object 1, line 1");
    }
}
