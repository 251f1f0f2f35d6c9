using System.Net.Sockets;
using System.Text.Json;
using Estream.Testing;
using Estream.Testing.Frames;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class PaymentTests(ConsoleFixture fixture)
{
    private const string Transfer = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>A</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """;

    private readonly int _deskPort = FreePort.Next();

    [ConsoleFact]
    public async Task The_page_lists_a_payment_until_its_answer_arrives()
    {
        using ScriptedBank bank = new(_ => [Report("PDNG")]);
        using RunningHost host = new(folder => Configure(folder, bank.Port));
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "adapters/bank");
        ILocator list = console.Page.Locator(".part-more");
        await Assertions.Expect(console.Page.Locator(".part-notice")).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(list).ToHaveCountAsync(0);

        using Socket desk = FramePeer.Connect(_deskPort);
        FramePeer.Exchange(desk, Transfer);
        await Assertions.Expect(list.Locator("summary")).ToHaveTextAsync("Payments without an answer (1)");
        await list.Locator("summary").ClickAsync();
        await Assertions.Expect(list.Locator("[data-payment='M-1']"))
            .ToContainTextAsync("M-1, payment 1 (E-1): the peer has it, status PDNG, since ");
        Assert.Equal("", await console.AxeAsync());

        bank.Send(Report("ACSC"));
        await Assertions.Expect(list).ToHaveCountAsync(0);
        console.AssertQuiet();
    }

    private static string Report(string status) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>R-1</MsgId><CreDtTm>2026-01-15T10:31:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>M-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.12</OrgnlMsgNmId><GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts></FIToFIPmtStsRpt></Document>
        """;

    private string Configure(string folder, int bankPort)
    {
        string keys = Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName;
        foreach (string audience in (string[])["auditor", "payment_agent", "regulator"])
        {
            ChildProcess.Run(
                "dotnet", [BuiltProgram.Cli, "key", "new", "--algorithm", "ml-kem-1024", "--out", Path.Combine(keys, audience)])
                .EnsureSuccess();
        }

        return JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml") },
                Privacy = new { Keys = keys },
                Queues = new { payments = new { }, reports = new { } },
                Adapters = new
                {
                    desk = new
                    {
                        Type = "iso20022-listener", Port = _deskPort,
                        Mappings = new[] { new { Topic = "pacs.008", Schema = "Pacs008CreditTransfer", Queue = "payments" } },
                    },
                    bank = new
                    {
                        Type = "iso20022-client", Host = "127.0.0.1", Port = bankPort, MaxReconnectSeconds = 1,
                        Mappings = new[] { new { Topic = "pacs.002", Schema = "Pacs002StatusReport", Queue = "reports" } },
                        Egress = new[] { new { Queue = "payments", Schema = "Pacs008CreditTransfer", Keys = keys } },
                    },
                },
            },
        });
    }
}
