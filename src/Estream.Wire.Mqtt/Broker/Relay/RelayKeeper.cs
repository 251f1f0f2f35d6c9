using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// Drops messages of the relay that no session needs, and ends sessions that need more than RelayBytes: a client too far behind loses its
/// session rather than single messages. Also removes expired retained messages. Called only by the sweeper.
/// </summary>
internal sealed class RelayKeeper(EndpointCore core)
{
    private const long IntervalNanos = EndpointCore.NanosPerSecond;

    private readonly List<EndpointConnection> _tooFarBehind = [];
    private long _lookedAt = long.MinValue;

    public void Look(long now)
    {
        if (core.Serving is not { } serving)
        {
            return;
        }

        serving.Relay.Retry();
        if (_lookedAt != long.MinValue && now - _lookedAt < IntervalNanos)
        {
            return;
        }

        _lookedAt = now;
        serving.Relay.Tailers.Trim();
        serving.Retained?.Sweep(serving.Expiry.Now);
        long newest = serving.Relay.Newest;
        if (newest < 0)
        {
            return;
        }

        long oldest = core.Sessions.EndBehind(newest - core.Options.RelayBytes, _tooFarBehind, out int ended);
        long shared = serving.Groups.GiveUpBefore(newest - core.Options.RelayBytes, out int given);
        serving.Relay.KeepFrom(Math.Min(Math.Min(oldest, shared), newest));
        Tell(ended);
        if (given > 0)
        {
            core.Counters.Drop(DropReason.Behind);
            core.Events.Report(
                AdapterEventKind.Degraded,
                $"{given} shared subscriptions skipped to newer messages: their backlog exceeded the relay (RelayBytes, "
                + $"{core.Options.RelayBytes}).");
        }
    }

    private void Tell(int ended)
    {
        foreach (EndpointConnection connection in _tooFarBehind)
        {
            core.Counters.Reject(MqttReasonCode.QuotaExceeded, "a subscriber fell behind by more than RelayBytes", peer: null);
            connection.RequestClose(MqttReasonCode.QuotaExceeded);
        }

        _tooFarBehind.Clear();
        if (ended > 0)
        {
            core.Events.Report(
                AdapterEventKind.Degraded,
                $"{ended} sessions were ended: their backlog exceeded the relay (RelayBytes, "
                + $"{core.Options.RelayBytes}).");
        }
    }
}
