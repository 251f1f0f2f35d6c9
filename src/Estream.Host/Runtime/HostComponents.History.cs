namespace Estream.Host.Runtime;

/// <content>The history of the host.</content>
internal sealed partial class HostComponents
{
    private (object, object, object, object) _recorded;
    private HistoryRecorder? _history;

    /// <summary>Records values of the parts; null if the host keeps no history.</summary>
    public HistoryRecorder? History => _history;

    /// <summary>The free bytes of the data volume; null before the first measurement.</summary>
    public long? FreeBytes => _control?.Floor.FreeBytes;

    /// <summary>Records the current values. Called by the sampler after it has read the queues.</summary>
    public void RecordHistory()
    {
        if (_history is not { } history)
        {
            return;
        }

        // The references change with the parts.
        (object, object, object, object) parts = (_queues.Version, _maps.Version, Adapters, _replication);
        if (parts != _recorded)
        {
            history.Use(HistorySources.Of(this, _plan));
            _recorded = parts;
        }

        history.Tick();
    }

    private HostPart HistoryPart() => new("history")
    {
        Open = Now(() => _history = _plan.History is { } plan
            ? new HistoryRecorder(_plan.Data.History, plan, _clock, _loggers.CreateLogger("Estream.Host.History"))
            : null),
        Close = () => _history?.DisposeAsync() ?? ValueTask.CompletedTask,
    };
}
