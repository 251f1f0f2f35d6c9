using Estream.Circuits.Observing;
using Estream.Core;
using Estream.Streams.Observing;

namespace Estream.Circuits;

/// <summary>Controls how closely the stream of one output of a running circuit is observed, and returns the observations.
/// Thread-safe.</summary>
public sealed class StreamObservation
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/> that emits traces as spans. Pass it to AddSource of
    /// OpenTelemetry.</summary>
    public const string ActivitySourceName = "Estream.Circuits";

    private const long NanosPerSecond = 1_000_000_000;

    private readonly Lock _lock = new();
    private readonly MessageObserver _observer;
    private readonly StreamObservationOptions _options;
    private readonly IClock _clock;
    private readonly TraceMaker _maker;
    private readonly RecentTraces _recent;
    private readonly string _tenant;
    private readonly bool _isPromised;
    private readonly Action _beginTracing;
    private ObservationLevel _asked;
    private (ObservationLevel Level, long Until)? _for;
    private bool _isAlerted;
    private long _lingersUntil;
    private long _seenBefore;
    private double _rate;
    private long _untracedBefore;
    private volatile bool _isShort;
    private string? _listenerFailure;
    private double _owed;

    internal StreamObservation(ObservedOutput output, StreamObservationOptions options, IClock clock, Action beginTracing)
    {
        (_observer, _maker, _tenant, _isPromised) = (output.Observer, output.Maker, output.Tenant, output.IsPromised);
        (_options, _clock, _beginTracing) = (options, clock, beginTracing);
        (Output, _asked) = (output.Name, options.Level);
        _recent = new RecentTraces(options.RecentTraceCapacity);
        Apply();
    }

    /// <summary>The name of the output.</summary>
    public string Output { get; }

    /// <summary>The requested level of observation; while the circuit breaks its service level, at least
    /// <see cref="StreamObservationOptions.AlertLevel"/>.</summary>
    public ObservationLevel Level
    {
        get
        {
            lock (_lock)
            {
                ObservationLevel level = _for is { } some ? some.Level : _asked;
                return _isAlerted && _options.AlertLevel > level ? _options.AlertLevel : level;
            }
        }
    }

    /// <summary>The effective level of observation: <see cref="ObservationLevel.SampledTraces"/> if
    /// <see cref="ObservationLevel.AllTraces"/> exceeds the trace budget.</summary>
    public ObservationLevel Effective => Level is var level && level == ObservationLevel.AllTraces && (_observer.Every > 1 || _isShort)
        ? ObservationLevel.SampledTraces
        : level;

    /// <summary>The current sampling interval: every n-th message is traced; 0 if none is.</summary>
    public int TraceEvery => _observer.Every;

    /// <summary>The number of messages traced since the circuit was opened.</summary>
    public long Traced => _observer.Traced;

    /// <summary>The number of messages that were due for tracing but not traced, because the budget was used up or earlier traces were not
    /// collected fast enough.</summary>
    public long Untraced => _observer.Untraced;

    /// <summary>The time at which the requested level ends; null if the level does not end.</summary>
    public DateTimeOffset? Until
    {
        get
        {
            lock (_lock)
            {
                return _for is { } some
                    ? DateTimeOffset.UnixEpoch.AddTicks(
                        (_clock.UtcNanos + some.Until - _clock.MonotonicNanos) / TimeSpan.NanosecondsPerTick)
                    : null;
            }
        }
    }

    /// <summary>The latest traces, newest first, at most <see cref="StreamObservationOptions.RecentTraceCapacity"/>.</summary>
    public IReadOnlyList<MessageTrace> Recent => _recent.NewestFirst();

    /// <summary>The message of the last exception that an activity listener threw for a trace; null if no listener threw. The trace is
    /// kept, and other listeners receive it.</summary>
    public string? ListenerFailure => Volatile.Read(ref _listenerFailure);

    /// <summary>Sets the level of observation.</summary>
    /// <param name="level">The level.</param>
    /// <param name="time">How long the level applies before the previous level returns; permanently when omitted.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not defined, or the time is not more than zero and at most one
    /// day.</exception>
    public void Observe(ObservationLevel level, TimeSpan? time = null)
    {
        if (!Enum.IsDefined(level))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "The levels are L0 to L3.");
        }

        if (time is { } some && (some <= TimeSpan.Zero || some > TimeSpan.FromDays(1)))
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, "A level can be requested for more than zero and at most one day.");
        }

        lock (_lock)
        {
            _for = time is { } length ? (level, _clock.MonotonicNanos + (length.Ticks * TimeSpan.NanosecondsPerTick)) : null;
            _asked = time is null ? level : _asked;
            Apply();
        }
    }

    /// <summary>Returns a percentile of the latency from the append of a message until its processing is committed, since the circuit was
    /// opened.</summary>
    /// <param name="perMille">From 1 to 1,000: 500 is the median.</param>
    /// <returns>The latency, overestimated by at most an eighth plus a millisecond; null if nothing was measured, as at
    /// <see cref="ObservationLevel.Counters"/>.</returns>
    public TimeSpan? LatencyOf(int perMille)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perMille, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perMille, 1_000);
        return _observer.Latency?.Counts is { Total: > 0 } counts ? counts.Percentile(perMille) : null;
    }

    /// <summary>The latencies measured since the circuit was opened; null until they are first measured.</summary>
    internal LatencyHistogram? Latencies => _observer.Latency?.Histogram;

    /// <summary>Called when the circuit begins to break its service level, and when the circuit keeps the service level again.</summary>
    internal void Alert(bool isAlerted)
    {
        lock (_lock)
        {
            if (_isAlerted != isAlerted)
            {
                _isAlerted = isAlerted;
                Apply();
            }
        }
    }

    /// <summary>Ends a level that was requested for a limited time.</summary>
    internal void Expire(long now)
    {
        lock (_lock)
        {
            if (_for is { } some && now >= some.Until)
            {
                _for = null;
                Apply();
            }
        }
    }

    /// <summary>Whether the traces of the stream need to be collected.</summary>
    internal bool IsTracing => Level >= ObservationLevel.SampledTraces;

    /// <summary>Whether the stream needs periodic calls of the budget loop.</summary>
    internal bool NeedsPolling
    {
        get
        {
            lock (_lock)
            {
                return IsTracing || _for is not null || _clock.MonotonicNanos < _lingersUntil || _observer.Tape is { HasUnread: true };
            }
        }
    }

    /// <summary>Assigns the stream its share of the trace budget.</summary>
    /// <param name="perSecond">Traces per second.</param>
    /// <param name="nanos">The time since the last call.</param>
    internal void Provide(double perSecond, long nanos)
    {
        lock (_lock)
        {
            Measure(nanos);
            ObservationLevel level = Level;
            if (level < ObservationLevel.SampledTraces)
            {
                return;
            }

            // Spreads the traces over all messages, instead of tracing only the first messages of each interval.
            int fewest = level == ObservationLevel.AllTraces ? 1 : _options.SampleEvery;
            _observer.Trace((int)Math.Clamp(Math.Ceiling(_rate / perSecond), fewest, int.MaxValue));
            _owed += perSecond * nanos / NanosPerSecond;
            long whole = (long)_owed;
            _owed -= whole;
            _observer.Credit(whole, Math.Max(1, (long)perSecond));
        }
    }

    // Measures the rate of messages, averaged over about a second because messages come in batches.
    private void Measure(long nanos)
    {
        (long seen, long untraced) = (_observer.Seen, _observer.Untraced);
        if (nanos > 0)
        {
            double share = 1 - Math.Exp(-(double)nanos / NanosPerSecond);
            _rate += share * (((seen - _seenBefore) * (double)NanosPerSecond / nanos) - _rate);
        }

        _isShort = untraced > _untracedBefore;
        (_seenBefore, _untracedBefore) = (seen, untraced);
    }

    /// <summary>Collects the recorded traces.</summary>
    internal void Take()
    {
        while (_observer.Tape?.TryRead() is { } slot)
        {
            MessageTrace trace = _maker.Make(slot);
            _observer.Tape.Release();
            _recent.Add(trace);
            EmitTrace(trace);
        }
    }

    // Listeners run here; their exceptions must not stop the loop.
    private void EmitTrace(MessageTrace trace)
    {
        try
        {
            TraceSource.EmitTrace(trace, _tenant);
        }
        catch (Exception failure)
        {
            Volatile.Write(ref _listenerFailure, failure.Message);
        }
    }

    private void Apply()
    {
        ObservationLevel level = Level;
        if (level >= ObservationLevel.Distributions)
        {
            _observer.Time(limit: null);
        }
        else if (!_isPromised)
        {
            _observer.StopTiming();
        }

        if (level >= ObservationLevel.SampledTraces || _for is not null)
        {
            _beginTracing();
        }

        if (level < ObservationLevel.SampledTraces && _observer.Every > 0)
        {
            _observer.Trace(0);
            _rate = 0;

            // Messages in progress may still be traced and must be collected.
            _lingersUntil = _clock.MonotonicNanos + NanosPerSecond;
        }
    }
}
