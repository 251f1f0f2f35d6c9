using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Wire;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// Two queues that are paused and resumed for several reasons in random order, while their disk fills and their process dies. A model has
/// the set of reasons of each queue. A queue on a healthy disk accepts a message exactly when its set is empty. No reason survives the
/// process, whose successor decides again.
/// </summary>
internal sealed class ControlScenario(Simulation run) : Scenario(run)
{
    private const int SegmentBytes = 64 << 10;
    private const string Orders = "orders";
    private const string Telemetry = "telemetry";

    private readonly Dictionary<string, HashSet<PauseReason>> _model = new(StringComparer.Ordinal) { [Orders] = [], [Telemetry] = [] };
    private readonly Dictionary<string, EstreamQueue> _queues = new(StringComparer.Ordinal);
    private IngressSinks? _sinks;
    private IngressWriter? _writer;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("the free space falls below the minimum", 4, () => Pause(PauseReason.Disk, Orders, Telemetry)),
        new Step("the free space returns", 4, () => Resume(PauseReason.Disk, Orders, Telemetry)),
        new Step("a spool is too long", 4, () => Pause(PauseReason.Spool, AnyQueue())),
        new Step("a spool is short enough", 4, () => Resume(PauseReason.Spool, AnyQueue())),
        new Step("the operator pauses a queue", 3, () => Pause(PauseReason.Operator, AnyQueue())),
        new Step("the operator resumes a queue", 3, () => Resume(PauseReason.Operator, AnyQueue())),
        new Step("a queue is fenced", 1, () => Pause(PauseReason.Fenced, AnyQueue())),
        new Step("the lease is lost", 1, () => Pause(PauseReason.LeaseLost, Orders, Telemetry)),
        new Step("append", 20, () => Append(AnyQueue())),
        new Step("a waiting connection retries", 4, Retry),
    ];

    protected override void Begin() => Open();

    protected override void Recover(Death death)
    {
        (_writer, _sinks) = (null, null);
        _queues.Clear();
        foreach (HashSet<PauseReason> reasons in _model.Values)
        {
            reasons.Clear();
        }

        Open();
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        foreach (string queue in (string[])[Orders, Telemetry])
        {
            Append(queue);
            foreach (PauseReason reason in _model[queue].Order().ToArray())
            {
                Resume(reason, queue);
                Append(queue);
            }

            Check.That(_model[queue].Count == 0, "every reason has ended");
        }
    }

    private void Open()
    {
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background,
        };
        _sinks = new IngressSinks(EstreamQueue.Open("/dead-letters", options), EsfSchemaSet.BuiltIn, clock: Machine.Clock);
        Check.That(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema), "the schema is built in");
        foreach (string queue in _model.Keys)
        {
            _queues.Add(queue, EstreamQueue.Open($"/{queue}", options));
            _sinks.Add(queue, _queues[queue]);
        }

        _writer = new IngressWriter(
            new IngressRoutes([.. _model.Keys.Select(queue => TopicMapping.Json($"{queue}/{{device_id}}", schema, queue))], _sinks),
            new AdapterContext("adapter", EsfSchemaSet.BuiltIn, _sinks, Machine.Clock, _ => { }),
            new AdapterEventLog("adapter", Machine.Clock, _ => { }));
    }

    private string AnyQueue() => Random.Pick(Orders, Telemetry);

    private void Pause(PauseReason reason, params string[] queues)
    {
        Run.Note($"  {reason}: {string.Join(", ", queues)}");
        EstreamStorageException failure = new($"{reason}", null, StorageFailure.Other);
        Change(reason, failure, queues);
        Array.ForEach(queues, queue => _model[queue].Add(reason));
        CheckReasons();
    }

    private void Resume(PauseReason reason, params string[] queues)
    {
        Run.Note($"  {reason} ends: {string.Join(", ", queues)}");
        Change(reason, null, queues);
        Array.ForEach(queues, queue => _model[queue].Remove(reason));
        CheckReasons();
    }

    // Embedders use the public method, which must not end a pause of the host.
    private void Change(PauseReason reason, EstreamStorageException? failure, string[] queues)
    {
        if (reason == PauseReason.Operator)
        {
            _sinks!.Pause(failure, queues.Contains);
        }
        else if (failure is not null)
        {
            _sinks!.Pause(reason, failure, queues.Contains);
        }
        else
        {
            _sinks!.Resume(reason, queues.Contains);
        }
    }

    private void Append(string queue)
    {
        if (!MayFail)
        {
            // A waiting connection tries a disk that has failed again after 100 ms.
            Machine.Clock.Pass(200_000_000);
        }

        long before = SinkOf(queue).Messages;
        IngressStatus status = _writer!.Append(new WireMessage(
            System.Text.Encoding.UTF8.GetBytes($"{queue}/pump"), """{"timestamp":1,"metric_name":"flow","value":1.5}"""u8));
        _writer.Release();
        bool isStored = status == IngressStatus.Stored;
        Run.Note($"  {queue}: {status}");
        Check.That(isStored || status == IngressStatus.Blocked, $"the message is stored or waits, but is {status}");
        Check.That(!isStored || _model[queue].Count == 0, $"a queue that is paused for {string.Join(", ", _model[queue])} took a message");
        Check.That(isStored || _model[queue].Count > 0 || MayFail, $"a queue without a reason took no message: {SinkOf(queue).Failure}");
        Check.That(SinkOf(queue).Messages == before + (isStored ? 1 : 0), "the count of messages follows the answer");
    }

    private void Retry()
    {
        Machine.Clock.Pass(200_000_000);
        foreach (string queue in _model.Keys)
        {
            SinkOf(queue).Retry();
        }

        CheckReasons();
    }

    private void CheckReasons()
    {
        foreach ((string queue, HashSet<PauseReason> reasons) in _model)
        {
            string? shown = SinkOf(queue).Failure?.Message;
            Check.That(
                reasons.Count == 0 ? shown is null || !Enum.TryParse(shown, out PauseReason _) : shown == $"{reasons.Min()}",
                $"{queue} shows '{shown}' although it is paused for {string.Join(", ", reasons)}");
        }
    }

    private IngressSink SinkOf(string queue)
    {
        Check.That(_sinks!.TryGet(queue, out IngressSink? sink), "the queue has a sink");
        return sink;
    }
}
