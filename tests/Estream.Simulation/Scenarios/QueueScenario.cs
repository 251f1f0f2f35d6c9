using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One writer with a named reader, and another process that follows read-only. After a crash every message is there once and in order.
/// After a power cut no wrong message is returned as whole, and everything that was on the device is there (docs/formats/queue.md,
/// Crashes).
/// </summary>
internal sealed class QueueScenario : Scenario
{
    private const int SegmentBytes = 64 << 10;
    private const string ReaderName = "reader";

    // The coarse clock is a millisecond late, and the time of a frame is truncated to 100 microseconds.
    private const long ClockSlackNanos = 1_200_000;

    private readonly FrameChecksum _checksum;
    private readonly int _retainedSegments;
    private readonly TimeSpan _retainedAge;

    // Messages of one length are at the same offsets, with the same numbers, as the messages of an earlier use of their segment. One or two
    // messages of these lengths fit in a sector, so that a torn page shows whole old messages.
    private readonly int? _uniformBytes;
    private QueueModel _model = new();
    private int _lives;
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private QueueTailer? _named;
    private int _cursor;

    // Set when the name of the reader was deleted, or was being deleted when the process died.
    private bool _mayNameBeGone;

    // Set while a new reader of that name starts, whose position is not known yet.
    private bool _isCursorUnknown;

    // Not set for a cursor created since the last sync of the machine, because such a cursor is not guaranteed to survive a power cut.
    private bool _isCursorSynced = true;
    private int _readNext;
    private bool _isReaderAway;
    private int _synced;
    private QueueFollower? _follower;

    public QueueScenario(Simulation run)
        : base(run)
    {
        _checksum = Random.Chance(0.85) ? FrameChecksum.Crc32C : FrameChecksum.None;
        _retainedSegments = Random.Pick(0, 0, 0, 1, 2, 3);
        _retainedAge = Random.Pick(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        _uniformBytes = Random.Pick<int?>(null, null, null, 240, 496);
    }

    private string Directory => $"/queue-{_lives}";

    private bool IsNameGone => _mayNameBeGone && Machine.Names.Find($"{Directory}/tailers/{ReaderName}.cursor") is null;

    private QueueOptions Options => new()
    {
        SegmentBytes = SegmentBytes,
        Checksum = _checksum,
        RetainedBytes = _retainedSegments * (long)SegmentBytes,
        RetainedAge = _retainedAge,
        Storage = Process,
        Clock = Machine.Clock,
        Background = Machine.Background,
    };

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 30, () => Append(Random.Below(200))),
        new Step("append a long one", 10, () => Append(Random.Below(20_000))),
        new Step("append many", 2, AppendMany),
        new Step("claim and commit", 10, ClaimAndCommit),
        new Step("claim and abort", 6, ClaimAndAbort),
        new Step("claim and be killed", 2, ClaimAndDie),
        new Step("read on", 10, ReadOn),
        new Step("count as consumed", 3, Consume),
        new Step("the reader goes away", 2, LetReaderGo),
        new Step("the reader comes back", 2, () => _isReaderAway = false),
        new Step("give up the old", 5, GiveUpOld),
        new Step("the reader's name is given up", 1, GiveUpName),
        new Step("follow", 6, Follow),
        new Step("follow from a new process", 2, FollowAnew),
        new Step("verify", 2, Verify),
        new Step("close and open", 2, CloseAndOpen),
    ];

    protected override void Begin() => Open(expectedSequence: 0);

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        Ensure();
        FollowAnew();
        Verify();
    }

    protected override void Synced()
    {
        _synced = _model.Count;
        _isCursorSynced = true;
    }

    protected override void Recover(Death death)
    {
        (_queue, _appender, _named) = (null, null, null);
        if (death == Death.PowerCut)
        {
            _follower = null;
            AdoptWhatIsWhole();
        }

        Open(_model.Count);
        FollowAnew();
    }

    private void Open(long expectedSequence)
    {
        _queue = EstreamQueue.Open(Directory, Options);
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        Check.That(_appender.NextSequence == expectedSequence,
            $"the writer goes on at message {_appender.NextSequence}, {expectedSequence} was due");
        _isCursorUnknown |= !_isReaderAway && IsNameGone;
        QueueTailer? named = _isReaderAway ? null : _queue.CreateTailer(ReaderName);
        if (_isCursorUnknown && named is not null)
        {
            BeginAnew(named);
        }

        _named = named;
        _readNext = _cursor;
    }

    // A new reader of a deleted name starts at the oldest message.
    private void BeginAnew(QueueTailer named)
    {
        try
        {
            _cursor = (int)_queue!.GetInfo().FirstSequence;
            (_mayNameBeGone, _isCursorUnknown, _isCursorSynced) = (false, false, false);
        }
        catch
        {
            named.Dispose();
            throw;
        }
    }

    // Opens the queue again after a refusal that has left only some objects open, such as a failed flush.
    private void Ensure()
    {
        if (_appender is null || (_named is null && !_isReaderAway))
        {
            _queue?.Dispose();
            (_queue, _appender, _named) = (null, null, null);
            Try(() => Open(_model.Count));
        }
    }

    private void Append(int length)
    {
        Ensure();
        byte[] payload = _model.Payload(_uniformBytes ?? length);
        long position = -1;
        if (_appender is not null && Try(() => position = _appender.Append(payload)))
        {
            _model.Add(position, payload, Machine.Clock.UtcNanos);
        }

        Check.That(_appender is null || _appender.NextSequence == _model.Count, "a refused append changed the sequence");
    }

    private void AppendMany()
    {
        for (int count = Random.Below(400); count > 0; count--)
        {
            Append(Random.Below(400));
        }
    }

    private void ClaimAndCommit()
    {
        Ensure();
        byte[] payload = _model.Payload(_uniformBytes ?? Random.Below(3_000));
        Try(() =>
        {
            if (_appender is null)
            {
                return;
            }

            using AppendClaim claim = _appender.Claim(payload.Length + Random.Below(50));
            claim.Span.Fill(0xEE);
            payload.CopyTo(claim.Span);
            claim.Commit(payload.Length);
            _model.Add(claim.Position, payload, Machine.Clock.UtcNanos);
        });
    }

    private void ClaimAndAbort()
    {
        Ensure();
        Try(() =>
        {
            if (_appender is not null)
            {
                using AppendClaim claim = _appender.Claim(Random.Below(5_000));
                Random.Fill(claim.Span[..Math.Min(64, claim.Span.Length)]);
            }
        });
    }

    private void ClaimAndDie()
    {
        Ensure();
        Try(() =>
        {
            if (_appender is not null)
            {
                AppendClaim claim = _appender.Claim(Random.Below(5_000));
                claim.Span.Fill(0xEE);
            }
        });
        Machine.End(Process, Death.Kill);
    }

    private void ReadOn()
    {
        Ensure();
        if (_named is null)
        {
            return;
        }

        for (int count = Random.Below(20); count > 0; count--)
        {
            // The request for the next message commits the last one, before anything can go wrong with the next.
            _cursor = _readNext;
            bool isThere = false;
            bool isDone = Try(() =>
            {
                isThere = _named.TryRead(out QueueMessage message);
                _model.CheckNext(isThere, message, _readNext);
            });
            if (!isDone || !isThere)
            {
                return;
            }

            _readNext++;
        }
    }

    // After this, no reader pins its segment: the name of the reader alone must retain the unread messages.
    private void LetReaderGo()
    {
        if (_named is not null)
        {
            _named.Dispose();
            _named = null;
            _isReaderAway = true;
        }
    }

    private void GiveUpName()
    {
        Ensure();
        if (_named is null && _queue is not null)
        {
            _mayNameBeGone = true;
            Try(() => _queue.RemoveTailer(ReaderName));
        }
    }

    private void GiveUpOld()
    {
        Ensure();
        try
        {
            Try(KeepOnlyTheYoung);
        }
        catch (EstreamStorageException refusal) when (refusal.Reason == StorageFailure.Other && Machine.FailedFlushes > 0)
        {
            // After a failed flush the queue refuses until all processes have closed it, even if the disk works again. The error message
            // says so.
            Run.Note("  refused until it is opened anew");
            _follower?.Close();
            _follower = null;
            CloseAndOpen();
            Try(KeepOnlyTheYoung);
        }
    }

    // Checks that retention deletes only messages older than the retention age, even after the clock was set.
    private void KeepOnlyTheYoung()
    {
        if (_queue is null)
        {
            return;
        }

        long before = _queue.GetInfo().FirstSequence;
        _queue.Keeper.ReclaimExpired();
        long after = _queue.GetInfo().FirstSequence;
        Check.That(
            after == before || _model.WasCut || _model.TimeOf((int)after - 1) <= Machine.Clock.UtcNanos - (_retainedAge.Ticks * 100)
                + ClockSlackNanos,
            $"message {after - 1} was given up before its time");
    }

    private void Consume()
    {
        _named?.Commit();
        _cursor = _named is null ? _cursor : _readNext;
    }

    private void Follow()
    {
        bool isDone = Try(() =>
        {
            _follower ??= new QueueFollower(Machine, Directory, _model);
            _follower.ReadToEnd();
        });
        _follower = isDone ? _follower : null;
    }

    private void FollowAnew()
    {
        _follower?.Close();
        _follower = null;
        Try(() =>
        {
            _follower = new QueueFollower(Machine, Directory, _model);
            _follower.ReadToEnd();
            _follower.CheckRetention(_retainedSegments, _retainedAge > TimeSpan.Zero, SegmentBytes,
                IsNameGone || _isCursorUnknown ? -1 : _cursor);
        });
    }

    private void Verify()
    {
        Try(() =>
        {
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(Directory, Options with { Storage = Machine.Start() });
            QueueInfo info = queue.GetInfo();
            QueueVerification verification = queue.Verify();
            Check.That(verification.IsWhole, $"damage without a power cut: {verification.Damage?.Reason}");
            Check.That(info.NextSequence == _model.Count, $"{info.NextSequence} messages, {_model.Count} were appended");
            Check.That(verification.MessageCount == info.MessageCount,
                $"{verification.MessageCount} messages verified of {info.MessageCount}");
        });
    }

    private void CloseAndOpen()
    {
        Try(() =>
        {
            _queue?.Dispose();
            (_queue, _appender, _named) = (null, null, null);
        });
        Ensure();
    }

    // Messages that verification reports as whole must be correct, and must include all messages that were on the device. A queue that is
    // damaged or cannot be opened is replaced by a new queue: this version guarantees no more.
    private void AdoptWhatIsWhole()
    {
        long whole = -1;
        try
        {
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(Directory, Options with { Storage = Process });
            QueueVerification verification = queue.Verify();
            if (_checksum == FrameChecksum.Crc32C)
            {
                _model.CheckWhole(queue, verification.MessageCount);
                if (_retainedSegments == 0 && _retainedAge == TimeSpan.Zero)
                {
                    Check.That(verification.MessageCount >= _synced,
                        $"{verification.MessageCount} messages are whole, {_synced} were on the device before");
                }
            }

            // Without checksums no message can be verified as whole.
            if (verification.IsWhole && _checksum == FrameChecksum.Crc32C)
            {
                QueueInfo info = queue.GetInfo();
                (whole, _model.FirstKept) = (info.NextSequence, info.FirstSequence);
            }
        }
        catch (EstreamException damage)
        {
            Run.Note($"  not to be opened: {damage.GetType().Name}");
            Check.That(_synced == 0 || !_isCursorSynced || _isCursorUnknown || _retainedSegments > 0 || _retainedAge > TimeSpan.Zero
                || _checksum == FrameChecksum.None, $"the queue was on the device: {damage.Message}");
        }

        if (whole <= 0 || !CursorIsUsable())
        {
            _lives++;
            _model = new QueueModel();
            (_cursor, _synced, _isReaderAway, _mayNameBeGone, _isCursorUnknown, _isCursorSynced) = (0, 0, false, false, false, true);
            return;
        }

        _model.GoOnFrom(whole);
        _synced = 0;
        Run.Note($"  {whole} messages are whole");
    }

    // A cursor that did not survive the power cut gives an error, or an earlier position of the reader.
    private bool CursorIsUsable()
    {
        try
        {
            using EstreamQueue queue = EstreamQueue.Open(Directory, Options);
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            using QueueTailer tailer = queue.CreateTailer(ReaderName);

            // The cursor of the name may point past the end, into the truncated messages.
            if (tailer.Position > appender.NextPosition)
            {
                return false;
            }

            _cursor = tailer.TryRead(out QueueMessage message) ? (int)message.Sequence : (int)appender.NextSequence;
            (_mayNameBeGone, _isCursorUnknown) = (false, false);
            return true;
        }
        catch (EstreamException damage)
        {
            Run.Note($"  the queue is not to be used: {damage.GetType().Name}");
            return false;
        }
    }
}
