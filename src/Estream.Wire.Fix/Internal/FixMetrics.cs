using System.Diagnostics.Metrics;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>The instruments of all FIX adapters of the process, on the meter all of Estream shares.</summary>
internal static class FixMetrics
{
    private static readonly Lock s_lock = new();
    private static readonly List<FixCounters> s_adapters = [];
    private static readonly List<(string Adapter, FixSession Session)> s_sessions = [];
    private static readonly Meter s_meter = new("Estream");

    static FixMetrics()
    {
        s_meter.CreateObservableCounter("estream.fix.received", () => Read(c => c.Received), "{message}", "Application messages taken from the wire.");
        s_meter.CreateObservableCounter("estream.fix.bytes", () => Read(c => c.Bytes), "By", "Bytes of those messages.");
        s_meter.CreateObservableCounter("estream.fix.rejected", () => Read(c => c.Rejected), "{message}", "Application messages that were not taken.");
        s_meter.CreateObservableCounter("estream.fix.sent", () => Read(c => c.Sent), "{message}", "Application messages sent.");
        s_meter.CreateObservableGauge("estream.fix.sessions", () => Read(c => c.LoggedOn), "{session}", "Sessions logged on now.");
        CreateOfSessions();
    }

    public static void Add(FixCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Add(counters);
        }
    }

    public static void Remove(FixCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Remove(counters);
        }
    }

    /// <summary>Counts sessions as long as they can be logged on to.</summary>
    public static void Add(string adapter, IEnumerable<FixSession> sessions)
    {
        lock (s_lock)
        {
            s_sessions.AddRange(sessions.Select(session => (adapter, session)));
        }
    }

    public static void Remove(IReadOnlyCollection<FixSession> sessions)
    {
        lock (s_lock)
        {
            s_sessions.RemoveAll(one => sessions.Contains(one.Session));
        }
    }

    private static void CreateOfSessions()
    {
        s_meter.CreateObservableGauge("estream.fix.session.logged_on", () => Of(s => s.IsLoggedOn ? 1 : 0), "{session}", "1 while both sides are logged on, else 0.");
        s_meter.CreateObservableGauge("estream.fix.session.next_incoming", () => Of(s => s.NextIncoming), "{message}", "MsgSeqNum that is expected next.");
        s_meter.CreateObservableGauge("estream.fix.session.next_outgoing", () => Of(s => s.NextOutgoing), "{message}", "MsgSeqNum that is sent next.");
        s_meter.CreateObservableCounter("estream.fix.session.logons", () => Of(s => s.Counters.Logons), "{logon}", "How often both sides have logged on.");
        s_meter.CreateObservableCounter("estream.fix.session.received", () => Of(s => s.Counters.Received), "{message}", "Messages whose frame was right, those of the session included.");
        s_meter.CreateObservableCounter("estream.fix.session.sent", () => Of(s => s.Counters.Sent), "{message}", "Messages sent, those of the session and those sent again included.");
        s_meter.CreateObservableCounter("estream.fix.session.resent", () => Of(s => s.Counters.Resent), "{message}", "Application messages sent again.");
        s_meter.CreateObservableCounter("estream.fix.session.gaps", () => Of(s => s.Counters.Gaps), "{request}", "Requests for messages that were missing.");
        s_meter.CreateObservableCounter("estream.fix.session.refused", () => Of(s => s.Counters.Refused), "{message}", "Messages of ours that the counterparty has rejected.");
        s_meter.CreateObservableCounter("estream.fix.session.garbled", () => ByReason(c => c.Garbled), "{message}", "Frames passed over, by what was wrong.");
        s_meter.CreateObservableCounter("estream.fix.session.rejected", () => ByReason(c => c.Rejected), "{message}", "Messages rejected, by reason.");
    }

    private static IEnumerable<Measurement<long>> Of(Func<FixSession, long> value)
    {
        lock (s_lock)
        {
            return [.. s_sessions.Select(one => new Measurement<long>(value(one.Session), Labels(one.Adapter, one.Session)))];
        }
    }

    private static IEnumerable<Measurement<long>> ByReason(Func<FixSessionCounters, IEnumerable<(string Reason, long Count)>> counts)
    {
        lock (s_lock)
        {
            return [.. s_sessions.SelectMany(one => counts(one.Session.Counters).Select(count => new Measurement<long>(
                count.Count, (KeyValuePair<string, object?>[])[.. Labels(one.Adapter, one.Session), new("reason", count.Reason)])))];
        }
    }

    private static KeyValuePair<string, object?>[] Labels(string adapter, FixSession session)
    {
        return
        [
            new("adapter", adapter),
            new("session", $"{session.SenderCompId}-{session.TargetCompId}"),
        ];
    }

    private static IEnumerable<Measurement<long>> Read(Func<FixCounters, long> value)
    {
        lock (s_lock)
        {
            return [.. s_adapters.Select(c => new Measurement<long>(value(c), new KeyValuePair<string, object?>("adapter", c.Adapter)))];
        }
    }
}
