using Estream.Circuits.Observing;
using Estream.Core;
using Estream.Streams.Observing;

namespace Estream.Circuits;

/// <summary>How the stream of one output of a running circuit is looked at, and what was seen. Thread-safe.</summary>
public sealed class StreamObservation
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/> to which traces go as spans: give it to the AddSource of
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

    /// <summary>The output.</summary>
    public string Output { get; }

    /// <summary>How closely it is to be looked at now: what was asked for last, and while the circuit does not keep its service level,
    /// <see cref="StreamObservationOptions.AlertLevel"/> at least.</summary>
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

    /// <summary>How closely it is looked at: <see cref="ObservationLevel.SampledTraces"/> where <see cref="ObservationLevel.AllTraces"/> is
    /// beyond the budget.</summary>
    public ObservationLevel Effective => Level is var level && level == ObservationLevel.AllTraces && (_observer.Every > 1 || _isShort)
        ? ObservationLevel.SampledTraces
        : level;

    /// <summary>Each so many-th message is traced now; 0 where none is.</summary>
    public int TraceEvery => _observer.Every;

    /// <summary>How many messages were traced since the circuit was opened.</summary>
    public long Traced => _observer.Traced;

    /// <summary>How many were to be, and were not, since the budget was used up or nobody took those before fast enough.</summary>
    public long Untraced => _observer.Untraced;

    /// <summary>When the level that was asked for ends; null where it does not.</summary>
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

    /// <summary>The traces taken last, the newest first, <see cref="StreamObservationOptions.RecentTraceCapacity"/> at most.</summary>
    public IReadOnlyList<MessageTrace> Recent => _recent.NewestFirst();

    /// <summary>What the last exception said with which whoever listens to traces answered one of them; null where nobody did. The trace is
    /// kept, and the others are told.</summary>
    public string? ListenerFailure => Volatile.Read(ref _listenerFailure);

    /// <summary>Has it looked at more or less closely from now on.</summary>
    /// <param name="level">How closely.</param>
    /// <param name="time">For so long, then as before; for good when omitted.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level, or the time is not more than zero and a day at
    /// most.</exception>
    public void Observe(ObservationLevel level, TimeSpan? time = null)
    {
        if (!Enum.IsDefined(level))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "There are L0 to L3.");
        }

        if (time is { } some && (some <= TimeSpan.Zero || some > TimeSpan.FromDays(1)))
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, "A level is asked for more than no time, and for a day at most.");
        }

        lock (_lock)
        {
            _for = time is { } length ? (level, _clock.MonotonicNanos + (length.Ticks * TimeSpan.NanosecondsPerTick)) : null;
            _asked = time is null ? level : _asked;
            Apply();
        }
    }

    /// <summary>What so many of a thousand messages did not take longer than, from their append until what became of them was permanent,
    /// since the circuit was opened.</summary>
    /// <param name="perMille">From 1 to 1,000: 500 is the median.</param>
    /// <returns>Up to an eighth and a millisecond too long; null where nothing was measured, as at
    /// <see cref="ObservationLevel.Counters"/>.</returns>
    public TimeSpan? LatencyOf(int perMille)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perMille, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perMille, 1_000);
        return _observer.Latency?.Counts is { Total: > 0 } counts ? counts.Percentile(perMille) : null;
    }

    /// <summary>The circuit does not keep its service level, or does again.</summary>
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

    /// <summary>Ends what was asked for some time.</summary>
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

    /// <summary>Whether somebody has to take its traces.</summary>
    internal bool IsTracing => Level >= ObservationLevel.SampledTraces;

    /// <summary>Whether somebody has to look at it from time to time.</summary>
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

    /// <summary>Gives it its part of the budget.</summary>
    /// <param name="perSecond">Traces a second.</param>
    /// <param name="nanos">For how long, beginning with the last time.</param>
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

            // Spread over the messages, and not the first of each moment.
            int fewest = level == ObservationLevel.AllTraces ? 1 : _options.SampleEvery;
            _observer.Trace((int)Math.Clamp(Math.Ceiling(_rate / perSecond), fewest, int.MaxValue));
            _owed += perSecond * nanos / NanosPerSecond;
            long whole = (long)_owed;
            _owed -= whole;
            _observer.Credit(whole, Math.Max(1, (long)perSecond));
        }
    }

    // Of the last second or so: messages come in batches.
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

    /// <summary>Takes what was traced.</summary>
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

    // Whoever listens runs here, and what is wrong with that is no reason to stop.
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

            // What is on its way is still to be taken.
            _lingersUntil = _clock.MonotonicNanos + NanosPerSecond;
        }
    }
}
