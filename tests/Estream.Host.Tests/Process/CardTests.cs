using System.Text.Json;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: the host shows its cards with their kind, and a missing card does not prevent the start.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CardTests
{
    [PeerFact("verilator", "verilator")]
    public void The_host_lists_its_cards_and_marks_simulated_ones()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config,
            File.ReadAllText(files.Config)
                .Replace("{\"Estream\":{", "{\"Estream\":{\"Cards\":[\"sim:\",\"vfio:0000:ff:1f.7\"],", StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();

        JsonElement[] cards = [.. JsonDocument.Parse(host.Get("/api/overview")).RootElement.GetProperty("cards").EnumerateArray()];
        Assert.Equal(
            [("sim:", "sim", true, "running", ""),
                ("vfio:0000:ff:1f.7", "pcie", false, "failing", cards[1].GetProperty("detail").GetString())],
            cards.Select(card =>
                (Text(card, "name"), Text(card, "backend"), card.GetProperty("isSimulated").GetBoolean(), Text(card, "state"),
                    Text(card, "detail"))));
        Assert.Contains("there is no device 0000:ff:1f.7", Text(cards[1], "detail"), StringComparison.Ordinal);

        string metrics = host.Get("/metrics");
        Assert.Contains("estream_card_running{backend=\"sim\",card=\"sim:\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("estream_card_running{backend=\"pcie\",card=\"vfio:0000:ff:1f.7\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("estream_card_hot_hits_total{backend=\"sim\",card=\"sim:\"} 0", metrics, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement card, string name) => card.GetProperty(name).GetString();
}
