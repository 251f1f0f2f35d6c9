using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: private values of a payment stay with their audiences if a host serves subscribers itself. Subscribers get no published, retained
/// or will messages of payments, and only public values of messages from a queue. The same holds for a map, for attestations and proofs of
/// a witness, and for the data of the endpoint itself.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class PaymentServingTests : IDisposable
{
    private const string Publisher = "mosquitto_pub";
    private const string Subscriber = "mosquitto_sub";
    private const string Package = "mosquitto-clients";
    private const string Debtor = "Canaria Debitora 7731";
    private const string Iban = "ES9121000418450200051332";

    private static readonly string[] s_secrets = [Debtor, Iban];
    private static readonly string[] s_audiences = ["payment_agent", "auditor", "regulator", "default"];
    private static readonly string s_schemaFile = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private readonly HostFiles _files = new();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string WitnessKey => Path.Combine(Place, "witness.key");

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact(Subscriber, Package)]
    public void Subscribers_maps_and_proofs_contain_only_public_values_of_a_payment()
    {
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        using ChildProcess early = Subscribe(host);
        using (ChildProcess leaving = Subscribe(host, "-i", "leaving", "-c", "-x", "3600", "--will-topic", "payments", "--will-payload",
            Payment("left"), "--will-qos", "1", "--will-retain"))
        {
            // The session of this client outlives the connection (-x 3600), so the endpoint may store the session's messages and its will.
            Publish(host, "payments", Payment("retained"), "-r");
            Publish(host, "payment", Payment("misspelled"), "-r");
            leaving.Kill();
        }

        Eventually.True(() => _files.Count("payments") == 2 && _files.Count("dead-letters") == 1, "the payment and the will are stored");
        using ChildProcess late = Subscribe(host);
        Publish(host, "payments", Payment("last"));
        Eventually.True(() => new[] { early, late }.All(one => one.Output.Contains("\"last\"", StringComparison.Ordinal)),
            "who subscribed early and late has the last payment");
        Eventually.True(() => host.Get("/api/queues/payments/attestations").Contains("\"messages\":3", StringComparison.Ordinal),
            "all are attested");
        Dictionary<string, string> seen = new() { ["who subscribed early"] = early.Output, ["who subscribed late"] = late.Output };
        string[] pages =
        [
            "/api/overview", "/health", "/metrics", "/api/queues/payments/messages", "/api/queues/dead-letters/messages",
            "/api/maps/newest", "/api/maps/newest/1",
            "/api/queues/payments/attestations", "/api/queues/payments/messages/0/inclusion",
        ];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["standard output"], seen["standard error"]) = (end.Output, end.Error);
        Show(seen);

        // The public values and the marks of withheld values are there; an empty output would prove nothing.
        Assert.All((string[])["retained", "left", "last"],
            id => Assert.Contains($"out/1 {{\"message_id\":\"{id}\"", seen["who subscribed early"], StringComparison.Ordinal));
        Assert.All(
            (string[])["who subscribed early", "who subscribed late", "/api/queues/payments/messages", "/api/maps/newest/1",
                "tail payments", "get 1", "scan newest"],
            page => Assert.Contains("\"$withheld\":true", seen[page], StringComparison.Ordinal));
        Assert.DoesNotContain("retained", seen["who subscribed late"], StringComparison.Ordinal);
        Assert.All(seen,
            page => Assert.All(s_secrets,
                secret => Assert.False(Holds(Encoding.UTF8.GetBytes(page.Value), secret), $"'{secret}' is in {page.Key}: {page.Value}")));
        AssertFilesWithout();
        foreach (string audience in s_audiences)
        {
            List<string> opened = Secrets.Open("payments", EsfSchemaSet.Load(s_schemaFile), "Pacs008CreditTransfer", audience);
            Assert.Equal(3, opened.Count);
            Assert.All(opened,
                message => Assert.Equal(audience != "default",
                    s_secrets.All(secret => message.Contains(secret, StringComparison.Ordinal))));
        }
    }

    /// <summary>The commands that show stored data, and a proof with its message.</summary>
    private void Show(Dictionary<string, string> seen)
    {
        string payments = Path.Combine(_files.Data, "queues", "payments"), newest = Path.Combine(_files.Data, "maps", "newest");
        string proof = Path.Combine(Place, "proof"), payload = Path.Combine(Place, "payload");
        seen["tail payments"] = Shown("tail", payments, "--from", "start", "--json", "--schema", s_schemaFile);
        seen["tail of the relay"] =
            Shown("tail", Path.Combine(_files.Data, "adapters", "devices", "relay"), "--from", "start", "--schema", s_schemaFile);
        seen["get 1"] = Shown("map", "get", newest, "1", "--json", "--schema", s_schemaFile);
        seen["scan newest"] = Shown("map", "scan", newest, "--json", "--schema", s_schemaFile);
        seen["prove"] = Shown("witness", "prove", payments, "--sequence", "0", "--key", WitnessKey + ".pub", "--out", proof);
        seen["verify"] = Shown("witness", "verify", proof, "--key", WitnessKey + ".pub", "--payload", payload);
        (seen["the proof"], seen["its message"]) = (File.ReadAllText(proof, Encoding.Latin1), File.ReadAllText(payload, Encoding.Latin1));
    }

    private static bool Holds(byte[] content, string secret) =>
        content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0 || Encoding.Latin1.GetString(content)
            .Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase);

    private void AssertFilesWithout()
    {
        string[] files = Directory.GetFiles(_files.Data, "*", SearchOption.AllDirectories);
        Assert.All((string[])["relay", "sessions"],
            own => Assert.Contains(files, file => file.Contains(Path.Combine("devices", own), StringComparison.Ordinal)));
        Assert.All(files,
            file => Assert.All(s_secrets, secret => Assert.False(Holds(File.ReadAllBytes(file), secret), $"'{secret}' is in {file}.")));
    }

    /// <summary>The example credit transfer of the pack with this message id. The debtor's name and IBAN are the secrets.</summary>
    private static string Payment(string id)
    {
        string payment = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "examples", "Pacs008CreditTransfer.json"));
        using JsonDocument example = JsonDocument.Parse(payment);
        Assert.Contains(Iban, payment, StringComparison.Ordinal);
        Assert.Contains("Ana Pérez", payment, StringComparison.Ordinal);
        Assert.Equal(1, example.RootElement.GetProperty("number_of_transactions").GetInt32());
        return payment.Replace("Ana Pérez", Debtor, StringComparison.Ordinal)
            .Replace(example.RootElement.GetProperty("message_id").GetString()!, id, StringComparison.Ordinal);
    }

    private static void Publish(HostProcess host, string topic, string payload, params ReadOnlySpan<string> options)
    {
        using ChildProcess client = ChildProcess.Start(Peer.Require(Publisher, Package),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", topic, "-m", payload, .. options]);
        client.WaitForExit();
    }

    private static ChildProcess Subscribe(HostProcess host, params ReadOnlySpan<string> options)
    {
        // stdbuf makes the subscriber write each line immediately. By default, it writes to a pipe only in blocks of 4 KiB.
        ChildProcess subscriber = ChildProcess.Start(
            "stdbuf", ["-oL", Peer.Require(Subscriber, Package), "-V", "mqttv5", "-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-q", "1",
                "-t", "#", "-F", "%t %p", "-d", .. options]);
        subscriber.WaitForText("Subscribed");
        return subscriber;
    }

    private string Shown(params ReadOnlySpan<string> command)
    {
        ProcessResult shown = ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. command],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void Configure()
    {
        string rules = Path.Combine(Place, "rules");
        Secrets.Make(s_audiences);
        File.WriteAllText(rules, "topic readwrite #\n");
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(WitnessKey);
            made.PublicKey.Save(WitnessKey + ".pub");
        }

        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { s_schemaFile },
                Privacy = new { Secrets.Keys },
                Queues = new Dictionary<string, object>
                {
                    ["payments"] = new { SegmentBytes = 1 << 20, Witness = new { KeyFile = WitnessKey, MaxDelayMs = 5 } },
                    ["dead-letters"] = new { SegmentBytes = 1 << 20 },
                },
                Maps = new { newest = new { Queue = "payments", Schema = "Pacs008CreditTransfer", Key = "number_of_transactions" } },
                Adapters = new
                {
                    devices = new
                    {
                        Type = "mqtt-endpoint",
                        AclFile = rules,
                        MaxPacketBytes = 65_536,
                        Mappings = new[] { new { Topic = "payments", Schema = "Pacs008CreditTransfer", Queue = "payments" } },
                        Egress = new[] { new { Queue = "payments", Schema = "Pacs008CreditTransfer",
                            Topic = "out/{number_of_transactions}" } },
                    },
                },
            },
        }));
    }
}
