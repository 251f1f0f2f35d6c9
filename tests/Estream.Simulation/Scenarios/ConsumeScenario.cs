using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One process appends to a source. One or two consumers, in the same process or in other processes, commit their progress with the batches
/// that they append to an output. After crashes, power cuts and device failures each message of the source has its result once and in
/// order: none is skipped and none is repeated (docs/formats/queue.md, "Consuming exactly once").
/// </summary>
internal sealed class ConsumeScenario : Scenario
{
    private const int SegmentBytes = 64 << 10;
    private const string SourceDirectory = "/source";
    private const string OutputDirectory = "/output";
    private const int MostMessages = 8;
    private const int MostBytes = 20_000;

    private static readonly QueueKeyRing s_keys = new("first", new byte[QueueKeyRing.KeyBytes]);

    private readonly AppenderMode _sourceMode;
    private readonly AppenderMode _outputMode;
    private readonly QueueKeyRing? _keys;
    private readonly int? _uniformBytes;
    private readonly int _retainedSegments;
    private readonly ConsumeModel _model = new();
    private readonly ConsumeParty[] _parties;
    private readonly ConsumeParty[] _consumers;

    public ConsumeScenario(Simulation run)
        : base(run)
    {
        _sourceMode = Random.Pick(AppenderMode.Exclusive, AppenderMode.Shared);
        _outputMode = Random.Pick(AppenderMode.Exclusive, AppenderMode.Shared);
        _keys = Random.Chance(0.05) ? s_keys : null;
        _uniformBytes = Random.Pick<int?>(null, null, 48, 240, 496);
        _retainedSegments = Random.Pick(0, 0, 0, 1);
        bool isOne = Random.Chance(0.3);
        bool hasSecond = _outputMode == AppenderMode.Shared && Random.Chance(0.5);
        _parties =
        [
            new ConsumeParty(Process, new SimulatedScheduler(Machine), produces: true, consumer: isOne ? 0 : -1),
            .. isOne ? (ConsumeParty[])[] : [NewConsumer(0)],
            .. hasSecond ? [NewConsumer(1)] : (ConsumeParty[])[],
        ];
        _consumers = [.. _parties.Where(party => party.Consumes)];
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 15, () => Append(Durability.PageCache)),
        new Step("append durably", 4, () => Append(Durability.Every)),
        new Step("append for a group commit", 4, () => Append(SomeGroup())),
        new Step("append many", 4, AppendMany),
        new Step("append segments", _retainedSegments > 0 ? 5 : 1, AppendSegments),
        new Step("claim for the source and be killed", 1, ClaimForSourceAndDie),
        new Step("consume", 25, () => Consume(Random.Pick(_consumers), SomeDurability())),
        new Step("consume all", 4, () => ConsumeAll(Random.Pick(_consumers))),
        new Step("consume and give up", 3, () => ConsumeAndGiveUp(Random.Pick(_consumers))),
        new Step("consume and be killed", 2, () => ConsumeAndDie(Random.Pick(_consumers))),
        new Step("consume behind a claim", _consumers.Length > 1 ? 5 : 0, ConsumeBehindClaim),
        new Step("pass some", 4, () => Pass(Random.Pick(_consumers))),
        new Step("wait until it is durable", 2, () => Wait(Random.Pick(_consumers))),
        new Step("a consumer goes and comes", 3, () => LetGoAndComeBack(Random.Pick(_consumers))),
        new Step("read all", 3, ReadAll),
        new Step("close and open", 2, () => CloseAndOpen([Random.Pick(_parties)])),
        new Step("close and open all", 2, () => CloseAndOpen(_parties)),
        new Step("work of the queues in the background", 4, () => Random.Pick(_parties).Background.RunOne()),
        new Step("kill one of several", _parties.Length - 1, () => Machine.End(Random.Pick(_parties).Process, Death.Kill)),
        new Step("kill one of several soon", 3 * (_parties.Length - 1),
            () => Machine.Arm(Random.Pick(_parties).Process, Death.Kill, Random.Below(25))),
    ];

    protected override void Begin()
    {
        // All names exist before the first message; otherwise retention could delete messages for a consumer that starts later.
        Array.ForEach(_parties, OpenWriting);
        Array.ForEach(_consumers, OpenTailer);
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen(_parties);
        Array.ForEach(_consumers, ConsumeAll);
        CloseAndOpen(_parties);
        ReadAll();
        foreach (ConsumeParty party in _consumers)
        {
            // The last tailer has already read the messages that may be repeated.
            _model.CheckResumes(party, next: null, mayRepeatPassed: false);
            Check.That(party.Output!.Verify() is { IsWhole: true } && party.Source!.Verify() is { IsWhole: true }, "a queue is damaged");
        }
    }

    protected override void Recover(Death death)
    {
        SimulatedProcess? started = Process;
        foreach (ConsumeParty dead in _parties.Where(party => party.Process.IsDead))
        {
            dead.Forget(started ?? Machine.Start(), new SimulatedScheduler(Machine));
            started = null;
        }

        if (death == Death.PowerCut)
        {
            LookWithoutWriting(SourceDirectory, _model.Source, IsPrefix(_sourceMode));
            LookWithoutWriting(OutputDirectory, _model.Output, IsPrefix(_outputMode));
        }

        // Opens all processes that append first: they reclaim the slots of processes that died during an append.
        Array.ForEach(_parties, OpenWriting);
        Settle(death, _model.Source, _consumers[0].Source!, IsPrefix(_sourceMode));
        Settle(death, _model.Output, _consumers[0].Output!, IsPrefix(_outputMode));
        foreach (ConsumeParty party in _consumers)
        {
            party.MayRepeatPassed |= death == Death.PowerCut;
            _model.CheckResults(party.Consumer);
            if (party.Tailer is null)
            {
                OpenTailer(party);
            }
        }
    }

    private void LookWithoutWriting(string directory, DurableModel model, bool isPrefix)
    {
        if (Process.FileExists($"{directory}/queue.meta"))
        {
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, Options(Machine.Start(), new SimulatedScheduler(Machine)));
            model.KeptFrom = queue.OldestPosition();
            model.CheckSurvivors(DurableModel.ReadAll(queue), isPrefix, isRecovered: false);
        }
    }

    private static void Settle(Death death, DurableModel model, EstreamQueue queue, bool isPrefix)
    {
        model.KeptFrom = queue.OldestPosition();
        List<AppendedMessage> seen = DurableModel.ReadAll(queue);
        if (death == Death.PowerCut)
        {
            model.CheckSurvivors(seen, isPrefix, isRecovered: true);
            model.GoOnFrom(seen, queue.DurablePosition);
        }
        else
        {
            model.CheckAll(seen);
        }

        model.Promise(queue.DurablePosition);
    }

    // Whether the messages after a power cut must be the first ones of the log, without a gap. With several writers a slot that was claimed
    // and not committed is skipped. File names that could not be flushed may appear in any order.
    private bool IsPrefix(AppenderMode mode) => mode == AppenderMode.Exclusive && Machine.FailedFlushes == 0;

    private ConsumeParty NewConsumer(int number) => new(Machine.Start(), new SimulatedScheduler(Machine), produces: false, number);

    private QueueOptions Options(SimulatedProcess process, SimulatedScheduler background) => new()
    {
        SegmentBytes = SegmentBytes,
        Storage = process,
        Clock = Machine.Clock,
        Background = background,
        Keys = _keys,
    };

    private void OpenWriting(ConsumeParty party)
    {
        if (party.IsOpen)
        {
            return;
        }

        party.Close();
        QueueOptions options = Options(party.Process, party.Background);
        party.Source = EstreamQueue.Open(SourceDirectory, options with { RetainedBytes = _retainedSegments * SegmentBytes });
        if (party.Produces)
        {
            party.Producer = party.Source.CreateAppender(_sourceMode);
        }

        if (party.Consumes)
        {
            party.Output = EstreamQueue.Open(OutputDirectory, options);
            party.Appender = party.Output.CreateAppender(_outputMode);
        }

        Machine.ThrowIfDying();
    }

    private void OpenTailer(ConsumeParty party)
    {
        QueueTailer tailer = party.Source!.CreateTailer(party.Name, party.Output!);
        try
        {
            AppendedMessage? next = tailer.TryPeek(out QueueMessage message)
                ? new AppendedMessage(message.Position, message.Payload.ToArray())
                : null;

            // After a failed flush the output may have been recovered. Then only the output determines the position, so messages that were
            // passed may come again.
            _model.CheckResumes(party, next, party.MayRepeatPassed || Machine.FailedFlushes > 0);
            party.Next = next?.Position ?? (_model.Source.Count == 0 ? 0 : _model.Source.LastPosition + 1);
            party.MayRepeatPassed = false;
            Machine.ThrowIfDying();
        }
        catch
        {
            tailer.Dispose();
            throw;
        }

        party.Tailer = tailer;
    }

    private bool Ensure(ConsumeParty party) =>
        (party.IsOpen || Do(() => OpenWriting(party))) && (!party.Consumes || party.Tailer is not null || Do(() => OpenTailer(party)));

    // After a failed flush durable appends are refused permanently, even if the disk works again.
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

        // A queue that is closed ends its background work and does not throw the errors of that work. A death in that work is thrown here,
        // because no other queue may act after it.
        Machine.ThrowIfDying();
        return isDone;
    }

    private Durability SomeGroup() => Durability.GroupCommit(TimeSpan.FromMilliseconds(Random.Below(20)), 1 + Random.Below(20_000));

    // With retention, the source may delete a message once it is consumed. A result that a power cut loses could not be produced again, so
    // it must be durable first.
    private Durability SomeDurability() =>
        _retainedSegments > 0 ? Durability.Every : Random.Pick(Durability.PageCache, Durability.PageCache, Durability.Every, SomeGroup());

    private int SomeLength() => _uniformBytes ?? (Random.Chance(0.1) ? Random.Below(2_000) : Random.Below(300));

    private void Append(Durability durability, int? length = null)
    {
        ConsumeParty party = _parties[0];
        if (!Ensure(party))
        {
            return;
        }

        byte[] payload = _model.Message(length ?? SomeLength());
        bool isDone = Do(() =>
        {
            using AppendClaim claim = party.Producer!.Claim(payload.Length);
            payload.CopyTo(claim.Span);
            _model.Source.Try([new AppendedMessage(claim.Position, payload)]);
            claim.Commit(payload.Length, durability);
        });
        SettleAppend(_model.Source, party.Source!, isDone);
        Observe(party);
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

    private void ClaimForSourceAndDie()
    {
        if (Ensure(_parties[0]))
        {
            Do(() => _parties[0].Producer!.Claim(Random.Below(5_000)).Span.Fill(0xEE));
            Machine.End(_parties[0].Process, Death.Kill);
        }
    }

    // The messages of a refused append exist if only the flush after the append failed.
    private void SettleAppend(DurableModel model, EstreamQueue queue, bool isDone)
    {
        if (isDone)
        {
            model.Settle(isThere: true);
        }
        else if (!Try(() => model.Settle(DurableModel.ReadAll(queue))))
        {
            // The outcome is unknown until the disk works again.
            (double Flush, double Other) chance = Machine.FailureChance;
            Machine.FailureChance = default;
            model.Settle(DurableModel.ReadAll(queue));
            Machine.FailureChance = chance;
        }
    }

    private List<AppendedMessage> Read(ConsumeParty party, int most)
    {
        List<AppendedMessage> due = [.. _model.Source.Messages.SkipWhile(message => message.Position < party.Next).Take(most)];
        foreach (AppendedMessage next in due)
        {
            Check.That(party.Tailer!.TryRead(out QueueMessage message), $"the message at {next.Position} is missing");
            Check.That(message.Position == next.Position && message.Payload.SequenceEqual(next.Payload),
                $"the message at {message.Position} came, that at {next.Position} was due");
            party.Next = next.Position + 1;
        }

        Check.That(due.Count == most || !party.Tailer!.TryRead(out _), "a message came that was never appended");
        return due;
    }

    private List<AppendedMessage> Fill(BatchClaim batch, ConsumeParty party, List<AppendedMessage> read)
    {
        var results = new List<AppendedMessage>();
        long position = batch.Position;
        foreach (AppendedMessage message in read)
        {
            byte[] payload = _model.Result(message, party.Consumer, SomeLength());
            results.Add(new AppendedMessage(position, payload));
            batch.Append(payload);
            position += (16 + payload.Length + 7) & ~7;
        }

        // The kernel may write back a page at any moment, also a page with a slot that is claimed and not committed.
        if (Random.Chance(0.1))
        {
            Machine.WriteBackSome(0.5);
        }

        return results;
    }

    private void Consume(ConsumeParty party, Durability durability)
    {
        if (!Ensure(party))
        {
            return;
        }

        bool isDone = Do(() =>
        {
            List<AppendedMessage> read = Read(party, 1 + Random.Below(MostMessages));
            using BatchClaim batch = party.Appender!.ClaimBatch(MostBytes, MostMessages, party.Tailer!);
            _model.Output.Try(Fill(batch, party, read));
            batch.Commit(durability);
        });
        SettleConsume(party, isDone);
    }

    private void SettleConsume(ConsumeParty party, bool isDone)
    {
        SettleAppend(_model.Output, party.Output!, isDone);
        Observe(party);
        if (!isDone)
        {
            // The outcome is unknown, so the consumer opens its tailer again to find its position.
            party.LetTailerGo();
        }
    }

    private void ConsumeAll(ConsumeParty party)
    {
        long before = -1;
        while (Ensure(party) && party.Next > before && _model.Source.Count > 0 && party.Next <= _model.Source.LastPosition)
        {
            before = party.Next;
            Consume(party, SomeDurability());
        }
    }

    private void ConsumeAndGiveUp(ConsumeParty party)
    {
        if (Ensure(party))
        {
            Do(() =>
            {
                List<AppendedMessage> read = Read(party, 1 + Random.Below(MostMessages));
                using BatchClaim batch = party.Appender!.ClaimBatch(MostBytes, MostMessages, party.Tailer!);
                Fill(batch, party, read);
            });
            party.LetTailerGo();
        }
    }

    private void ConsumeAndDie(ConsumeParty party)
    {
        if (Ensure(party))
        {
            Do(() =>
            {
                List<AppendedMessage> read = Read(party, 1 + Random.Below(MostMessages));
                Fill(party.Appender!.ClaimBatch(MostBytes, MostMessages, party.Tailer!), party, read);
            });
            Machine.End(party.Process, Death.Kill);
        }
    }

    // One process appends a batch after a slot that the other process has claimed and not committed yet.
    private void ConsumeBehindClaim()
    {
        (ConsumeParty party, ConsumeParty other) = Random.Chance(0.5) ? (_consumers[0], _consumers[1]) : (_consumers[1], _consumers[0]);
        if (_retainedSegments > 0 || !Ensure(party) || !Ensure(other))
        {
            return;
        }

        // No process may be killed during these calls: the death of the other process would also unwind the open claim of this process,
        // which is alive.
        Machine.Disarm();
        bool isDone = Do(() =>
        {
            List<AppendedMessage> read = Read(party, 1 + Random.Below(MostMessages));
            using BatchClaim batch = party.Appender!.ClaimBatch(MostBytes, MostMessages, party.Tailer!);
            List<AppendedMessage> results = Fill(batch, party, read);
            Consume(other, Random.Pick(Durability.PageCache, SomeGroup()));
            other.Background.RunOne();
            if (Random.Chance(0.3))
            {
                Machine.End(party.Process, Random.Pick(Death.Kill, Death.PowerCut));
            }

            _model.Output.Try(results);
            batch.Commit(Random.Pick(Durability.PageCache, SomeGroup()));
        });
        SettleConsume(party, isDone);
    }

    // Consumes messages without a result, by an empty batch or by a commit of the tailer alone. With retention, the record of consumption
    // must be durable first: if a power cut loses it, the messages are read again and must not have been deleted.
    private void Pass(ConsumeParty party)
    {
        if (!Ensure(party))
        {
            return;
        }

        bool mayRepeat = party.MayRepeatPassed;
        bool isDone = Do(() =>
        {
            List<AppendedMessage> read = Read(party, 1 + Random.Below(MostMessages));
            party.Passed.UnionWith(read.Select(ConsumeModel.IdOf));
            party.MayRepeatPassed = true;
            if (_retainedSegments == 0 && Random.Chance(0.5))
            {
                party.Tailer!.Commit();
            }
            else
            {
                using BatchClaim batch = party.Appender!.ClaimBatch(0, 1, party.Tailer!);
                batch.Commit(SomeDurability());
            }

            party.MayRepeatPassed = mayRepeat;
        });
        SettleConsume(party, isDone);
    }

    private void Wait(ConsumeParty party)
    {
        if (Ensure(party) && _model.Output.Count > 0)
        {
            Do(() => party.Output!.WaitDurable(_model.Output.LastPosition));
            Observe(party);
        }
    }

    private void LetGoAndComeBack(ConsumeParty party)
    {
        party.LetTailerGo();
        Ensure(party);
    }

    private void CloseAndOpen(IReadOnlyList<ConsumeParty> parties)
    {
        foreach (ConsumeParty party in parties)
        {
            Do(party.Close);
        }

        foreach (ConsumeParty party in parties)
        {
            Ensure(party);
        }
    }

    private void ReadAll()
    {
        ConsumeParty party = Random.Pick(_consumers);
        if (Ensure(party))
        {
            Do(() =>
            {
                _model.Source.KeptFrom = party.Source!.OldestPosition();
                _model.Source.CheckAll(DurableModel.ReadAll(party.Source!));
                _model.Output.CheckAll(DurableModel.ReadAll(party.Output!));
                _model.CheckResults(party.Consumer);
            });
        }
    }

    private void Observe(ConsumeParty party)
    {
        _model.Source.Promise(party.Source?.DurablePosition ?? _model.Source.Durable);
        _model.Output.Promise(party.Output?.DurablePosition ?? _model.Output.Durable);
    }
}
