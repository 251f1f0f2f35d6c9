using System.Diagnostics;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Observing;

/// <summary>The observation level of streams can change while circuits run, within a trace budget.</summary>
public sealed class StreamObservationTests : CircuitCase
{
    private const string Ways = """
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Alarm }]
        compute:
          - { id: known, type: filter, when: 'device != "x"' }
          - { id: made, type: transform, schema: Alarm, set: { device: device, level: steps } }
        flows: [in -> known -> made -> out]
        invariants: ['known.device != "bad"']
        """;

    private const string Both = """
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Reading }, { name: other, type: Reading }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> out, all -> other]
        """;

    private const string Taken = """{"device":"a","at":"1","steps":"4"}""";
    private const string Dropped = """{"device":"x","at":"2"}""";
    private const string AgainstInvariant = """{"device":"bad","at":"3","steps":"1"}""";
    private const string NotToBeMade = """{"device":"a","at":"4"}""";

    private readonly TickingClock _clock = new();

    [Theory]
    [InlineData(0, 100, 64, "TracesPerSecond is 0; it must be from 1 to 20000.")]
    [InlineData(20_001, 100, 64, "TracesPerSecond is 20001")]
    [InlineData(1, 0, 64, "SampleEvery is 0; it must be from 1 to 1000000.")]
    [InlineData(1, 1, 1_001, "RecentTraceCapacity is 1001; it must be from 1 to 1000.")]
    public void An_observation_option_out_of_range_is_refused(int traces, int every, int kept, string expected)
    {
        StreamObservationOptions sight = new() { TracesPerSecond = traces, SampleEvery = every, RecentTraceCapacity = kept };
        Assert.StartsWith(expected, Assert.Throws<ArgumentException>(() => Runtime(sight)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_throws_for_an_undefined_level_or_an_invalid_time()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions());
        StreamObservation stream = Assert.Single(runtime.Open(Declare(Ways)).Observations);
        Assert.Throws<ArgumentException>(() => Runtime(new StreamObservationOptions { Level = (ObservationLevel)4 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Observe((ObservationLevel)4));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Observe(ObservationLevel.AllTraces, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Observe(ObservationLevel.AllTraces, TimeSpan.FromHours(25)));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.LatencyOf(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.LatencyOf(1_001));
        Assert.Equal(ObservationLevel.Counters, stream.Level);
    }

    [Fact]
    public async Task Latency_is_measured_at_level_1_but_not_at_level_0()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions());
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        StreamObservation stream = circuit.Observations[0];
        Run(circuit, Taken, Dropped);
        Assert.Null(stream.LatencyOf(500));
        stream.Observe(ObservationLevel.Distributions);
        Run(circuit, Taken);
        TimeSpan? measured = stream.LatencyOf(500);
        Assert.NotNull(measured);
        stream.Observe(ObservationLevel.Counters);
        _clock.Pass(TimeSpan.FromHours(1));
        Run(circuit, Taken);
        runtime.CollectTraces();
        Assert.Equal(measured, stream.LatencyOf(1_000));
        Assert.Equal((0, 0, 0), (stream.Traced, stream.Untraced, stream.Recent.Count));
    }

    [Fact]
    public async Task A_trace_lists_the_visited_nodes_and_the_outcome()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        Fund(runtime);
        Run(circuit, Taken, Dropped, AgainstInvariant, NotToBeMade);
        Append("in", circuit.Circuit.Outputs[0].Schema, """{"device":"a","level":"1"}""");
        Run(circuit);
        runtime.CollectTraces();
        MessageTrace[] traces = [.. circuit.Observations[0].Recent.Reverse()];
        Assert.Equal(
            [
                "0 Taken in known made out",
                "1 Dropped in known",
                "2 Rejected in known: at 'known' the invariant 'known.device != \"bad\"' does not hold",
                "3 Rejected in known made: ",
                "4 Passed",
            ],
            traces.Select(trace =>
                $"{trace.Sequence} {trace.Outcome}{string.Concat(trace.Steps.Select(step => " " + step.Place))}"
                + $"{(trace.Reason is null ? "" : trace.Sequence == 3 ? ": " : ": " + trace.Reason)}"));
        Assert.All(traces, trace =>
        {
            Assert.Equal(("acme.test.v1", "out", "in", Resources.Queue("in").Id),
                (trace.Circuit, trace.Output, trace.Queue, trace.QueueId));
            Assert.Equal(trace.Steps.Select(step => step.After).Order(), trace.Steps.Select(step => step.After));
            Assert.True(TimeSpan.Zero <= trace.Processed && trace.Processed <= trace.Permanent
                && trace.Steps.All(step => step.After <= trace.Processed));
            Assert.InRange(trace.BeganAt - trace.AppendedAt, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
            Assert.Matches("^[0-9a-f]{32}$", trace.TraceId);
        });
        Assert.Equal(traces.Length, traces.Select(trace => trace.TraceId).Distinct().Count());
        Assert.Equal((5, 0, ObservationLevel.AllTraces),
            (circuit.Observations[0].Traced, circuit.Observations[0].Untraced, circuit.Observations[0].Effective));
    }

    [Fact]
    public async Task Processing_by_several_outputs_shares_one_trace_id()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare(Both));
        Fund(runtime);
        Run(circuit, Taken);
        circuit.Outputs[1].Running.Results.RunToEnd();
        runtime.CollectTraces();
        MessageTrace[] both = [.. circuit.Observations.Select(stream => Assert.Single(stream.Recent))];
        Assert.Equal(["out", "other"], both.Select(trace => trace.Steps[^1].Place));
        Assert.Equal(both[0].TraceId, both[1].TraceId);
    }

    [Fact]
    public async Task A_join_traces_the_messages_of_both_queues()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare("""
            inputs: [{ name: in, type: Reading }]
            outputs: [{ name: out, type: Alarm }]
            compute: [{ id: both, type: join, with: { queue: others, schema: Reading, time: at, key: device }, as: other, within: 1s, time: at, key: device, schema: Alarm, set: { device: device, level: 1 } }]
            flows: [in -> both -> out]
            """));
        Fund(runtime);
        Append("others", circuit.Circuit.Inputs[0].Schema, Taken);
        Run(circuit, Taken);
        runtime.CollectTraces();
        Assert.Equal(
            [("in", Resources.Queue("in").Id, TraceOutcome.Taken), ("others", Resources.Queue("others").Id, TraceOutcome.Taken)],
            circuit.Observations[0].Recent.Select(trace => (trace.Queue, trace.QueueId, trace.Outcome)).Order());
    }

    [Fact]
    public async Task Traces_beyond_the_budget_are_skipped_and_counted()
    {
        await using CircuitRuntime runtime =
            Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces, TracesPerSecond = 10, RecentTraceCapacity = 5 });
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        StreamObservation stream = circuit.Observations[0];
        Fund(runtime);
        Run(circuit, Many(1_000));
        runtime.CollectTraces();
        Assert.InRange(stream.Traced, 1, 10);
        Assert.Equal(1_000, stream.Traced + stream.Untraced);
        Assert.Equal(5, stream.Recent.Count);

        // The rate is a thousand messages in the last second, averaged with earlier seconds.
        _clock.Pass(TimeSpan.FromSeconds(1));
        runtime.CollectTraces();
        Assert.InRange(stream.TraceEvery, 50, 110);
        Assert.Equal((ObservationLevel.AllTraces, ObservationLevel.SampledTraces), (stream.Level, stream.Effective));
        long before = stream.Traced;
        _clock.Pass(TimeSpan.FromSeconds(30));
        runtime.CollectTraces();
        Run(circuit, Many(20));
        runtime.CollectTraces();
        Assert.Equal((ObservationLevel.AllTraces, 1), (stream.Effective, stream.TraceEvery));
        Assert.True(stream.Traced > before);
    }

    [Fact]
    public async Task Traced_streams_share_the_budget()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { TracesPerSecond = 10 });
        RunningCircuit[] circuits = [.. Enumerable.Range(0, 3)
            .Select(i =>
                runtime.Open(
                    Declare(Ways.Replace("name: in,", $"name: in, queue: in{i},", StringComparison.Ordinal)
                        .Replace("name: out,", $"name: out, queue: out{i},", StringComparison.Ordinal), $"acme.test{i}.v1")))];
        circuits[0].Observations[0].Observe(ObservationLevel.AllTraces);
        circuits[1].Observations[0].Observe(ObservationLevel.AllTraces);
        Fund(runtime);
        for (int i = 0; i < 3; i++)
        {
            Append($"in{i}", circuits[i].Circuit.Inputs[0].Schema, Many(50));
            circuits[i].Outputs[0].Running.Results.RunToEnd();
        }

        Assert.Equal([5, 5, 0], circuits.Select(circuit => circuit.Observations[0].Traced));
    }

    [Fact]
    public async Task At_level_2_every_nth_message_is_traced()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.SampledTraces,
            SampleEvery = 10 });
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        Fund(runtime);
        Run(circuit, Many(100));
        runtime.CollectTraces();
        Assert.Equal((10, 0, 10), (circuit.Observations[0].Traced, circuit.Observations[0].Untraced, circuit.Observations[0].TraceEvery));
        Assert.Equal([99, 89, 79], circuit.Observations[0].Recent.Take(3).Select(trace => trace.Sequence));
        Assert.NotNull(circuit.Observations[0].LatencyOf(990));
    }

    [Fact]
    public async Task A_temporary_observation_level_expires()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.Distributions });
        StreamObservation stream = runtime.Open(Declare(Ways)).Observations[0];
        stream.Observe(ObservationLevel.AllTraces, TimeSpan.FromMinutes(1));
        Assert.Equal(ObservationLevel.AllTraces, stream.Level);
        Assert.InRange(stream.Until!.Value.ToUnixTimeMilliseconds() - (_clock.UtcNanos / 1_000_000), 59_000, 60_000);
        _clock.Pass(TimeSpan.FromSeconds(59));
        runtime.CollectTraces();
        Assert.Equal(ObservationLevel.AllTraces, stream.Level);
        _clock.Pass(TimeSpan.FromSeconds(1));
        runtime.CollectTraces();
        Assert.Equal((ObservationLevel.Distributions, null, 0), (stream.Level, stream.Until, stream.TraceEvery));
        stream.Observe(ObservationLevel.AllTraces, TimeSpan.FromMinutes(1));
        stream.Observe(ObservationLevel.Counters);
        Assert.Equal((ObservationLevel.Counters, null), (stream.Level, stream.Until));
    }

    [Fact]
    public async Task A_broken_service_level_raises_the_observation_level_until_it_is_kept()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions());
        RunningCircuit circuit = runtime.Open(Declare("annotations: { sla: { throughput: 1000 } }\n" + Ways));
        StreamObservation stream = circuit.Observations[0];
        Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
        Pass(runtime);
        Pass(runtime);
        Assert.False(circuit.ServiceLevels[0].IsMet);
        Assert.Equal(ObservationLevel.SampledTraces, stream.Level);
        stream.Observe(ObservationLevel.AllTraces);
        Assert.Equal(ObservationLevel.AllTraces, stream.Level);
        stream.Observe(ObservationLevel.Counters);
        Assert.Equal(ObservationLevel.SampledTraces, stream.Level);
        Run(circuit);
        Pass(runtime);
        Pass(runtime);
        Assert.True(circuit.ServiceLevels[0].IsMet);
        Assert.Equal(ObservationLevel.Counters, stream.Level);
    }

    [Fact]
    public async Task Traces_are_emitted_as_activities_to_listeners()
    {
        List<Activity> spans = [];
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare(Ways, "acme.traced.v1"));
        Fund(runtime);
        Run(circuit, Taken);
        runtime.CollectTraces();
        using (ActivityListener listener = Listen(spans))
        {
            using Activity own = new Activity("of the program").Start();
            Run(circuit, Taken, AgainstInvariant);
            runtime.CollectTraces();
            Assert.Same(own, Activity.Current);
        }

        Assert.Equal(2, spans.Count);
        MessageTrace trace = circuit.Observations[0].Recent[1];
        Activity span = spans[0];
        Assert.Equal(("process in", ActivityKind.Consumer, trace.TraceId, default),
            (span.DisplayName, span.Kind, span.TraceId.ToHexString(), span.ParentSpanId));
        Assert.Equal(trace.BeganAt.UtcDateTime, span.StartTimeUtc);
        Assert.Equal(trace.Permanent, span.Duration);
        Assert.Equal(["in", "known", "made", "out", "processed"], span.Events.Select(step => step.Name));
        Assert.Equal(
            ["messaging.system=estream", "messaging.operation.name=process", "messaging.operation.type=process",
                "messaging.destination.name=in", "messaging.message.id=1", "estream.circuit=acme.traced.v1", "estream.circuit.output=out",
                "estream.tenant=default", "estream.outcome=taken"],
            span.TagObjects.Where(tag => tag.Key != "estream.waited_ms").Select(tag => $"{tag.Key}={tag.Value}"));
        Assert.Equal((ActivityStatusCode.Unset, ActivityStatusCode.Error), (span.Status, spans[1].Status));
        Assert.Equal("at 'known' the invariant 'known.device != \"bad\"' does not hold", spans[1].StatusDescription);
    }

    [Fact]
    public async Task An_exception_of_a_listener_is_reported_and_stops_nothing()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare(Ways, "acme.traced.v1"));
        StreamObservation stream = circuit.Observations[0];
        Fund(runtime);
        using (ActivityListener listener = Listen([]))
        {
            listener.ActivityStopped = _ => throw new InvalidOperationException("no room for it");
            Run(circuit, Taken, Dropped);
            runtime.CollectTraces();
        }

        Assert.Equal((2, "no room for it"), (stream.Recent.Count, stream.ListenerFailure));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task A_rejection_reason_of_bound_code_is_in_the_dead_letter_but_not_in_the_trace()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        int calls = 0;
        RunningCircuit circuit = runtime.Open(Declare("""
            inputs: [{ name: in, type: Reading }]
            outputs: [{ name: out, type: Alarm }]
            compute: [{ id: coded, type: stateful, schema: Alarm }]
            flows: [in -> coded -> out]
            rejected: rejected
            """).Bind(new Dictionary<string, CircuitFunction>
            {
                ["coded"] = (scoped ref NodeCall call) =>
                {
                    if (++calls % 2 == 0)
                    {
                        throw new FormatException("secret of the message");
                    }

                    call.Reject("secret of the message");
                },
            }));
        Fund(runtime);
        Run(circuit, Taken, Taken);
        circuit.Outputs[0].Running.Rejects[0].RunToEnd();
        runtime.CollectTraces();
        Assert.Equal(
            ["the code of the node 'coded' failed", "the code of the node 'coded' rejected the message"],
            circuit.Observations[0].Recent.Select(trace => trace.Reason));
        Assert.Equal(2,
            Texts("rejected",
                EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letters)
                    ? letters
                    : throw new InvalidOperationException())
                        .Count(letter => letter.Contains("secret of the message", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unreadable_message_is_traced_as_rejected_for_every_output()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare(Both));
        Fund(runtime);
        Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
        byte[] torn = FirstMessage("in");
        using (QueueAppender appender = Resources.Queue("in").CreateAppender())
        {
            appender.Append(torn.AsSpan(0, EsfMessageHeader.Length + 1));
        }

        foreach (var output in circuit.Outputs)
        {
            output.Running.Results.RunToEnd();
        }

        runtime.CollectTraces();
        Assert.All(circuit.Observations,
            stream => Assert.Equal([TraceOutcome.Rejected, TraceOutcome.Taken], stream.Recent.Select(trace => trace.Outcome)));
    }

    [Fact]
    public async Task A_trace_ends_at_a_stateful_node()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions { Level = ObservationLevel.AllTraces });
        RunningCircuit circuit = runtime.Open(Declare("""
            inputs: [{ name: in, type: Reading }]
            outputs: [{ name: out, type: Alarm }]
            compute: [{ id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }]
            flows: [in -> sum -> out]
            """));
        Fund(runtime);
        Run(circuit, Taken);
        runtime.CollectTraces();
        MessageTrace trace = Assert.Single(circuit.Observations[0].Recent);
        Assert.Equal((TraceOutcome.Taken, "sum"), (trace.Outcome, trace.Steps[^1].Place));
    }

    [Fact]
    public async Task Traces_recorded_before_the_level_was_lowered_are_still_collected()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions());
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        StreamObservation stream = circuit.Observations[0];
        stream.Observe(ObservationLevel.AllTraces);
        Fund(runtime);
        Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
        stream.Observe(ObservationLevel.Counters);
        Run(circuit, Taken);
        Assert.Equal((0, 0), (stream.Traced, stream.TraceEvery));
        stream.Observe(ObservationLevel.AllTraces);
        Fund(runtime);
        Run(circuit, Taken);
        stream.Observe(ObservationLevel.Counters);
        Eventually.True(() => stream.Recent.Count == 1, "the thread of the runtime takes it");
    }

    [Fact]
    public async Task A_running_circuit_collects_traces_by_itself_including_the_last_ones()
    {
        CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources,
            Observation = new StreamObservationOptions { RecentTraceCapacity = 1_000 } });
        await using (runtime)
        {
            RunningCircuit circuit = runtime.Run(Declare(Ways));
            StreamObservation stream = circuit.Observations[0];
            Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
            stream.Observe(ObservationLevel.AllTraces);
            Eventually.True(
                () =>
                {
                    Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
                    return stream.Recent.Count > 0;
                },
                "a message is traced");
        }

        Assert.Equal(runtime.Circuits[0].Observations[0].Traced, runtime.Circuits[0].Observations[0].Recent.Count);
    }

    [Fact]
    public async Task Tracing_allocates_nothing_on_the_thread_of_the_circuit()
    {
        await using CircuitRuntime runtime = Runtime(new StreamObservationOptions
        {
            Level = ObservationLevel.AllTraces,
            TracesPerSecond = StreamObservationOptions.MaxTracesPerSecond,
        });
        RunningCircuit circuit = runtime.Open(Declare(Ways));
        Append("in", circuit.Circuit.Inputs[0].Schema, Taken);
        byte[] message = FirstMessage("in");
        using QueueAppender appender = Resources.Queue("in").CreateAppender();
        Fund(runtime);
        Assert.Equal(0, AllocationMeter.OnThisThread(500, () =>
        {
            appender.Append(message);
            circuit.Outputs[0].Running.Results.RunToEnd();
        }));
        Assert.True(circuit.Observations[0].Traced > 500);
    }

    private static ActivityListener Listen(List<Activity> spans)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == StreamObservation.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Tags!.Any(tag => tag is { Key: "estream.circuit", Value: "acme.traced.v1" })
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static string[] Many(int count) => [.. Enumerable.Repeat(Taken, count)];

    private CircuitRuntime Runtime(StreamObservationOptions sight) =>
        new(new CircuitRuntimeOptions { Resources = Resources, Clock = _clock, Observation = sight,
        SampleEvery = TimeSpan.FromMinutes(1) });

    // Credits one second of the budget. The thread of the runtime may have distributed some of this budget before, but the credit never
    // exceeds one second.
    private void Fund(CircuitRuntime runtime)
    {
        runtime.CollectTraces();
        _clock.Pass(TimeSpan.FromSeconds(1));
        runtime.CollectTraces();
    }

    private void Pass(CircuitRuntime runtime)
    {
        _clock.Pass(TimeSpan.FromSeconds(11));
        runtime.Sample();
    }

    // Runs on this thread: a circuit that is opened but not started has no thread.
    private void Run(RunningCircuit circuit, params string[] messages)
    {
        if (messages.Length > 0)
        {
            Append("in", circuit.Circuit.Inputs[0].Schema, messages);
        }

        circuit.Outputs[0].Running.Results.RunToEnd();
    }

    /// <summary>Starts at the clock of the queues, and advances by a microsecond on each read.</summary>
    private sealed class TickingClock : IClock
    {
        private readonly long _begin = SystemClock.Instance.UtcNanos;
        private long _passed;

        public long UtcNanos => _begin + MonotonicNanos;

        public long CoarseUtcNanos => UtcNanos;

        public long MonotonicNanos => Interlocked.Add(ref _passed, 1_000);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, time.Ticks * TimeSpan.NanosecondsPerTick);
    }
}
