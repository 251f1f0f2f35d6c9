using Estream.Core;

namespace Estream.Wire.Modbus.Polling;

/// <summary>What is known of a device: its counts, and whether it waits after time-outs. Its line's lock guards the changes.</summary>
internal sealed class DeviceState(ModbusDeviceOptions options, Random random)
{
    private const int FirstBackoffMs = 250;
    private const long NanosPerMinute = 60_000_000_000;

    private int _timeouts;
    private int _failingReads;
    private string? _lastException;
    private long _polls;
    private long _errors;
    private long _overruns;
    private long _worstJitter;
    private long _worstOfMinute;
    private long _worstOfLastMinute;
    private long _minute;

    public string Name => options.Name;

    public ModbusDeviceOptions Options => options;

    /// <summary>Responses and exceptions of the device, and requests that failed.</summary>
    public long Polls => Volatile.Read(ref _polls);

    /// <summary>Polls without a usable response.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Polls that were due while the one before was not answered, or while the device waits after time-outs.</summary>
    public long Overruns => Volatile.Read(ref _overruns);

    /// <summary>The longest time between the due time of a poll and its sending, in nanoseconds, since it was last read.</summary>
    public long TakeWorstJitter() => Interlocked.Exchange(ref _worstJitter, 0);

    /// <summary>The longest time between the due time of a poll and its sending, in nanoseconds, in the last one to two minutes.</summary>
    public long WorstRecentJitter => Math.Max(Volatile.Read(ref _worstOfMinute), Volatile.Read(ref _worstOfLastMinute));

    /// <summary>When the last poll ended, in nanoseconds since 1970-01-01 UTC; 0 if none did.</summary>
    public long LastPollAt { get; private set; }

    /// <summary>Whether the last request was answered.</summary>
    public bool IsAnswering { get; private set; }

    /// <summary>The last failure; null if the last request was answered and no read is answered with an exception.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The poll that finds out whether a device that does not answer has returned. Its other polls wait meanwhile.</summary>
    public PollExchange? Probe { get; private set; }

    /// <summary>The monotonic time before which the device is not polled.</summary>
    public long WaitsUntil { get; private set; }

    /// <summary>Whether a poll may be queued. Of a device that does not answer, one poll after each wait.</summary>
    public bool Admits(PollExchange poll, long now)
    {
        if (now < WaitsUntil || (_timeouts > 0 && Probe is { IsPending: true }))
        {
            return false;
        }

        Probe = _timeouts > 0 ? poll : null;
        return true;
    }

    public void CountOverruns(long count) => Volatile.Write(ref _overruns, _overruns + count);

    public void NoteSent(long jitter, long now)
    {
        long minute = now / NanosPerMinute;
        if (minute != _minute)
        {
            Volatile.Write(ref _worstOfLastMinute, minute == _minute + 1 ? _worstOfMinute : 0);
            Volatile.Write(ref _worstOfMinute, 0);
            _minute = minute;
        }

        Volatile.Write(ref _worstOfMinute, Math.Max(_worstOfMinute, jitter));
        if (jitter > Volatile.Read(ref _worstJitter))
        {
            Volatile.Write(ref _worstJitter, jitter);
        }
    }

    /// <summary>Notes the end of a poll.</summary>
    /// <returns>Whether the state of the device changed, which is worth an event.</returns>
    public bool NoteEnd(PollExchange poll, ModbusStatus status, ModbusExceptionCode exception, long now)
    {
        LastPollAt = poll.AnsweredAt;
        Volatile.Write(ref _polls, _polls + 1);
        bool isUnreachable = IsUnreachable(exception);
        bool isAnswer = status is ModbusStatus.Ok or ModbusStatus.Exception && !isUnreachable;
        if (isAnswer)
        {
            _timeouts = 0;
            WaitsUntil = 0;
        }
        else if ((status == ModbusStatus.Timeout || isUnreachable) && poll.SentAt >= WaitsUntil)
        {
            // Of several requests under way, the first that fails begins the wait.
            WaitsUntil = now + (BackoffMs() * 1_000_000L);
        }

        if (status != ModbusStatus.Ok)
        {
            Volatile.Write(ref _errors, _errors + 1);
        }

        bool isChanged = isAnswer != IsAnswering;
        IsAnswering = isAnswer;
        isChanged |= isAnswer && NoteException(poll, exception);
        if (status != ModbusStatus.Ok)
        {
            string description = new ModbusResult(status, exception, 0).Describe();
            Trouble = description;
            _lastException = isAnswer ? $"{description} for {poll.Read.Table} from address {poll.Read.Address}" : _lastException;
        }

        if (isAnswer)
        {
            Trouble = _failingReads > 0 ? _lastException : null;
        }

        return isChanged;
    }

    /// <summary>Notes the end of a write or of its read-back.</summary>
    public void NoteWriteEnd(ModbusStatus status, ModbusExceptionCode exception)
    {
        if (status is ModbusStatus.Timeout or ModbusStatus.InvalidResponse || IsUnreachable(exception))
        {
            IsAnswering = false;
            Trouble = new ModbusResult(status, exception, 0).Describe();
        }
        else if (status is ModbusStatus.Ok or ModbusStatus.Exception)
        {
            _timeouts = 0;
            WaitsUntil = 0;
            IsAnswering = true;
            Trouble = _failingReads > 0 ? _lastException : null;
        }
    }

    /// <summary>Whether a gateway answers in this way for a unit that it cannot reach.</summary>
    private static bool IsUnreachable(ModbusExceptionCode exception) =>
        exception is ModbusExceptionCode.GatewayPathUnavailable or ModbusExceptionCode.GatewayTargetFailedToRespond;

    /// <summary>Counts the reads whose last answer is an exception.</summary>
    /// <returns>Whether the first read began to fail so, or the last one ceased.</returns>
    private bool NoteException(PollExchange poll, ModbusExceptionCode exception)
    {
        bool isFailing = exception != ModbusExceptionCode.None;
        if (poll.IsFailing == isFailing)
        {
            return false;
        }

        poll.IsFailing = isFailing;
        _failingReads += isFailing ? 1 : -1;
        return isFailing ? _failingReads == 1 : _failingReads == 0;
    }

    /// <summary>The wait after a time-out: doubles with each, and half of it is random, so that devices do not return together.</summary>
    private int BackoffMs()
    {
        double ceiling = Math.Min(options.MaxBackoffMs, FirstBackoffMs * Math.Pow(2, Math.Min(_timeouts++, 20)));
        return (int)(ceiling * (0.5 + (random.NextDouble() / 2)));
    }
}
