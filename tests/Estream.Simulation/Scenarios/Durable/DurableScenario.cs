using System.Globalization;
using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One writer, or two writers in two processes, request every level of durability on a machine whose power is cut and whose device fails.
/// Every message reported durable is there once, in order and whole. Only appended messages are ever read. The queue always opens again.
/// After a failed flush nothing is reported durable (docs/formats/queue.md, "What survives what").
/// </summary>
internal sealed partial class DurableScenario : Scenario
{
    private const int SmallSegmentBytes = 64 << 10;
    private const string Directory = "/queue";
    private const string ReaderName = "reader";

    private static readonly QueueKeyRing s_keys = new("first", new byte[QueueKeyRing.KeyBytes]);

    private readonly AppenderMode _mode;
    private readonly int _segmentBytes;
    private readonly int? _uniformBytes;
    private readonly int _retainedSegments;

    // The memory limit of the queue: 0 for none, or 1 for the smallest limit, with which the queue writes back its log behind its
    // appenders.
    private readonly long _memoryBytes;
    private readonly DurableModel _model = new();
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private EstreamQueue? _otherQueue;
    private QueueAppender? _other;
    private SimulatedScheduler? _otherBackground;
    private bool _hasFailed;
    private bool _mayBeRefused;
    private int _failuresBefore;
    private long _readTo;
    private long _lastSegment;

    public DurableScenario(Simulation run, AppenderMode mode, bool isEncrypted = false, bool hasSeeks = false, bool hasRotations = false,
        bool hasQuorum = false)
        : base(run)
    {
        _mode = mode;
        _hasQuorum = hasQuorum;
        _hasSeeks = hasSeeks;
        _hasRotations = hasRotations;
        _keys = hasRotations ? s_rings[0] : isEncrypted ? s_keys : null;
        _uniformBytes = Random.Pick<int?>(null, null, 48, 240, 496);
        _retainedSegments = Random.Pick(0, 0, 0, 1, 2);
        _memoryBytes = Random.Pick(0, 0, 1);

        // Drawn last and only if used, so that the seeds of the other scenarios stay the same. The smallest segments have hardly any index.
        _segmentBytes = hasSeeks && !hasRotations
            ? Random.Pick(SmallSegmentBytes, 4 * SmallSegmentBytes, 4 * SmallSegmentBytes)
            : SmallSegmentBytes;
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 20, () => Append(Durability.PageCache)),
        new Step("append many", 2, AppendMany),
        new Step("append segments", _retainedSegments > 0 || _memoryBytes > 0 || _hasSeeks ? 5 : 0, AppendSegments),
        new Step("append segments while writes fail", _memoryBytes > 0 ? 5 : 0, AppendSegmentsWhileWritesFail),
        new Step("append durably", 10, () => Append(Durability.Every)),
        new Step("append for a group commit", 10, () => Append(SomeGroup())),
        new Step("wait until it is durable", 5, Wait),
        new Step("append a batch", 6, () => AppendBatch(Random.Pick(Durability.PageCache, Durability.Every, SomeGroup()))),
        new Step("give up a batch", 3, GiveUpBatch),
        new Step("claim and abort", 3, ClaimAndAbort),
        new Step("claim and be killed", 2, ClaimAndDie),
        new Step("begin a batch and be killed", 2, BatchAndDie),
        new Step("the other appends", 6, () => OtherAppends(Random.Pick(Durability.PageCache, Durability.Every, SomeGroup()))),
        new Step("claim, and the other appends behind it", 3, ClaimAndOvertake),
        new Step("the other works in the background", 3, () => _otherBackground?.RunOne()),
        new Step("read all", 4, ReadAll),
        new Step("close and open", 3, CloseAndOpen),
        .. _hasSeeks ? [new Step("seek", 10, Seek)] : Array.Empty<Step>(),
        .. _hasRotations ? KeySteps : Array.Empty<Step>(),
        .. _hasQuorum ? QuorumSteps : Array.Empty<Step>(),
    ];

    private QueueOptions Options => new()
    {
        SegmentBytes = _segmentBytes,
        FirstSegmentBytes = SmallSegmentBytes,
        RetainedBytes = _retainedSegments * _segmentBytes,
        MemoryBytes = _memoryBytes,
        Storage = Process,
        Clock = Machine.Clock,
        Background = Machine.Background,
        Keys = _keys,
        IngressDurability = _hasQuorum ? Durability.QuorumAndFlush : default,
    };

    protected override void Begin() => Open();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        ReadAll();
        Append(Durability.Every);
        CheckBrokers();
        Check.That(_queue!.Verify() is { IsWhole: true }, "the queue is damaged");
    }

    protected override void Recover(Death death)
    {
        ForgetWaits();
        if (death == Death.PowerCut)
        {
            (_otherQueue, _other, _otherBackground) = (null, null, null);
            LookWithoutWriting();
        }

        Open();
        List<AppendedMessage> seen = ReadKept(_queue!);
        if (death == Death.PowerCut)
        {
            _model.CheckSurvivors(seen, IsPrefix, isRecovered: true);
            CheckAcknowledged(seen);
            _model.GoOnFrom(seen, _queue!.DurablePosition);
            CheckReport(seen);
        }
        else
        {
            _model.CheckAll(seen);
        }

        Observe();
        CheckKeys();
        CheckSeeks(_queue!);
    }

    // A reader that starts before any writer must not get messages that a writer will truncate.
    private void LookWithoutWriting()
    {
        if (!Process.FileExists($"{Directory}/queue.meta"))
        {
            return;
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Directory, Options with { Storage = Machine.Start() });
        _model.CheckSurvivors(ReadKept(queue), IsPrefix, isRecovered: false);
        CheckSeeks(queue);
    }

    // Checks that retention has deleted only segments that exceed its limit and precede the segment of the reader. It is unknown whether a
    // writer that died had begun one more segment.
    private List<AppendedMessage> ReadKept(EstreamQueue queue)
    {
        _model.KeptFrom = queue.OldestPosition();
        long oldest = _model.KeptFrom / _segmentBytes;
        long mayGo = Math.Min(_lastSegment + 1 - _retainedSegments, _readTo / _segmentBytes);
        Check.That(oldest == 0 || (_retainedSegments > 0 && oldest <= mayGo),
            $"everything before segment {oldest} is gone, only what is before {mayGo} may go");
        return DurableModel.ReadAll(queue);
    }

    // Whether the messages after a power cut must be the first ones of the log, without a gap. With several writers a slot that was claimed
    // and not committed is skipped. File names that could not be flushed may appear in any order.
    private bool IsPrefix => _mode == AppenderMode.Exclusive && Machine.FailedFlushes == 0;

    private void CheckReport(List<AppendedMessage> seen)
    {
        QueueRecovery? report = _queue!.Recovery;
        if (report is null)
        {
            Check.That(seen.Count == 0, "a queue with messages was not recovered");
            return;
        }

        Run.Note($"  cut {report.CutBytes} bytes, {report.CutMessages} messages, {report.CutSegments} segments");
        Check.That(seen.All(message => message.Position < report.EndPosition),
            $"messages are there behind {report.EndPosition}, where the log was cut");
        Check.That(report.CutBytes >= 0 && report.CutMessages >= 0, "less than nothing was cut");
    }

    private void Open()
    {
        NoteMasterKey();

        // A process that opens the queue while no other process has it open ends the refusals after a failed flush, if the disk works.
        _mayBeRefused = (_other is not null || MayFail) && (_mayBeRefused || Machine.FailedFlushes > _failuresBefore);
        _failuresBefore = Machine.FailedFlushes;
        _queue = EstreamQueue.Open(Directory, Options);
        _appender = _queue.CreateAppender(_mode);
        OpenQuorum();
        _hasFailed = _mayBeRefused && _hasFailed && _other is not null;

        // The position of a reader is never past the end of the log.
        using QueueTailer tailer = _queue.CreateTailer(ReaderName);
        try
        {
            for (int count = _retainedSegments > 0 && Random.Chance(0.7) ? int.MaxValue : Random.Below(20);
                count > 0 && tailer.TryRead(out _); count--)
            {
            }
        }
        finally
        {
            _readTo = Math.Max(_readTo, tailer.Position);
        }
    }

    private void CloseAndOpen()
    {
        Try(() =>
        {
            _queue?.Dispose();
            _otherQueue?.Dispose();
            (_queue, _appender, _otherQueue, _other, _otherBackground) = (null, null, null, null, null);
        });
        Ensure();
    }

    private bool Ensure()
    {
        if (_appender is not null)
        {
            return true;
        }

        _queue?.Dispose();
        (_queue, _appender) = (null, null);
        return Try(Open);
    }

    private Durability SomeGroup() => Durability.GroupCommit(TimeSpan.FromMilliseconds(Random.Below(20)), 1 + Random.Below(20_000));

    private byte[] SomePayload() => _model.Payload(_uniformBytes ?? (Random.Chance(0.1) ? Random.Below(15_000) : Random.Below(300)));

    private void Append(Durability durability)
    {
        if (Ensure())
        {
            Append(_queue!, _appender!, durability);
        }
    }

    // Appends through a claim, because the position of a claim is known even when its durable commit is refused.
    // Returns the position if the append was done, otherwise -1.
    private long Append(EstreamQueue queue, QueueAppender appender, Durability durability, int? length = null)
    {
        byte[] payload = length is { } bytes ? _model.Payload(bytes) : SomePayload();
        long position = -1;
        bool isDone = TryOrBeRefused(() =>
        {
            using AppendClaim claim = appender.Claim(payload.Length);
            payload.CopyTo(claim.Span);
            position = claim.Position;
            _model.Try([new AppendedMessage(position, payload)]);
            claim.Commit(payload.Length, durability);
        });
        Check.That(!isDone || !_hasFailed || !durability.NeedsFlush, "a durable append was taken after a failed flush");
        Settle(queue, isDone);
        _hasFailed |= !isDone && position >= 0 && durability == Durability.Every && IsRefused(appender);
        Observe();
        Check.That(!isDone || durability != Durability.Every || queue.DurablePosition > position,
            $"the append at {position} is durable, {queue.DurablePosition} is not behind it");
        return isDone ? position : -1;
    }

    // Also accepts the refusals after a failed flush. They end only when the queue is reopened, not when the disk works again.
    private bool TryOrBeRefused(Action action)
    {
        try
        {
            return Try(action);
        }
        catch (EstreamStorageException refusal) when (_isFenced || (refusal.Reason == StorageFailure.Device
            && (_mayBeRefused || Machine.FailedFlushes > _failuresBefore)))
        {
            Run.Note("  refused for good");
            return false;
        }
    }

    // The messages of a refused append exist if only the flush after the append failed.
    private void Settle(EstreamQueue queue, bool isDone)
    {
        if (isDone)
        {
            _model.Settle(isThere: true);
        }
        else if (!Try(() => _model.Settle(DurableModel.ReadAll(queue))))
        {
            // The outcome is unknown until the disk works again.
            (double Flush, double Other) chance = Machine.FailureChance;
            Machine.FailureChance = default;
            _model.Settle(DurableModel.ReadAll(queue));
            Machine.FailureChance = chance;
        }
    }

    // Returns whether the failure was permanent: then the next durable append is refused before it writes a message.
    private static bool IsRefused(QueueAppender appender)
    {
        try
        {
            appender.AppendBatch([], [], Durability.Every);
            return false;
        }
        catch (EstreamStorageException refusal) when (refusal.Reason == StorageFailure.Device)
        {
            return true;
        }
    }

    private void AppendMany()
    {
        for (int count = Random.Below(200); count > 0; count--)
        {
            Append(Durability.PageCache);
        }
    }

    private void AppendSegments()
    {
        for (int count = Random.Below(12); count > 0 && Ensure(); count--)
        {
            Append(_queue!, _appender!, Durability.PageCache, length: 15_000);
        }
    }

    // The kernel reports a failed write-back behind the appenders only once: the next flush succeeds, but does not make the log durable.
    private void AppendSegmentsWhileWritesFail()
    {
        (double Flush, double Other) chance = Machine.FailureChance;
        Machine.FailureChance = (0.3, 0);
        AppendSegments();
        Machine.FailureChance = chance;
    }

    private void Wait()
    {
        if (Ensure() && _model.Count > 0 && HasQuorumFor(_model.LastPosition))
        {
            TryOrBeRefused(() => _queue!.WaitDurable(_model.LastPosition));
            Observe();
        }
    }

    private void AppendBatch(Durability durability)
    {
        if (!Ensure())
        {
            return;
        }

        var messages = new List<AppendedMessage>();
        bool isDone = TryOrBeRefused(() =>
        {
            using BatchClaim batch = _appender!.ClaimBatch(20_000, 8);
            long position = batch.Position;
            for (int count = 1 + Random.Below(8); count > 0; count--)
            {
                byte[] payload = _model.Payload(_uniformBytes ?? Random.Below(2_000));
                messages.Add(new AppendedMessage(position, payload));
                batch.Append(payload);
                position += (16 + payload.Length + 7) & ~7;
            }

            _model.Try(messages);
            batch.Commit(durability);
        });
        Check.That(!isDone || !_hasFailed || durability == Durability.PageCache, "a durable batch was taken after a failed flush");
        Settle(_queue!, isDone);
        Observe();
    }

    private void GiveUpBatch()
    {
        if (Ensure())
        {
            Try(() =>
            {
                using BatchClaim batch = _appender!.ClaimBatch(5_000, 8);
                Fill(batch);
            });
            NoteSegments();
        }
    }

    private void BatchAndDie()
    {
        if (Ensure())
        {
            Try(() => Fill(_appender!.ClaimBatch(5_000, 8)));
            NoteSegments();
            Machine.End(Process, Death.Kill);
        }
    }

    private void Fill(BatchClaim batch)
    {
        for (int count = Random.Below(6); count > 0; count--)
        {
            batch.Append(_model.Payload(_uniformBytes ?? Random.Below(500)));
        }
    }

    private void ClaimAndAbort()
    {
        if (Ensure())
        {
            Try(() =>
            {
                using AppendClaim claim = _appender!.Claim(Random.Below(5_000));
                claim.Span.Fill(0xEE);
            });
            NoteSegments();
        }
    }

    private void ClaimAndDie()
    {
        if (Ensure())
        {
            Try(() => _appender!.Claim(Random.Below(5_000)).Span.Fill(0xEE));

            // The other process continues after the slot that is never committed.
            OtherAppends(Durability.PageCache);
            NoteSegments();
            Machine.End(Process, Death.Kill);
        }
    }

    private void OtherAppends(Durability durability)
    {
        if (_mode == AppenderMode.Exclusive || !Ensure())
        {
            return;
        }

        bool isThere = _other is not null || Try(() =>
        {
            _otherQueue ??= EstreamQueue.Open(Directory,
                Options with { Storage = Machine.Start(), Background = _otherBackground = new SimulatedScheduler(Machine) });
            _other = _otherQueue.CreateAppender(_mode);
        });
        if (isThere)
        {
            Append(_otherQueue!, _other!, durability);
        }
    }

    // Messages after an open claim are not durable, and neither is the claim before it is committed and flushed.
    private void ClaimAndOvertake()
    {
        if (_mode == AppenderMode.Exclusive || !Ensure())
        {
            return;
        }

        byte[] payload = SomePayload();
        bool isDone = TryOrBeRefused(() =>
        {
            using AppendClaim claim = _appender!.Claim(payload.Length);
            long position = claim.Position;
            for (int count = 1 + Random.Below(3); count > 0; count--)
            {
                OtherAppends(Random.Pick(Durability.PageCache, SomeGroup()));
                _otherBackground?.RunOne();
                Machine.Background.RunOne();
            }

            Check.That(_queue!.DurablePosition <= position,
                $"{_queue.DurablePosition} is called durable, the place at {position} is not committed");
            payload.CopyTo(claim.Span);
            _model.Try([new AppendedMessage(position, payload)]);
            claim.Commit(payload.Length, Random.Pick(Durability.PageCache, SomeGroup()));
        });
        Settle(_queue!, isDone);
        Observe();
    }

    private void ReadAll()
    {
        if (Ensure())
        {
            Try(() => _model.CheckAll(ReadKept(_queue!)));
        }
    }

    private void Observe()
    {
        if (_queue is not null)
        {
            _model.Promise(_queue.DurablePosition);
        }

        NoteSegments();
    }

    private void NoteSegments()
    {
        if (Machine.Names.List(Directory, ".seg") is [.., var last])
        {
            _lastSegment = Math.Max(_lastSegment, long.Parse(last[..^4], CultureInfo.InvariantCulture));
        }
    }
}
