using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Tests.Telemetry;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: no value that identifies a patient, no card number and no private key in any form is unencrypted in the output of the host after
/// the ingress: in declared pipelines with their state and rejected messages, in circuits at the highest observation level, in their traces
/// and metrics for a collector, in a witness, and in a log at the most detailed level. Method: private values are sealed from the device
/// queue on, so they must appear unencrypted nowhere, while public values must appear.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class StreamCanaryTests : IDisposable
{
    private const string Client = "mosquitto_pub";
    private const string Package = "mosquitto-clients";
    private const string Circuit = "acme.ward.v1";
    private const string Patient = "canary-patient-7731";
    private const string Note = "canary note: arrhythmia";
    private const string Holder = "Carda Canariensis";
    private const string Card = "4929119988776652";
    private const string NoCard = "4929119988776653";
    private const int SegmentBytes = 262_144;
    private const long FirstSecond = 1_700_000_000;
    private const string Spans = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private const string Metrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    private const string Schemas = """
        version: "1.0"
        namespace: clinic
        schemas:
          Visit:
            fields:
              ward: { type: string(16) }
              id: { type: string(16) }
              patient: { type: string(40), privacy: { profile: hipaa } }
              at: { type: timestamp }
              pulse: { type: f64 }
              room: { type: i64 }
              note: { type: string, optional: true, privacy: { profile: hipaa } }
          Payment:
            fields:
              id: { type: string(16) }
              cents: { type: i64 }
              card: { type: string(19), privacy: { profile: pci_dss, default_level: tokenized } }
              holder: { type: string, privacy: { profile: pci_dss } }
          Beat: { fields: { id: { type: string(16) }, ward: { type: string(16) }, pulse: { type: f64 } } }
          Copy: { fields: { id: { type: string(16) }, patient: { type: string(40), privacy: { profile: hipaa } } } }
          Room: { fields: { id: { type: string(16) }, room: { type: u8 } } }
          Second: { fields: { ward: { type: string(64) }, start: { type: timestamp }, visits: { type: u64 }, highest: { type: f64 } } }
          Peak: { fields: { ward: { type: string(16) }, pulse: { type: f64 } } }
          Receipt: { fields: { id: { type: string(16) }, cents: { type: u16 }, card: { type: string(19), privacy: { profile: pci_dss, default_level: tokenized } } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [clinic.esf.yaml]
        pipelines:
          busy:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - filter: pulse >= 100.0
            to: { queue: busy }
          beats:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - transform: { schema: clinic.Beat, set: { id: id, ward: ward, pulse: pulse } }
            to: { queue: beats }
          newest:
            from: { queue: beats, schema: clinic.Beat }
            to: { map: newest, key: ward }
          copies:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - transform: { schema: clinic.Copy, set: { id: id, patient: patient } }
            to: { queue: copies }
            rejected: refused
          rooms:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - transform: { schema: clinic.Room, set: { id: id, room: room } }
            to: { queue: rooms }
            rejected: refused
          seconds:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - window: { tumbling: 1s, time: at, key: ward, schema: clinic.Second, set: { ward: key, start: start, visits: count, highest: { max: pulse } } }
            to: { queue: seconds }
          by-patient:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - window: { tumbling: 1s, time: at, key: patient, schema: clinic.Second, set: { ward: key, start: start, visits: count, highest: { max: pulse } } }
            to: { queue: by-patient }
            rejected: refused
          peaks:
            from: { queue: visits, schema: clinic.Visit }
            stages:
              - threshold: { value: pulse, raise_above: 100.0, clear_below: 90.0, key: ward, schema: clinic.Peak, set: { ward: ward, pulse: pulse } }
            to: { queue: peaks }
            rejected: refused
          receipts:
            from: { queue: payments, schema: clinic.Payment }
            stages:
              - filter: cents > 0
              - transform: { schema: clinic.Receipt, set: { id: id, cents: cents, card: card } }
            to: { queue: receipts }
            rejected: refused
          wrong-cards:
            from: { queue: payments, schema: clinic.Payment }
            stages:
              - transform: { schema: clinic.Receipt, set: { id: id, cents: 1, card: id } }
            to: { queue: wrong-cards }
            rejected: refused
        """;

    private const string Graph = """
        escir_version: "0.8.0"
        name: acme.ward.v1
        version: "1.0.0"
        inputs: [{ name: visits, type: clinic.Visit }]
        outputs: [{ name: high, type: clinic.Visit }, { name: alarms, type: clinic.Beat }, { name: named, type: clinic.Copy }]
        compute:
          - { id: fast, type: filter, when: pulse >= 100.0 }
          - { id: told, type: transform, schema: clinic.Beat, set: { id: id, ward: ward, pulse: pulse } }
          - { id: by_name, type: transform, schema: clinic.Copy, set: { id: id, patient: patient } }
        flows: [visits -> fast -> high, fast -> told -> alarms, visits -> by_name -> named]
        invariants: ["visits.pulse < 500.0"]
        rejected: circuit-rejected
        """;

    private static readonly string[] s_secrets = [Patient, Note, Holder, Card, NoCard];
    private static readonly double[] s_pulses = [60, 120, 70, 130, 80, 900];
    private static readonly HttpClient s_http = new();

    private static readonly string[] s_queues =
    [
        "visits", "payments", "dead-letters", "busy", "beats", "copies", "rooms", "seconds", "by-patient", "peaks", "receipts",
        "wrong-cards", "refused", "high", "alarms", "named", "circuit-rejected",
    ];

    private readonly HostFiles _files = new();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string WitnessKey => Path.Combine(Place, "witness.key");

    private string SchemaFile => Path.Combine(Place, "clinic.esf.yaml");

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [PeerFact(Client, Package)]
    public async Task No_private_value_leaves_pipelines_circuits_traces_or_the_witness_unencrypted()
    {
        await using OtlpEndpoint collector = await OtlpEndpoint.StartAsync(isGrpc: true);
        Configure(collector.Address);
        using HostProcess host = _files.Start().WaitUntilReady();
        using StreamReader events = new(await s_http.GetStreamAsync(new Uri($"{host.Address}/api/events")));
        Task<string> heard = HearAsync(events);
        PublishGood(host);
        PublishBad(host);
        AwaitAll(host);

        Dictionary<string, string> seen = [];
        string[] pages =
        [
            "/api/overview", "/health", "/metrics", "/api/lex", $"/api/circuits/{Circuit}", $"/api/circuits/{Circuit}/traces?last=1000",
            "/api/maps/wards", "/api/maps/wards/north",
            "/api/queues/visits/attestations", "/api/queues/visits/messages/0/inclusion",
            .. s_queues.Select(queue => $"/api/queues/{queue}/messages?last=1000"),
        ];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        seen["the proof"] = await RefusedProofAsync(host);

        // A stop waits only three seconds for the collector, so wait for the regular exports.
        Eventually.True(
            () => collector.Received(Spans).Contains("\"process visits\"", StringComparison.Ordinal)
                && collector.Received(Metrics).Contains("\"estream.circuit.operations\"", StringComparison.Ordinal),
            "the collector has spans and metrics");
        ProcessResult end = host.Stop();
        (seen["events"], seen["standard output"], seen["standard error"]) = (await heard, end.Output, end.Error);
        (seen["spans"], seen["measurements"]) = (collector.Received(Spans), collector.Received(Metrics));
        Show(seen);
        AssertShown(seen);
        AssertPagesWithout(seen);
        AssertFilesWithout();
        AssertNoKeys(seen, collector);
        AssertOpens();
    }

    /// <summary>Checks messages that pipelines and circuits reject. The test appends such a message unencrypted to the queue visits. No
    /// page of this queue shows its private values, and no output contains them.</summary>
    [PeerFact("protoc", "protobuf-compiler")]
    public async Task Dead_letters_and_traces_do_not_contain_unencrypted_private_values_of_a_queue()
    {
        await using OtlpEndpoint collector = await OtlpEndpoint.StartAsync(isGrpc: true);
        Configure(collector.Address);
        AppendInClear("visits", "Visit",
            $$"""{"ward":"north","id":"v-1","patient":"{{Patient}}","at":1,"pulse":900,"room":4711,"note":"{{Note}}"}""");
        using HostProcess host = _files.Start().WaitUntilReady();
        Eventually.True(() => _files.Count("refused") >= 1 && _files.Count("circuit-rejected") >= 1, "it is rejected");
        Eventually.True(() => host.Get($"/api/circuits/{Circuit}/traces").Contains("\"outcome\":\"rejected\"", StringComparison.Ordinal),
            "the trace is shown");
        string[] rejected = ["refused", "circuit-rejected"];
        Dictionary<string, string> seen = [];
        string[] pages = ["/api/queues/visits/messages", $"/api/circuits/{Circuit}/traces",
            .. rejected.Select(queue => $"/api/queues/{queue}/messages")];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["standard output"], seen["standard error"]) = (end.Output, end.Error);
        (seen["spans"], seen["measurements"]) = (collector.Received(Spans), collector.Received(Metrics));
        Array.ForEach(rejected,
            queue => seen["tail " + queue] = Shown("tail", Path.Combine(_files.Data, "queues", queue), "--from", "start"));
        Assert.Contains("\"$withheld\":true", seen["/api/queues/visits/messages"], StringComparison.Ordinal);
        Assert.All(rejected,
            queue => Assert.All((string[])[$"/api/queues/{queue}/messages", "tail " + queue],
                page => Assert.Contains("the message is not kept", seen[page], StringComparison.Ordinal)));
        AssertPagesWithout(seen);
        foreach (string file in rejected.SelectMany(queue =>
            Directory.GetFiles(Path.Combine(_files.Data, "queues", queue), "*", SearchOption.AllDirectories)))
        {
            AssertFileWithout(file);
        }
    }

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

    private static void PublishGood(HostProcess host)
    {
        for (int i = 0; i < s_pulses.Length; i++)
        {
            int room = i == s_pulses.Length - 1 ? 4711 : i;
            Publish(host, $"visits/north/{Patient}-{i}/v-{i}",
                $$"""{"at":{{TimeOf(i)}},"pulse":{{s_pulses[i]}},"room":{{room}},"note":"{{Note}}"}""");
        }

        Publish(host, "payments/p-0", PaymentJson(500));
        Publish(host, "payments/p-1", PaymentJson(200_000));
        Publish(host, "payments/p-2", PaymentJson(700));
    }

    /// <summary>Nine messages that the ingress rejects, each for a different reason.</summary>
    private static void PublishBad(HostProcess host)
    {
        string visit = $"visits/north/{Patient}-7/v-7";
        Publish(host, visit, $$"""{"at":1,"pulse":60,"room":1,"note":["{{Note}}"]}""");
        Publish(host, visit, $$"""{"at":1,"pulse":60,"room":1,"{{Note}}":1}""");
        Publish(host, visit, $$"""{"at":1,"pulse":60,"room":1,"note":"{{Note}}""");
        Publish(host, visit, $$"""{"at":1,"room":1,"note":"{{Note}}"}""");
        Publish(host, $"visit/north/{Patient}-7/v-7", $$"""{"at":1,"pulse":60,"room":1,"note":"{{Note}}"}""");
        Publish(host, $"visits/north/{Patient}-and-that-is-more-than-there-is-room-for/v-7", """{"at":1,"pulse":60,"room":1}""");
        Publish(host, "payments/p-7", $$"""{"cents":5,"card":"{{NoCard}}","holder":"{{Holder}}"}""");
        Publish(host, "payments/p-7", $$"""{"cents":5,"card":"{{Card}}","holder":["{{Holder}}"]}""");
        Publish(host, "payments/p-7", $$"""{"cents":"{{Holder}}","card":"{{Card}}","holder":"{{Holder}}"}""");
    }

    private static string TimeOf(int number) => ((FirstSecond + number) * 1_000_000_000).ToString(CultureInfo.InvariantCulture);

    private static string PaymentJson(int cents) => $$"""{"cents":{{cents}},"card":"{{Card}}","holder":"{{Holder}}"}""";

    /// <summary>Waits until all messages have reached their destinations.</summary>
    private void AwaitAll(HostProcess host)
    {
        Eventually.True(() => host.Get("/api/queues/dead-letters/messages").Split("\"reason\"").Length == 10,
            "nine dead letters are shown");
        Dictionary<string, int> expected = new()
        {
            ["visits"] = 6, ["payments"] = 3, ["busy"] = 3, ["beats"] = 6, ["rooms"] = 5, ["seconds"] = 4, ["receipts"] = 2, ["high"] = 2,
            ["alarms"] = 2, ["circuit-rejected"] = 6,

            // The pipelines copies, by-patient and peaks each reject all six visits; rooms and receipts reject one message each, and
            // wrong-cards rejects three.
            ["refused"] = 23,
        };
        foreach ((string queue, int count) in expected)
        {
            Eventually.True(() => _files.Count(queue) >= count, $"{count} messages are in {queue}");
        }

        Assert.All((string[])["copies", "by-patient", "peaks", "wrong-cards", "named"], queue => Assert.Equal(0, _files.Count(queue)));
        Eventually.True(() => host.Get("/metrics").Contains("estream_witness_attested_total{queue=\"visits\"} 6", StringComparison.Ordinal),
            "all visits are attested");
        Eventually.True(() => host.Get("/api/maps/wards").Contains("north", StringComparison.Ordinal), "the map shows the ward");
        Eventually.True(
            () => host.Get($"/api/circuits/{Circuit}/traces?last=1000") is var traces
                && traces.Contains("\"outcome\":\"taken\"", StringComparison.Ordinal)
                && traces.Contains("\"outcome\":\"rejected\"", StringComparison.Ordinal)
                && traces.Contains("\"outcome\":\"dropped\"", StringComparison.Ordinal),
            "traces of all kinds are shown");
    }

    private static async Task<string> RefusedProofAsync(HostProcess host)
    {
        HttpStatusCode status = default;
        string text = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using HttpResponseMessage answer = await s_http.GetAsync(new Uri($"{host.Address}/api/queues/visits/messages/0/proof"));
                (status, text) = (answer.StatusCode, await answer.Content.ReadAsStringAsync());
                return status != HttpStatusCode.TooManyRequests;
            },
            "the proof is answered");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        return text;
    }

    private void Show(Dictionary<string, string> seen)
    {
        foreach (string form in (string[])["", "--json"])
        {
            string[] forms = form.Length == 0 ? [] : [form];
            Array.ForEach(s_queues,
                queue => seen[$"tail {queue} {form}"] =
                    Shown(["tail", Path.Combine(_files.Data, "queues", queue), "--from", "start", .. forms]));
            Array.ForEach((string[])["wards", "newest"],
                map => seen[$"scan {map} {form}"] = Shown(["map", "scan", Path.Combine(_files.Data, "maps", map), .. forms]));
        }
    }

    private string Shown(params string[] command)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, .. command, "--schema", SchemaFile],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    /// <summary>Checks that public values and every rejection reason are there; empty pages would prove nothing.</summary>
    private static void AssertShown(Dictionary<string, string> seen)
    {
        Assert.All((string[])["/api/queues/visits/messages?last=1000", "/api/queues/busy/messages?last=1000",
            "/api/queues/high/messages?last=1000", "tail visits --json", "tail high --json", "/api/maps/wards/north"], page =>
        {
            Assert.Contains("\"north\"", seen[page], StringComparison.Ordinal);
            Assert.Contains("\"$withheld\":true", seen[page], StringComparison.Ordinal);
        });
        Assert.All((string[])["/api/queues/beats/messages?last=1000", "/api/queues/alarms/messages?last=1000", "tail seconds --json",
            "scan newest --json"], page => Assert.Contains("\"north\"", seen[page], StringComparison.Ordinal));
        Assert.All((string[])["/api/queues/payments/messages?last=1000", "/api/queues/receipts/messages?last=1000", "tail receipts "],
            page => Assert.Contains("492911", seen[page], StringComparison.Ordinal));
        string[] reasons =
        [
            "the field 'patient' of clinic.Copy gets no value that fits from 'patient'",
            "the field 'room' of clinic.Room gets no value that fits from 'room'",
            "the field 'cents' of clinic.Receipt gets no value that fits from 'cents'",
            "the field 'card' of clinic.Receipt gets neither the number of a card nor a token of the vault from 'id'",
            "the key 'patient' has no value",
            "the message is longer than the 504 bytes",
        ];
        Assert.All(reasons, reason => Assert.Contains(reason, Unescaped(seen["tail refused --json"]), StringComparison.Ordinal));
        const string Broken = "the invariant 'visits.pulse < 500.0' does not hold";
        Assert.All((string[])["tail circuit-rejected --json", $"/api/circuits/{Circuit}/traces?last=1000"],
            page => Assert.Contains(Broken, Unescaped(seen[page]), StringComparison.Ordinal));
        Assert.Contains("\"file\":null", seen["/api/queues/visits/messages/0/inclusion"], StringComparison.Ordinal);
        Assert.Contains("\"messages\":6", seen["/api/queues/visits/attestations"], StringComparison.Ordinal);
        Assert.Contains("\"process visits\"", seen["spans"], StringComparison.Ordinal);
        Assert.Contains("\"estream.circuit.operations\"", seen["measurements"], StringComparison.Ordinal);
        Assert.Contains("\"LogLevel\":\"Debug\"", seen["standard output"], StringComparison.Ordinal);
        Assert.NotEmpty(seen["events"]);
    }

    private static string Unescaped(string json) =>
        json.Replace("\\u0027", "'", StringComparison.Ordinal).Replace("\\u003C", "<", StringComparison.Ordinal);

    private static void AssertPagesWithout(Dictionary<string, string> seen)
    {
        string[] forms = [.. s_secrets.SelectMany(Forms)];
        Assert.All(seen,
            page => Assert.All(forms,
                form => Assert.False(page.Value.Contains(form, StringComparison.OrdinalIgnoreCase), $"'{form}' is in {page.Key}.")));
    }

    /// <summary>The forms in which a text may appear on a page: as text, in hexadecimal, and in Base64 at any offset.</summary>
    private static IEnumerable<string> Forms(string secret) => [secret, .. KeyCanary.Encoded(Encoding.UTF8.GetBytes(secret))];

    /// <summary>Checks that the private keys of the witness and of the audiences are only in their files.</summary>
    private void AssertNoKeys(Dictionary<string, string> seen, OtlpEndpoint collector)
    {
        string[] audiences = Directory.GetFiles(Secrets.Keys, "*.key.pem");
        Assert.Equal(4, audiences.Length);
        KeyCanary keys = new(WitnessKey, audiences, Secrets.VaultKey);
        keys.RequireFound([WitnessKey, .. audiences]);
        Assert.NotNull(keys.FindIn(File.ReadAllText(Secrets.VaultKey)));
        Assert.All(seen, page => RequireNone(keys.FindIn(page.Value), page.Key));
        Assert.NotEmpty(collector.Sent);
        Assert.All(collector.Sent, message => RequireNone(keys.FindIn(message), "what the collector was sent"));
        Assert.All(DataFiles(), file => RequireNone(keys.FindIn(File.ReadAllBytes(file)), file));
    }

    private static void RequireNone(string? found, string place) => Assert.True(found is null, $"{found} is in {place}.");

    private string[] DataFiles() =>
        [.. new[] { _files.Data, Secrets.Vault }.SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))];

    private void AssertFilesWithout()
    {
        string[] files = DataFiles();
        Array.ForEach(files, AssertFileWithout);

        // Expected public values are found in each kind of output, so a leaked secret would also have been found.
        string[] places =
            ["queues/visits", "queues/refused", "queues/circuit-rejected", "queues/seconds", "maps/wards", "maps/newest", "pipelines"];
        Assert.All(places, place => Assert.Contains(
            files.Where(file => file.StartsWith(Path.Combine(_files.Data, place) + Path.DirectorySeparatorChar, StringComparison.Ordinal)),
            file => File.ReadAllBytes(file).AsSpan().IndexOf("north"u8) >= 0));
        Assert.Contains(files, file => file.StartsWith(Path.Combine(_files.Data, "queues", "visits.witness"), StringComparison.Ordinal));
    }

    private static void AssertFileWithout(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        foreach (string secret in s_secrets)
        {
            Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}.");
            Assert.True(content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)) < 0, $"'{secret}' is in {file}, in UTF-16.");
        }
    }

    /// <summary>Checks that all values can be read with the keys; the test would prove nothing if nothing had been stored.</summary>
    private void AssertOpens()
    {
        EsfSchemaSet schemas = EsfSchemaSet.Load(SchemaFile);
        AssertOpens(schemas, "visits", 0, 1, 2, 3, 4, 5);
        AssertOpens(schemas, "busy", 1, 3, 5);
        AssertOpens(schemas, "high", 1, 3);
        Assert.Equal([Receipt("p-0", 500), Receipt("p-2", 700)], Secrets.Open("receipts", schemas, "Receipt"));
    }

    private static string Receipt(string id, int cents) => $$"""{"id":"{{id}}","cents":{{cents}},"card":"{{Card}}"}""";

    private void AssertOpens(EsfSchemaSet schemas, string queue, params int[] visits)
    {
        List<string> opened = Secrets.Open(queue, schemas, "Visit");
        Assert.Equal(visits.Length, opened.Count);
        Assert.All(opened.Zip(visits), one =>
        {
            Assert.Contains($"\"patient\":\"{Patient}-{one.Second}\"", one.First, StringComparison.Ordinal);
            Assert.Contains($"\"note\":\"{Note}\"", one.First, StringComparison.Ordinal);
        });
    }

    private void AppendInClear(string name, string type, string json)
    {
        Assert.True(EsfSchemaSet.Load(SchemaFile).TryGet(type, out EsfSchema? schema));
        byte[] message = new byte[2_000];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        using EstreamQueue queue =
            EstreamQueue.Open(Path.Combine(_files.Data, "queues", name), new QueueOptions { SegmentBytes = SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(message.AsSpan(0, length));
    }

    private static void Publish(HostProcess host, string topic, string payload)
    {
        using ChildProcess client = ChildProcess.Start(Peer.Require(Client, Package),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-V", "mqttv5", "-q", "1", "-t", topic, "-m", payload]);
        client.WaitForExit();
    }

    private void Configure(Uri collector)
    {
        (string pipelines, string circuit) = (Path.Combine(Place, "clinic.pipeline.yaml"), Path.Combine(Place, "ward.circuit.yaml"));
        Secrets.Make("provider", "auditor", "payment_agent", "regulator");
        File.WriteAllText(SchemaFile, Schemas);
        File.WriteAllText(pipelines, Pipelines);
        File.WriteAllText(circuit, Graph);
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(WitnessKey);
        }

        Dictionary<string, object> queues = s_queues.ToDictionary(queue => queue, queue => (object)new { SegmentBytes });
        queues["visits"] = new { SegmentBytes, Witness = new { KeyFile = WitnessKey, MaxDelayMs = 5 } };
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Logging = new { LogLevel = new { Default = "Debug", Microsoft = "Debug", System = "Debug" } },
            Estream = new
            {
                Schemas = new[] { SchemaFile },
                Privacy = new { Secrets.Keys, Vault = new { Directory = Secrets.Vault, KeyFile = Secrets.VaultKey } },
                Queues = queues,
                Maps = new { wards = new { Queue = "visits", Schema = "Visit", Key = "ward" } },
                Pipelines = new[] { pipelines },
                Circuits = new[] { circuit },
                StreamSight = new { Level = "L3", TracesPerSecond = 20_000 },
                OpenTelemetry = new { Endpoint = collector.ToString(), IntervalMs = 1_000 },
                Adapters = new
                {
                    devices = new
                    {
                        Type = "mqtt-endpoint",
                        MaxPacketBytes = 65_536,
                        Mappings = new[]
                        {
                            new { Topic = "visits/{ward}/{patient}/{id}", Schema = "Visit", Queue = "visits" },
                            new { Topic = "payments/{id}", Schema = "Payment", Queue = "payments" },
                        },
                    },
                },
            },
        }));
    }
}
