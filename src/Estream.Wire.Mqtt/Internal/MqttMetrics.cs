using System.Diagnostics.Metrics;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The instruments of all MQTT adapters of the process, on the meter all of Estream shares.</summary>
internal static class MqttMetrics
{
    private static readonly Lock s_lock = new();
    private static readonly List<MqttCounters> s_adapters = [];
    private static readonly Meter s_meter = new("Estream");

    static MqttMetrics()
    {
        s_meter.CreateObservableGauge("estream.mqtt.sessions", ReadSessions, "{session}", "Sessions kept now, by whether the client is there.");
        s_meter.CreateObservableGauge("estream.mqtt.subscriptions", () => ReadFigures(figures => figures.Sessions.Subscriptions), "{subscription}", "Subscriptions of all sessions.");
        s_meter.CreateObservableGauge("estream.mqtt.under_way", () => ReadFigures(figures => figures.Sessions.UnderWay), "{message}", "Messages of QoS 1 and 2 sent to subscribers and not done with.");
        s_meter.CreateObservableGauge("estream.mqtt.groups", () => ReadFigures(figures => figures.Groups), "{group}", "Shared subscriptions, each with all its members.");
        s_meter.CreateObservableGauge("estream.mqtt.backlog", () => ReadFigures(figures => figures.Backlog), "By", "Bytes of the relay that wait for who is furthest behind.");
        s_meter.CreateObservableCounter("estream.mqtt.received", () => Read(c => c.Received), "{message}", "PUBLISH packets taken from the wire.");
        s_meter.CreateObservableCounter("estream.mqtt.bytes", () => Read(c => c.Bytes), "By", "Bytes of those packets.");
        s_meter.CreateObservableCounter("estream.mqtt.acked", () => Read(c => c.Acknowledged), "{message}", "Messages acknowledged to their sender.");
        s_meter.CreateObservableGauge("estream.mqtt.connections", () => Read(c => c.Connections), "{connection}", "Connections open now.");
        s_meter.CreateObservableCounter("estream.mqtt.connections_opened", () => Read(c => c.ConnectionsTotal), "{connection}", "Connections accepted so far.");
        s_meter.CreateObservableCounter("estream.mqtt.rejected", ReadRejected, "{packet}", "Packets and connections refused, by reason code.");
        s_meter.CreateObservableCounter("estream.mqtt.sent", () => Read(c => c.Sent), "{message}", "PUBLISH packets sent to subscribers.");
        s_meter.CreateObservableCounter("estream.mqtt.dropped", ReadDropped, "{message}", "Messages a subscriber did not get, by reason: expired, larger than it takes, or it was too slow for QoS 0.");
    }

    public static void Add(MqttCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Add(counters);
        }
    }

    public static void Remove(MqttCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Remove(counters);
        }
    }

    private static IEnumerable<Measurement<long>> Read(Func<MqttCounters, long> value)
    {
        lock (s_lock)
        {
            return [.. s_adapters.Select(c => new Measurement<long>(value(c), new KeyValuePair<string, object?>("adapter", c.Adapter)))];
        }
    }

    private static IEnumerable<Measurement<long>> ReadFigures(Func<EndpointFigures, long> value)
    {
        return [.. Endpoints().Select(own => new Measurement<long>(value(own.Figures), new KeyValuePair<string, object?>("adapter", own.Adapter)))];
    }

    private static IEnumerable<Measurement<long>> ReadSessions()
    {
        return
        [
            .. Endpoints().SelectMany(own => new[] { (State: "connected", Count: own.Figures.Sessions.Connected), (State: "absent", Count: own.Figures.Sessions.Absent) }
                .Select(part => new Measurement<long>(
                    part.Count, new KeyValuePair<string, object?>("adapter", own.Adapter), new KeyValuePair<string, object?>("state", part.State)))),
        ];
    }

    private static List<(string Adapter, EndpointFigures Figures)> Endpoints()
    {
        lock (s_lock)
        {
            return [.. s_adapters.Where(c => c.Figures is not null).Select(c => (c.Adapter, c.Figures!()))];
        }
    }

    private static IEnumerable<Measurement<long>> ReadDropped()
    {
        lock (s_lock)
        {
            return [.. s_adapters.SelectMany(c => c.Dropped.Select(pair => new Measurement<long>(
                pair.Value,
                new KeyValuePair<string, object?>("adapter", c.Adapter),
                new KeyValuePair<string, object?>("reason", pair.Key.ToString()))))];
        }
    }

    private static IEnumerable<Measurement<long>> ReadRejected()
    {
        lock (s_lock)
        {
            return [.. s_adapters.SelectMany(c => c.Rejected.Select(pair => new Measurement<long>(
                pair.Value,
                new KeyValuePair<string, object?>("adapter", c.Adapter),
                new KeyValuePair<string, object?>("reason", pair.Key.ToString()))))];
        }
    }
}
