using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>The metrics of an adapter, by device.</summary>
internal static class MasterMetrics
{
    public static AdapterMetrics Of(string adapter, MasterSession[] sessions, List<MasterChannel> channels) => new AdapterMetrics(adapter)
        .AddCounter("estream.dnp3.requests", "{request}", "Requests that were sent, by device.", "device",
            () => Each(sessions, one => one.Requests))
        .AddCounter("estream.dnp3.errors", "{request}", "Requests without a usable response, by device.", "device",
            () => Each(sessions, one => one.Failures))
        .AddCounter("estream.dnp3.responses", "{fragment}", "Fragments of responses, by device.", "device",
            () => Each(sessions, one => one.Responses))
        .AddCounter("estream.dnp3.unsolicited", "{fragment}", "Unsolicited responses, by device.", "device",
            () => Each(sessions, one => one.Unsolicited))
        .AddCounter("estream.dnp3.late", "{fragment}", "Responses that match no request under way, by device.", "device",
            () => Each(sessions, one => one.LateResponses))
        .AddCounter("estream.dnp3.invalid", "{frame}", "Frames with a wrong checksum or address, and octets outside of frames.",
            () => channels.Sum(channel => channel.InvalidFrames));

    private static IEnumerable<(string, long)> Each(MasterSession[] sessions, Func<SessionCounters, long> value) =>
        DeviceLabels.Each(sessions, session => session.Options.Name, session => value(session.Counters), (one, other) => one + other);
}
