namespace Estream.Wire.Fix.Internal;

/// <summary>The table of the sessions of an adapter. Takes no lock of a session.</summary>
internal static class FixTables
{
    private static readonly AdapterColumn[] s_sessions =
    [
        new("targetCompId", "Counterparty", AdapterColumnKind.Id),
        new("senderCompId", "Our CompID", AdapterColumnKind.Id),
        new("version", "Version", AdapterColumnKind.Text),
        new("state", "State", AdapterColumnKind.State),
        new("address", "Address", AdapterColumnKind.Text),
        new("nextIn", "Next in", AdapterColumnKind.Count),
        new("nextOut", "Next out", AdapterColumnKind.Count),
        new("lastReceivedAt", "Last received", AdapterColumnKind.Time),
        new("lastSentAt", "Last sent", AdapterColumnKind.Time),
        new("resend", "Waits for resend of", AdapterColumnKind.Text),
        new("resendRequests", "Resend requests", AdapterColumnKind.Count),
        new("resent", "Resent", AdapterColumnKind.Count),
        new("rejected", "Rejected", AdapterColumnKind.Count),
        new("refused", "Refused by counterparty", AdapterColumnKind.Count),
    ];

    public static IReadOnlyList<AdapterTable> Of(FixAdapter adapter) =>
    [
        AdapterTable.Of(
            "sessions", "Sessions", s_sessions, () => adapter.Sessions, static session => $"{session.TargetCompId} {session.SenderCompId}",
            RowOf, () => adapter.Sessions.Count),
    ];

    private static AdapterCell[] RowOf(FixSession session)
    {
        long next = session.NextIncoming;
        long gapEnd = session.GapEnd;
        return
        [
            session.TargetCompId, session.SenderCompId, session.Protocol.BeginString, session.StateText, session.Peer, next,
            session.NextOutgoing, AdapterCell.TimeOf(session.LastReceivedAt), AdapterCell.TimeOf(session.LastSentAt),
            gapEnd < next ? AdapterCell.None : $"{next} to {gapEnd}", session.Counters.Gaps, session.Counters.Resent,
            session.Counters.Rejected.Sum(reason => reason.Count), session.Counters.Refused,
        ];
    }
}
