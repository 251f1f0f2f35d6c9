using Estream.Circuits.Testing;
using Estream.Circuits.TestProcess;
using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>With <c>stream_pattern: transaction</c>, the results of one message become visible in the queues of all outputs together or not
/// at all.</summary>
public sealed class TransactionPatternTests : CircuitCase
{
    private const int LongestMs = 150;

    private const string Rest = """
        inputs: [{ name: in, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: first, type: estream.iot.IoTTelemetry }, { name: second, type: estream.iot.IoTTelemetry }]
        compute:
          - { id: cheap, type: filter, when: value < 100.0 }
          - { id: late, type: COMPUTED }
        flows: [in -> first, in -> cheap -> second, in -> late -> second]
        annotations: { stream_pattern: transaction, transaction_log: decisions }
        invariants: ["first.value < 1000.0"]
        """;

    private static readonly Circuit s_circuit = Declare(Rest.Replace("COMPUTED", "filter, when: timestamp > 2", StringComparison.Ordinal));

    [Fact]
    public void Results_are_visible_in_all_queues_in_the_order_of_the_input()
    {
        Append(1, 200, 3, 5_000);
        Assert.Equal([1], Run(s_circuit));
        Append(7);
        Assert.Equal([0], Run(s_circuit));
        Assert.Equal([1, 200, 3, 7], Visible("first"));

        // Some messages take both routes. The fourth message violates an invariant of the other output.
        Assert.Equal([1, 200, 3, 3, 5_000, 7, 7], Visible("second"));
    }

    [Fact]
    public void The_transaction_example_in_the_format_page_runs()
    {
        CircuitReadResult read = Read(FormatPage.Example("transaction_log: "));
        Assert.Empty(read.Diagnostics);
        const string Vectors = """
            { "vectors": [ {
              "name": "an order",
              "inputs": { "orders": [ { "article": "pump", "pieces": 2, "price": 9.5 } ] },
              "outputs": {
                "stock": [ { "article": "pump", "pieces": 2 } ],
                "invoices": [ { "article": "pump", "total": 9.5 } ]
              } } ] }
            """;
        CircuitVector vector = Assert.Single(
            CircuitVectors.Read(System.Text.Encoding.UTF8.GetBytes(Vectors), "page", read.Circuit!, read.Schemas));
        Assert.Empty(vector.Run());
    }

    [Fact]
    public void Other_readers_see_records_of_transactions_and_no_plain_messages()
    {
        Append(1);
        Run(s_circuit);
        using QueueTailer tailer = Resources.Queue("first").CreateTailer();
        var plain = new EsfTailer<IoTTelemetry.View>(tailer);
        Assert.False(plain.TryRead(out _));
        Assert.Equal(1, plain.Passed);
    }

    [Fact]
    public void A_message_that_fails_at_one_output_leaves_nothing_at_the_others()
    {
        int calls = 0;
        Circuit circuit = Declare(Rest.Replace("COMPUTED", "transform", StringComparison.Ordinal)).Bind(
            new Dictionary<string, CircuitFunction>
            {
                ["late"] = (ref NodeCall call) =>
                {
                    if (++calls == 2)
                    {
                        throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                    }

                    call.Pass();
                },
            });
        Append(1, 2);
        using (RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources))
        {
            Assert.Equal(2, running.Results.RunToEnd());
            Assert.Equal(3, calls);
            Assert.Equal(6, running.Results.Usage.Written);
        }

        Assert.Equal([1, 2], Visible("first"));
        Assert.Equal([1, 1, 2, 2], Visible("second"));
    }

    [Fact]
    public void A_trial_shows_committed_results()
    {
        using CircuitTrial trial = new(s_circuit);
        Append(200);
        trial.Append("in", FirstMessage("in"));
        CircuitTrialResult result = trial.Run();
        Assert.Equal(FirstMessage("in"), Assert.Single(result.Outputs["first"]).Message.ToArray());
        Assert.Single(result.Outputs["second"]);
    }

    [Fact]
    public async Task A_runtime_runs_all_outputs_as_one_pipeline()
    {
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        RunningCircuit circuit = runtime.Open(s_circuit);
        PipelineRunner all = Assert.Single(circuit.Outputs);
        Assert.Equal("acme.test.v1.transaction", all.Running.Declaration.Name);
        Assert.Equal(["decisions", "first", "second"], all.Running.Declaration.QueuesWritten);
        Assert.Equal("transaction", Assert.Single(circuit.Observations).Output);
    }

    [Fact]
    public void Transactions_allocate_nothing()
    {
        Append(1);
        byte[] message = FirstMessage("in");
        using QueueAppender appender = Resources.Queue("in").CreateAppender();
        using RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            appender.Append(message);
            running.Results.RunToEnd();
        }));
    }

    [Fact]
    public void After_a_crash_the_results_of_a_message_are_visible_in_all_queues_or_in_none()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(33);
        for (int kill = 0; kill < LongRun.Count(8, 60); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["transactions", directory.Path]))
            {
                child.WaitForText(kill % 4 == 3 ? "running" : "under way");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            using PatternWork work = new(directory.Path, PatternWork.Transactions);
            RequireWhole(work);
            using (RunningPipeline running = work.Open())
            {
                running.Results.RunToEnd();
            }

            Assert.Equal(work.Queue("readings").GetInfo().NextSequence, RequireWhole(work));
        }
    }

    // Returns the number of input messages whose results are visible.
    private static long RequireWhole(PatternWork work)
    {
        List<double> all = Visible(work.Queue("all"), work.Queue("decisions"));
        Assert.Equal(Enumerable.Range(0, all.Count).Select(number => (double)number), all);
        Assert.Equal(all.Where(number => number % 2 == 1).SelectMany(number => new[] { number, number }),
            Visible(work.Queue("odd"), work.Queue("decisions")));
        return all.Count;
    }

    private static List<double> Visible(EstreamQueue queue, EstreamQueue log)
    {
        using QueueTailer tailer = queue.CreateTailer();
        using var committed = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, log);
        List<double> values = [];
        while (committed.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    private List<double> Visible(string queue) => Visible(Resources.Queue(queue), Resources.Queue("decisions"));

    private void Append(params int[] values) => Append("in", s_circuit.Inputs[0].Schema,
        [.. values.Select(value => $$"""{"device_id":"a","timestamp":"{{value}}","metric_name":"steps","value":{{value}}}""")]);
}
