using Estream.Fpga;

namespace Estream.Host.Http;

/// <summary>
/// A card. <paramref name="Backend"/> is <c>sim</c>, <c>pcie</c> or <c>loopback</c>; <paramref name="IsSimulated"/> says that nothing here
/// is of hardware. <paramref name="State"/> is <c>running</c> or <c>failing</c>, and <paramref name="Detail"/> says why it fails. Counters
/// are those of the card since it was opened or reset; <paramref name="Unanswered"/> requests went on without it.
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

    // By the address while nothing answers there: what a card is does not change by its being out, and neither do the labels of its
    // metrics.
    private static string BackendText(FpgaCardReport card) => (card.Info?.Backend, card.Uri) switch
    {
        (FpgaBackend.Pcie, _) => "pcie",
        (FpgaBackend.Loopback, _) => "loopback",
        (null, string uri) when uri.StartsWith("vfio:", StringComparison.Ordinal) => "pcie",
        _ => "sim",
    };
}
