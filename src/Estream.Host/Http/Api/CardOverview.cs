using Estream.Fpga;

namespace Estream.Host.Http;

/// <summary>
/// An FPGA card. <paramref name="Backend"/> is <c>sim</c>, <c>pcie</c> or <c>loopback</c>; <paramref name="IsSimulated"/> is true if no
/// hardware is involved. <paramref name="State"/> is <c>running</c> or <c>failing</c>, with the reason in <paramref name="Detail"/>.
/// Counters start when the card is opened or reset; <paramref name="Unanswered"/> counts requests processed without the card.
/// </summary>
internal sealed record CardOverview(
    string Name, string Backend, bool IsSimulated, string Engines, string State, string Detail, long Answered, long Unanswered,
    long Failures,
    long Submissions, long Appends, long MapChanges, long MapEntries, long HotHits, long HotMisses, long LeafHashes, long StallCycles)
{
    public static CardOverview Of(FpgaCardReport card)
    {
        FpgaCounters counters = card.Counters ?? default;
        string backend = BackendText(card);
        bool isReady = card.State == FpgaCardState.Ready;
        return new CardOverview(
            card.Uri, backend, backend != "pcie", card.Info?.Engines ?? "", isReady ? "running" : "failing",
            isReady ? "" : card.LastFailure ?? "",
            card.Answered, card.Unanswered, card.Failures, counters.Submissions, counters.AppendMessages, counters.MapChanges,
            counters.MapEntries,
            counters.HotHits, counters.HotMisses, counters.LeafHashes, counters.StallCycles);
    }

    // While the card is unavailable, derive the backend from its address, so the labels of its metrics do not change.
    private static string BackendText(FpgaCardReport card) => (card.Info?.Backend, card.Uri) switch
    {
        (FpgaBackend.Pcie, _) => "pcie",
        (FpgaBackend.Loopback, _) => "loopback",
        (null, string uri) when uri.StartsWith("vfio:", StringComparison.Ordinal) => "pcie",
        _ => "sim",
    };
}
