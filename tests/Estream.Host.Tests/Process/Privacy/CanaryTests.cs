using System.Text;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: no value that identifies a patient and no card number leaves a host unencrypted: not in files, REST, events, metrics,
/// standard output, dead letters or the output of commands that show stored data.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class CanaryTests : IDisposable
{
    private const string Client = "mosquitto_pub";
    private const string Patient = "canary-patient-7731";
    private const string PatientName = "Canaria Kanarienvogel";
    private const string Finding = "canary finding: arrhythmia";
    private const string Holder = "Carda Canariensis";
    private const string Card = "4929119988776652";

    private const string Schema = """
        version: "1.0"
        namespace: clinic
        schemas:
          Admission:
            fields:
              ward: { type: string(16) }
              patient: { type: string(32), privacy: { profile: hipaa } }
              name: { type: string, privacy: { profile: hipaa } }
              finding: { type: string, optional: true, privacy: { profile: hipaa, sublex: clinical } }
          Payment:
            fields:
              id: { type: string(16) }
              card: { type: string(19), privacy: { profile: pci_dss, default_level: tokenized } }
              holder: { type: string, privacy: { profile: pci_dss } }
        """;

    private static readonly string[] s_secrets = [Patient, PatientName, Finding, Holder, Card];
    private static readonly string[] s_queues = ["admissions", "findings", "payments", "dead-letters"];
    private static readonly HttpClient s_http = new();

    private readonly HostFiles _files = new();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact(Client, "mosquitto-clients")]
    public async Task No_patient_data_or_card_number_leaves_unencrypted()
    {
        Assert.True(EsfCardNumber.IsCard(Encoding.ASCII.GetBytes(Card)));
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        using StreamReader events = new(await s_http.GetStreamAsync(new Uri($"{host.Address}/api/events")));
        Task<string> heard = Task.Run(async () =>
        {
            StringBuilder text = new();
            try
            {
                while (await events.ReadLineAsync() is { } line)
                {
                    text.AppendLine(line);
                }
            }
            catch (IOException)
            {
                // The host has ended.
            }

            return text.ToString();
        });

        Publish(host, $"wards/north/{Patient}/admitted", $$"""{"name":"{{PatientName}}","finding":"{{Finding}}"}""");
        Publish(host, "payments/p-1", $$"""{"card":"{{Card}}","holder":"{{Holder}}"}""");
        Publish(host, $"wards/north/{Patient}/admitted", $$"""{"name":"{{PatientName}}","{{Finding}}":1}""");
        Publish(host, "payments/p-2", $$"""{"card":"{{Card}}","holder":["{{Holder}}"]}""");
        Publish(host, $"ward/north/{Patient}/admited", $$"""{"name":"{{PatientName}}","card":"{{Card}}"}""");
        string letters = "";
        bool AreThree() => (letters = host.Get("/api/queues/dead-letters/messages")).Split("\"reason\"").Length == 4;
        Eventually.True(AreThree, "three dead letters are shown");
        Assert.Contains("wards/north/{patient}/admitted", letters, StringComparison.Ordinal);
        Eventually.True(() => host.Get("/api/maps/payments").Contains("p-1", StringComparison.Ordinal)
            && host.Get("/api/maps/wards").Contains("north", StringComparison.Ordinal), "the maps show the payment and the ward");

        Dictionary<string, string> seen = [];
        string[] pages =
        [
            "/api/overview", "/health", "/metrics",
            "/api/maps/wards", "/api/maps/payments", "/api/maps/wards/north", "/api/maps/payments/p-1",
            .. s_queues.Select(queue => $"/api/queues/{queue}/messages"),
        ];
        Array.ForEach(pages, page => seen[page] = host.Get(page));

        Assert.Contains("\"$withheld\":true", seen["/api/queues/admissions/messages"], StringComparison.Ordinal);
        Assert.Contains("492911", seen["/api/queues/payments/messages"], StringComparison.Ordinal);
        ProcessResult end = host.Stop();
        seen["events"] = await heard;
        seen["standard output"] = end.Output;
        seen["standard error"] = end.Error;
        foreach (string queue in s_queues)
        {
            seen["tail " + queue] = Shown("tail", Path.Combine(_files.Data, "queues", queue));
        }

        ShowMap(seen, "wards", "north");
        ShowMap(seen, "payments", "p-1");
        Assert.Contains("\"$withheld\":true", seen["get north"], StringComparison.Ordinal);
        Assert.All((string[])["tail payments", "get p-1", "scan payments"],
            command => Assert.Contains("492911", seen[command], StringComparison.Ordinal));
        Assert.All(seen, page => Assert.All(s_secrets, secret => Assert.False(
            page.Value.Contains(secret, StringComparison.OrdinalIgnoreCase)
                || page.Value.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase),
            $"'{secret}' is in {page.Key}.")));
        Assert.NotEmpty(seen["events"]);
        AssertFilesWithout();
        AssertOpens();
    }

    private void ShowMap(Dictionary<string, string> seen, string map, string key)
    {
        seen["get " + key] = Shown("map", "get", Path.Combine(_files.Data, "maps", map), key);
        seen["scan " + map] = Shown("map", "scan", Path.Combine(_files.Data, "maps", map));
    }

    private string Shown(params ReadOnlySpan<string> command)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, .. command, "--json", "--schema", Path.Combine(Place, "clinic.esf.yaml")],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void AssertFilesWithout()
    {
        string[] files =
            [.. new[] { _files.Data, Secrets.Vault }.SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))];
        Assert.True(files.Length > 4);
        foreach (string file in files)
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All(s_secrets,
                secret => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}."));
        }
    }

    /// <summary>Checks that all values can be read with the keys; the test would prove nothing if nothing had been stored.</summary>
    private void AssertOpens()
    {
        EsfSchemaSet schemas = EsfSchemaSet.Load(Path.Combine(Place, "clinic.esf.yaml"));
        Assert.Equal([$$$"""{"ward":"north","patient":"{{{Patient}}}","name":"{{{PatientName}}}","finding":{"$withheld":true}}"""],
            Secrets.Open("admissions", schemas, "Admission"));
        Assert.Equal([$$$"""{"ward":"north","patient":{"$withheld":true},"name":{"$withheld":true},"finding":"{{{Finding}}}"}"""],
            Secrets.Open("findings", schemas, "Admission"));
        Assert.Equal([$$$"""{"id":"p-1","card":"{{{Card}}}","holder":"{{{Holder}}}"}"""], Secrets.Open("payments", schemas, "Payment"));
    }

    private static void Publish(HostProcess host, string topic, string payload)
    {
        using ChildProcess client = ChildProcess.Start(Client,
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", topic, "-m", payload]);
        client.WaitForExit();
    }

    private void Configure()
    {
        string schema = Path.Combine(Place, "clinic.esf.yaml");
        Secrets.Make("provider", "auditor", "payment_agent", "regulator");
        File.WriteAllText(schema, Schema);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":["{{{{{schema}}}}}"],
              "Privacy":{"Keys":"{{{{{Secrets.Keys}}}}}","Vault":{"Directory":"{{{{{Secrets.Vault}}}}}","KeyFile":"{{{{{Secrets.VaultKey}}}}}"}},
              "Queues":{"admissions":{},"findings":{},"payments":{}},
              "Maps":{"wards":{"Queue":"admissions","Schema":"Admission","Key":"ward"},"payments":{"Queue":"payments","Schema":"Payment","Key":"id"}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[
                {"Topic":"wards/{ward}/{patient}/admitted","Schema":"Admission","Queue":"admissions","SubLexes":{"clinical":"findings"}},
                {"Topic":"payments/{id}","Schema":"Payment","Queue":"payments"}]}}}}
            """);
    }
}
