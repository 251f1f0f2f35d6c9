namespace Estream.Host.Runtime;

/// <summary>The state of one alert rule. Not thread-safe.</summary>
/// <param name="rule">The rule.</param>
internal sealed class AlertState(AlertRule rule)
{
    public const string Ok = "ok";
    public const string Pending = "pending";
    public const string Firing = "firing";
    public const string Unknown = "unknown";

    private const long NanosPerSecond = 1_000_000_000;
    private const long NanosPerMs = 1_000_000;

    // A value that swings around its threshold would otherwise start and end the alert every second.
    private const long CalmNanos = 10 * NanosPerSecond;

    private long _wrongSince = -1;
    private long _calmSince = -1;
    private long _missingSince = -1;

    public AlertRule Rule => rule;

    public string State { get; private set; } = Unknown;

    /// <summary>When the state began, in milliseconds since the Unix epoch; 0 before the first value.</summary>
    public long SinceMs { get; private set; }

    /// <summary>The newest value; null if there is none.</summary>
    public double? Value { get; private set; }

    /// <summary>The state that was recorded last: <see cref="Ok"/>, <see cref="Firing"/> or <see cref="Unknown"/>; null before the first
    /// value.</summary>
    public string? Recorded { get; private set; }

    /// <summary>Continues with the state that was recorded before a restart.</summary>
    public void Resume(string recorded, long sinceMs) => (Recorded, State, SinceMs) = (recorded, recorded, sinceMs);

    /// <summary>Takes the current value.</summary>
    /// <param name="value">The value; null if there is none.</param>
    /// <param name="nanos">The monotonic time.</param>
    /// <param name="utcNanos">The time of day.</param>
    /// <returns>The state to record if it has changed; otherwise null. A pending alert is not recorded.</returns>
    public string? Take(double? value, long nanos, long utcNanos)
    {
        Value = value;
        string next = NextOf(value, nanos);
        if (next != State)
        {
            (State, SinceMs) = (next, utcNanos / NanosPerMs);
        }

        string recorded = next == Pending ? Ok : next;
        if (recorded == Recorded)
        {
            return null;
        }

        // The first value after a start of the host is not a change.
        bool isFirst = Recorded is null;
        if (isFirst && recorded == Unknown)
        {
            return null;
        }

        Recorded = recorded;
        return isFirst && recorded == Ok ? null : recorded;
    }

    private string NextOf(double? value, long nanos)
    {
        if (value is not { } known)
        {
            _missingSince = _missingSince < 0 ? nanos : _missingSince;
            (_wrongSince, _calmSince) = nanos - _missingSince >= CalmNanos ? (-1, -1) : (_wrongSince, _calmSince);
            return nanos - _missingSince >= CalmNanos ? Unknown : State;
        }

        _missingSince = -1;
        if (rule.IsWrong(known))
        {
            _calmSince = -1;
            _wrongSince = _wrongSince < 0 ? nanos : _wrongSince;
            return State == Firing || nanos - _wrongSince >= rule.ForSeconds * NanosPerSecond ? Firing : Pending;
        }

        _wrongSince = -1;
        _calmSince = _calmSince < 0 ? nanos : _calmSince;
        return State == Firing && nanos - _calmSince < CalmNanos ? Firing : Ok;
    }
}
