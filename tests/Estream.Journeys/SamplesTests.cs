using Estream.Testing;

namespace Estream.Journeys;

/// <summary>Runs the samples, which are built with the solution, and checks their output.</summary>
public sealed class SamplesTests
{
    [Fact]
    public void QuickStart_gives_the_same_result_when_run_again()
    {
        using TempDirectory place = new();
        string program = BuiltProgram.Find("samples/QuickStart", "QuickStart.dll");
        for (int run = 0; run < 2; run++)
        {
            string[] lines = ChildProcess.Run("dotnet", [program, place.Combine("data")]).EnsureSuccess().Output.TrimEnd('\n').Split('\n');

            Assert.Equal("1000 messages, 10 devices", lines[0]);
            Assert.Equal("pump-0 29.90", lines[1]);
            Assert.Equal("pump-9 29.99", lines[^1]);
        }
    }

    [PeerFact("verilator", "verilator")]
    public void FpgaLoopback_sends_messages_to_the_simulated_card_and_back()
    {
        string program = BuiltProgram.Find("samples/FpgaLoopback", "FpgaLoopback.dll");
        string[] lines = ChildProcess.Run("dotnet", [program]).EnsureSuccess().Output.TrimEnd('\n').Split('\n');

        Assert.Equal("sim: is simulated; engines: append, map, leaf hash", lines[0]);
        Assert.StartsWith("1000 of 1000 came back numbered and checked", lines[1], StringComparison.Ordinal);
        ProcessResult refused = ChildProcess.Run("dotnet", [program, "vfio:0000:ff:1f.7"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("there is no device 0000:ff:1f.7", refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void MqttToQueue_accepts_devices_and_prints_their_messages()
    {
        using TempDirectory place = new();
        string program = BuiltProgram.Find("samples/MqttToQueue", "MqttToQueue.dll");
        using ChildProcess sample = ChildProcess.Start(
            "env", ["--default-signal=INT", "dotnet", program, place.Combine("data"), "0"], place.Path);
        string port = sample.WaitForMatch("^port ([0-9]+)\n").Groups[1].Value;

        ChildProcess.Run("dotnet",
            [BuiltProgram.Cli, "feed", "--port", port, "--devices", "4", "--count", "40", "--qos", "1", "--rate", "0"]).EnsureSuccess();
        sample.WaitForText("\n39 device-000");
        sample.Signal("INT");

        ProcessResult end = sample.WaitForExit();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(41, end.Output.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public void TwoFeeds_merges_feeds_that_lose_packets()
    {
        ProcessResult run = ChildProcess.Run("dotnet", [BuiltProgram.Find("samples/TwoFeeds", "TwoFeeds.dll")]).EnsureSuccess();

        Assert.Matches("(?m)^[1-9][0-9]* delivered, [1-9][0-9]* filled by the other feed", run.Output);
        Assert.EndsWith("as sent\n", run.Output, StringComparison.Ordinal);
    }
}
