using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: results of a declared pipeline with private and tokenized fields are sealed with the keys and the vault of the host, and
/// can be opened with them.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class PipelinePrivacyTests : IDisposable
{
    private const string Card = "4929119988776652";
    private const string Holder = "Carda Canariensis";

    private const string Schemas = """
        version: "1.0"
        namespace: till
        schemas:
          Swipe: { fields: { id: { type: string(16) }, number: { type: string(19) }, holder: { type: string(64) }, cents: { type: i64 } } }
          Payment:
            fields:
              id: { type: string(16) }
              cents: { type: i64 }
              card: { type: string(19), privacy: { profile: pci_dss, default_level: tokenized } }
              holder: { type: string(64), privacy: { profile: pci_dss } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [till.esf.yaml]
        pipelines:
          payments:
            from: { queue: swipes, schema: Swipe }
            stages:
              - transform: { schema: Payment, set: { id: id, cents: cents, card: number, holder: holder } }
            to: { queue: payments }
            rejected: refused
          large:
            from: { queue: payments, schema: Payment, audience: regulator }
            stages:
              - filter: cents >= 10000 and not has(holder)
            to: { queue: large }
        """;

    private readonly HostFiles _files = new();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact("mosquitto_pub", "mosquitto-clients")]
    public void Pipeline_results_are_sealed_with_the_keys_and_the_vault_of_the_host()
    {
        Configure();
        using (HostProcess host = _files.Start().WaitUntilReady())
        {
            Publish(host, "s-1", Card, 500);
            Publish(host, "s-2", Card, 20_000);
            Publish(host, "s-3", "no card at all", 30_000);
            Eventually.True(() => _files.Count("payments") + _files.Count("refused") == 3 && _files.Count("large") == 1,
                "the pipelines have arrived");
            Assert.Contains("\"$withheld\":true", host.Get("/api/queues/large/messages"), StringComparison.Ordinal);
            Assert.Contains("gets neither the number of a card nor a token of the vault from 'number'",
                Unescaped(host.Get("/api/queues/refused/messages")), StringComparison.Ordinal);
            host.Stop();
        }

        foreach (string file in new[] { "payments", "large" }.SelectMany(queue =>
            Directory.GetFiles(Path.Combine(_files.Data, "queues", queue))))
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All((string[])[Card, Holder],
                secret => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}."));
        }

        EsfSchemaSet schemas = EsfSchemaSet.Load(Path.Combine(Place, "till.esf.yaml"));
        Assert.Equal([Message("s-1", 500), Message("s-2", 20_000)], Secrets.Open("payments", schemas, "Payment"));
        Assert.Equal([Message("s-2", 20_000)], Secrets.Open("large", schemas, "Payment"));
    }

    private static string Unescaped(string json) => json.Replace("\\u0027", "'", StringComparison.Ordinal);

    private static string Message(string id, long cents) =>
        $$"""{"id":"{{id}}","cents":{{cents}},"card":"{{Card}}","holder":"{{Holder}}"}""";

    private static void Publish(HostProcess host, string id, string number, long cents)
    {
        using ChildProcess client = ChildProcess.Start(
            "mosquitto_pub",
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", $"swipes/{id}", "-m",
                JsonSerializer.Serialize(new { number, holder = Holder, cents })]);
        client.WaitForExit();
    }

    private void Configure()
    {
        Secrets.Make("auditor", "payment_agent", "regulator");
        File.WriteAllText(Path.Combine(Place, "till.esf.yaml"), Schemas);
        File.WriteAllText(Path.Combine(Place, "till.pipeline.yaml"), Pipelines);
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { Path.Combine(Place, "till.esf.yaml") },
                Privacy = new { Secrets.Keys, Vault = new { Directory = Secrets.Vault, KeyFile = Secrets.VaultKey } },
                Pipelines = new[] { Path.Combine(Place, "till.pipeline.yaml") },
                Queues = new { swipes = new { }, payments = new { }, large = new { }, refused = new { } },
                Adapters = new { tills = new { Type = "mqtt-endpoint",
                    Mappings = new[] { new { Topic = "swipes/{id}", Schema = "Swipe", Queue = "swipes" } } } },
            },
        }));
    }
}
