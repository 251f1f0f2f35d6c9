using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Service levels are measured, and violations are reported.</summary>
public sealed class ServiceLevelTests : CircuitCase
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    // Starts at the clock of the queues, so that messages were appended just now.
    private readonly ManualClock _clock = new(SystemClock.Instance.UtcNanos);
    private readonly List<string> _alerts = [];

    [Fact]
    public async Task A_circuit_without_a_service_level_reports_no_service_level_state()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies("")));
        Look(runtime);
        Assert.Null(circuit.Circuit.ServiceLevel);
        Assert.Empty(circuit.ServiceLevels);
    }

    [Fact]
    public async Task Too_many_late_messages_violate_the_latency_level_and_an_empty_window_meets_it()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies("latency: { p90: 250ms }")));
        runtime.Sample();
        Assert.Equal(new ServiceLevelState("latency", "p90 <= 250 ms", "", null), Assert.Single(circuit.ServiceLevels));
        Take(circuit, messages: 90);
        _clock.UtcNanos += 2 * 3_600_000_000_000;
        Take(circuit, messages: 10);
        Look(runtime);

        // Ten of a hundred messages may be late.
        Assert.True(circuit.ServiceLevels[0].IsMet);
        Assert.StartsWith("p90 ", circuit.ServiceLevels[0].Measured, StringComparison.Ordinal);
        Take(circuit, messages: 3);
        Look(runtime);
        ServiceLevelState broken = circuit.ServiceLevels[0];
        Assert.False(broken.IsMet);
        Assert.Equal(_clock.UtcNanos / 1_000_000, broken.BrokenSince!.Value.ToUnixTimeMilliseconds());
        Assert.Matches("^p90 1[0-9]+\\.?[0-9]* min$", broken.Measured);
        Take(circuit, messages: 1);
        Look(runtime);
        Assert.Equal(broken.BrokenSince, circuit.ServiceLevels[0].BrokenSince);
        Look(runtime);
        Assert.Equal(("", null), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].BrokenSince));
        Assert.Equal(["latency broken", "latency kept"], _alerts);
    }

    [Fact]
    public async Task An_idle_consumer_with_waiting_messages_violates_the_latency_level()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies("latency: { p999: 1h }")));
        Append("in", circuit.Circuit.Inputs[0].Schema, Messages(1));
        runtime.Sample();
        Look(runtime);
        Assert.Equal(("no message read", false), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));
        Take(circuit, messages: 1);
        Look(runtime);
        Assert.True(circuit.ServiceLevels[0].IsMet);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(11, false)]
    public async Task The_throughput_is_measured_while_messages_wait(int promised, bool isKept)
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies($"throughput: {promised}")));
        runtime.Sample();
        Take(circuit, messages: 1);
        Look(runtime);
        Assert.Equal(("", true), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));

        // The window has waiting messages at both ends.
        Append("in", circuit.Circuit.Inputs[0].Schema, Messages(100));
        Look(runtime);
        Take(circuit, messages: 0);
        Append("in", circuit.Circuit.Inputs[0].Schema, Messages(1));
        Look(runtime);
        Assert.Equal(("10 messages a second", isKept), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));
    }

    [Fact]
    public async Task An_empty_output_meets_the_durability_level_without_a_flush()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies("durability: 5s")));
        runtime.Sample();
        _clock.Pass(TimeSpan.FromSeconds(6));
        runtime.Sample();
        Assert.Equal(("", true), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));
        Take(circuit, messages: 1);
        runtime.Sample();
        _clock.Pass(TimeSpan.FromSeconds(6));
        runtime.Sample();
        Assert.False(circuit.ServiceLevels[0].IsMet);
    }

    [Fact]
    public async Task Results_not_flushed_in_time_violate_the_durability_level()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare(Copies("durability: 5s")));
        EstreamQueue output = Resources.Queue("out");
        Take(circuit, messages: 1);
        runtime.Sample();
        _clock.Pass(TimeSpan.FromSeconds(5));
        runtime.Sample();
        Assert.Equal(("not durable after 5 s", true), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));
        _clock.Pass(TimeSpan.FromSeconds(1));
        runtime.Sample();
        Assert.Equal("durability: durable within 5 s is promised, but it is not durable after 6 s",
            circuit.ServiceLevels[0].ToString().Split(" since")[0]);
        output.WaitDurable(output.GetInfo().EndPosition - 1);
        runtime.Sample();
        Assert.Equal(["durability broken", "durability kept"], _alerts);
    }

    [Fact]
    public async Task A_service_level_reports_the_worst_of_several_outputs()
    {
        await using CircuitRuntime runtime = Runtime();
        RunningCircuit circuit = runtime.Open(Declare("""
            annotations: { sla: { throughput: 5 }, topology: fan_out, stream_pattern: event }
            inputs: [{ name: in, type: Reading }]
            outputs: [{ name: out, type: Reading }, { name: other, type: Reading }]
            compute: [{ id: all, type: filter, when: "true" }]
            flows: [in -> all -> out, all -> other]
            """));
        EsfSchema schema = circuit.Circuit.Inputs[0].Schema;
        Append("in", schema, Messages(100));
        runtime.Sample();
        circuit.Outputs[0].Running.Results.RunToEnd();
        Append("in", schema, Messages(1));
        Look(runtime);
        Assert.Equal(("0 messages a second (other)", false), (circuit.ServiceLevels[0].Measured, circuit.ServiceLevels[0].IsMet));
    }

    [Fact]
    public void The_service_level_in_the_format_page_loads()
    {
        string[] blocks = [.. File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md")).Split("```yaml\n").Skip(1)
            .Select(block => block.Split("```")[0])];
        CircuitReadResult read = Read(blocks[0] + blocks.Single(block => block.StartsWith("annotations:", StringComparison.Ordinal)));
        Assert.Empty(read.Diagnostics);
        Assert.Equal(
            new ServiceLevel
            {
                LatencyPerMille = 990,
                Latency = TimeSpan.FromMilliseconds(250),
                Throughput = 1_000,
                Durability = TimeSpan.FromSeconds(5),
                Window = s_window,
            },
            read.Circuit!.ServiceLevel);
    }

    [Theory]
    [InlineData("pipeline",
        "outputs: [{ name: out, type: Reading }]\ncompute: [{ id: all, type: filter, when: \"true\" }]\nflows: [in -> all -> out]")]
    [InlineData("fan_out",
        "outputs: [{ name: out, type: Reading }, { name: other, type: Reading }]\ncompute: [{ id: all, type: filter, when: \"true\" "
        + "}]\nflows: [in -> all -> out, all -> other]")]
    [InlineData("fan_in",
        "outputs: [{ name: out, type: Alarm }]\ncompute: [{ id: both, type: join, with: { queue: others, schema: Reading, time: at, key: "
        + "device }, as: other, within: 1s, time: at, key: device, schema: Alarm, set: { device: device, level: 1 } }]\nflows: [in -> "
        + "both -> out]")]
    [InlineData("graph",
        "outputs: [{ name: out, type: Reading }]\ncompute: [{ id: all, type: filter, when: \"true\" }]\nflows: [in -> all -> out]")]
    public void A_circuit_that_matches_its_topology_annotation_loads(string topology, string rest)
    {
        CircuitReadResult read = Read(
            $"{Head}annotations: {{ topology: {topology}, stream_pattern: event }}\ninputs: [{{ name: in, type: Reading }}]\n{rest}\n");
        Assert.Empty(read.Diagnostics);
        Assert.Equal((topology, "event"), (read.Circuit!.Topology, read.Circuit.StreamPattern));
    }

    private static string Copies(string promises) => $$"""
        annotations: { {{(promises.Length > 0 ? $"sla: {{ {promises} }}, " : "")}}topology: pipeline }
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Reading }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> out]
        """;

    private static string[] Messages(int count) => [.. Enumerable.Range(0, count).Select(i => $$"""{"device":"d","at":"{{i}}"}""")];

    private CircuitRuntime Runtime() => new(new CircuitRuntimeOptions
    {
        Resources = Resources,
        Clock = _clock,
        SampleEvery = TimeSpan.FromMinutes(1),
        Alerted = (_, state) => _alerts.Add($"{state.Name} {(state.IsMet ? "kept" : "broken")}"),
    });

    // Runs on this thread: a circuit that is opened but not started has no thread.
    private void Take(RunningCircuit circuit, int messages)
    {
        if (messages > 0)
        {
            Append("in", circuit.Circuit.Inputs[0].Schema, Messages(messages));
        }

        circuit.Outputs[0].Running.Results.RunToEnd();
    }

    private void Look(CircuitRuntime runtime)
    {
        _clock.Pass(s_window);
        runtime.Sample();
    }
}
