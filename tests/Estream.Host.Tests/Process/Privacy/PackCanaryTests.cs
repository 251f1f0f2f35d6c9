using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: no private value of patients, encounters and payments in the packs for health and payments leaves a host unencrypted: not in
/// files, REST, events, metrics, standard output, dead letters, the output of commands that show stored data, or at the broker that the
/// host publishes to.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class PackCanaryTests : IDisposable
{
    private const string Birth = "1931-02-27";
    private const string Admission = "1987-12-13T07:08:09Z";

    private static readonly string[] s_queues = ["patients", "encounters", "transfers", "dead-letters"];
    private static readonly string[] s_schemas = [Pack("esf-health", "fhir-resources"), Pack("esf-payments", "iso20022")];

    private readonly HostFiles _files = new();
    private readonly List<string> _secrets = [Birth, Admission];
    private readonly int _brokerPort = FreePort.Next();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact("mosquitto_sub", "mosquitto-clients")]
    public async Task No_private_value_of_the_packs_leaves_unencrypted()
    {
        (string patient, string encounter, string transfer) = (PatientJson(), EncounterJson(), TransferJson());
        Configure();
        using ChildProcess broker = StartBroker();
        using ChildProcess subscriber = Subscribe();
        using HostProcess host = _files.Start().WaitUntilReady();
        using HttpClient http = new();
        using StreamReader events = new(await http.GetStreamAsync(new Uri($"{host.Address}/api/events")));
        Task<string> heard = HearAsync(events);
        Publish(host, "patients/p-1", patient);
        Publish(host, "encounters/e-1", encounter);
        Publish(host, "transfers/t-1", transfer);
        Publish(host, "patients/p-2", $$"""{"name":"{{Secret("name that is none")}}"}""");
        Publish(host, "transfer/t-3", transfer);

        Dictionary<string, string> seen = [];
        Eventually.True(() => host.Get("/api/queues/dead-letters/messages").Split("\"reason\"").Length == 3, "two dead letters are shown");
        Eventually.True(() =>
            ((string[])["patients", "encounters"]).All(map =>
                host.Get($"/api/maps/{map}").Contains("\"total\":1", StringComparison.Ordinal)), "the maps have the messages");
        Eventually.True(() =>
            ((string[])["out/patients/p-1 ", "out/encounters/e-1 ", "out/transfers/t-1 "]).All(topic =>
                subscriber.Output.Contains(topic, StringComparison.Ordinal)), "the broker has the messages");
        string[] pages = ["/api/overview", "/health", "/metrics", "/api/maps/patients", "/api/maps/patients/p-1", "/api/maps/encounters",
            "/api/maps/encounters/e-1", .. s_queues.Select(queue => $"/api/queues/{queue}/messages")];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["events"], seen["standard output"], seen["standard error"]) = (await heard, end.Output, end.Error);
        seen["the broker"] = subscriber.Output;
        foreach (string form in (string[])["", "--json"])
        {
            Array.ForEach(s_queues,
                queue => seen[$"tail {queue} {form}"] = Shown(form, "tail", Path.Combine(_files.Data, "queues", queue)));
            seen[$"get p-1 {form}"] = Shown(form, "map", "get", Path.Combine(_files.Data, "maps", "patients"), "p-1");
            seen[$"scan encounters {form}"] = Shown(form, "map", "scan", Path.Combine(_files.Data, "maps", "encounters"));
        }

        // The public values are there; an empty output would prove nothing.
        Assert.All((string[])["/api/maps/patients/p-1", "/api/queues/patients/messages", "tail patients ", "tail patients --json",
            "get p-1 ", "get p-1 --json"], page => Assert.Contains("Practitioner/nord", seen[page], StringComparison.Ordinal));
        Assert.All((string[])["/api/queues/transfers/messages", "tail transfers ", "tail transfers --json"],
            page => Assert.Contains("E2E-4711", seen[page], StringComparison.Ordinal));
        Assert.All((string[])["Practitioner/nord", "Station 3", "E2E-4711", "\"$withheld\":true"],
            text => Assert.Contains(text, seen["the broker"], StringComparison.Ordinal));
        Assert.NotEmpty(seen["events"]);
        AssertNothingPrivate(seen);
        AssertFilesWithout();
        AssertOpens("patients", "FhirPatient", "p-1", patient);
        AssertOpens("encounters", "FhirEncounter", "e-1", encounter);
        AssertOpens("transfers", "Pacs008CreditTransfer", "t-1", transfer);
    }

    [PeerFact("mosquitto_sub", "mosquitto-clients")]
    public void Unencrypted_private_values_in_a_queue_are_withheld_from_output()
    {
        string patient = "{\"id\":\"p-1\"," + PatientJson().TrimStart()[1..];
        Configure();
        AppendInClear("patients", "FhirPatient", patient);
        using ChildProcess broker = StartBroker();
        using ChildProcess subscriber = Subscribe();
        using HostProcess host = _files.Start().WaitUntilReady();
        Eventually.True(() => subscriber.Output.Contains("out/patients/p-1 ", StringComparison.Ordinal), "the broker has the message");
        Dictionary<string, string> seen = new()
        {
            ["the broker"] = subscriber.Output,
            ["/api/queues/patients/messages"] = host.Get("/api/queues/patients/messages"),
            ["/api/maps/patients/p-1"] = host.Get("/api/maps/patients/p-1"),
            ["tail"] = Shown("", "tail", Path.Combine(_files.Data, "queues", "patients")),
            ["tail --json"] = Shown("--json", "tail", Path.Combine(_files.Data, "queues", "patients")),
        };
        Assert.All(seen.Values, page => Assert.Contains("Practitioner/nord", page, StringComparison.Ordinal));
        AssertNothingPrivate(seen);
    }

    private static string Pack(string pack, string file) => RepositoryRoot.Combine("schemas", pack, "schemas", file + ".esf.yaml");

    private static Task<string> HearAsync(StreamReader events) => Task.Run(async () =>
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

    /// <summary>A text that is in one private field and nowhere else.</summary>
    private string Secret(string what)
    {
        _secrets.Add("canary " + what);
        return _secrets[^1];
    }

    private string PatientJson() => $$$$$"""
        {"active":true,
         "identifier":[{"use":"Official","value":"{{{{{Secret("insurance number")}}}}}","assigner":"{{{{{Secret("insurance")}}}}}"}],
         "name":[{"family":"{{{{{Secret("family")}}}}}","given":["{{{{{Secret("given")}}}}}","{{{{{Secret("second given")}}}}}"],"text":"{{{{{Secret("whole name")}}}}}"}],
         "telecom":[{"system":"Phone","value":"{{{{{Secret("phone")}}}}}"}],"birth_date":"{{{{{Birth}}}}}","deceased_at":"{{{{{Secret("death")}}}}}",
         "address":[{"line":["{{{{{Secret("street")}}}}}"],"city":"{{{{{Secret("city")}}}}}","postal_code":"{{{{{Secret("postal")}}}}}"}],
         "marital_status":{"text":"{{{{{Secret("marital")}}}}}"},
         "contact":[{"name":{"text":"{{{{{Secret("relative")}}}}}"},"telecom":[{"value":"{{{{{Secret("relative's phone")}}}}}"}],"organization":{"display":"{{{{{Secret("relative's firm")}}}}}"}}],
         "general_practitioner":[{"reference":"Practitioner/nord","display":"{{{{{Secret("practitioner")}}}}}"}],
         "link":[{"other":{"reference":"{{{{{Secret("other record")}}}}}"},"type":"Seealso"}]}
        """;

    private string EncounterJson() => $$$$$"""
        {"status":"Finished","class":{"code":"IMP"},"identifier":[{"value":"{{{{{Secret("case number")}}}}}"}],
         "subject":{"reference":"{{{{{Secret("subject")}}}}}","display":"{{{{{Secret("subject's name")}}}}}"},
         "participant":[{"individual":{"display":"{{{{{Secret("participant")}}}}}"}}],"account":[{"display":"{{{{{Secret("account")}}}}}"}],
         "hospitalization":{"pre_admission_identifier":{"value":"{{{{{Secret("admission number")}}}}}"}},
         "service_type":{"coding":[{"display":"Station 3"}],"text":"{{{{{Secret("service")}}}}}"},"period":{"start":"{{{{{Admission}}}}}"},
         "location":[{"location":{"display":"{{{{{Secret("ward")}}}}}"}}]}
        """;

    private string TransferJson() => $$$$$"""
        {"message_definition":"pacs.008.001.08","created_at":"2024-01-01T00:00:00Z","number_of_transactions":1,
         "settlement":{"method":"CLRG","account":{"iban":"{{{{{Secret("settlement iban")}}}}}","name":"{{{{{Secret("settlement name")}}}}}"}},
         "transactions":[{"end_to_end_id":"E2E-4711","settlement_amount":{"value":150,"scale":2,"currency":"EUR"},"charge_bearer":"SHAR",
          "ultimate_debtor":{"name":"{{{{{Secret("ultimate debtor")}}}}}"},"initiating_party":{"name":"{{{{{Secret("initiating party")}}}}}"},
          "debtor":{"name":"{{{{{Secret("debtor")}}}}}","address":{"lines":["{{{{{Secret("debtor's street")}}}}}"]},"other_ids":[{"id":"{{{{{Secret("debtor's id")}}}}}","is_private":true}],"birth":{"date":"{{{{{Birth}}}}}","city":"{{{{{Secret("debtor's birth")}}}}}","country":"AT"}},
          "debtor_account":{"iban":"{{{{{Secret("debtor iban")}}}}}"},"debtor_agent":{"bic":"ABCDEFGHXXX"},"debtor_agent_account":{"other_id":"{{{{{Secret("debtor agent account")}}}}}"},
          "creditor_agent":{"bic":"HGFEDCBAXXX"},"creditor_agent_account":{"other_id":"{{{{{Secret("creditor agent account")}}}}}"},
          "creditor":{"name":"{{{{{Secret("creditor")}}}}}"},"creditor_account":{"iban":"{{{{{Secret("creditor iban")}}}}}","name":"{{{{{Secret("creditor's account")}}}}}"},
          "ultimate_creditor":{"name":"{{{{{Secret("ultimate creditor")}}}}}"},
          "instructions_for_creditor_agent":[{"text":"{{{{{Secret("instruction")}}}}}"}],
          "remittance":{"unstructured":["{{{{{Secret("remittance")}}}}}"],"structured":[{"creditor_reference":"{{{{{Secret("reference")}}}}}"}]}}]}
        """;

    private string Shown(string form, params ReadOnlySpan<string> command)
    {
        string[] forms = form.Length == 0 ? [] : [form];
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, .. command, .. forms, .. s_schemas.SelectMany(schema => (string[])["--schema", schema])],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void AssertNothingPrivate(Dictionary<string, string> seen) =>
        Assert.All(seen, page => Assert.All(_secrets, secret => Assert.False(
            page.Value.Contains(secret, StringComparison.OrdinalIgnoreCase)
                || page.Value.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase),
            $"'{secret}' is in {page.Key}.")));

    private void AppendInClear(string name, string type, string json)
    {
        Assert.True(EsfSchemaSet.Load(s_schemas).TryGet(type, out EsfSchema? schema));
        byte[] message = new byte[16_384];
        Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(_files.Data, "queues", name));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(message.AsSpan(0, length));
    }

    private void AssertFilesWithout()
    {
        string[] files = Directory.GetFiles(_files.Data, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 4);
        foreach (string file in files)
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All(_secrets,
                secret => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}."));
        }
    }

    /// <summary>Checks that all values can be read with the keys; the test would prove nothing if nothing had been stored.</summary>
    private void AssertOpens(string queue, string type, string id, string sent)
    {
        string opened = Assert.Single(Secrets.Open(queue, EsfSchemaSet.Load(s_schemas), type));
        Assert.Contains($"\"{id}\"", opened, StringComparison.Ordinal);
        string text = JsonSerializer.Deserialize<JsonElement>(opened).GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal);
        Assert.All(_secrets.Where(secret => sent.Contains(secret, StringComparison.Ordinal)),
            secret => Assert.Contains(secret, text, StringComparison.Ordinal));
    }

    private static void Publish(HostProcess host, string topic, string payload)
    {
        using ChildProcess client = ChildProcess.Start(Peer.Require("mosquitto_pub", "mosquitto-clients"),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", topic, "-m", payload]);
        client.WaitForExit();
    }

    private ChildProcess StartBroker()
    {
        string file = Path.Combine(Place, "mosquitto.conf");
        File.WriteAllText(file, $"listener {_brokerPort} 127.0.0.1\nuser root\nallow_anonymous true\n");
        ChildProcess broker = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", file, "-v"]);
        broker.WaitForText("running");
        return broker;
    }

    private ChildProcess Subscribe()
    {
        // stdbuf makes the subscriber write each line immediately. By default, it writes to a pipe only in blocks of 4 KiB.
        ChildProcess subscriber = ChildProcess.Start(
            "stdbuf",
            ["-oL", Peer.Require("mosquitto_sub", "mosquitto-clients"), "-V", "5", "-h", "127.0.0.1", "-p", $"{_brokerPort}", "-q", "1",
                "-t", "out/#", "-F", "%t %p", "-d"]);
        subscriber.WaitForText("Subscribed");
        return subscriber;
    }

    private void Configure()
    {
        Secrets.Make("provider", "auditor", "payment_agent", "regulator");
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":{{{{{JsonSerializer.Serialize(s_schemas)}}}}},
              "Privacy":{"Keys":"{{{{{Secrets.Keys}}}}}"},
              "Queues":{"patients":{},"encounters":{},"transfers":{}},
              "Maps":{"patients":{"Queue":"patients","Schema":"FhirPatient","Key":"id"},"encounters":{"Queue":"encounters","Schema":"FhirEncounter","Key":"id"}},
              "Adapters":{
                "devices":{"Type":"mqtt-endpoint","Mappings":[
                  {"Topic":"patients/{id}","Schema":"FhirPatient","Queue":"patients"},
                  {"Topic":"encounters/{id}","Schema":"FhirEncounter","Queue":"encounters"},
                  {"Topic":"transfers/{message_id}","Schema":"Pacs008CreditTransfer","Queue":"transfers"}]},
                "cloud":{"Type":"mqtt-client","Broker":{"Host":"127.0.0.1","Port":{{{{{_brokerPort}}}}}},"Egress":[
                  {"Queue":"patients","Schema":"FhirPatient","Topic":"out/patients/{id}"},
                  {"Queue":"encounters","Schema":"FhirEncounter","Topic":"out/encounters/{id}"},
                  {"Queue":"transfers","Schema":"Pacs008CreditTransfer","Topic":"out/transfers/{message_id}"}]}}}}
            """);
    }
}
