using Estream.Core;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;

namespace Estream.Wire.Dnp3.Session;

/// <summary>
/// The master's side of one association (IEEE 1815, 5.1): which request is next, which responses belong to it, and what the indications of
/// the outstation require. Does no I/O: <see cref="MasterChannel"/> moves the fragments. The lock of the channel guards all members.
/// </summary>
internal sealed partial class MasterSession
{
    private const long NanosPerMilli = 1_000_000;
    private const int FirstBackoffMs = 250;

    private readonly ISessionObserver _observer;
    private readonly IClock _clock;
    private readonly Random _random;
    private readonly PollSchedule _schedule;
    private readonly Queue<PendingCommand> _commands = new();
    private readonly byte[] _lastUnsolicited = new byte[ApplicationHeader.MaxFragmentBytes];
    private int _lastUnsolicitedLength;
    private PendingCommand? _command;
    private Pending _pending;
    private Dnp3Classes _dueClasses;
    private Dnp3Classes _polledClasses;
    private byte _sequence;
    private byte _expected;
    private bool _isFirstExpected;
    private bool _isCommitting;
    private long _deadline = long.MaxValue;
    private int _timeouts;

    /// <param name="options">The options.</param>
    /// <param name="clock">The clock, whose time outstations receive.</param>
    /// <param name="observer">Receives the events.</param>
    /// <param name="random">The source of the jitter of waits.</param>
    public MasterSession(Dnp3DeviceOptions options, IClock clock, ISessionObserver observer, Random random)
    {
        (Options, _clock, _observer, _random) = (options, clock, observer, random);
        _schedule = new PollSchedule(options);
    }

    /// <summary>Work that an indication or a connect requires.</summary>
    [Flags]
    private enum Pending
    {
        None = 0,
        ClearRestart = 1,
        DisableUnsolicited = 2,
        Integrity = 4,
        TimeSync = 8,
        EnableUnsolicited = 16,
    }

    public Dnp3DeviceOptions Options { get; }

    public TransportAssembler Assembler { get; } = new(ApplicationHeader.MaxFragmentBytes);

    public SessionCounters Counters { get; } = new();

    /// <summary>The request that is under way.</summary>
    public SessionStep Step { get; private set; }

    /// <summary>The last indications.</summary>
    public Indications Indications { get; private set; }

    /// <summary>Whether the next request must follow at once: an operate after its select, and a time after its measurement.</summary>
    public bool IsContinuing { get; private set; }

    /// <summary>The last failure; null if the last request was answered and not refused.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Whether an integrity poll was completed since the last connect or restart.</summary>
    public bool IsSynchronized { get; private set; }

    /// <summary>The monotonic time before which no request is sent.</summary>
    public long WaitsUntil { get; private set; }

    /// <summary>When <see cref="TryStart"/> or <see cref="Expire"/> has something to do; long.MaxValue for never.</summary>
    public long NextDue
    {
        get
        {
            if (Step != SessionStep.None)
            {
                return _isCommitting ? long.MaxValue : _deadline;
            }

            bool isWaiting = _commands.Count > 0 || _pending != Pending.None || _dueClasses != Dnp3Classes.None;
            return Math.Max(WaitsUntil, isWaiting ? 0 : _schedule.Next);
        }
    }

    /// <summary>Begins the start-up sequence: disable unsolicited responses, integrity poll, enable unsolicited responses.</summary>
    public void Connect(long now)
    {
        Reset();
        WaitsUntil = 0;
        _timeouts = 0;
        _schedule.Restart(now);
        RequireStartUp();
    }

    /// <summary>Ends what is under way.</summary>
    public void Disconnect(string reason)
    {
        EndCommand(Step, reason);
        Reset();
        while (_commands.TryDequeue(out PendingCommand? waiting))
        {
            waiting.Complete(new CommandEnd(CommandOutcome.NotSent, null, reason));
        }
    }

    /// <summary>Adds a command; it is sent before other requests.</summary>
    public void Add(PendingCommand command) => _commands.Enqueue(command);

    /// <summary>Writes the next request, if one is due and none is under way.</summary>
    /// <returns>The octets written; 0 if nothing is due.</returns>
    public int TryStart(long now, Span<byte> fragment)
    {
        if (Step != SessionStep.None || (now < WaitsUntil && !IsContinuing))
        {
            return 0;
        }

        SessionStep step = Choose(now);
        if (step == SessionStep.None)
        {
            return 0;
        }

        Step = step;
        IsContinuing = false;
        _sequence = (byte)((_sequence + 1) & ApplicationHeader.SequenceMask);
        _expected = _sequence;
        _isFirstExpected = true;
        _deadline = now + (Options.TimeoutMs * NanosPerMilli);
        int length = ApplicationHeader.Request(FunctionOf(step), _sequence).Write(fragment);
        length += WriteObjects(step, fragment[length..]);
        _sentAt = now;
        _sentAtUtcMs = _clock.UtcNanos / NanosPerMilli;
        Counters.Request();
        return length;
    }

    /// <summary>Ends a request without a response in time.</summary>
    /// <returns>Whether a request was ended.</returns>
    public bool Expire(long now)
    {
        if (Step == SessionStep.None || _isCommitting || now < _deadline)
        {
            return false;
        }

        string reason = $"no response within {Options.TimeoutMs} ms";
        SessionStep step = Step;
        Assembler.Reset();
        EndCommand(step, reason);
        Step = SessionStep.None;
        IsContinuing = false;
        Repeat(step);
        double ceiling = Math.Min(Options.MaxBackoffMs, FirstBackoffMs * Math.Pow(2, Math.Min(_timeouts, 20)));
        WaitsUntil = now + (long)(ceiling * (0.5 + (_random.NextDouble() / 2)) * NanosPerMilli);
        Counters.Fail();
        Trouble = reason;
        if (_timeouts++ == 0)
        {
            _observer.OnEvent(this, SessionEvent.Timeout, reason);
        }

        return true;
    }

    private void Reset()
    {
        Assembler.Reset();
        Step = SessionStep.None;
        IsContinuing = false;
        IsSynchronized = false;
        _isCommitting = false;
        _pending = Pending.None;
        _dueClasses = Dnp3Classes.None;
        _lastUnsolicitedLength = 0;
        Indications = Indications.None;
    }

    private void RequireStartUp()
    {
        IsSynchronized = false;
        _pending |= Pending.Integrity;
        if (Options.SinglePoll is not null)
        {
            return;
        }

        _pending |= Pending.DisableUnsolicited;
        if (Options.Unsolicited != Dnp3Classes.None)
        {
            _pending |= Pending.EnableUnsolicited;
        }
    }

    private SessionStep Choose(long now)
    {
        if (IsContinuing)
        {
            return _command is not null ? ChooseOperate() : SessionStep.WriteTime;
        }

        while (_commands.TryDequeue(out PendingCommand? command))
        {
            if (!command.IsExpired)
            {
                _command = command;
                return command.IsDirect ? SessionStep.DirectOperate : SessionStep.Select;
            }

            command.Complete(new CommandEnd(CommandOutcome.NotSent, null, "the command has expired"));
        }

        Dnp3Classes due = _schedule.TakeDue(now);
        _dueClasses |= due & Dnp3Classes.Events;
        _pending |= (due & Dnp3Classes.Present) != 0 ? Pending.Integrity : Pending.None;
        return ChoosePending();
    }

    private SessionStep ChooseOperate()
    {
        if (!_command!.IsExpired)
        {
            return SessionStep.Operate;
        }

        EndCommand(SessionStep.Select, "the command has expired");
        IsContinuing = false;
        return SessionStep.None;
    }

    private SessionStep ChoosePending()
    {
        if (Take(Pending.ClearRestart))
        {
            return SessionStep.ClearRestart;
        }

        if (Take(Pending.DisableUnsolicited))
        {
            return SessionStep.DisableUnsolicited;
        }

        if (Take(Pending.Integrity))
        {
            _polledClasses = Options.SinglePoll ?? Dnp3Classes.All;
            _dueClasses = Dnp3Classes.None;
            return SessionStep.Integrity;
        }

        if (Take(Pending.TimeSync))
        {
            return Options.TimeSync == Dnp3TimeSync.Lan ? SessionStep.RecordTime : SessionStep.MeasureDelay;
        }

        if (Take(Pending.EnableUnsolicited))
        {
            return SessionStep.EnableUnsolicited;
        }

        (_polledClasses, _dueClasses) = (_dueClasses, Dnp3Classes.None);
        return _polledClasses == Dnp3Classes.None ? SessionStep.None : SessionStep.Events;
    }

    private bool Take(Pending one)
    {
        bool isSet = (_pending & one) != 0;
        _pending &= ~one;
        return isSet;
    }

    /// <summary>Makes the work of a failed request due again.</summary>
    private void Repeat(SessionStep step)
    {
        _pending |= step switch
        {
            SessionStep.ClearRestart => Pending.ClearRestart,
            SessionStep.DisableUnsolicited => Pending.DisableUnsolicited,
            SessionStep.Integrity => Pending.Integrity,
            SessionStep.EnableUnsolicited => Pending.EnableUnsolicited,
            SessionStep.RecordTime or SessionStep.MeasureDelay or SessionStep.WriteTime => Pending.TimeSync,
            _ => Pending.None,
        };
        _dueClasses |= step == SessionStep.Events ? _polledClasses : Dnp3Classes.None;
    }

    private static ApplicationFunction FunctionOf(SessionStep step) => step switch
    {
        SessionStep.ClearRestart or SessionStep.WriteTime => ApplicationFunction.Write,
        SessionStep.DisableUnsolicited => ApplicationFunction.DisableUnsolicited,
        SessionStep.EnableUnsolicited => ApplicationFunction.EnableUnsolicited,
        SessionStep.RecordTime => ApplicationFunction.RecordCurrentTime,
        SessionStep.MeasureDelay => ApplicationFunction.DelayMeasurement,
        SessionStep.Select => ApplicationFunction.Select,
        SessionStep.Operate => ApplicationFunction.Operate,
        SessionStep.DirectOperate => ApplicationFunction.DirectOperate,
        _ => ApplicationFunction.Read,
    };

    private int WriteObjects(SessionStep step, Span<byte> destination) => step switch
    {
        SessionStep.ClearRestart => RequestWriter.ClearRestart(destination),
        SessionStep.DisableUnsolicited => RequestWriter.Classes(Dnp3Classes.Events, destination),
        SessionStep.EnableUnsolicited => RequestWriter.Classes(Options.Unsolicited, destination),
        SessionStep.Integrity or SessionStep.Events => RequestWriter.Classes(_polledClasses, destination),
        SessionStep.WriteTime => WriteTime(destination),
        SessionStep.Select or SessionStep.Operate or SessionStep.DirectOperate => _command!.Command.Write(destination),
        _ => 0,
    };
}
