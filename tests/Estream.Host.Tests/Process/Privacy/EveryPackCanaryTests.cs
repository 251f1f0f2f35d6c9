using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: no private field of any schema in the packs for health and payments, or of schemas with the other profiles, leaves a host
/// unencrypted. Every private field holds a secret. <see cref="PackCanaryTests"/> covers publishing to a broker.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class EveryPackCanaryTests : IDisposable
{
    private const string Client = "mosquitto_pub";
    private const string Package = "mosquitto-clients";

    private const string Profiles = """
        version: "1.0"
        namespace: canary.profiles
        schemas:
          Customer:
            fields:
              id: { type: string(16) }
              name: { type: string(40), privacy: { profile: gdpr } }
              born_at: { type: timestamp, privacy: { profile: gdpr } }
              addresses: { type: array(string), optional: true, privacy: { profile: gdpr } }
          Access:
            fields:
              id: { type: string(16) }
              actor: { type: string(40), privacy: { profile: soc2 } }
              target: { type: object, optional: true, privacy: { profile: soc2 }, fields: { host: { type: string }, session: { type: u64 } } }

        """;

    private static readonly string[] s_audiences =
        ["provider", "auditor", "payment_agent", "regulator", "controller", "data_protection_officer", "operator"];

    private readonly HostFiles _files = new();
    private readonly CanaryJson _canary = new();
    private readonly string[] _schemaFiles;
    private readonly EsfSchemaSet _schemas;

    public EveryPackCanaryTests()
    {
        string profiles = Path.Combine(Place, "profiles.esf.yaml");
        File.WriteAllText(profiles, Profiles);
        _schemaFiles =
        [
            RepositoryRoot.Combine("schemas", "esf-health", "schemas", "fhir-resources.esf.yaml"),
            RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml"),
            profiles,
        ];
        _schemas = EsfSchemaSet.Load(_schemaFiles);
    }

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private HostSecrets Secrets => new(_files);

    private string[] Queues => [.. _schemas.Schemas.Select(QueueOf), "dead-letters"];

    /// <summary>The schemas with a map. The ids of the health pack fit into the maximum key length of a map; the ids of payments do
    /// not.</summary>
    private IEnumerable<EsfSchema> Mapped => _schemas.Schemas.Where(schema => schema.TryGetField("id", out _));

    public void Dispose() => _files.Dispose();

    [PeerFact(Client, Package)]
    public void No_private_value_of_any_schema_leaves_unencrypted()
    {
        Assert.Equal(13, _schemas.Schemas.Count);
        Dictionary<EsfSchema, string> sent = _schemas.Schemas.ToDictionary(schema => schema, _canary.Of);
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        foreach ((EsfSchema schema, string json) in sent)
        {
            Publish(host, schema, json);

            // Also publish a message with an unknown field. It matches no schema, so it becomes a dead letter.
            Publish(host, schema, json[..^1] + ",\"no_field\":1}");
        }

        Eventually.True(() => host.Get("/api/queues/dead-letters/messages").Split("\"reason\"").Length == sent.Count + 1,
            "all dead letters are shown");
        Eventually.True(() =>
            Mapped.All(schema => host.Get($"/api/maps/{QueueOf(schema)}").Contains("\"total\":1", StringComparison.Ordinal)),
            "the maps have their messages");
        Dictionary<string, string> seen = [];
        string[] pages =
        [
            "/api/overview", "/health", "/metrics",
            .. Queues.Select(queue => $"/api/queues/{queue}/messages"),
            .. Mapped.SelectMany(schema => (string[])[$"/api/maps/{QueueOf(schema)}", $"/api/maps/{QueueOf(schema)}/{CanaryJson.Clear}"]),
        ];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["standard output"], seen["standard error"]) = (end.Output, end.Error);
        Array.ForEach(Queues, queue => seen["tail " + queue] = Shown("tail", Path.Combine(_files.Data, "queues", queue)));
        foreach (EsfSchema schema in Mapped)
        {
            seen["scan " + QueueOf(schema)] = Shown("map", "scan", Path.Combine(_files.Data, "maps", QueueOf(schema)));
        }

        // The public values and the marks of withheld values are there; an empty page would prove nothing.
        Assert.All(_schemas.Schemas,
            schema => Assert.All((string[])[$"/api/queues/{QueueOf(schema)}/messages", "tail " + QueueOf(schema)], page =>
        {
            Assert.Contains($"\"{CanaryJson.Clear}\"", seen[page], StringComparison.Ordinal);
            Assert.Contains("\"$withheld\":true", seen[page], StringComparison.Ordinal);
        }));
        AssertPagesWithout(seen);
        AssertFilesWithout();
        Assert.All(sent, message => AssertOpens(message.Key, message.Value));
    }

    [PeerFact(Client, Package)]
    public void A_profile_can_be_read_only_by_its_audiences()
    {
        EsfSchema customer = SchemaOf("Customer");
        EsfSchema access = SchemaOf("Access");
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        Publish(host, customer, _canary.Of(customer));
        Publish(host, access, _canary.Of(access));
        Eventually.True(() => _files.Count("customer") == 1 && _files.Count("access") == 1, "both are stored");
        _ = host.Stop();
        foreach (string audience in s_audiences)
        {
            bool isOfGdpr = audience is "controller" or "data_protection_officer";
            bool isOfSoc2 = audience is "auditor" or "operator";
            Assert.Equal(isOfGdpr, IsOpened(customer, audience));
            Assert.Equal(isOfSoc2, IsOpened(access, audience));
        }
    }

    private static string QueueOf(EsfSchema schema) => schema.Name.ToLowerInvariant();

    private EsfSchema SchemaOf(string name) => _schemas.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"There is no schema {name}.");

    /// <summary>Whether the key of one audience opens the private values; here, an audience can read all of them or none.</summary>
    private bool IsOpened(EsfSchema schema, string audience)
    {
        string opened = Assert.Single(Secrets.Open(QueueOf(schema), _schemas, schema.Name, audience));
        bool isWithheld = opened.Contains("\"$withheld\":true", StringComparison.Ordinal);
        Assert.NotEqual(isWithheld, _canary.Texts.Exists(secret => opened.Contains(secret, StringComparison.Ordinal)));
        return !isWithheld;
    }

    private string Shown(params ReadOnlySpan<string> command)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, .. command, "--json", .. _schemaFiles.SelectMany(schema => (string[])["--schema", schema])],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void AssertPagesWithout(Dictionary<string, string> seen)
    {
        string[] texts =
        [
            .. _canary.Texts,
            .. _canary.Texts.Select(text => Convert.ToHexString(Encoding.UTF8.GetBytes(text))),
            .. _canary.Numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        ];
        Assert.True(texts.Length > 300);
        Assert.All(seen,
            page => Assert.All(texts,
                text => Assert.False(page.Value.Contains(text, StringComparison.OrdinalIgnoreCase), $"'{text}' is in {page.Key}.")));
    }

    private void AssertFilesWithout()
    {
        byte[][] secrets = [.. _canary.Texts.Select(text => Encoding.UTF8.GetBytes(text)),
            .. _canary.Numbers.Select(number => BitConverter.GetBytes(number))];
        string[] files = Directory.GetFiles(_files.Data, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > Queues.Length);
        foreach (string file in files)
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All(secrets,
                secret => Assert.True(content.AsSpan().IndexOf(secret) < 0, $"{Convert.ToHexString(secret)} is in {file}."));
        }
    }

    /// <summary>Checks that all values can be read with the keys; the test would prove nothing if nothing had been stored.</summary>
    private void AssertOpens(EsfSchema schema, string sent)
    {
        string opened = Assert.Single(Secrets.Open(QueueOf(schema), _schemas, schema.Name));
        using JsonDocument one = JsonDocument.Parse(sent);
        using JsonDocument other = JsonDocument.Parse(opened);
        Assert.True(JsonElement.DeepEquals(one.RootElement, other.RootElement), opened);
    }

    private static void Publish(HostProcess host, EsfSchema schema, string payload)
    {
        using ChildProcess client = ChildProcess.Start(
            Peer.Require(Client, Package),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", "in/" + QueueOf(schema), "-m", payload]);
        client.WaitForExit();
    }

    private void Configure()
    {
        Secrets.Make(s_audiences);
        // Small segments, because the files are searched for every secret.
        var queues = Queues.ToDictionary(queue => queue, _ => new { SegmentBytes = 262_144 });
        var maps = Mapped.ToDictionary(schema => QueueOf(schema),
            schema => new { Queue = QueueOf(schema), Schema = schema.Name, Key = "id" });
        var mappings =
            _schemas.Schemas.Select(schema => new { Topic = "in/" + QueueOf(schema), Schema = schema.Name, Queue = QueueOf(schema) });
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":{{{{{JsonSerializer.Serialize(_schemaFiles)}}}}},
              "Privacy":{"Keys":"{{{{{Secrets.Keys}}}}}"},
              "Queues":{{{{{JsonSerializer.Serialize(queues)}}}}},
              "Maps":{{{{{JsonSerializer.Serialize(maps)}}}}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","MaxPacketBytes":131072,"Mappings":{{{{{JsonSerializer.Serialize(mappings)}}}}} }}}}
            """);
    }
}
