using System.Text.Json;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: the host shows its cards with their kind, and a missing card does not prevent the start.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CardTests
{
    private const int Messages = 60;

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

    [PeerFact("verilator", "verilator")]
    public async Task A_card_hashes_the_messages_of_a_witness()
    {
        JsonElement card = await WitnessOnAsync("sim:");
        Assert.Equal(Messages, card.GetProperty("leafHashes").GetInt64());
        Assert.Equal((Messages, 0L), (card.GetProperty("answered").GetInt64(), card.GetProperty("failures").GetInt64()));
    }

    [Fact]
    public async Task A_witness_attests_all_messages_without_its_card()
    {
        JsonElement card = await WitnessOnAsync("vfio:0000:ff:1f.7");
        Assert.Equal(("failing", 0L), (Text(card, "state"), card.GetProperty("leafHashes").GetInt64()));
    }

    /// <summary>Runs a host whose witness names a card, and returns the overview of the card after all messages are attested.</summary>
    private static async Task<JsonElement> WitnessOnAsync(string address)
    {
        using HostFiles files = new();
        string keyFile = Path.Combine(Path.GetDirectoryName(files.Config)!, "witness.key");
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(keyFile);
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("{\"Estream\":{", $"{{\"Estream\":{{\"Cards\":[\"{address}\"],", StringComparison.Ordinal)
            .Replace("\"telemetry\":{", "\"telemetry\":{\"Witness\":{\"KeyFile\":" + JsonSerializer.Serialize(keyFile)
                + $",\"MaxDelayMs\":5,\"Card\":\"{address}\"}},", StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();
        await using (AcknowledgedLoad load = new(host.MqttPort, "d", devices: 2, maxMessages: Messages))
        {
            await load.Completion;
        }

        Eventually.True(() => host.Get("/metrics").Contains(
            $"estream_witness_attested_total{{queue=\"telemetry\"}} {Messages}", StringComparison.Ordinal), "all is attested");
        JsonElement card = JsonDocument.Parse(host.Get("/api/overview")).RootElement.GetProperty("cards")[0].Clone();
        Assert.Equal(0, host.Stop().ExitCode);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", "telemetry"));
        using EstreamQueue attestations = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", "telemetry.witness"));
        WitnessVerification whole = WitnessVerifier.Verify(queue, attestations, key.PublicKey);
        Assert.True(whole.IsWhole, whole.ToString());
        Assert.Equal(Messages, whole.Messages);
        return card;
    }

    private static string? Text(JsonElement card, string name) => card.GetProperty(name).GetString();
}
