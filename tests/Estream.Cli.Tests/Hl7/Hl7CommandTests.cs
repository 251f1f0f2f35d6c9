using Estream.Core;
using Estream.Testing;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Tests.Hl7;

/// <summary>`estream hl7 send`, `estream feed hl7` and `estream simulate hl7`, with python3-hl7 as another sender.</summary>
public sealed class Hl7CommandTests : IDisposable
{
    private const string Admission =
        "MSH|^~\\&|ADT1|GH|LAB|GH|20260101120000||ADT^A01^ADT_A01|a1|P|2.5.1\nPID|1||567^^^GH^MR||EVERYWOMAN^EVE||19620320|F\n";

    private readonly SampleData _data = new();
    private readonly List<Hl7Received> _received = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Hl7Receiver _receiver;
    private readonly Task _serving;

    public Hl7CommandTests()
    {
        _receiver = new Hl7Receiver(0, SystemClock.Instance, _received.Add);
        _serving = _receiver.RunAsync(_stop.Token);
    }

    private string Address => $"127.0.0.1:{_receiver.Port}";

    public void Dispose()
    {
        _stop.Cancel();
        _serving.Wait();
        _receiver.Dispose();
        _stop.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Send_sends_each_message_of_a_batch_and_prints_the_acknowledgements()
    {
        string file = _data.Write("batch.hl7", $"BHS|^~\\&|GH\n{Admission}{Admission.Replace("|a1|", "|a2|", StringComparison.Ordinal)}BTS|2\n");

        CliResult text = await _data.RunAsync("hl7", "send", Address, file);
        CliResult json = await _data.RunWithInputAsync(Admission, "hl7", "send", Address, "-", "--json");

        Assert.Equal((ExitCode.Ok, "AA a1\nAA a2\n", ""), (text.Code, text.Output, text.Error));
        Assert.Equal(["""{"code":"AA","control_id":"a1","error":0,"text":""}"""], json.Lines);
        Assert.Equal(["a1", "a2", "a1"], _received.Select(message => message.ControlId));
        Assert.All(_received, message => Assert.Equal("ADT^A01^ADT_A01", message.Type));
    }

    [Theory]
    [InlineData("", "contains no message")]
    [InlineData("PID|1\n", "is not valid")]
    [InlineData("BHS|^~\\&|GH\n" + Admission, "BTS is missing")]
    [InlineData(Admission + "MSH|^\n", "Message 2 of")]
    public async Task Nothing_is_sent_of_an_invalid_file(string content, string message)
    {
        string file = _data.Write("a.hl7", content);

        (await _data.RunAsync("hl7", "send", Address, file)).AssertFailed(ExitCode.Failed, message, file);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task Send_reports_a_missing_file_and_an_unreachable_receiver()
    {
        (await _data.RunAsync("hl7", "send", Address, "/nonexistent.hl7")).AssertFailed(ExitCode.Failed, "/nonexistent.hl7");
        string address = $"127.0.0.1:{FreePort.Next()}";
        (await _data.RunAsync("hl7", "send", address, _data.Write("a.hl7", Admission))).AssertFailed(ExitCode.Failed, address);
        (await _data.RunAsync("hl7", "send", "127.0.0.1:x", _data.Write("a.hl7", Admission))).AssertFailed(ExitCode.Failed, "HOST:PORT");
    }

    [Fact]
    public async Task A_feed_with_a_count_delivers_every_message()
    {
        CliResult feed = await _data.RunAsync("feed", "hl7", "--port", $"{_receiver.Port}", "--rate", "5000", "--count", "60");

        Assert.Equal((ExitCode.Ok, ""), (feed.Code, feed.Error));
        Assert.EndsWith("; 60 accepted, 0 refused\n", feed.Output, StringComparison.Ordinal);
        Assert.Equal(60, _received.Select(message => message.ControlId).Distinct().Count());
        Assert.Equal(["ADT^A01^ADT_A01", "ADT^A08^ADT_A01", "ORU^R01^ORU_R01"], _received.Select(message => message.Type).Distinct());
        Assert.All(_received, message => Assert.Equal("AA", message.Code));
    }

    [PeerFact("mllp_send", "python3-hl7")]
    public void The_simulated_receiver_acknowledges_messages_of_another_sender()
    {
        using ChildProcess simulator = ChildProcess.Start(
            "env", ["--default-signal=INT", "dotnet", BuiltProgram.Cli, "simulate", "hl7", "--port", "0"]);
        string port = simulator.WaitForMatch("127.0.0.1:([0-9]+)").Groups[1].Value;

        ProcessResult sent = ChildProcess.Run(
            Peer.Require("mllp_send", "python3-hl7"), ["-p", port, "--loose", "-f", _data.Write("a.hl7", Admission), "127.0.0.1"]).EnsureSuccess();
        simulator.WaitForText("ADT^A01^ADT_A01 a1: AA\n");
        simulator.Signal("INT");

        Assert.Contains("MSA|AA|a1", sent.Output, StringComparison.Ordinal);
        Assert.Equal(0, simulator.WaitForExit().ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_is_reported() =>
        (await _data.RunAsync("simulate", "hl7", "--port", $"{_receiver.Port}")).AssertFailed(ExitCode.Failed, $"{_receiver.Port}", "--port");
}
