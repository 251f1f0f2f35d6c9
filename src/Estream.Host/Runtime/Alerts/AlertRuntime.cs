using System.Globalization;
using System.Threading.Channels;
using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>
/// Evaluates the alert rules of a host once a second, records their changes in <c>sys/alerts</c>, and sends the changes to the webhook. One
/// thread calls <see cref="Evaluate"/>; the other members are thread-safe.
/// </summary>
internal sealed partial class AlertRuntime : IAsyncDisposable
{
    private const int MaxWaiting = 256;

    private readonly Lock _lock = new();
    private readonly Func<AlertQueue> _open;
    private readonly IClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<AlertChange> _changes;
    private readonly Task _recording;
    private AlertState[] _states = [];
    private AlertPlan _plan = AlertPlan.None;
    private AlertQueue? _queue;
    private AlertWebhook? _webhook;
    private volatile IReadOnlyList<AlertOverview> _overviews = [];
    private bool _isFailing;

    /// <summary>Creates the alerts without rules; see <see cref="Use"/>.</summary>
    /// <param name="open">Opens the queue of the changes. Called when there are rules.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="time">The clock of the waits of the webhook.</param>
    /// <param name="logger">The log.</param>
    public AlertRuntime(Func<AlertQueue> open, IClock clock, TimeProvider time, ILogger logger)
    {
        (_open, _clock, _time, _logger) = (open, clock, time, logger);
        _changes = Channel.CreateBounded<AlertChange>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            change => LogNotRecorded(_logger, change.Rule.Name, change.State, "Too many changes wait."));
        _recording = RecordAsync();
    }

    /// <summary>All alerts, in the order of the rules.</summary>
    public IReadOnlyList<AlertOverview> Overviews => _overviews;

    /// <summary>The firing and pending alerts.</summary>
    public IReadOnlyList<AlertOverview> Active =>
        [.. _overviews.Where(alert => alert.State is AlertState.Firing or AlertState.Pending)];

    /// <summary>The newest changes; null if there were never rules.</summary>
    public IQueueView? Log
    {
        get
        {
            lock (_lock)
            {
                return _queue?.View;
            }
        }
    }

    /// <summary>Why the webhook gets no changes; null if the webhook gets them.</summary>
    public string? WebhookFailure
    {
        get
        {
            lock (_lock)
            {
                return _webhook?.Failure;
            }
        }
    }

    /// <summary>Sets the rules and the webhook. Rules that have not changed keep their state.</summary>
    /// <exception cref="EstreamException">The queue of the changes cannot be opened.</exception>
    public void Use(AlertPlan plan)
    {
        AlertWebhook? old = null;
        lock (_lock)
        {
            Dictionary<string, (string State, long SinceMs)> recorded = [];
            if (_queue is null && plan.Rules.Count > 0)
            {
                _queue = _open();
                recorded = _queue.ReadStates();
            }

            _states =
            [
                .. plan.Rules.Select(rule => Array.Find(_states, state => state.Rule == rule) ?? Resumed(rule, recorded)),
            ];
            if (plan.Webhook != _plan.Webhook)
            {
                old = _webhook;
                _webhook = plan.Webhook is { } webhook ? new AlertWebhook(webhook, _time, _logger) : null;
            }

            _plan = plan;
            Publish();
        }

        old?.Dispose();
    }

    /// <summary>Compares the newest values with the rules.</summary>
    /// <param name="history">The values.</param>
    public void Evaluate(HistoryRecorder history)
    {
        lock (_lock)
        {
            if (_states.Length == 0)
            {
                return;
            }

            bool hasChanged = false;
            foreach (AlertState alert in _states)
            {
                (string state, double? before) = (alert.State, alert.Value);
                double? value = history.TryGetLast(alert.Rule.Series, out double last) ? last : null;
                long now = _clock.UtcNanos;
                if (alert.Take(value, _clock.MonotonicNanos, now) is { } recorded)
                {
                    _changes.Writer.TryWrite(new AlertChange(alert.Rule, recorded, value, now, DetailOf(alert)));
                }

                hasChanged |= state != alert.State || before != alert.Value;
            }

            if (hasChanged)
            {
                Publish();
            }
        }
    }

    /// <summary>Records the changes that wait. Changes that the webhook has not received are dropped.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        _changes.Writer.TryComplete();
        await _recording.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _recording.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _webhook?.Dispose();
            _queue?.Dispose();
            (_webhook, _queue) = (null, null);
        }
    }

    private static AlertState Resumed(AlertRule rule, Dictionary<string, (string State, long SinceMs)> recorded)
    {
        AlertState state = new(rule);
        if (recorded.TryGetValue(rule.Name, out (string State, long SinceMs) last))
        {
            state.Resume(last.State, last.SinceMs);
        }

        return state;
    }

    private static string DetailOf(AlertState alert)
    {
        AlertRule rule = alert.Rule;
        if (alert.Value is not { } value)
        {
            return $"{rule.Series} has no value. /api/history/series lists the recorded series.";
        }

        string not = rule.IsWrong(value) ? "" : "not ";
        return string.Create(CultureInfo.InvariantCulture,
            $"{rule.Series} is {value:0.###}, {not}{rule.Comparison} {rule.Threshold:0.###}.");
    }

    private void Publish() => _overviews =
    [
        .. _states.Select(alert => new AlertOverview(
            alert.Rule.Name, alert.Rule.Series, alert.Rule.Comparison, alert.Rule.Threshold, alert.Rule.ForSeconds, alert.Rule.Severity,
            alert.State, alert.SinceMs == 0 ? null : alert.SinceMs, alert.Value, DetailOf(alert))),
    ];

    // Not on the thread of the sampler, because a durable append waits for the device.
    private async Task RecordAsync()
    {
        await foreach (AlertChange change in _changes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            LogChange(_logger, change.Rule.Severity == "info" || change.State == AlertState.Ok ? LogLevel.Information : LogLevel.Warning,
                change.Rule.Name, change.State, change.Detail);
            AlertWebhook? webhook;
            AlertQueue? queue;
            lock (_lock)
            {
                (webhook, queue) = (_webhook, _queue);
            }

            webhook?.Send(change);
            try
            {
                queue?.Append(change);
                _isFailing = false;
            }
            catch (EstreamException failure)
            {
                if (!_isFailing)
                {
                    LogNotRecorded(_logger, change.Rule.Name, change.State, failure.Message);
                }

                _isFailing = true;
            }
        }
    }

    [LoggerMessage(EventId = 176, Message = "Alert {Alert}: {State}. {Detail}")]
    private static partial void LogChange(ILogger logger, LogLevel level, string alert, string state, string detail);

    [LoggerMessage(EventId = 177, Level = LogLevel.Error,
        Message = "A change of alert {Alert} to {State} could not be recorded in sys/alerts. {Reason}")]
    private static partial void LogNotRecorded(ILogger logger, string alert, string state, string reason);
}
