using Estream.Core;

namespace Estream.Wire.Modbus.Polling;

/// <summary>What is known of a device: its counts, and whether it waits after time-outs. Its line's lock guards the changes.</summary>
internal sealed class DeviceState(ModbusDeviceOptions options, Random random)
{
    private const int FirstBackoffMs = 250;

    private int _timeouts;
    private long _polls;
    private long _errors;
    private long _overruns;
    private long _worstJitter;

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

    /// <summary>Whether the last request was answered.</summary>
    public bool IsAnswering { get; private set; }

    /// <summary>The last failure; null if the last request was answered.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The monotonic time before which the device is not polled.</summary>
    public long WaitsUntil { get; private set; }

    public void CountOverrun() => Volatile.Write(ref _overruns, _overruns + 1);

    public void NoteSent(long jitter)
    {
        if (jitter > Volatile.Read(ref _worstJitter))
        {
            Volatile.Write(ref _worstJitter, jitter);
        }
    }

    /// <summary>Notes the end of a request.</summary>
    /// <returns>Whether the state of the device changed, which is worth an event.</returns>
    public bool NoteEnd(ModbusStatus status, long now)
    {
        Volatile.Write(ref _polls, _polls + 1);
        bool isAnswer = status is ModbusStatus.Ok or ModbusStatus.Exception;
        if (isAnswer)
        {
            _timeouts = 0;
            WaitsUntil = 0;
        }
        else if (status == ModbusStatus.Timeout)
        {
            WaitsUntil = now + (BackoffMs() * 1_000_000L);
        }

        if (status != ModbusStatus.Ok)
        {
            Volatile.Write(ref _errors, _errors + 1);
        }

        bool isChanged = isAnswer != IsAnswering;
        IsAnswering = isAnswer;
        Trouble = isAnswer ? null : new ModbusResult(status, default, 0).Describe();
        return isChanged;
    }

    /// <summary>The wait after a time-out: doubles with each, and half of it is random, so that devices do not return together.</summary>
    private int BackoffMs()
    {
        double ceiling = Math.Min(options.MaxBackoffMs, FirstBackoffMs * Math.Pow(2, Math.Min(_timeouts++, 20)));
        return (int)(ceiling * (0.5 + (random.NextDouble() / 2)));
    }
}
