using System.Text;
using Estream.Map;
using Estream.Testing;
using Estream.Testing.Frames;

namespace Estream.Cli.Tests.Iso20022;

/// <summary>`estream iso20022 send` and `estream iso20022 payments`.</summary>
public sealed class Iso20022CommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("ACK", ExitCode.Ok)]
    [InlineData("NAK closed", ExitCode.No)]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:admi.002.001.01\"/>", ExitCode.No)]
    [InlineData("<GrpSts>RCVD</GrpSts>", ExitCode.Ok)]
    [InlineData("<TxSts>RJCT</TxSts>", ExitCode.No)]
    public async Task Send_prints_the_answer_and_fails_if_it_rejects_the_message(string answer, int code)
    {
        using ScriptedBank bank = new(_ => [answer]);
        string file = _data.Write("a.xml", "<Document/>");

        CliResult text = await _data.RunAsync("iso20022", "send", $"127.0.0.1:{bank.Port}", file);
        CliResult json = await _data.RunWithInputAsync("<Document/>", "iso20022", "send", $"127.0.0.1:{bank.Port}", "-", "--json");

        Assert.Equal((code, $"{answer}\n", ""), (text.Code, text.Output, text.Error));
        Assert.StartsWith($"{{\"rejected\":{(code == ExitCode.No ? "true" : "false")},", json.Output, StringComparison.Ordinal);
        Assert.Equal(["<Document/>", "<Document/>"], bank.Received);
    }

    [Fact]
    public async Task Send_reports_an_unreachable_receiver_and_a_missing_answer()
    {
        string file = _data.Write("a.xml", "<Document/>"), address = $"127.0.0.1:{FreePort.Next()}";
        (await _data.RunAsync("iso20022", "send", address, file)).AssertFailed(ExitCode.Failed, address);
        (await _data.RunAsync("iso20022", "send", address, _data.Write("empty.xml", ""))).AssertFailed(ExitCode.Failed, "empty");
        using ScriptedBank silent = new(_ => []);
        (await _data.RunAsync("iso20022", "send", $"127.0.0.1:{silent.Port}", file, "--timeout", "100")).AssertFailed(
            ExitCode.Failed, "No answer arrived");
    }

    [Fact]
    public async Task Payments_lists_the_states_of_a_client()
    {
        (await _data.RunAsync("iso20022", "payments", "bank")).AssertFailed(ExitCode.Failed, "ESTREAM_DATA");
        const string Second = """{"messageId":"M-2","state":"settled","status":"ACSC","endToEndId":"E-2","recordedNanos":2}""";
        using (ByteMap map = ByteMap.Open(Path.Combine(_data.Folder, "adapters", "bank", "payments")))
        {
            map.Put("M-2/0"u8, Encoding.UTF8.GetBytes(Second));
            map.Put("M-1/0"u8, """{"messageId":"M-1","state":"sent","endToEndId":"E-1","recordedNanos":1}"""u8);
        }

        CliResult all = await _data.RunAsync("iso20022", "payments", "bank");
        CliResult one = await _data.RunAsync("iso20022", "payments", "bank", "--message", "M-2", "--json");

        Assert.Equal((ExitCode.Ok, "sent      -        M-1 E-1\nsettled   ACSC     M-2 E-2\n", ""), (all.Code, all.Output, all.Error));
        Assert.Equal([Second], one.Lines);
    }
}
