using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Internal;
using Estream.Wire.Fix.Session;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// A FIX session that stores the messages of its counterparty, on a machine whose processes are killed and whose power is cut. The
/// counterparty is on another machine and repeats messages on request. Every message is stored, in order. None is stored twice: after a
/// power cut this holds if the queue has <see cref="Durability.Every"/>. With a group commit, a message whose record was lost in the power
/// cut may be stored again. A message stored before the session answered is never missing.
/// </summary>
internal sealed class FixIngressScenario : Scenario
{
    private const int SegmentBytes = 256 << 10;
    private const string Cancels = "/cancels";
    private const string Letters = "/dead-letters";
    private const string Journal = "/journal";
    private const string IdMember = "\"client_order_id\":\"";

    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas);

    private readonly Durability _durability;
    private readonly FixSession _desk;
    private readonly Line _toVenue = new(isHeldBack: false);
    private readonly Line _toDesk = new(isHeldBack: true);
    private EstreamQueue? _cancels;
    private EstreamQueue? _letters;
    private EstreamQueue? _journal;
    private IngressSinks? _sinks;
    private IngressWriter? _writer;
    private FixIngress? _ingress;
    private FixQueueStore? _store;
    private FixSession? _venue;
    private long _sent;
    private long _safe;
    private long _storedAtOpen;
    private bool _mayRepeat;

    public FixIngressScenario(Simulation run)
        : base(run)
    {
        _durability = Random.Pick(Durability.Every, Durability.GroupCommit());
        _desk = new FixSession(Options("DESK", "VENUE"), new FixMemoryStore(100_000), new Nothing(), Machine.Clock);
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("the counterparty sends", 30, Send),
        new Step("deliver some", 30, () => Deliver(1 + Random.Below(6))),
        new Step("answer", 20, Answer),
        new Step("the counterparty reads", 20, Read),
        new Step("the connection ends", 3, Cut),
        new Step("log on", 10, LogOn),
        new Step("close and open", 2, CloseAndOpen),
        new Step("look", 3, () => Try(() => Look(Death.Kill))),
    ];

    protected override void Begin()
    {
        Open();
        Connect();
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        for (int round = 0; round < 100 && !(IsUp && _toVenue.IsEmpty && _toDesk.IsEmpty && round > 5); round++)
        {
            Machine.Clock.Pass(1_000_000_000);
            Connect();
            Deliver(1_000);
            Answer();
            Read();
            _venue!.TryAgain();
        }

        List<long> stored = Look(Death.Kill);
        Check.That(stored.Distinct().Count() == _sent, $"{_sent} messages were sent, {stored.Distinct().Count()} are stored");
    }

    protected override void Recover(Death death)
    {
        (_venue, _store, _ingress, _writer, _sinks, _journal, _letters, _cancels) = (null, null, null, null, null, null, null, null);
        Cut();
        _mayRepeat |= death == Death.PowerCut && _durability != Durability.Every;
        Open();
        Look(death);
    }

    private bool IsUp => _venue is { IsLoggedOn: true } && _desk.IsLoggedOn;

    private static FixSessionOptions Options(string sender, string target) => new()
    {
        Protocol = FixProtocol.Fix44, SenderCompId = sender, TargetCompId = target, HeartbeatSeconds = 0, MaxLatencySeconds = int.MaxValue,
    };

    private void Open()
    {
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background,
            IngressDurability = _durability,
        };
        _letters = EstreamQueue.Open(Letters, options);
        _cancels = EstreamQueue.Open(Cancels, options);
        _journal = EstreamQueue.Open(Journal, options);
        _sinks = new IngressSinks(_letters, s_schemas, clock: Machine.Clock);
        _sinks.Add("cancels", _cancels);
        Check.That(s_schemas.TryGet("FixOrderCancel", out EsfSchema? schema), "the schema is built in");
        AdapterContext context = new("venue", s_schemas, _sinks, Machine.Clock, _ => { });
        FixPayload payload = new(new FixTranslator(FixProtocol.Fix44, new FixTranslatorOptions()));
        IngressRoutes routes = new([TopicMapping.Translated("F", schema, "cancels", payload)], _sinks);
        _writer = new IngressWriter(routes, context, new AdapterEventLog("venue", Machine.Clock, _ => { }));
        _ingress = new FixIngress(
            [new FixMapping("F", "cancels")], () => _writer, context, new FixCounters("venue", () => 0), fills: null);
        _store = new FixQueueStore(_journal, Options("VENUE", "DESK").MaxMessageBytes);
        FixSession venue = new(Options("VENUE", "DESK"), _store, new Dying(_ingress, DieSometimes), Machine.Clock);
        venue.Reconcile(new FixQueues(_sinks));
        _storedAtOpen = Numbers().Count;
        _venue = venue;
    }

    // Adds a death between the append of a message and the record that counts it. No storage operation separates the two, so the machine
    // alone never ends the process there.
    private void DieSometimes()
    {
        if (Random.Chance(0.03))
        {
            Machine.End(Process, Random.Pick(Death.Kill, Death.PowerCut));
            Machine.ThrowIfDying();
        }
    }

    private void CloseAndOpen()
    {
        Cut();
        Try(Close);
        Ensure();
    }

    private void Close()
    {
        _ingress?.Dispose();
        _store?.Dispose();
        _sinks?.Dispose();
        _journal?.Dispose();
        _letters?.Dispose();
        _cancels?.Dispose();
        (_venue, _store, _ingress, _writer, _sinks, _journal, _letters, _cancels) = (null, null, null, null, null, null, null, null);
    }

    private bool Ensure() => _venue is not null || Try(() =>
    {
        // Closes the objects that a failed opening has left open.
        Close();
        Open();
    });

    private void Send()
    {
        LogOn();
        FixMessageBuilder cancel = new FixMessageBuilder("F").Add(41, "order")
            .Add(11, _sent.ToString(CultureInfo.InvariantCulture)).Add(55, "EURUSD").Add(54, "1").AddTime(60, Machine.Clock.UtcNanos);
        _sent += _desk.Send(cancel) == FixSendStatus.Sent ? 1 : 0;
    }

    // Logs on in a single step: the separate steps would rarely complete a logon between two deaths.
    private void LogOn()
    {
        for (int round = 0; round < 3 && !IsUp; round++)
        {
            Connect();
            Deliver(10);
            Answer();
            Read();
        }
    }

    private void Cut()
    {
        _venue?.Disconnected();
        _desk.Disconnected();
        _toVenue.Clear();
        _toDesk.Clear();
    }

    private void Connect()
    {
        if (IsUp || !Ensure())
        {
            return;
        }

        Cut();
        Guard(() =>
        {
            _venue!.Open(_toDesk, isInitiator: false);
            _desk.Open(_toVenue, isInitiator: true);
        });
    }

    private void Deliver(int messages)
    {
        for (; messages > 0 && _venue is { IsHeld: false } venue && _toVenue.TryTake(out byte[]? message); messages--)
        {
            Guard(() =>
            {
                venue.Receive(message);
                while (venue.ContinueResend())
                {
                }
            });
        }
    }

    /// <summary>Sends the answers as a connection does: only after the stored messages and the journal are durable.</summary>
    private void Answer()
    {
        if (_venue is null)
        {
            return;
        }

        Guard(() =>
        {
            _venue.TryAgain();
            int answers = _toDesk.Count;
            if (answers == 0)
            {
                return;
            }

            long stored = Numbers().Count;
            _journal!.WaitDurable(_journal.GetInfo().EndPosition - 1);
            _writer!.WaitDurable();
            _toDesk.Release(answers);

            // Messages stored by an earlier process are flushed with the first message of this process. Until then a power cut may lose
            // them, and the session expects them again.
            _safe = stored > _storedAtOpen ? Math.Max(_safe, stored) : _safe;
        });
    }

    private void Read()
    {
        while (_toDesk.TryTake(out byte[]? message))
        {
            _desk.Receive(message);
            while (_desk.ContinueResend())
            {
            }
        }
    }

    /// <summary>Runs an action of the connection. A storage failure ends the connection and reopens the queues, because they must be
    /// recovered after a failed flush.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (EstreamStorageException failure)
        {
            Run.Note($"  refused: {failure.Reason}");
            _mayRepeat |= failure.Reason == StorageFailure.Device;
            CloseAndOpen();
        }
    }

    private List<long> Look(Death death)
    {
        List<long> numbers = Numbers();
        Check.That(numbers.Count >= _safe || death == Death.Kill, $"{_safe} messages were durable, {numbers.Count} are there");
        long next = 0;
        foreach (long number in numbers)
        {
            Check.That(number <= next, $"message {number} stands where {next} is expected");
            Check.That(number == next || _mayRepeat, $"message {number} is stored twice");
            next = Math.Max(next, number + 1);
        }

        return numbers;
    }

    private List<long> Numbers()
    {
        List<long> numbers = [];
        if (_cancels is not null && s_schemas.TryGet("FixOrderCancel", out EsfSchema? schema))
        {
            using QueueTailer tailer = _cancels.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                string text = EsfJson.ToText(schema, message.Payload);
                int start = text.IndexOf(IdMember, StringComparison.Ordinal) + IdMember.Length;
                numbers.Add(long.Parse(text[start..text.IndexOf('"', start)], CultureInfo.InvariantCulture));
            }
        }

        return numbers;
    }

    /// <summary>One direction of the connection.</summary>
    /// <param name="isHeldBack">Whether messages pass only when they are released.</param>
    private sealed class Line(bool isHeldBack) : IFixOutput
    {
        private readonly Queue<byte[]> _messages = new();
        private int _released;

        public bool IsEmpty => _messages.Count == 0;

        public int Count => _messages.Count;

        public void Release(int messages) => _released = messages;

        public void Clear()
        {
            _messages.Clear();
            _released = 0;
        }

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? message)
        {
            message = null;
            if (isHeldBack && _released == 0)
            {
                return false;
            }

            _released = Math.Max(0, _released - 1);
            return _messages.TryDequeue(out message);
        }

        public void Send(ReadOnlySpan<byte> message) => _messages.Enqueue(message.ToArray());

        public void Close(string why)
        {
            // Earlier data is still delivered, as by a socket.
        }
    }

    private sealed class Dying(FixIngress ingress, Action die) : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            FixVerdict verdict = ingress.OnMessage(session, message);
            die();
            return verdict;
        }
    }

    private sealed class Nothing : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message) => FixVerdict.Accepted;
    }
}
