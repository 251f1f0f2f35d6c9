using System.Text.Json;
using Estream.Host.Http;
using Estream.Host.Widgets;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Takes a sample twice a second, or once a second while no console is connected and no message arrives. Sends it with the newest messages
/// to every connected console. One sampler serves all clients, so the work does not depend on their number. The sampler only reads: a host
/// whose samples fail pauses and resumes its queues as before.
/// </summary>
internal sealed partial class Sampler(
    HostState state, OverviewSource source, EventHub hub, WidgetCatalogue widgets, ILogger<Sampler> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_idleInterval = TimeSpan.FromSeconds(1);

    private readonly NewestMessages _newest = new();
    private readonly MapLog _mapLog = new(logger);
    private Task _announcement = Task.CompletedTask;
    private bool _failing;

    /// <summary>Returns the time until the next sample.</summary>
    /// <param name="isWatched">Whether a console is connected.</param>
    /// <param name="hasGrown">Whether a queue has new messages since the last sample.</param>
    internal static TimeSpan IntervalOf(bool isWatched, bool hasGrown) => isWatched || hasGrown ? s_interval : s_idleInterval;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (state.Parts is { } parts)
            {
                TrySample(parts);
            }
            else if (state.Standby is { } standby)
            {
                source.Refresh(standby.Overviews);
            }

            if (hub.ClientCount > 0 && widgets.HasWorkspace && _announcement.IsCompleted)
            {
                // On another thread: changed packages are read and hashed, and the next sample must not wait for them.
                _announcement = Task.Run(() => widgets.Announce(hub), stoppingToken);
            }

            timer.Period = AlignedWakes.UntilNext(IntervalOf(hub.ClientCount > 0, _newest.HasGrown));
        }
    }

    /// <summary>A failing sample (damage in a segment, the host closing) is logged once and does not end the sampling.</summary>
    private void TrySample(HostComponents parts)
    {
        try
        {
            parts.Gate.Read(() => Sample(parts));
            _failing = false;
        }
        catch (Exception e)
        {
            if (!_failing && state.Phase == HostPhase.Running)
            {
                LogFailed(logger, e);
            }

            _failing = true;
        }
    }

    private bool Sample(HostComponents parts)
    {
        Overview overview;
        try
        {
            overview = source.Refresh(parts);
        }
        finally
        {
            // A part that cannot be shown leaves no gap in the history of the others.
            parts.RecordHistory();
        }

        foreach (MapRuntime map in parts.Maps.Values)
        {
            _mapLog.Observe(map.Plan.Name, map.Failure);
        }

        bool isWatched = hub.ClientCount > 0;
        byte[]? messages = _newest.Collect(parts.Queues.Values, isWatched && hub.IsReadingMessages);
        if (isWatched)
        {
            hub.Publish(EventKind.Overview, JsonSerializer.SerializeToUtf8Bytes(
                OverviewEndpoint.Bounded(overview), ApiJson.Default.Overview));
        }

        if (messages is not null)
        {
            hub.Publish(EventKind.Messages, messages);
        }

        return true;
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Error,
        Message = "The overview cannot be sampled; the console shows old values until this is fixed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
