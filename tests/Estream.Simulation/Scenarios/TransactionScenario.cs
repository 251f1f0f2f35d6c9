using Estream.Core;
using Estream.Iot;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Streams;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// Durable and other transactions over two queues, committed or rolled back, on a machine whose processes die and whose power is cut. After
/// a crash every committed transaction is read whole, and no other transaction is read. After a power cut this holds for durable
/// transactions; any other transaction may be there in part. A rolled back transaction is never read. Readers reach the end of their
/// queues. If the log has lost transactions, readers may wait until as many new ones are committed (docs/guides/streams.md,
/// "Transactions").
/// </summary>
internal sealed class TransactionScenario(Simulation run) : Scenario(run)
{
    private const int Parts = 3;

    private readonly SortedDictionary<long, Entry> _entries = [];
    private long _made;
    private Entry? _tried;
    private EstreamQueue? _log;
    private EstreamQueue? _left;
    private EstreamQueue? _right;
    private QueueAppender? _toLeft;
    private QueueAppender? _toRight;
    private EsfTransactions? _transactions;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("commit a durable transaction", 12, () => Transact(isDurable: true, isCommitted: true)),
        new Step("commit a transaction", 10, () => Transact(isDurable: false, isCommitted: true)),
        new Step("give up a durable transaction", 3, () => Transact(isDurable: true, isCommitted: false)),
        new Step("give up a transaction", 3, () => Transact(isDurable: false, isCommitted: false)),
        new Step("begin a transaction and be killed", 2, () => BeginAndDie(Death.Kill)),
        new Step("begin a transaction and be cut off", 2, () => BeginAndDie(Death.PowerCut)),
        new Step("read all", 4, ReadAll),
        new Step("close and open", 3, CloseAndOpen),
    ];

    private QueueOptions Options =>
        new() { SegmentBytes = 64 << 10, Storage = Process, Clock = Machine.Clock, Background = Machine.Background };

    protected override void Begin() => Open();

    protected override void Recover(Death death)
    {
        Open();
        Look(isCut: death == Death.PowerCut);
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        Look(isCut: false);
        Transact(isDurable: true, isCommitted: true);
        Look(isCut: false);
    }

    private void Open()
    {
        _log = EstreamQueue.Open("/log", Options);
        _left = EstreamQueue.Open("/left", Options);
        _right = EstreamQueue.Open("/right", Options);
        _toLeft = _left.CreateAppender(AppenderMode.Exclusive);
        _toRight = _right.CreateAppender(AppenderMode.Exclusive);
        _transactions = new EsfTransactions(_log);
    }

    private void Close()
    {
        IDisposable?[] open = [_transactions, _toLeft, _toRight, _left, _right, _log];
        (_transactions, _toLeft, _toRight, _left, _right, _log) = (null, null, null, null, null, null);
        foreach (IDisposable? one in open)
        {
            Try(() => one?.Dispose());
        }
    }

    private void CloseAndOpen()
    {
        Close();
        Ensure();
    }

    private bool Ensure()
    {
        if (_transactions is null)
        {
            Close();
            Try(Open);
        }

        return _transactions is not null;
    }

    private void Transact(bool isDurable, bool isCommitted)
    {
        if (!Ensure())
        {
            return;
        }

        var entry = new Entry(++_made, isDurable);
        _tried = isCommitted ? entry : null;
        try
        {
            using EsfTransaction transaction = _transactions!.Begin(isDurable);
            Append(transaction, entry.Value, Random.Below(Parts + 1));
            if (isCommitted)
            {
                Append(transaction, entry.Value, Parts, from: transaction.Count);
                transaction.Commit();
            }
        }
        catch (EstreamStorageException refusal) when (MayFail || Machine.FailedFlushes > 0)
        {
            // A refused transaction may have been committed nevertheless. Opening the queues again shows the outcome.
            Run.Note($"  refused: {refusal.Reason}");
            CloseOnHealthyMachine();
            return;
        }

        if (_tried is not null)
        {
            _entries.Add(entry.Value, entry with { Seen = (1 << Parts) - 1 });
            _tried = null;
        }
    }

    private void ReadAll()
    {
        if (Ensure())
        {
            Try(() => Look(isCut: false));
        }
    }

    private void CloseOnHealthyMachine()
    {
        (double Flush, double Other) chance = Machine.FailureChance;
        long capacity = Machine.CapacityBytes;
        (Machine.FailureChance, Machine.CapacityBytes) = (default, long.MaxValue);
        Close();
        Open();
        Look(isCut: false);
        (Machine.FailureChance, Machine.CapacityBytes) = (chance, capacity);
    }

    private void BeginAndDie(Death death)
    {
        if (Ensure())
        {
            Try(() => Append(_transactions!.Begin(Random.Chance(0.5)), ++_made, Random.Below(Parts + 1)));
            Machine.End(Process, death);
        }
    }

    // Appends parts of a transaction: the first part to one queue, the others to the other queue.
    private void Append(EsfTransaction transaction, long value, int parts, int from = 0)
    {
        for (int part = from; part < parts; part++)
        {
            byte[] buffer = new byte[200];
            IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
            writer.DeviceId = "thing"u8;
            writer.MetricName = "n"u8;
            writer.Value = value;
            writer.Timestamp = part;
            transaction.Append(part == 0 ? _toLeft! : _toRight!, buffer.AsSpan(0, writer.Length));
        }
    }

    private void Look(bool isCut)
    {
        Dictionary<long, int> seen = [];
        Read(_left!, seen, isCut);
        Read(_right!, seen, isCut);
        if (_tried is { } tried)
        {
            int parts = seen.GetValueOrDefault(tried.Value);
            Check.That(parts is 0 or (1 << Parts) - 1 || (isCut && !tried.IsDurable),
                $"of transaction {tried.Value}, whose commit did not return, there are the parts {parts}");
            _entries.Add(tried.Value, tried with { Seen = parts, MayGo = true });
            _tried = null;
        }

        foreach ((long value, int parts) in seen)
        {
            Check.That(_entries.ContainsKey(value), $"transaction {value} is seen with the parts {parts}, and was never committed");
        }

        foreach (Entry entry in _entries.Values.ToList())
        {
            int parts = seen.GetValueOrDefault(entry.Value);
            bool isLoss = entry.IsDurable ? entry.MayGo && parts == 0 : (parts & ~entry.Seen) == 0;
            Check.That(parts == entry.Seen || (isCut && isLoss),
                $"of transaction {entry.Value} there are the parts {parts} and not {entry.Seen}");
            _entries[entry.Value] = entry with { Seen = parts };
        }
    }

    private void Read(EstreamQueue queue, Dictionary<long, int> seen, bool isCut)
    {
        using QueueTailer tailer = queue.CreateTailer();
        using var reader = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, _log!);
        (long Value, long Part) last = default;
        while (true)
        {
            while (reader.TryRead(out EsfMessage<IoTTelemetry.View> message))
            {
                (long Value, long Part) next = ((long)message.View.Value, message.View.Timestamp);
                Check.That(next.CompareTo(last) > 0, $"message {next} comes behind {last}");
                seen[next.Value] = seen.GetValueOrDefault(next.Value) | (1 << (int)next.Part);
                last = next;
            }

            if (!reader.IsWaiting)
            {
                return;
            }

            // A reader waits until as many new transactions are committed as the log has lost.
            Check.That(isCut, "a reader waits although nothing was lost");
            Check.That(_log!.GetInfo().NextSequence <= 2 * _made + 1_000, "a reader waits for ever");
            using EsfTransaction empty = _transactions!.Begin();
            empty.Commit();
        }
    }

    /// <summary>A transaction.</summary>
    /// <param name="Value">The content of its messages.</param>
    /// <param name="IsDurable">Whether it must survive a power cut.</param>
    private sealed record Entry(long Value, bool IsDurable)
    {
        /// <summary>Whether the transaction was not reported durable, because its commit did not return. Then it may be lost as a
        /// whole.</summary>
        public bool MayGo { get; init; }

        /// <summary>The messages of the transaction that are read: a bit for each message.</summary>
        public int Seen { get; init; }
    }
}
