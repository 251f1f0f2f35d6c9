using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// A queue with a retention age on a machine whose clock is set ahead and back, also while the machine is off. Retention deletes no message
/// before its age, by the true time. Exceptions: changes of the clock by up to two days, which look like corrections or
/// like time in which the machine was off; and messages that were stamped while the clock was behind.
/// </summary>
internal sealed class RetentionScenario(Simulation run) : Scenario(run)
{
    private const int SegmentBytes = 64 << 10;
    private const long RetainedDays = 60;
    private const long SmallNanos = 2 * DayNanos;
    private const string Directory = "/queue";

    private readonly AppenderMode _mode = run.Seed % 2 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared;
    private readonly List<Stored> _messages = [];
    private EstreamQueue? _queue;
    private QueueAppender? _appender;
    private long _toleratedNanos = HourNanos;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 15, () => Append(1)),
        new Step("append segments", 15, () => Append(1 + Random.Below(15))),
        new Step("apply retention", 15, Retain),
        new Step("days go by", 20, () => PassDays(Random.Pick(1, 5, 20, 45))),
        new Step("half an hour goes by", 8, () => Pass(HourNanos / 2)),
        new Step("the time is confirmed", 6, Confirm),
        new Step("close and open", 2, CloseAndOpen),
    ];

    protected override bool StaysOff => true;

    protected override IEnumerable<Step> FailureSteps => Run.Attack is Attack.PowerCut or Attack.DiskFull ? base.FailureSteps :
    [
        .. QuietSteps(),
        new Step("the clock is set far ahead", 4, () => Jump(Random.Pick(10, 70, 400) * DayNanos)),
        new Step("the clock is set far back", 4, () => Jump(Random.Pick(-10, -70, -400) * DayNanos)),
        new Step("the clock is corrected", 2, () => Jump(Random.Pick(-SmallNanos, -HourNanos, SecondNanos, HourNanos))),
        new Step("the clock is set right", 8, SetRight),
        new Step("the machine is suspended", 2, () => Machine.Clock.Suspend(Random.Pick(HourNanos, 5 * DayNanos))),
        new Step("the machine is restarted", 3, Restart),
        new Step("the machine is restarted with a clock far behind", 3, () => RestartAt(-400 * DayNanos)),
        new Step("the machine is restarted with a clock far ahead", 3, () => RestartAt(70 * DayNanos)),
        new Step("the power is cut", 1, () => Machine.End(Process, Death.PowerCut)),
        new Step("kill", 1, () => Machine.End(Process, Death.Kill)),
    ];

    protected override void Begin() => Open();

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        Retain();
    }

    protected override void Recover(Death death)
    {
        if (death == Death.PowerCut)
        {
            // A battery keeps the time, unless the machine starts with another time. Both cases look like one change of the clock.
            Tolerate(Machine.Clock.LastJumpNanos);
        }

        (_queue, _appender) = (null, null);
        Open();
        if (death == Death.PowerCut)
        {
            HashSet<long> there = [.. DurableModel.ReadAll(_queue!).Select(message => message.Position)];
            long end = _queue!.EndPosition();
            long oldest = _queue.OldestPosition();
            _messages.RemoveAll(message => message.Position >= oldest && !there.Contains(message.Position));
            _messages.RemoveAll(message => message.Position >= end);
        }

        CheckKept();
    }

    private void Open()
    {
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes,
            RetainedAge = TimeSpan.FromDays(RetainedDays),
            Storage = Process,
            Clock = Machine.Clock,
            Background = Machine.Background,
        };
        _queue = EstreamQueue.Open(Directory, options);
        _appender = _queue.CreateAppender(_mode);
        _queue.RetentionClock.Renew();
    }

    private void CloseAndOpen()
    {
        Try(() => _queue?.Dispose());
        (_queue, _appender) = (null, null);
        Ensure();
    }

    private bool Ensure() => _appender is not null || Try(() =>
    {
        _queue?.Dispose();
        Open();
    });

    // After a failed flush retention refuses until the queue is opened again, even if the disk works.
    private void TryOrOpenAgain(Action action)
    {
        try
        {
            Try(action);
        }
        catch (EstreamStorageException refusal) when (Machine.FailedFlushes > 0)
        {
            Run.Note($"  refused until it is opened again: {refusal.Reason}");
            CloseAndOpen();
        }
    }

    private void Append(int count)
    {
        for (; count > 0 && Ensure(); count--)
        {
            byte[] payload = new byte[15_000];
            Stored stored = new(0, Machine.Clock.TrueNanos, Math.Max(0, -Machine.Clock.ErrorNanos));
            TryOrOpenAgain(() => _messages.Add(stored with { Position = _appender!.Append(payload) }));
            CheckKept();
        }
    }

    private void Retain()
    {
        if (Ensure())
        {
            TryOrOpenAgain(() => _queue!.ApplyRetention());
            CheckKept();
        }
    }

    // The timer of the queue runs, and the kernel writes all pages.
    private void Pass(long nanos)
    {
        _queue?.RetentionClock.Renew();
        Machine.Clock.Pass(nanos);
        Machine.WriteBackSome(1);
        _queue?.RetentionClock.Renew();
    }

    private void PassDays(int days)
    {
        for (int half = 0; half < 2; half++)
        {
            Pass(days * DayNanos / 2);
        }
    }

    private void Jump(long nanos)
    {
        Machine.Clock.Jump(nanos);
        Tolerate(nanos);
    }

    private void SetRight() => Jump(-Machine.Clock.ErrorNanos);

    // Far changes are multiples of ten days, so that no sum of them is a small change.
    private void Tolerate(long nanos) => _toleratedNanos += Math.Abs(nanos) <= SmallNanos ? Math.Abs(nanos) : 0;

    private void RestartAt(long error)
    {
        Machine.Clock.Jump(error - Machine.Clock.ErrorNanos);
        Restart();
    }

    // A person confirms a time that is right.
    private void Confirm()
    {
        if (Math.Abs(Machine.Clock.ErrorNanos) <= SecondNanos && Ensure())
        {
            TryOrOpenAgain(_queue!.ConfirmRetentionClock);
        }
    }

    private void CheckKept()
    {
        if (_queue is null)
        {
            return;
        }

        long oldest = 0;
        if (!Try(() => oldest = _queue.OldestPosition()))
        {
            return;
        }

        foreach (Stored gone in _messages.Where(message => message.Position < oldest))
        {
            long age = Machine.Clock.TrueNanos - gone.TrueNanos;
            Check.That(age + _toleratedNanos + gone.BehindNanos >= RetainedDays * DayNanos,
                $"message {gone.Position} was deleted at the age of {age / HourNanos} h: clock {Machine.Clock.ErrorNanos / HourNanos} h "
                + $"ahead, at most {(_toleratedNanos + gone.BehindNanos) / HourNanos} h early is tolerated");
        }

        _messages.RemoveAll(message => message.Position < oldest);
    }

    /// <param name="Position">The position.</param>
    /// <param name="TrueNanos">The true time of the append.</param>
    /// <param name="BehindNanos">How far the clock was behind then.</param>
    private sealed record Stored(long Position, long TrueNanos, long BehindNanos);
}
