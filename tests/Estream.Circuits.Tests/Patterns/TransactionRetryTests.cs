using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Witness.Tests.Support;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>A circuit with <c>stream_pattern: transaction</c> continues a transaction that failed because a queue was full.</summary>
public sealed class TransactionRetryTests : CircuitCase
{
    private const int Messages = 1_000;

    // The maximum number of results in a transaction of this circuit: a transaction ends after the message that reaches 256.
    private const int MostResults = 257;

    private static readonly Circuit s_circuit = Declare("""
        inputs: [{ name: in, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: first, type: estream.iot.IoTTelemetry }, { name: second, type: estream.iot.IoTTelemetry }]
        compute: [{ id: all, type: filter, when: value >= 0.0 }]
        flows: [in -> first, in -> all -> second]
        annotations: { stream_pattern: transaction, transaction_log: decisions }
        """);

    private readonly HookedStorage _storage = new();

    [Fact]
    public void Retries_while_an_output_is_full_append_nothing_to_the_other_outputs()
    {
        using FullQueue queues = new(Resources, "second", Directory.Combine("full"), _storage);
        Append(0, Messages);
        using RunningPipeline running = Open(queues);
        RunUntilFull(running);
        long atFirst = Appended(queues, "first");
        int visible = Visible(queues, "first").Count;
        Assert.InRange(atFirst - visible, 1, MostResults);
        for (int retry = 0; retry < 5; retry++)
        {
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        }

        Assert.Equal((atFirst, visible, visible),
            (Appended(queues, "first"), Visible(queues, "first").Count, Visible(queues, "second").Count));

        _storage.OnCreateRegion = null;
        running.Results.RunToEnd();
        RequireOnce(queues, Messages);
        Assert.Equal((Messages, Messages), (Appended(queues, "first"), Appended(queues, "second")));
    }

    [Fact]
    public void A_restart_while_an_output_is_full_aborts_and_repeats_only_one_transaction()
    {
        Append(0, Messages);
        using (FullQueue queues = new(Resources, "second", Directory.Combine("full"), _storage))
        {
            using RunningPipeline running = Open(queues);
            RunUntilFull(running);
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        }

        Reopen();
        using FullQueue again = new(Resources, "second", Directory.Combine("full"), _storage);
        _storage.OnCreateRegion = null;
        using RunningPipeline restarted = Open(again);
        restarted.Results.RunToEnd();
        RequireOnce(again, Messages);
        Assert.InRange(Appended(again, "first"), Messages + 1, Messages + MostResults);
    }

    [Fact]
    public void A_pipeline_whose_log_is_full_can_be_closed_and_opened_again()
    {
        using FullQueue queues = new(Resources, "decisions", Directory.Combine("full"), _storage);
        int appended = 0;
        using (RunningPipeline running = Open(queues))
        {
            _storage.OnCreateRegion = Refuse;
            EstreamStorageException? full = null;
            for (; full is null && appended < 10_000; appended++)
            {
                Append(appended, 1);
                full = Record.Exception(() => running.Results.RunToEnd()) as EstreamStorageException;
            }

            Assert.NotNull(full);
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
            Assert.Equal((appended, appended), (Appended(queues, "first"), Appended(queues, "second")));
        }

        _storage.OnCreateRegion = null;
        using RunningPipeline again = Open(queues);
        again.Results.RunToEnd();
        RequireOnce(queues, appended);
    }

    private static void Refuse(string path) => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);

    private static RunningPipeline Open(FullQueue queues) => Assert.Single(s_circuit.Pipelines).Open(queues);

    private static long Appended(FullQueue queues, string queue) => queues.Queue(queue).GetInfo().NextSequence;

    private static void RequireOnce(FullQueue queues, int messages)
    {
        IEnumerable<double> expected = Enumerable.Range(0, messages).Select(number => (double)number);
        Assert.Equal(expected, Visible(queues, "first"));
        Assert.Equal(expected, Visible(queues, "second"));
    }

    private static List<double> Visible(FullQueue queues, string queue)
    {
        using QueueTailer tailer = queues.Queue(queue).CreateTailer();
        using var committed = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, queues.Queue("decisions"));
        List<double> values = [];
        while (committed.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    private void RunUntilFull(RunningPipeline running)
    {
        _storage.OnCreateRegion = Refuse;
        Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
    }

    private void Append(int first, int count) => Append("in", s_circuit.Inputs[0].Schema,
        [.. Enumerable.Range(first, count).Select(value =>
            $$"""{"device_id":"a","timestamp":"{{value}}","metric_name":"steps","value":{{value}}}""")]);

    /// <summary>Resources with one queue of small segments, whose storage can fail.</summary>
    private sealed class FullQueue(IPipelineResources others, string name, string directory, IStorage storage)
        : IPipelineResources, IDisposable
    {
        private readonly EstreamQueue _full = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = 1 << 16, Storage = storage });

        public EstreamQueue Queue(string queue) => queue == name ? _full : others.Queue(queue);

        public StateMap<Utf8Key64, LatestEntry> Map(string map) => others.Map(map);

        public string StateDirectory(string pipeline) => others.StateDirectory(pipeline);

        public EsfSealer Sealer(EsfSchema schema) => others.Sealer(schema);

        public void Dispose() => _full.Dispose();
    }
}
