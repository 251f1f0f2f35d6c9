using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>The metrics of a FIX adapter and its sessions.</summary>
internal static class FixMetrics
{
    /// <summary>Publishes the metrics of an adapter until the result is disposed.</summary>
    public static AdapterMetrics Of(FixCounters counters) => new AdapterMetrics(counters.Adapter)
        .AddCounter("estream.fix.received", "{message}", "Application messages taken from the wire.", () => counters.Received)
        .AddCounter("estream.fix.bytes", "By", "Bytes of those messages.", () => counters.Bytes)
        .AddCounter("estream.fix.rejected", "{message}", "Application messages that were not taken.", () => counters.Rejected)
        .AddCounter("estream.fix.sent", "{message}", "Application messages sent.", () => counters.Sent)
        .AddGauge("estream.fix.sessions", "{session}", "Sessions logged on now.", () => counters.LoggedOn);

    /// <summary>Publishes the metrics of a session until the result is disposed.</summary>
    public static AdapterMetrics Of(string adapter, FixSession session)
    {
        FixSessionCounters counters = session.Counters;
        return new AdapterMetrics(adapter, new KeyValuePair<string, object?>("session", $"{session.SenderCompId}-{session.TargetCompId}"))
            .AddGauge("estream.fix.session.logged_on", "{session}", "1 while both sides are logged on, else 0.",
                () => session.IsLoggedOn ? 1 : 0)
            .AddGauge("estream.fix.session.next_incoming", "{message}", "MsgSeqNum that is expected next.", () => session.NextIncoming)
            .AddGauge("estream.fix.session.next_outgoing", "{message}", "MsgSeqNum that is sent next.", () => session.NextOutgoing)
            .AddCounter("estream.fix.session.logons", "{logon}", "How often both sides have logged on.", () => counters.Logons)
            .AddCounter("estream.fix.session.received", "{message}", "Messages whose frame was right, those of the session included.",
                () => counters.Received)
            .AddCounter("estream.fix.session.sent", "{message}", "Messages sent, those of the session and those sent again included.",
                () => counters.Sent)
            .AddCounter("estream.fix.session.resent", "{message}", "Application messages sent again.", () => counters.Resent)
            .AddCounter("estream.fix.session.gaps", "{request}", "Requests for messages that were missing.", () => counters.Gaps)
            .AddCounter("estream.fix.session.refused", "{message}", "Messages of ours that the counterparty has rejected.",
                () => counters.Refused)
            .AddCounter("estream.fix.session.garbled", "{message}", "Frames passed over, by what was wrong.", "reason",
                () => counters.Garbled)
            .AddCounter("estream.fix.session.rejected", "{message}", "Messages rejected, by reason.", "reason", () => counters.Rejected);
    }
}
