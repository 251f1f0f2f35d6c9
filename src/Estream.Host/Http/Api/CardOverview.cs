using Estream.Fpga;

namespace Estream.Host.Http;

/// <summary>
/// A card. <paramref name="Backend"/> is <c>sim</c>, <c>pcie</c> or <c>loopback</c>, or empty while the card is out; <paramref name="IsSimulated"/> says that nothing here is of hardware. <paramref name="State"/> is <c>running</c>
/// or <c>failing</c>, and <paramref name="Detail"/> says why it fails. Counters are those of the card since it was opened or reset; <paramref name="Unanswered"/> requests went on without it.
/// </summary>
internal sealed record CardOverview(
    string Name, string Backend, bool IsSimulated, string Engines, string State, string Detail, long Answered, long Unanswered, long Failures,
    long Submissions, long Appends, long MapChanges, long MapEntries, long HotHits, long HotMisses, long LeafHashes, long StallCycles)
{
    public static CardOverview Of(FpgaCardReport card)
    {
        FpgaCounters counters = card.Counters ?? default;
        bool isReady = card.State == FpgaCardState.Ready;
        return new CardOverview(
            card.Uri, BackendText(card.Info), card.Info?.IsSimulated ?? false, card.Info?.Engines ?? "", isReady ? "running" : "failing", isReady ? "" : card.LastFailure ?? "",
            card.Answered, card.Unanswered, card.Failures, counters.Submissions, counters.AppendMessages, counters.MapChanges, counters.MapEntries,
            counters.HotHits, counters.HotMisses, counters.LeafHashes, counters.StallCycles);
    }

    private static string BackendText(FpgaInfo? info) => info?.Backend switch
    {
        FpgaBackend.Simulated => "sim",
        FpgaBackend.Pcie => "pcie",
        FpgaBackend.Loopback => "loopback",
        _ => "",
    };
}
