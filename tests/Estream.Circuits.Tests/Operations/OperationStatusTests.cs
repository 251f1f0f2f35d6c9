using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Map.Tests;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>The status of requests that cannot be executed, and refusals when an operation is opened.</summary>
public sealed class OperationStatusTests : OperationCase
{
    [Fact]
    public void An_invalid_operation_request_changes_nothing()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit append = Open("queue.append", With(log));
        byte[] request = Encode(append.Operation.Request, """{"payload":"00"}""");
        byte[] broken = [.. request];
        broken[^2] ^= 0xff;
        foreach (byte[] wrong in new[] { [], new byte[20], request[..^1], broken,
            Encode(append.Operation.Result, """{"status":"Done"}""") })
        {
            Assert.Equal(OperationStatus.Invalid, append.Operation.StatusOf(append.Run(wrong)));
        }

        Assert.Empty(Texts(log));
        Assert.Throws<ArgumentException>(() => append.Operation.StatusOf(request));
    }

    [Fact]
    public void An_append_of_a_message_beyond_the_queue_limit_returns_TooLong()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit append = Open("queue.append", With(log));
        string longest = new('0', 2 * log.MaxMessageBytes);
        Assert.StartsWith("""{"status":"Done",""", Do(append, $$"""{"payload":"{{longest}}"}"""), StringComparison.Ordinal);
        Assert.Equal("""{"status":"TooLong"}""", Do(append, $$"""{"payload":"{{longest}}00"}"""));
        Assert.Single(Texts(log));
    }

    [Fact]
    public void An_append_batch_that_does_not_fit_in_a_segment_returns_TooLong()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit append = Open("queue.append_batch", With(log));
        string half = new('0', 2 * 40_000);
        Assert.Equal("""{"status":"TooLong"}""", Do(append, $$"""{"payloads":["00","{{half}}","{{half}}"]}"""));
        Assert.Empty(Texts(log));
        Assert.StartsWith("""{"status":"Done",""", Do(append, $$"""{"payloads":["00","{{half}}"]}"""), StringComparison.Ordinal);
        Assert.Equal(2, Texts(log).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_put_with_a_too_long_key_or_change_stores_nothing(bool hasVersions)
    {
        QueueChangeSink changes = Own(new QueueChangeSink(Queue("changes")));
        OperationMap map = MapOf(hasVersions, "state", changes);
        OperationCircuit put = Open("map.put", With(map));
        Assert.Equal("""{"status":"TooLong"}""", Do(put, $$"""{"key":"{{new string('0', 2 * (ByteMap.MaxKeyBytes + 1))}}","value":""}"""));

        // The value is within the limit of the map, but beyond the limit of its change feed.
        Assert.Equal("""{"status":"TooLong"}""", Do(put, $$"""{"key":"00","value":"{{new string('0', 2 * 65_536)}}"}"""));
        Assert.StartsWith("{\"status\":\"Created\"", Do(put, """{"key":"00","value":"01"}"""), StringComparison.Ordinal);
        OperationCircuit cas = Open("map.cas", With(map));
        Assert.Equal("""{"status":"TooLong"}""", Do(cas, $$"""{"key":"00","value":"{{new string('0', 2 * 65_536)}}","expected":"01"}"""));
        Assert.Equal(1, map.Plain?.Count ?? map.Versioned!.Count);
    }

    [Fact]
    public void An_operation_on_a_full_disk_returns_Full_and_succeeds_when_space_is_free()
    {
        OutOfSpaceStorage storage = new();
        EstreamQueue log = Queue("log", new QueueOptions { SegmentBytes = 64 << 10, Storage = storage });
        OperationCircuit append = Open("queue.append", With(log) with { Appending = AppenderMode.Exclusive });
        string request = $$"""{"payload":"{{new string('0', 2 * 60_000)}}"}""";
        Assert.Equal("""{"status":"Done","position":256,"sequence":0}""", Do(append, request));
        storage.IsFull = true;
        string result = Do(append, request);

        // A segment may have been preallocated before the disk was full.
        result = result.Contains("Done", StringComparison.Ordinal) ? Do(append, request) : result;
        Assert.Equal("""{"status":"Full"}""", result);
        int before = Texts(log).Count;
        storage.IsFull = false;
        Assert.StartsWith("""{"status":"Done",""", Do(append, request), StringComparison.Ordinal);
        Assert.Equal(before + 1, Texts(log).Count);
    }

    [Fact]
    public void A_gc_stopped_by_a_full_disk_reports_the_removed_entries()
    {
        const int Entries = 10_000;
        OutOfSpaceStorage storage = new();
        QueueChangeSink changes =
            Own(new QueueChangeSink(Queue("changes", new QueueOptions { SegmentBytes = 64 << 10, Storage = storage })));
        VersionedByteMap state = Versioned("state", changes);
        for (int i = 0; i < Entries; i++)
        {
            state.Put(Utf8($"{i}".PadLeft(40, '.')), default, TimeSpan.FromSeconds(1));
        }

        OperationCircuit gc = Open("map.gc", With(OperationMap.Of(state)));
        Clock.Pass(TimeSpan.FromSeconds(2));
        storage.IsFull = true;
        string full = Do(gc, """{"shrink":false}""");
        Assert.StartsWith($$"""{"status":"Full","removed":{{Entries - state.Count}},"entries":{{state.Count}},""", full,
            StringComparison.Ordinal);
        Assert.InRange(state.Count, 1, Entries);
        storage.IsFull = false;
        Assert.StartsWith($$"""{"status":"Done","removed":{{state.Count}},"entries":0,""", Do(gc, """{"shrink":false}"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_exclusive_appender_returns_sequence_numbers()
    {
        EstreamQueue log = Queue("log");
        using (OperationCircuit shared = OperationCircuit.Open(Load("queue.append"), With(log)))
        {
            Assert.DoesNotContain("sequence", Do(shared, """{"payload":"00"}"""), StringComparison.Ordinal);
        }

        OperationCircuit alone = Open("queue.append", With(log) with { Appending = AppenderMode.Exclusive });
        Assert.EndsWith("\"sequence\":1}", Do(alone, """{"payload":"00"}"""), StringComparison.Ordinal);
        Assert.EndsWith("\"sequence\":2}", Do(alone, """{"payload":"00"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_an_operation_with_unusable_resources_is_refused()
    {
        OperationResources nothing = new();
        Assert.Contains("uses the queue 'log', which does not exist; there are: none.",
            Assert.Throws<ArgumentException>(() => OperationCircuit.Open(Load("queue.append"), nothing)).Message, StringComparison.Ordinal);
        Assert.Contains("the map 'state'", Assert.Throws<ArgumentException>(() => OperationCircuit.Open(Load("map.gc"), nothing)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Set one in OperationResources",
            Assert.Throws<ArgumentException>(() => OperationCircuit.Open(Load("queue.replicate"), With(Queue("log")))).Message,
            StringComparison.Ordinal);
        Assert.Contains("The target 'nothing' does not run 'map.put'",
            Assert.Throws<NotSupportedException>(() => OperationCircuit.Open(Load("map.put"), nothing, new NoTarget())).Message,
            StringComparison.Ordinal);
        _ = Versioned("state");
        using VersionedByteMap readOnly = VersionedByteMap.OpenReadOnly(Directory.Combine("maps", "state"));
        Assert.Throws<ArgumentException>(() => OperationMap.Of(readOnly));
        using QueueAppender alone = Queue("taken").CreateAppender(AppenderMode.Exclusive);
        EstreamQueue taken = Own(EstreamQueue.Open(Directory.Combine("queues", "taken")));
        Assert.Throws<EstreamLeaseException>(() => OperationCircuit.Open(Load("queue.append"), With(taken)));
    }

    [Fact]
    public void A_disposed_operation_throws_and_its_queue_or_map_stays_open()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit append = Open("queue.append", With(log));
        append.Dispose();
        append.Dispose();
        Assert.Throws<ObjectDisposedException>(() => append.Run(new MessageBatch(), new MessageBatch()));
        using QueueAppender appender = log.CreateAppender(AppenderMode.Exclusive);
        appender.Append([1]);
    }

    [Fact]
    public void Run_throws_when_requests_and_results_are_the_same_batch()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit append = Open("queue.append", With(log));
        MessageBatch requests = new();
        requests.Append(Encode(append.Operation.Request, """{"payload":"00"}"""));
        Assert.Throws<ArgumentException>(() => append.Run(requests, requests));
        Assert.Equal(1, requests.Count);
        Assert.Empty(Texts(log));
    }

    [Fact]
    public async Task Dispose_waits_for_requests_in_progress()
    {
        SlowTarget target = new();
        OperationCircuit slow = Own(OperationCircuit.Open(Load("queue.append"), With(Queue("log")), target));
        Task run = Task.Run(() => slow.Run(new MessageBatch(), new MessageBatch()));
        Eventually.True(() => target.IsRunning, "requests are being done");
        Thread end = new(slow.Dispose);
        end.Start();
        Eventually.True(() => !end.IsAlive || (end.ThreadState & ThreadState.WaitSleepJoin) != 0, "it is disposed, or waits");
        target.GoOn();
        await run;
        end.Join();
        Assert.Equal((false, true), (target.WasTakenAway, target.IsDisposed));
        Assert.Throws<ObjectDisposedException>(() => slow.Run(new MessageBatch(), new MessageBatch()));
    }

    [Fact]
    public void A_message_batch_beyond_its_limits_throws()
    {
        MessageBatch batch = new();
        Assert.Throws<InvalidOperationException>(() => { _ = batch.Reserve(MessageBatch.MaxBytes + 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Add(1));
        for (int i = 0; i < MessageBatch.MaxMessages; i++)
        {
            batch.Append([(byte)i]);
        }

        Assert.Throws<InvalidOperationException>(() => batch.Append([]));
        Assert.Equal((MessageBatch.MaxMessages, MessageBatch.MaxMessages, (byte)7), (batch.Count, batch.Length, batch[7][0]));
        Assert.Equal(8, batch.Ends[7]);
        batch.Clear();
        Assert.Equal((0, 0, 0), (batch.Count, batch.Length, batch.Bytes.Length));
    }

    private sealed class NoTarget : IExecutionTarget
    {
        public string Name => "nothing";

        public bool CanRun(OperationKind kind) => false;

        public IExecutableOperation Open(CircuitOperation operation, OperationResources places) => throw new NotSupportedException();
    }

    /// <summary>Runs until it is released, and records whether it was disposed meanwhile.</summary>
    private sealed class SlowTarget : IExecutionTarget, IExecutableOperation
    {
        private volatile bool _isRunning;
        private volatile bool _mayGoOn;
        private volatile bool _isDisposed;

        public string Name => "slow";

        public bool IsRunning => _isRunning;

        public bool IsDisposed => _isDisposed;

        public bool WasTakenAway { get; private set; }

        public bool CanRun(OperationKind kind) => true;

        public IExecutableOperation Open(CircuitOperation operation, OperationResources places) => this;

        public void Run(MessageBatch requests, MessageBatch results)
        {
            _isRunning = true;
            Eventually.True(() => _mayGoOn, "it may go on");
            WasTakenAway = _isDisposed;
        }

        public void GoOn() => _mayGoOn = true;

        public void Dispose() => _isDisposed = true;
    }

    private sealed class OutOfSpaceStorage : PassThroughStorage
    {
        public volatile bool IsFull;

        public override MemoryRegion CreateRegion(string path, long length) =>
            IsFull ? throw new EstreamStorageException($"'{path}': no space is left.", path,
                StorageFailure.DiskFull) : base.CreateRegion(path, length);
    }
}
