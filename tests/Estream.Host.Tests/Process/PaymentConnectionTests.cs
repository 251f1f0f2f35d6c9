using System.Net.Sockets;
using System.Text.Json;
using Estream.Esf;
using Estream.Map;
using Estream.Testing;
using Estream.Testing.Frames;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: a host loses no payment that it has acknowledged, and sends no payment again after it knows that the bank has it. Method: payments
/// arrive over one connection and are sent to a bank over another. The host is killed with SIGKILL meanwhile, and restarted.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class PaymentConnectionTests : IDisposable
{
    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");

    private readonly HostFiles _files = new();
    private readonly int _port = FreePort.Next();

    private string States => Path.Combine(_files.Data, "adapters", "bank", "payments");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Payment_arrives_is_sent_and_is_settled()
    {
        using ScriptedBank bank = new(message => [Report(message, "ACSC")]);
        Configure(bank.Port);
        using HostProcess host = _files.Start().WaitUntilReady();
        using (Socket desk = FramePeer.Connect(_port))
        {
            string answer = FramePeer.Exchange(desk, PaymentFile.Transfer("M-1"));
            Assert.Contains("<OrgnlMsgId>M-1</OrgnlMsgId>", answer, StringComparison.Ordinal);
        }

        Eventually.True(
            () => host.Get("/metrics") is var metrics
                && metrics.Contains("estream_iso20022_payments{adapter=\"bank\",state=\"settled\"} 1", StringComparison.Ordinal)
                && metrics.Contains("estream_iso20022_sent_total{adapter=\"bank\"} 1", StringComparison.Ordinal),
            "the payment is sent and settled");
        string shown = host.Get("/metrics") + host.Get("/api/overview");
        ProcessResult end = host.Stop();

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("estream_iso20022_received_total{adapter=\"desk\"} 1", shown, StringComparison.Ordinal);
        Assert.Contains("estream_iso20022_sent_total{adapter=\"bank\"} 1", shown, StringComparison.Ordinal);
        Assert.Contains("iso20022-client", shown, StringComparison.Ordinal);
        Assert.Equal(["settled"], ReadStates().Select(payment => payment.State));
        Assert.Equal(1, _files.Count("reports"));
    }

    [Fact]
    public void Payment_without_an_answer_is_listed_until_the_bank_settles_it()
    {
        using ScriptedBank bank = new(message => [Report(message, "RCVD")]);
        Configure(bank.Port);
        using HostProcess host = _files.Start().WaitUntilReady();
        using Socket desk = FramePeer.Connect(_port);
        FramePeer.Exchange(desk, PaymentFile.Transfer("M-1"));

        Eventually.True(
            () => host.Get("/api/adapters/bank/payments").Contains("\"status\":\"RCVD\"", StringComparison.Ordinal), "the payment waits");
        string listed = host.Get("/api/adapters/bank/payments");
        Eventually.True(() => WaitingOf(host) == 1, "the overview counts the payment");
        bank.Send(Report(PaymentFile.Transfer("M-1"), "ACSC"));
        Eventually.True(() => host.Get("/api/adapters/bank/payments") == "[]", "the payment is settled");
        Eventually.True(() => WaitingOf(host) == 0, "the overview counts no payment");

        Assert.StartsWith(
            """[{"messageId":"M-1","index":0,"endToEndId":"E-1","isReceived":true,"status":"RCVD","recordedAt":""", listed,
            StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    private static int WaitingOf(HostProcess host)
    {
        using JsonDocument overview = JsonDocument.Parse(host.Get("/api/overview"));
        return overview.RootElement.GetProperty("adapters").EnumerateArray()
            .Single(adapter => adapter.GetProperty("name").GetString() == "bank").GetProperty("waitingPaymentCount").GetInt32();
    }

    [Fact]
    public void Kill_9_loses_no_acknowledged_payment_and_repeats_none_that_the_bank_has()
    {
        using ScriptedBank bank = new(message => [Report(message, "RCVD")]);
        Configure(bank.Port);
        int kills = LongRun.Count(3, 40);
        List<string> acknowledged = [];
        for (int killed = 0; killed < kills; killed++)
        {
            using HostProcess host = _files.Start().WaitUntilReady();
            SendUntilKilled(host, acknowledged, bank);
            int before = bank.Received.Length;
            string[] known = [.. ReadStates().Where(payment => payment.IsReceived).Select(payment => payment.MessageId)];
            using HostProcess next = _files.Start().WaitUntilReady();
            Eventually.True(() => Sent(bank).Distinct().Count() >= acknowledged.Count, "all payments are sent");
            next.Kill();
            Assert.Empty(Sent(bank).Skip(before).Intersect(known));
        }

        using (HostProcess last = _files.Start().WaitUntilReady())
        {
            Eventually.True(() => ReadStates().Count(payment => payment.IsReceived) >= acknowledged.Count, "all payments are recorded");
            Assert.Equal(0, last.Stop().ExitCode);
        }

        HashSet<string> stored = [.. new HostSecrets(_files).Open("payments", EsfSchemaSet.Load(s_schemas), "Pacs008CreditTransfer")
            .Select(PaymentFile.IdOf)];
        Assert.Empty(acknowledged.Except(stored));
        Assert.Empty(acknowledged.Except(Sent(bank)));
        Assert.Equal(0, _files.Count("dead-letters"));
    }

    private static IEnumerable<string> Sent(ScriptedBank bank) => bank.Received.Select(MessageIdOf);

    private static string MessageIdOf(string message) => message.Split("<MsgId>")[1].Split("</MsgId>")[0];

    private static string Report(string message, string status) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>R-{MessageIdOf(message)}</MsgId><CreDtTm>2026-01-15T10:31:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{MessageIdOf(message)}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.12</OrgnlMsgNmId><GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts></FIToFIPmtStsRpt></Document>
        """;

    private void SendUntilKilled(HostProcess host, List<string> acknowledged, ScriptedBank bank)
    {
        int goal = acknowledged.Count + 30, sent = bank.Received.Length;
        using Socket desk = FramePeer.Connect(_port);
        while (acknowledged.Count < goal || bank.Received.Length == sent)
        {
            string id = $"M-{acknowledged.Count}";
            Assert.Contains($"<OrgnlMsgId>{id}<", FramePeer.Exchange(desk, PaymentFile.Transfer(id)), StringComparison.Ordinal);
            acknowledged.Add(id);
        }

        host.Kill();
    }

    private List<(string MessageId, string State, bool IsReceived)> ReadStates()
    {
        List<(string, string, bool)> all = [];
        using ByteMap map = ByteMap.OpenReadOnly(States);
        foreach (ByteMapEntry entry in map)
        {
            using JsonDocument payment = JsonDocument.Parse(entry.Value.ToArray());
            JsonElement root = payment.RootElement;
            all.Add((root.GetProperty("messageId").GetString()!, root.GetProperty("state").GetString()!,
                root.GetProperty("isReceived").GetBoolean()));
        }

        return all;
    }

    private void Configure(int bankPort)
    {
        HostSecrets secrets = new(_files);
        secrets.Make("payment_agent", "auditor", "regulator");
        string keys = JsonSerializer.Serialize(secrets.Keys);
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{
              "Schemas":[{{{{{JsonSerializer.Serialize(s_schemas)}}}}}],
              "Privacy":{"Keys":{{{{{keys}}}}}},
              "Queues":{"payments":{"SegmentBytes":1048576},"reports":{"SegmentBytes":1048576},"dead-letters":{"SegmentBytes":131072}},
              "Adapters":{
               "desk":{"Type":"iso20022-listener","Port":{{{{{_port}}}}},
                "Mappings":[{"Topic":"pacs.008","Schema":"Pacs008CreditTransfer","Queue":"payments"}]},
               "bank":{"Type":"iso20022-client","Host":"127.0.0.1","Port":{{{{{bankPort}}}}},"MaxReconnectSeconds":1,
                "Mappings":[{"Topic":"pacs.002","Schema":"Pacs002StatusReport","Queue":"reports"}],
                "Egress":[{"Queue":"payments","Schema":"Pacs008CreditTransfer","Keys":{{{{{keys}}}}}}]}}}}
            """);
    }
}
