using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>The metrics of a FIX adapter and its sessions.</summary>
internal static class FixMetrics
{
    /// <summary>Publishes the metrics of an adapter until the result is disposed.</summary>
    public static AdapterMetrics Of(FixCounters counters) => new AdapterMetrics(counters.Adapter)
        .AddCounter("estream.fix.received", "{message}", "Application messages received.", () => counters.Received)
        .AddCounter("estream.fix.bytes", "By", "Bytes of received application messages.", () => counters.Bytes)
        .AddCounter("estream.fix.rejected", "{message}", "Received application messages that were not accepted.", () => counters.Rejected)
        .AddCounter("estream.fix.sent", "{message}", "Application messages sent.", () => counters.Sent)
        .AddGauge("estream.fix.sessions", "{session}", "Sessions logged on now.", () => counters.LoggedOn);

    /// <summary>Publishes the metrics of a session until the result is disposed.</summary>
    public static AdapterMetrics Of(string adapter, FixSession session)
    {
        FixSessionCounters counters = session.Counters;
        return new AdapterMetrics(adapter, new KeyValuePair<string, object?>("session", $"{session.SenderCompId}-{session.TargetCompId}"))
            .AddGauge("estream.fix.session.logged_on", "{session}", "1 while both sides are logged on, else 0.",
                () => session.IsLoggedOn ? 1 : 0)
            .AddGauge("estream.fix.session.next_incoming", "{message}", "Next expected MsgSeqNum.", () => session.NextIncoming)
            .AddGauge("estream.fix.session.next_outgoing", "{message}", "Next MsgSeqNum to send.", () => session.NextOutgoing)
            .AddCounter("estream.fix.session.logons", "{logon}", "Completed Logons.", () => counters.Logons)
            .AddCounter("estream.fix.session.received", "{message}", "Messages received with a valid frame, including session messages.",
                () => counters.Received)
            .AddCounter("estream.fix.session.sent", "{message}", "Messages sent, including session messages and resent messages.",
                () => counters.Sent)
            .AddCounter("estream.fix.session.resent", "{message}", "Application messages resent.", () => counters.Resent)
            .AddCounter("estream.fix.session.gaps", "{request}", "ResendRequests sent for missing messages.", () => counters.Gaps)
            .AddCounter("estream.fix.session.refused", "{message}", "Sent messages that the counterparty rejected.",
                () => counters.Refused)
            .AddCounter("estream.fix.session.garbled", "{message}", "Garbled frames ignored, by reason.", "reason",
                () => counters.Garbled)
            .AddCounter("estream.fix.session.rejected", "{message}", "Received messages rejected, by reason.", "reason",
                () => counters.Rejected);
    }
}
