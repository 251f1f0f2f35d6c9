namespace Estream.Wire.Mqtt.Internal;

/// <summary>The metrics of an MQTT adapter.</summary>
internal static class MqttMetrics
{
    /// <summary>Publishes the counters of an adapter as metrics until the result is disposed.</summary>
    public static AdapterMetrics Of(MqttCounters counters)
    {
        AdapterMetrics metrics = new AdapterMetrics(counters.Adapter)
            .AddCounter("estream.mqtt.received", "{message}", "PUBLISH packets taken from the wire.", () => counters.Received)
            .AddCounter("estream.mqtt.bytes", "By", "Bytes of PUBLISH packets taken from the wire.", () => counters.Bytes)
            .AddCounter("estream.mqtt.acked", "{message}", "Messages acknowledged to their sender.", () => counters.Acknowledged)
            .AddGauge("estream.mqtt.connections", "{connection}", "Connections open now.", () => counters.Connections)
            .AddCounter("estream.mqtt.connections_opened", "{connection}", "Connections accepted so far.", () => counters.ConnectionsTotal)
            .AddCounter("estream.mqtt.rejected", "{packet}", "Packets and connections refused, by reason code.", "reason",
                () => counters.Rejected.Select(pair => (pair.Key.ToString(), pair.Value)))
            .AddCounter("estream.mqtt.sent", "{message}", "PUBLISH packets sent to subscribers.", () => counters.Sent)
            .AddCounter(
                "estream.mqtt.dropped", "{message}",
                "Messages not delivered to a subscriber, by reason: expired, too large for it, or it was too slow for QoS 0.",
                "reason", () => counters.Dropped.Select(pair => (pair.Key.ToString(), pair.Value)));
        return counters.Figures is { } figures ? AddFigures(metrics, figures) : metrics;
    }

    private static AdapterMetrics AddFigures(AdapterMetrics metrics, Func<EndpointMetrics> figures) => metrics
        .AddGauge("estream.mqtt.sessions", "{session}", "Sessions kept now, by whether the client is connected.", "state",
            () => SessionsOf(figures()))
        .AddGauge("estream.mqtt.subscriptions", "{subscription}", "Subscriptions of all sessions.", () => figures().Sessions.Subscriptions)
        .AddGauge("estream.mqtt.under_way", "{message}", "Messages of QoS 1 and 2 in flight to subscribers.",
            () => figures().Sessions.UnderWay)
        .AddGauge("estream.mqtt.groups", "{group}", "Shared subscriptions; all members of one count once.", () => figures().Groups)
        .AddGauge(
            "estream.mqtt.backlog", "By", "Bytes of the relay from the oldest message still needed to the newest.",
            () => figures().Backlog);

    private static IEnumerable<(string State, long Count)> SessionsOf(EndpointMetrics figures) =>
        [("connected", figures.Sessions.Connected), ("absent", figures.Sessions.Absent)];
}
