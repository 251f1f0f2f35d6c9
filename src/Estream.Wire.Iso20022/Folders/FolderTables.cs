namespace Estream.Wire.Iso20022.Folders;

/// <summary>The tables of a folder. The thread that processes files waits only while a table copies the list of 100 refusals.</summary>
internal static class FolderTables
{
    private static readonly AdapterColumn[] s_folders =
    [
        new("folder", "Folder", AdapterColumnKind.Text),
        new("state", "State", AdapterColumnKind.State),
        new("taken", "Files stored", AdapterColumnKind.Count),
        new("refused", "Files refused", AdapterColumnKind.Count),
        new("waiting", "Files waiting", AdapterColumnKind.Count),
        new("messages", "Messages stored", AdapterColumnKind.Count),
        new("bytes", "Bytes read", AdapterColumnKind.Bytes),
        new("lastFileAt", "Last file", AdapterColumnKind.Time),
        new("detail", "Detail", AdapterColumnKind.Text),
    ];

    private static readonly AdapterColumn[] s_refusals =
    [
        new("at", "Refused", AdapterColumnKind.Time),
        new("file", "File", AdapterColumnKind.Id),
        new("reason", "Reason", AdapterColumnKind.Text),
    ];

    public static IReadOnlyList<AdapterTable> Of(string folder, FolderWork work) =>
    [
        AdapterTable.Of(
            "folders", "Folders", s_folders, () => new[] { folder }, static path => path,
            path =>
            [
                path, work.Failure is null ? "healthy" : "degraded", work.Files, work.Refused, work.Waiting, work.Stored, work.Bytes,
                AdapterCell.TimeOf(work.LastTakenAt), work.Failure,
            ],
            static () => 1),
        AdapterTable.Of(
            "refusals", "Refused files", s_refusals, () => work.Refusals,
            static refusal => (long.MaxValue - refusal.Number).ToString("D19", System.Globalization.CultureInfo.InvariantCulture),
            static refusal => [AdapterCell.TimeOf(refusal.At), refusal.Name, refusal.Reason], () => work.Refusals.Count),
    ];
}
