using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Witness;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// A queue and its witness in one process that dies, on a machine whose power is cut and whose device fails. After a crash every attested
/// message is there, and the witness continues. After a power cut this holds for all messages that a durable witness has attested. A
/// witness that is not durable refuses if it detects that attested messages are missing; it continues only if none is missing
/// (docs/formats/witness.md, "Crashes"). A verifier gets the same result.
/// </summary>
internal sealed class WitnessScenario : Scenario
{
    private const int SegmentBytes = 64 << 10;
    private const string QueueDirectory = "/log";

    private static readonly SimulatedSigner s_key = new();

    private readonly bool _isDurable;
    private readonly int _retainedSegments;
    private readonly WitnessOptions _options;

    // The number of the witness. When a witness refuses to continue, a new witness with the next number starts.
    private int _number;
    private EstreamQueue? _queue;
    private EstreamQueue? _attestations;
    private QueueAppender? _appender;
    private QueueWitness? _witness;
    private long _attestedBefore;

    // The last attestation, and the last attestation that must survive a power cut.
    private Attestation? _last;
    private Attestation? _durable;

    public WitnessScenario(Simulation run)
        : base(run)
    {
        _isDurable = Random.Chance(0.5);

        // Without a durable witness, retention may delete messages that a power cut leaves without an attestation.
        _retainedSegments = _isDurable ? Random.Pick(0, 0, 1) : 0;
        _options = new WitnessOptions
        {
            MaxMessages = Random.Pick(10, 50, 700),
            MaxDelay = TimeSpan.FromMilliseconds(Random.Pick(0, 1, 500)),
            Recheck = Random.Pick(0, 1, 1, int.MaxValue),
            IsDurable = _isDurable,
            Clock = Machine.Clock,
        };
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 20, () => Append(Durability.PageCache)),
        new Step("append many", 5, AppendMany),
        new Step("append durably", 4, () => Append(Durability.Every)),
        new Step("append segments", _retainedSegments > 0 ? 6 : 2, AppendSegments),
        new Step("attest what is due", 15, () => Attest(witness => witness.Step())),
        new Step("attest all", 10, () => Attest(witness => witness.RunToEnd())),
        new Step("the witness goes and comes", 3, ExchangeWitness),
        new Step("close and open", 3, CloseAndOpen),
        new Step("verify", 2, () => Do(Verify)),
    ];

    private QueueOptions Options =>
        new() { SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background };

    private string WitnessDirectory => $"{QueueDirectory}{QueueWitness.DirectoryEnding}{_number}";

    protected override void Begin() => Open();

    protected override void Recover(Death death)
    {
        (_witness, _appender, _attestations, _queue) = (null, null, null, null);
        OpenQueues();
        if (death == Death.PowerCut && !_isDurable)
        {
            OpenAfterLoss();
        }
        else
        {
            OpenWitness();
            CheckHeld();
            CheckWhole(death == Death.PowerCut ? _durable : _last);
        }

        _last = _witness!.Last;
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        Append(_isDurable ? Durability.Every : Durability.PageCache);
        _witness!.RunToEnd();
        _last = _witness.Last;
        WitnessVerification found = CheckWhole(_last);
        Check.That(found.Unattested == 0, $"not all is attested: {found}");
        Check.That(_retainedSegments > 0 || found.Messages == _queue!.GetInfo().NextSequence,
            $"not every message is attested once: {found}");
    }

    private void Open()
    {
        OpenQueues();
        OpenWitness();
        CheckHeld();
    }

    private void OpenQueues()
    {
        _queue = EstreamQueue.Open(QueueDirectory, Options with { RetainedBytes = _retainedSegments * SegmentBytes });
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        _attestations = EstreamQueue.Open(WitnessDirectory, Options);
        Machine.ThrowIfDying();
    }

    private void OpenWitness()
    {
        _witness = QueueWitness.Open(_queue!, _attestations!, s_key, _options with { TailerName = $"witness{_number}" });
        _attestedBefore = _witness.Attested;
        Machine.ThrowIfDying();
    }

    // A witness that refuses must have a reason, which the verifier also reports. A witness may continue only if no attested message is
    // missing.
    private void OpenAfterLoss()
    {
        bool isLost = HasLostAttested();
        try
        {
            OpenWitness();
        }
        catch (EstreamWitnessException refused)
        {
            Run.Note($"  the witness refuses: {refused.Fault}");
            WitnessVerification found = WitnessVerifier.Verify(_queue!, _attestations!, s_key.Verifier);

            // File names that could not be flushed are lost in any order, so messages may be missing in the middle.
            bool isKnown = isLost && refused.Fault == WitnessFault.Missing && found.Damage?.Fault == WitnessFault.Missing;
            Check.That(!found.IsWhole && (isKnown || Machine.FailedFlushes > 0),
                $"the witness refuses ({refused.Message}), and what is there is {found}");
            BeginAnew();
            return;
        }

        Check.That(!isLost, "messages that are attested are gone, and the witness goes on");
        CheckWhole(_witness!.Last);
    }

    private void BeginAnew()
    {
        _attestations!.Dispose();
        _number++;
        _attestations = EstreamQueue.Open(WitnessDirectory, Options);
        OpenWitness();
    }

    /// <summary>Whether the last attestation covers messages that the queue does not have.</summary>
    private bool HasLostAttested()
    {
        long attested = -1;
        using QueueTailer entries = _attestations!.CreateTailer();
        while (entries.TryRead(out QueueMessage message))
        {
            Check.That(WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault),
                $"message {message.Sequence} is no entry: {fault}");
            attested = entry.Attestation.Head.Sequence;
        }

        return attested >= _queue!.GetInfo().NextSequence;
    }

    /// <summary>Checks that retention has deleted only attested messages.</summary>
    private void CheckHeld()
    {
        long attested = _witness!.Last?.Head.Sequence ?? -1;
        long first = _queue!.GetInfo().FirstSequence;
        Check.That(first <= attested + 1, $"the queue begins with message {first}, and is attested up to {attested}");
    }

    /// <summary>Checks that the queue has the attested messages and extends an attestation that was reported to the caller.</summary>
    private WitnessVerification CheckWhole(Attestation? told)
    {
        WitnessVerification found = told is null
            ? WitnessVerifier.Verify(_queue!, _attestations!, s_key.Verifier)
            : WitnessVerifier.Verify(_queue!, _attestations!, told, s_key.Verifier);
        bool isAllThere = _retainedSegments > 0 || (found.Unchecked == 0 && found.Unproven == 0);
        Check.That(found.Damage is null && isAllThere, $"with {told?.Head}: {found}");
        return found;
    }

    private bool Ensure()
    {
        if (_witness is null)
        {
            Close();
            Do(Open);
        }

        return _witness is not null;
    }

    private void Close()
    {
        IDisposable?[] open = [_witness, _appender, _queue, _attestations];
        (_witness, _appender, _queue, _attestations) = (null, null, null, null);
        foreach (IDisposable? one in open)
        {
            Do(() => one?.Dispose());
        }
    }

    // After a failed flush durable operations are refused permanently, even if the disk works again, until both queues are reopened.
    private bool Do(Action action)
    {
        bool isDone = false;
        try
        {
            isDone = Try(action);
        }
        catch (EstreamStorageException refusal) when (refusal.Reason == StorageFailure.Device && Machine.FailedFlushes > 0)
        {
            Run.Note("  refused for good");
        }

        Machine.ThrowIfDying();
        return isDone;
    }

    private void Append(Durability durability, int? length = null)
    {
        if (Ensure())
        {
            byte[] payload = new byte[length ?? Random.Below(300)];
            Random.Fill(payload);
            Do(() => _appender!.Append(payload, durability));
        }
    }

    private void AppendMany()
    {
        for (int count = Random.Below(60); count > 0; count--)
        {
            Append(Durability.PageCache);
        }
    }

    private void AppendSegments()
    {
        for (int count = Random.Below(12); count > 0; count--)
        {
            Append(Durability.PageCache, length: 15_000);
        }
    }

    private void Attest(Action<QueueWitness> attest)
    {
        if (!Ensure())
        {
            return;
        }

        QueueWitness witness = _witness!;
        bool isDone = Do(() => attest(witness));

        // An attestation whose flush was refused exists nevertheless, and is durable before the next call returns.
        _last = witness.Last;
        if (_isDurable && isDone && witness.Attested > _attestedBefore)
        {
            _durable = _last;
        }
    }

    private void ExchangeWitness()
    {
        if (Ensure())
        {
            QueueWitness witness = _witness!;
            _witness = null;
            Do(() =>
            {
                witness.Dispose();
                OpenWitness();
            });
        }
    }

    private void CloseAndOpen()
    {
        Close();
        Ensure();
    }

    private void Verify()
    {
        if (Ensure())
        {
            CheckWhole(_last);
        }
    }
}
