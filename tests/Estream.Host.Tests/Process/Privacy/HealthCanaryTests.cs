using System.Globalization;
using System.Net;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: nothing that identifies a patient leaves the FHIR server and the HL7 listener of a host unencrypted: not in queues, maps, adapter
/// state, dead letters, metrics, events, logs, pages of the console, encrypted recordings of FHIR, or the output of commands. Method: texts
/// that occur nowhere else are planted in every place that a sender controls, also in requests that are refused; then every byte is
/// searched, as UTF-8, UTF-16, hexadecimal and Base64.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class HealthCanaryTests : IDisposable
{
    private const string Public = "9209300-7";

    private static readonly string[] s_queues =
    [
        "fhir", "patients", "observations", "hl7", "headers", "admitted", "results", "orders", "appointments", "documents", "consents",
        "dead-letters",
    ];

    private readonly HostFiles _files = new();
    private readonly List<string> _secrets = [];
    private readonly int _fhirPort = FreePort.Next();
    private readonly int _hl7Port = FreePort.Next();
    private int _recorderPort;

    private HostSecrets Secrets => new(_files);

    private string Recording => Path.Combine(Path.GetDirectoryName(_files.Config)!, "recording");

    private string RecordingKeys => Recording + ".keys";

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Nothing_that_identifies_a_patient_leaves_fhir_and_hl7_unencrypted()
    {
        Configure();
        Dictionary<string, string> seen = [];
        using (HostProcess host = _files.Start().WaitUntilReady())
        using (ChildProcess recorder = Record())
        {
            using HttpClient http = new();
            using StreamReader events = new(await http.GetStreamAsync(new Uri($"{host.Address}/api/events")));
            Task<string> heard = HearAsync(events);
            await SendFhirAsync(http);
            await SendHl7Async();
            Eventually.True(() => host.Get("/api/maps/people").Contains("\"total\":2", StringComparison.Ordinal),
                "the map has both patients");
            Eventually.True(() => host.Get("/api/queues/observations/messages").Contains(Public, StringComparison.Ordinal),
                "the observation is shown");
            Eventually.True(() => host.Get("/api/queues/dead-letters/messages").Contains("\"reason\"", StringComparison.Ordinal),
                "a dead letter is shown");
            string[] pages = ["/api/overview", "/health", "/metrics", "/api/maps/people",
                .. s_queues.Select(queue => $"/api/queues/{queue}/messages")];
            Array.ForEach(pages, page => seen[page] = host.Get(page));
            ProcessResult end = host.Stop();
            (seen["events"], seen["standard output"], seen["standard error"]) = (await heard, end.Output, end.Error);
            recorder.Signal("TERM");
            seen["recorder"] = recorder.WaitForExit().EnsureSuccess().Output;
        }

        foreach (string queue in s_queues)
        {
            seen[$"tail {queue}"] = Shown("tail", Path.Combine(_files.Data, "queues", queue), "--json");
        }

        Assert.Contains(Public, seen["tail observations"], StringComparison.Ordinal);
        Assert.NotEmpty(seen["events"]);
        Assert.All(seen, page => AssertWithout(page.Key, Encoding.UTF8.GetBytes(page.Value)));
        string[] files = Directory.GetFiles(_files.Data, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 10, $"{files.Length} files");
        Assert.All(files, file => AssertWithout(file, File.ReadAllBytes(file)));
        Assert.All(Directory.GetFiles(Recording), file => AssertWithout(file, File.ReadAllBytes(file)));
        AssertStored();
    }

    /// <summary>Starts a recorder between the FHIR client and the host.</summary>
    private ChildProcess Record()
    {
        SecretFiles.Write(RecordingKeys, $"first {new string('1', 64)}\n");
        ChildProcess recorder = ChildProcess.StartDotnet(BuiltProgram.Cli,
            ["wire", "record", "--to", $"127.0.0.1:{_fhirPort}", "--queue", Recording, "--protocol", "fhir", "--key-file", RecordingKeys]);
        string port = recorder.WaitForMatch("listening on 127.0.0.1:([0-9]+),").Groups[1].Value;
        _recorderPort = int.Parse(port, CultureInfo.InvariantCulture);
        return recorder;
    }

    /// <summary>A text that occurs nowhere else.</summary>
    private string Secret(string what)
    {
        _secrets.Add($"CNRY{_secrets.Count:d3}{what}");
        return _secrets[^1];
    }

    /// <summary>A text that occurs nowhere else, and that has the form of a resource type.</summary>
    private string SecretType(string type)
    {
        _secrets.Add(type);
        return type;
    }

    private async Task SendFhirAsync(HttpClient http)
    {
        string id = Secret("logicalid");
        await PutAsync(http, $"Patient/{id}", 201, $$$"""
            {"resourceType":"Patient","id":"{{{id}}}","language":"en",
             "text":{"status":"generated","div":"<div>{{{Secret("narrative")}}}</div>"},
             "extension":[{"url":"urn:x","valueString":"{{{Secret("extension")}}}"}],
             "contained":[{"resourceType":"Organization","id":"org","name":"{{{Secret("contained")}}}"}],
             "identifier":[{"system":"urn:mrn","value":"{{{Secret("mrn")}}}"}],
             "name":[{"family":"{{{Secret("family")}}}","given":["{{{Secret("given")}}}"],"text":"{{{Secret("fullname")}}}"}],
             "telecom":[{"system":"phone","value":"{{{Secret("phone")}}}"}],
             "address":[{"line":["{{{Secret("street")}}}"],"city":"{{{Secret("city")}}}","postalCode":"{{{Secret("zip")}}}"}],
             "contact":[{"name":{"family":"{{{Secret("relative")}}}"}}],"unknownElement":"{{{Secret("unknown")}}}"}
            """);
        await PutAsync(http, "Observation/" + Secret("observationid"), 201, $$$"""
            {"resourceType":"Observation","id":"{{{_secrets[^1]}}}","status":"final",
             "identifier":[{"value":"{{{Secret("ordernumber")}}}"}],
             "contained":[{"resourceType":"Patient","id":"{{{Secret("fragmentid")}}}","birthDate":"1931-02-27"}],
             "code":{"coding":[{"system":"http://loinc.org","code":"{{{Public}}}","display":"{{{Secret("codedisplay")}}}"},
              {"system":"urn:{{{Secret("codesystem")}}}","code":"{{{Secret("localcode")}}}","display":"{{{Secret("localdisplay")}}}"}],
              "text":"{{{Secret("codetext")}}}"},
             "category":[{"coding":[{"system":"http://loinc.org","code":"{{{Secret("loinc")}}}"},
              {"system":"http://snomed.info/sct","code":"{{{Secret("snomed")}}}"},
              {"system":"http://loinc.org","code":"8480-6","version":"{{{Secret("version")}}}"},
              {"system":"http://hl7.org/fhir/{{{Secret("fhirsystem")}}}","code":"{{{Secret("fhircode")}}}"},
              {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{{{Secret("actcode")}}}"}]}],
             "basedOn":[{"reference":"{{{SecretType("CnryTypeOfAnn")}}}/1","type":"{{{Secret("reftype")}}}","identifier":{"system":"urn:{{{Secret("refsystem")}}}","value":"{{{Secret("refvalue")}}}"}}],
             "subject":{"reference":"Patient/{{{id}}}","display":"{{{Secret("display")}}}"},
             "focus":[{"reference":"#{{{_secrets.Single(one => one.EndsWith("fragmentid", StringComparison.Ordinal))}}}"}],
             "performer":[{"reference":"https://other.example/Practitioner/{{{Secret("performer")}}}"}],
             "valueString":"{{{Secret("result")}}}",
             "component":[{"code":{"coding":[{"code":"{{{Secret("freecode")}}}"}]},
              "valueQuantity":{"value":7,"unit":"{{{Secret("freeunit")}}}","code":"{{{Secret("unitcode")}}}"}},
              {"code":{"text":"c"},"valueQuantity":{"value":7,"unit":"{{{Secret("ucumunit")}}}",
               "system":"http://unitsofmeasure.org","code":"{{{Secret("ucum")}}}"}},
              {"code":{"text":"c"},"valueSampledData":{"origin":{"value":0},"period":10,"dimensions":1,
               "data":"1 2 {{{Secret("samples")}}}"}}],
             "referenceRange":[{"low":{"value":5,"unit":"{{{Secret("rangeunit")}}}"}}],"note":[{"text":"{{{Secret("note")}}}"}]}
            """);
        await PutAsync(http, "Consent/consent", 201, $$$"""
            {"resourceType":"Consent","id":"consent","status":"active","scope":{"coding":[{"code":"{{{Secret("scope")}}}"}]},
             "category":[{"text":"{{{Secret("category")}}}"}],"patient":{"reference":"Patient/{{{id}}}"},
             "policy":[{"authority":"{{{Secret("authority")}}}","uri":"urn:{{{Secret("policy")}}}"}],
             "organization":[{"type":"{{{Secret("orgtype")}}}","identifier":{"system":"urn:{{{Secret("orgsystem")}}}"}}],
             "provision":{"type":"permit","purpose":[{"system":"http://hl7.org/fhir/{{{Secret("purpose")}}}","code":"TREAT"}]}}
            """);
        await PutAsync(http, "Patient/" + Secret("otherid"), 400, "{\"resourceType\":\"Patient\",\"id\":\"" + Secret("wrongid") + "\"}");
        await PutAsync(http, "Patient/x", 400, "{\"resourceType\":\"Patient\",\"name\":" + Secret("nojson"));
        await PutAsync(http, "Patient/x", 422, "{\"resourceType\":\"Patient\",\"id\":\"x\",\"gender\":\"" + Secret("gender") + "\"}");
        await GetAsync(http, "Patient?family=" + Secret("search"), 200);
        await GetAsync(http, "Patient?" + Secret("parameter") + "=1", 400);
        await GetAsync(http, "Observation?patient.identifier=" + Secret("chained"), 200);
        await GetAsync(http, "Patient?_sort=" + Secret("sorted"), 400);
        await PatchAsync(http, $"Patient/{id}", 200, $$$"""[{"op":"add","path":"/photo","value":[{"title":"{{{Secret("patched")}}}"}]}]""");
        await PatchAsync(http, $"Patient/{id}", 422, $$$"""[{"op":"test","path":"/{{{Secret("path")}}}","value":"{{{Secret("tested")}}}"}]""");
        await SendAsync(http, HttpMethod.Post, "", 412, "application/fhir+json", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Observation"},
             "resource":{"resourceType":"Observation","status":"final","code":{"text":"c"},
              "subject":{"reference":"Patient?identifier={{{Secret("conditional")}}}"} } }]}
            """);
        await GetAsync(http, Secret("type"), 404);
    }

    private async Task SendHl7Async()
    {
        await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", _hl7Port, TimeSpan.FromSeconds(60));
        await client.SendAsync(Bytes("MSH|^~\\&|ADT|GH|EHR|GH|20260101120000||ADT^A01^ADT_A01|1|P|2.5.1",
            "EVN|A01|20260101120000||||" + Secret("operator"),
            $"PID|1||{Secret("hl7mrn")}^^^GH^MR||{Secret("hl7family")}^{Secret("hl7given")}||19310227|F|||{Secret("hl7street")}^^Bern||"
                + Secret("hl7phone"),
            $"NK1|1|{Secret("hl7relative")}", $"PV1|1|I|W^389^1||||1^{Secret("attending")}||||||||||||{Secret("visit")}",
            $"OBX|1|TX|2093-3^Code^LN||{Secret("hl7result")}||||||F", $"NTE|1||{Secret("hl7note")}", $"ZPD|{Secret("zsegment")}"));
        await client.SendAsync(Bytes("MSH|^~\\&|ADT|GH|EHR|GH|20260101120000||ADT^A08^ADT_A01|2|P|2.5.1", $"PID|1||||{Secret("nomrn")}"));
        await client.SendAsync(Bytes(
            $"MSH|^~\\&|{Secret("application")}|GH|EHR|GH|20260101120000||QRY^{Secret("trigger")}|3|P|2.5.1", "PID|1"));
        await client.SendAsync(Bytes("MSH|^~\\&|ADT|GH|EHR|GH|20260101120000||ADT^A01|4|P|2.5.1||||||" + Secret("characterset"),
            "PID|1||5^^^GH^MR||" + Secret("badset")));
        await SendOrdersAsync(client);
    }

    /// <summary>Sends an order, an appointment and a document, which the host must accept.</summary>
    private async Task SendOrdersAsync(MllpClient client)
    {
        string patient = $"PID|1||{Secret("ordermrn")}^^^GH^MR||{Secret("orderfamily")}";
        byte[][] messages =
        [
            Bytes("MSH|^~\\&|CPOE|GH|LAB|GH|20260101120000||ORM^O01|5|P|2.5.1", patient,
                $"ORC|NW|{Secret("placer")}|{Secret("filler")}|{Secret("group")}|||||||||38^{Secret("requester")}",
                $"OBR|1|||24331-1^{Secret("service")}^LN|||||||||||||||||||||||||||{Secret("reason")}", "NTE|1||" + Secret("ordernote")),
            Bytes("MSH|^~\\&|SCH|GH|EHR|GH|20260101120000||SIU^S12|6|P|2.5.1",
                $"SCH|{Secret("booking")}|||||||{Secret("bookingtype")}", "NTE|1||" + Secret("bookingnote"), patient,
                $"AIS|1||{Secret("bookedexam")}", $"AIL|1||{Secret("bookedroom")}", $"AIP|1||400^{Secret("bookedperson")}"),
            Bytes("MSH|^~\\&|DICT|GH|EHR|GH|20260101120000||MDM^T02|7|P|2.5.1", patient,
                $"TXA|1|DS|TX||38^{Secret("author")}|||||||{Secret("document")}|||||||||||||{Secret("title")}",
                "OBX|1|TX|||" + Secret("paragraph"), $"OBX|2|RP|||http://pacs/{Secret("pointer")}^DICT^image^JPEG"),
        ];
        foreach (byte[] message in messages)
        {
            Assert.True((await client.SendAsync(message))!.Code.IsAccept());
        }
    }

    private void AssertWithout(string place, byte[] bytes)
    {
        foreach (string secret in _secrets)
        {
            byte[] text = Encoding.UTF8.GetBytes(secret);
            byte[][] forms = [text, Encoding.Unicode.GetBytes(secret), Encoding.ASCII.GetBytes(Convert.ToHexString(text)),
                Encoding.ASCII.GetBytes(Convert.ToHexStringLower(text)),
                Encoding.ASCII.GetBytes(Convert.ToBase64String(text[..^(text.Length % 3)]))];
            Assert.All(forms, form => Assert.True(bytes.AsSpan().IndexOf(form) < 0, $"'{secret}' is in {place}."));
        }
    }

    /// <summary>Checks that the keys open the planted values; the test would prove nothing if nothing had been stored.</summary>
    private void AssertStored()
    {
        Estream.Esf.EsfSchemaSet schemas = Hl7Schemas.Own.With(Wire.Fhir.FhirSchemas.Own);
        string patients = string.Concat(Secrets.Open("patients", schemas, "FhirPatient"));
        string messages = string.Concat(Secrets.Open("hl7", schemas, "Hl7Message"));
        Assert.Contains(_secrets.Single(one => one.EndsWith("fullname", StringComparison.Ordinal)), patients, StringComparison.Ordinal);
        Assert.Contains("\"message\"", messages, StringComparison.Ordinal);
        Assert.Contains("fullname", ReadRecording(), StringComparison.Ordinal);
        Assert.All(
            [("orders", "FhirServiceRequest", "service"), ("appointments", "FhirAppointment", "bookingnote"),
                ("documents", "FhirDocumentReference", "paragraph")],
            ((string Queue, string Schema, string Secret) one) => Assert.Contains(
                _secrets.Single(secret => secret.EndsWith(one.Secret, StringComparison.Ordinal)),
                Assert.Single(Secrets.Open(one.Queue, schemas, one.Schema)), StringComparison.Ordinal));
    }

    private string ReadRecording()
    {
        using QueueKeyRing keys = QueueKeyRing.FromFile(RecordingKeys);
        using EstreamQueue recording = EstreamQueue.OpenReadOnly(Recording, new QueueOptions { Keys = keys });
        using QueueTailer tailer = recording.CreateTailer();
        StringBuilder text = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            text.Append(Encoding.Latin1.GetString(message.Payload));
        }

        return text.ToString();
    }

    private Task PutAsync(HttpClient http, string path, int status, string body) =>
        SendAsync(http, HttpMethod.Put, path, status, "application/fhir+json", body);

    private Task PatchAsync(HttpClient http, string path, int status, string body) =>
        SendAsync(http, HttpMethod.Patch, path, status, "application/json-patch+json", body);

    private async Task SendAsync(HttpClient http, HttpMethod method, string path, int status, string type, string body)
    {
        using HttpRequestMessage request = new(method, new Uri($"http://127.0.0.1:{_recorderPort}/fhir/{path}"));
        request.Content = new StringContent(body, Encoding.UTF8, type);
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.True((HttpStatusCode)status == response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task GetAsync(HttpClient http, string path, int status)
    {
        using HttpResponseMessage response = await http.GetAsync(new Uri($"http://127.0.0.1:{_recorderPort}/fhir/{path}"));
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
    }

    private static byte[] Bytes(params string[] segments) => Encoding.UTF8.GetBytes(string.Join('\r', segments) + "\r");

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

    private string Shown(params string[] command)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, .. command], environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data })
            .EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void Configure()
    {
        Secrets.Make("provider", "auditor");
        string key = Path.Combine(Path.GetDirectoryName(_files.Config)!, "pseudonyms");
        SecretFiles.Write(key, "0123456789abcdef0123456789abcdef\n");
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Privacy":{"Keys":"{{{{{Secrets.Keys}}}}}"},
              "Queues":{"fhir":{},"patients":{},"observations":{},"hl7":{},"headers":{},"admitted":{},"results":{},
                "orders":{},"appointments":{},"documents":{},"consents":{}},
              "Maps":{"people":{"Queue":"patients","Schema":"FhirPatient","Key":"id"}},
              "Adapters":{
                "ehr":{"Type":"fhir-server","Port":{{{{{_fhirPort}}}}},"Keys":"{{{{{Secrets.Keys}}}}}",
                 "PseudonymKeyFile":"{{{{{key}}}}}","Mappings":[
                  {"Schema":"FhirCommit","Queue":"fhir"},{"Schema":"FhirPatient","Queue":"patients"},
                  {"Schema":"FhirObservation","Queue":"observations"},{"Schema":"FhirConsent","Queue":"consents"}]},
                "hospital":{"Type":"hl7-listener","Port":{{{{{_hl7Port}}}}},"PseudonymKeyFile":"{{{{{key}}}}}","Mappings":[
                  {"Schema":"Hl7Message","Queue":"hl7","Messages":"ADT/+"},{"Schema":"Hl7Header","Queue":"headers","Messages":"ADT/+"},
                  {"Schema":"FhirPatient","Queue":"patients","Messages":"ADT/+"},
                  {"Schema":"FhirEncounter","Queue":"admitted","Messages":"ADT/+"},
                  {"Schema":"FhirObservation","Queue":"results","Messages":"ADT/+"},
                  {"Schema":"FhirServiceRequest","Queue":"orders","Messages":"ORM/+"},
                  {"Schema":"FhirAppointment","Queue":"appointments","Messages":"SIU/+"},
                  {"Schema":"FhirDocumentReference","Queue":"documents","Messages":"MDM/+"}]}}}}
            """);
    }
}
