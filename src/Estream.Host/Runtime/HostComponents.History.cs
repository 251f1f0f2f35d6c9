namespace Estream.Host.Runtime;

/// <content>The history of the host.</content>
internal sealed partial class HostComponents
{
    private (object, object, object, object, object, object) _recorded;
    private HistoryRecorder? _history;
    private AlertRuntime? _alerts;
    private ReaderLags? _lags;

    /// <summary>Records values of the parts; null if the host keeps no history.</summary>
    public HistoryRecorder? History => _history;

    /// <summary>The alerts; null if the host keeps no history.</summary>
    public AlertRuntime? Alerts => _alerts;

    /// <summary>The free bytes of the data volume; null before the first measurement.</summary>
    public long? FreeBytes => _control?.Floor.FreeBytes;

    /// <summary>Records the current values, and evaluates the alerts. Called by the sampler after it has read the queues.</summary>
    public void RecordHistory()
    {
        if (_history is not { } history)
        {
            return;
        }

        ReaderLags lags = _lags ??= new ReaderLags(_clock);
        lags.Look(_queues.Values, _plan.Data);

        // The references change with the parts.
        (object, object, object, object, object, object) parts =
            (_queues.Version, _maps.Version, Adapters, _replication, _plan.Alerts, lags.Version);
        if (parts != _recorded)
        {
            history.Use(HistorySources.Of(this, _plan, lags));
            _recorded = parts;
        }

        if (history.Tick())
        {
            _alerts?.Evaluate(history);
        }
    }

    private HostPart HistoryPart() => new("history")
    {
        Open = Now(() => _history = _plan.History is { } plan
            ? new HistoryRecorder(_plan.Data.History, plan, _clock, _loggers.CreateLogger("Estream.Host.History"))
            : null),
        Close = () => _history?.DisposeAsync() ?? ValueTask.CompletedTask,
    };

    private HostPart AlertPart(TimeProvider time) => new("alerts")
    {
        Open = Now(() =>
        {
            if (_history is not null)
            {
                _alerts = new AlertRuntime(() => AlertQueue.Open(_plan.Data, _json, Gate, _clock), _clock, time,
                    _loggers.CreateLogger("Estream.Host.Alerts"));
                _alerts.Use(_plan.Alerts);
            }
        }),
        Stop = stop => Finished([_alerts?.StopAsync(stop.Drain) ?? Task.CompletedTask]),
        Close = () => _alerts?.DisposeAsync() ?? ValueTask.CompletedTask,
    };
}
