using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Wire;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// An adapter like those of MQTT and ISO 20022: it stores the messages of one read, waits until they are as durable as the queues
/// guarantee, and acknowledges them. On a machine whose processes are killed and whose power is cut, no acknowledged message is missing
/// afterwards, including dead letters, and all messages are in order.
/// </summary>
internal sealed class IngressScenario(Simulation run) : Scenario(run)
{
    private const int SegmentBytes = 64 << 10;
    private const string Telemetry = "/telemetry";
    private const string Letters = "/dead-letters";

    private readonly bool _isEvery = run.Seed % 2 == 0;
    private readonly Count _stored = new();
    private readonly Count _lettered = new();
    private EstreamQueue? _telemetry;
    private EstreamQueue? _letters;
    private IngressSinks? _sinks;
    private IngressWriter? _writer;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("store, wait and acknowledge", 30, Acknowledge),
        new Step("store without waiting", 10, () => Store(1 + Random.Below(5))),
        new Step("close and open", 2, CloseAndOpen),
        new Step("look", 3, () => Look(Death.Kill)),
    ];

    protected override void Begin() => Open();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        Look(Death.Kill);
    }

    protected override void Recover(Death death)
    {
        (_writer, _sinks, _telemetry, _letters) = (null, null, null, null);
        Open();
        Look(death);
    }

    private void Open()
    {
        // The sender repeats messages that an earlier process has stored and not acknowledged.
        (_stored.IsAwaited, _lettered.IsAwaited) = (false, false);
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background,
            IngressDurability = _isEvery ? Durability.Every : Durability.GroupCommit(),
        };
        _letters = EstreamQueue.Open(Letters, options);
        _telemetry = EstreamQueue.Open(Telemetry, options);
        _sinks = new IngressSinks(_letters, EsfSchemaSet.BuiltIn, clock: Machine.Clock);
        _sinks.Add("telemetry", _telemetry);
        Check.That(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema), "the schema is built in");
        AdapterContext context = new("adapter", EsfSchemaSet.BuiltIn, _sinks, Machine.Clock, _ => { });
        _writer = new IngressWriter(
            new IngressRoutes([TopicMapping.Json("{device_id}", schema, "telemetry")], _sinks), context,
            new AdapterEventLog("adapter", Machine.Clock, _ => { }));
    }

    private void CloseAndOpen()
    {
        Try(Close);
        Ensure();
    }

    private void Close()
    {
        _writer?.Dispose();
        _sinks?.Dispose();
        _telemetry?.Dispose();
        _letters?.Dispose();
        (_writer, _sinks, _telemetry, _letters) = (null, null, null, null);
    }

    private bool Ensure() => _writer is not null || Try(() =>
    {
        // Closes the objects that a failed opening has left open.
        Close();
        Open();
    });

    private void Acknowledge()
    {
        if (Store(1 + Random.Below(5)) && TryWait())
        {
            _stored.Acknowledge();
            _lettered.Acknowledge();
        }
    }

    private bool TryWait()
    {
        try
        {
            _writer!.WaitDurable();
            return true;
        }
        catch (EstreamStorageException failure)
        {
            // After a failed flush the queue refuses until it is recovered; a host would be restarted for this.
            Run.Note($"  not durable: {failure.Reason}");
            CloseAndOpen();
            return false;
        }
    }

    private bool Store(int messages)
    {
        for (; messages > 0 && Ensure(); messages--)
        {
            bool fits = Random.Chance(0.8);
            Count count = fits ? _stored : _lettered;
            string payload = fits
                ? $$"""{"timestamp":{{count.Next}},"metric_name":"flow","value":1.5}"""
                : $"{count.Next}";
            count.IsUnsure = true;
            IngressStatus status = _writer!.Append(new WireMessage("pump"u8, Encoding.UTF8.GetBytes(payload)));
            _writer.Release();
            count.IsUnsure = false;
            if (status == IngressStatus.Blocked)
            {
                return false;
            }

            count.Next++;
            count.IsAwaited = true;
        }

        return messages == 0;
    }

    private void Look(Death death)
    {
        if (Ensure())
        {
            Try(() =>
            {
                _stored.Check(Read(_telemetry!, payload => IoTTelemetry.View.Of(payload).Timestamp), death);
                _lettered.Check(Read(_letters!, NumberOfLetter), death);
            });
        }
    }

    private static long NumberOfLetter(ReadOnlySpan<byte> letter)
    {
        Check.That(EsfSchemaSet.BuiltIn.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema), "the schema is built in");
        string text = EsfJson.ToText(schema, letter);
        int start = text.IndexOf("\"payload\":\"", StringComparison.Ordinal) + "\"payload\":\"".Length;
        return long.Parse(
            Encoding.ASCII.GetString(Convert.FromHexString(text[start..text.IndexOf('"', start)])),
            System.Globalization.CultureInfo.InvariantCulture);
    }

    private delegate long NumberOf(ReadOnlySpan<byte> payload);

    private static List<long> Read(EstreamQueue queue, NumberOf numberOf)
    {
        List<long> numbers = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            numbers.Add(numberOf(message.Payload));
        }

        return numbers;
    }

    /// <summary>The messages of one queue, numbered from 0.</summary>
    private sealed class Count
    {
        private long _acknowledged;

        /// <summary>The number of the next message.</summary>
        public long Next { get; set; }

        /// <summary>Whether the queue may contain the message numbered <see cref="Next"/>.</summary>
        public bool IsUnsure { get; set; }

        /// <summary>Whether this process has stored a message, so that its waits for durability cover that message and all earlier
        /// ones.</summary>
        public bool IsAwaited { get; set; }

        public void Acknowledge() => _acknowledged = IsAwaited ? Next : _acknowledged;

        public void Check(List<long> found, Death death)
        {
            for (int place = 0; place < found.Count; place++)
            {
                Scenarios.Check.That(found[place] == place, $"message {found[place]} stands where {place} is expected");
            }

            Scenarios.Check.That(found.Count >= _acknowledged, $"{_acknowledged} messages were acknowledged, {found.Count} are there");
            Scenarios.Check.That(death == Death.PowerCut || found.Count >= Next, $"{Next} messages were stored, {found.Count} are there");
            Scenarios.Check.That(
                found.Count <= Next + (IsUnsure ? 1 : 0), $"{Next} messages were stored, {found.Count} are there");
            Next = found.Count;
            IsUnsure = false;
        }
    }
}
