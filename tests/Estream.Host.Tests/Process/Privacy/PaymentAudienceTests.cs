using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: the values that the profile pci_dss makes private in a payment, and the submitter of an order, can be read only by their audiences
/// on every path: from the folder of a bank, from the wire and from a recording, through a circuit, over HTTP and in events for the
/// console, in dead letters, metrics, logs, files, and the output of the command line.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class PaymentAudienceTests : IDisposable
{
    private const string Client = "mosquitto_pub";
    private const string Package = "mosquitto-clients";
    private const string Debtor = "Canaria Debitora 7731";
    private const string Remittance = "canary remittance 7731";
    private const string Iban = "ES9121000418450200051332";
    private const string Submitter = "CANARYDESK7731";
    private const string Circuit = "acme.shared.v1";

    private const string Graph = """
        escir_version: "0.8.0"
        name: acme.shared.v1
        version: "1.0.0"
        inputs: [{ name: payments, type: estream.payments.Pacs008CreditTransfer }]
        outputs: [{ name: copies, type: estream.payments.Pacs008CreditTransfer }]
        compute:
          - { id: kept, type: filter, when: number_of_transactions > 0 }
        flows: [payments -> kept -> copies]
        rejected: circuit-rejected
        max_bytes: 65536
        """;

    private static readonly string[] s_audiences = ["payment_agent", "auditor", "regulator", "default", "provider"];
    private static readonly string[] s_secrets = [Debtor, Remittance, Iban, Submitter];
    private static readonly string[] s_queues = ["payments", "copies", "orders", "dead-letters", "circuit-rejected"];
    private static readonly string s_schemaFile = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private static readonly HttpClient s_http = new();

    private readonly HostFiles _files = new();
    private readonly int _fixPort = FreePort.Next();

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string Folder => Path.Combine(Place, "in");

    private HostSecrets Secrets => new(_files);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Bank_and_desk_messages_can_be_read_only_by_their_audiences()
    {
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        using StreamReader events = new(await s_http.GetStreamAsync(new Uri($"{host.Address}/api/events")));
        ConcurrentQueue<string> heard = new();
        Task hearing = Task.Run(() => HearAsync(events, heard));
        Put("1.xml", Transfer());
        Put("2.xml", Transfer().Replace("SHAR", Remittance, StringComparison.Ordinal));
        Put("3.xml", Transfer()[..^40]);
        Put("4.json",
            $"{{\"Document\":{{\"@xmlns\":\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\","
            + $"\"FIToFICstmrCdtTrf\":{{\"{Submitter}\":{{}}}}}}}}");
        Eventually.True(() => Directory.GetFiles(Path.Combine(Folder, "refused")).Length == 3, "three files are refused");
        Eventually.True(() => _files.Count("copies") == 1, "the circuit has passed the payment on");
        await TradeAsync();
        Eventually.True(() => _files.Count("orders") == 1 && _files.Count("dead-letters") == 4, "an order is stored, and one is refused");
        // A payment is sealed for three audiences and longer than an event shows, so the event has only the name of its schema.
        Eventually.True(() =>
            ((string[])["Pacs008CreditTransfer", "o-1"]).All(shown => heard.Any(line => line.Contains(shown, StringComparison.Ordinal))),
            "a console is told of both");

        Dictionary<string, string> seen = [];
        string[] pages = ["/api/overview", "/health", "/metrics", "/api/lex", $"/api/circuits/{Circuit}",
            $"/api/circuits/{Circuit}/traces?last=100", .. s_queues.Select(queue => $"/api/queues/{queue}/messages?last=100")];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["standard output"], seen["standard error"]) = (end.Output, end.Error);
        await hearing;
        seen["/api/events"] = string.Join('\n', heard);
        Array.ForEach(s_queues, queue => seen["tail " + queue] = Shown(queue));

        // The public values and the marks of withheld values are there; empty pages would prove nothing.
        Assert.All(
            (string[])["/api/events", "/api/queues/payments/messages?last=100", "/api/queues/copies/messages?last=100",
                "/api/queues/orders/messages?last=100", "tail payments", "tail copies", "tail orders"],
            page => Assert.Contains("\"$withheld\":true", seen[page], StringComparison.Ordinal));
        Assert.Contains("M-7731", seen["tail copies"], StringComparison.Ordinal);
        AssertPagesWithout(seen);
        AssertFilesWithout(_files.Data);
        AssertFilesWithout(Path.Combine(Place, "journal"));
        AssertAudiences("payments", EsfSchemaSet.Load(s_schemaFile), "Pacs008CreditTransfer", "payment_agent", "auditor", "regulator");
        AssertAudiences("copies", EsfSchemaSet.Load(s_schemaFile), "Pacs008CreditTransfer", "payment_agent", "auditor", "regulator");
        AssertAudiences("orders", EsfSchemaSet.BuiltIn, "EStreamOrder", "default");
    }

    [PeerFact(Client, Package)]
    public void Recordings_are_encrypted_and_replayed_messages_are_sealed_again()
    {
        Configure();
        string recording = Path.Combine(Place, "recording");
        string keys = Path.Combine(Place, "master.keys");
        File.WriteAllText(keys, $"first {string.Concat(Enumerable.Repeat("ab", 32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keys, UnixFileMode.UserRead);
        }

        using (HostProcess first = HostProcess.Start(Path.Combine(Place, "first"), configFile: _files.Config).WaitUntilReady())
        {
            Record(first, recording, keys);
            Assert.Equal(0, first.Stop().ExitCode);
        }

        AssertFilesWithout(recording);
        using HostProcess second = _files.Start().WaitUntilReady();
        ProcessResult replayed = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "wire", "replay", "--queue", recording, "--key-file", keys, "--to", $"127.0.0.1:{second.MqttPort}",
                "--expect"]);
        Assert.Contains("replayed 1 connections: ", replayed.EnsureSuccess().Output, StringComparison.Ordinal);
        Eventually.True(() => _files.Count("payments") == 1, "the payment is stored again");
        Dictionary<string, string> seen = new()
        {
            ["/api/queues/payments/messages"] = second.Get("/api/queues/payments/messages"),
            ["replay"] = replayed.Output,
        };
        Assert.Equal(0, second.Stop().ExitCode);
        Assert.Contains("\"$withheld\":true", seen["/api/queues/payments/messages"], StringComparison.Ordinal);
        AssertPagesWithout(seen);
        AssertFilesWithout(_files.Data);
        AssertAudiences("payments", EsfSchemaSet.Load(s_schemaFile), "Pacs008CreditTransfer", "payment_agent", "auditor", "regulator");
    }

    /// <summary>The events that a console receives until the host ends.</summary>
    private static async Task HearAsync(StreamReader events, ConcurrentQueue<string> lines)
    {
        try
        {
            while (await events.ReadLineAsync() is { } line)
            {
                lines.Enqueue(line);
            }
        }
        catch (IOException)
        {
            // The host has ended.
        }
    }

    /// <summary>Publishes the example credit transfer of the pack, with a secret debtor name, through a recorder of MQTT traffic.</summary>
    private static void Record(HostProcess host, string recording, string keys)
    {
        using ChildProcess record = ChildProcess.StartDotnet(
            BuiltProgram.Cli,
            ["wire", "record", "--to", $"127.0.0.1:{host.MqttPort}", "--queue", recording, "--protocol", "mqtt", "--key-file", keys]);
        record.WaitForText("forwarding to ");
        string port = Regex.Match(record.Output, "listening on 127.0.0.1:([0-9]+),").Groups[1].Value;
        string payload = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "examples", "Pacs008CreditTransfer.json"));
        Assert.Contains(Iban, payload, StringComparison.Ordinal);
        Assert.Contains("Ana Pérez", payload, StringComparison.Ordinal);
        payload = payload.Replace("Ana Pérez", Debtor, StringComparison.Ordinal);
        using ChildProcess client = ChildProcess.Start(
            Peer.Require(Client, Package),
            ["-h", "127.0.0.1", "-p", port, "-V", "mqttv5", "-q", "1", "-i", "bank", "-t", "payments", "-m", payload]);
        client.WaitForExit().EnsureSuccess();
        record.Signal("TERM");
        record.WaitForExit().EnsureSuccess();
    }

    /// <summary>Two orders on behalf of another party; the second contains a value that no valid order has.</summary>
    private async Task TradeAsync()
    {
        FixInitiator desk = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = _fixPort, MaxReconnectSeconds = 1 },
            new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "DESK", TargetCompId = "VENUE" },
            new OrderDesk(),
            SystemClock.Instance,
            _ => { });
        await using (desk.ConfigureAwait(false))
        {
            using CancellationTokenSource stopping = new();
            Task running = desk.RunAsync(stopping.Token);
            Eventually.True(() => desk.Session.IsLoggedOn, "the desk is logged on");
            Assert.Equal(FixSendStatus.Sent, desk.Session.Send(Order("o-1")));
            Assert.Equal(FixSendStatus.Sent, desk.Session.Send(Order("o-2").Add(1, "an account")));
            await stopping.CancelAsync();
            await running;
        }
    }

    private static FixMessageBuilder Order(string id) => new FixMessageBuilder("D")
        .AddHeader(115, Encoding.UTF8.GetBytes(Submitter))
        .Add(11, id).Add(55, "ACME").Add(54, "1").AddTime(60, SystemClock.Instance.UtcNanos).Add(38, 100).Add(40, "2")
        .AddFixed(44, 10_825, 2).Add(59, "0");

    private static string Transfer() => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-7731</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>{Debtor}</Nm></Dbtr><DbtrAcct><Id><IBAN>{Iban}</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr><RmtInf><Ustrd>{Remittance}</Ustrd></RmtInf></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """;

    private static bool Holds(string page) => s_secrets.Any(secret =>
        page.Contains(secret, StringComparison.OrdinalIgnoreCase)
            || page.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase));

    private static void AssertPagesWithout(Dictionary<string, string> seen) =>
        Assert.All(seen, page => Assert.False(Holds(page.Value), $"{page.Key} shows a secret: {page.Value}"));

    private static void AssertFilesWithout(string folder)
    {
        string[] files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All(s_secrets,
                secret => Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}."));
        }
    }

    /// <summary>Checks that the key of each allowed audience alone opens all private values, and the key of any other audience
    /// none.</summary>
    private void AssertAudiences(string queue, EsfSchemaSet schemas, string type, params string[] allowed)
    {
        foreach (string audience in s_audiences)
        {
            string opened = Assert.Single(Secrets.Open(queue, schemas, type, audience));
            Assert.Equal((audience, allowed.Contains(audience)), (audience, Holds(opened)));
            Assert.Equal((audience, allowed.Contains(audience)),
                (audience, !opened.Contains("\"$withheld\":true", StringComparison.Ordinal)));
        }
    }

    private string Shown(string queue)
    {
        ProcessResult shown = ChildProcess.Run(
            "dotnet",
            [BuiltProgram.Cli, "tail", Path.Combine(_files.Data, "queues", queue), "--from", "start", "--json", "--schema", s_schemaFile],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).EnsureSuccess();
        return shown.Output + shown.Error;
    }

    private void Put(string name, string text)
    {
        File.WriteAllText(Path.Combine(Folder, name + ".part"), text);
        File.Move(Path.Combine(Folder, name + ".part"), Path.Combine(Folder, name));
    }

    private void Configure()
    {
        string circuit = Path.Combine(Place, "shared.circuit.yaml");
        Secrets.Make(s_audiences);
        Directory.CreateDirectory(Folder);
        File.WriteAllText(circuit, Graph);
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { s_schemaFile },
                Privacy = new { Secrets.Keys },
                Queues = s_queues.ToDictionary(queue => queue, _ => new { SegmentBytes = 1 << 20 }),
                Circuits = new[] { circuit },
                StreamSight = new { Level = "L3", TracesPerSecond = 1_000 },
                Adapters = new
                {
                    bank = new { Type = "iso20022-folder", Folder, PollMs = 10,
                        Mappings = new[] { new { Topic = "pacs.008", Schema = "Pacs008CreditTransfer", Queue = "payments" } } },
                    venue = new
                    {
                        Type = "fix-acceptor",
                        Port = _fixPort,
                        Sessions = new[] { new { SenderCompId = "VENUE", TargetCompId = "DESK",
                            Journal = Path.Combine(Place, "journal") } },
                        Mappings = new[] { new { MsgType = "D", Schema = "EStreamOrder", Queue = "orders" } },
                    },
                    devices = new
                    {
                        Type = "mqtt-endpoint",
                        MaxPacketBytes = 65_536,
                        Mappings = new[] { new { Topic = "payments", Schema = "Pacs008CreditTransfer", Queue = "payments" } },
                    },
                },
            },
        }));
    }

    private sealed class OrderDesk : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message) => FixVerdict.Accepted;
    }
}
