using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Cli.Tests;

public sealed class FeedTests
{
    [Fact]
    public async Task Feed_fails_at_once_when_no_host_listens()
    {
        using SampleData data = new();
        int port = FreePort.Next();
        (await data.RunAsync("feed", "--port", $"{port}")).AssertFailed(ExitCode.Failed, $"127.0.0.1:{port}", "estream host run", "--port");
    }

    [PeerFact("mosquitto", "mosquitto")]
    public void Feed_with_a_count_publishes_every_message_to_a_broker()
    {
        using Broker broker = new();
        using ChildProcess subscriber = broker.Subscribe("devices/+/telemetry", 500);

        ProcessResult feed = Run(broker, "--devices", "50", "--connections", "4", "--qos", "1", "--rate", "0", "--count", "500");

        Assert.Equal((0, ""), (feed.ExitCode, feed.Error));
        Assert.Matches(@"(^|\n)sent 500 messages, [0-9]+ bytes in [0-9.]+ s: [0-9,]+ messages/s; 500 acknowledged, 0 refused\n$",
            feed.Output);
        string[] lines =
            [.. subscriber.WaitForExit().Output.Split('\n').Where(line => line.StartsWith("devices/", StringComparison.Ordinal))];
        Assert.Equal(500, lines.Length);
        Assert.Equal(50, lines.Select(line => line.Split('/')[1]).Distinct().Count());
        Assert.All(lines, line => Assert.Contains("telemetry {\"timestamp\":", line, StringComparison.Ordinal));
    }

    [PeerFact("mosquitto", "mosquitto")]
    public void Feed_over_TLS_publishes_only_to_the_trusted_broker()
    {
        using TempDirectory folder = new();
        using X509Certificate2 server = TestCertificates.Write(folder, "server");
        using Broker broker = new($"certfile {folder.Combine("server.crt")}\nkeyfile {folder.Combine("server.key")}");
        string pin = server.GetCertHashString(HashAlgorithmName.SHA256);
        string[] count = ["--devices", "2", "--qos", "1", "--rate", "0", "--count", "20"];

        foreach (string[] tls in (string[][])[["--ca-file", folder.Combine("server-ca.crt")], ["--pin", pin],
            ["--ca-file", folder.Combine("server-ca.crt"), "--server-name", "localhost", "--pin", pin]])
        {
            ProcessResult feed = Run(broker, [.. tls, .. count]);
            Assert.Equal((0, ""), (feed.ExitCode, feed.Error));
            Assert.EndsWith("; 20 acknowledged, 0 refused\n", feed.Output, StringComparison.Ordinal);
        }

        foreach (string[] tls in (string[][])[["--tls"], ["--pin", new string('a', 64)],
            ["--ca-file", folder.Combine("server-ca.crt"), "--server-name", "elsewhere"]])
        {
            ProcessResult feed = Run(broker, [.. tls, .. count]);
            Assert.Equal(2, feed.ExitCode);
            Assert.Contains("presented a certificate that is not accepted", feed.Error, StringComparison.Ordinal);
        }
    }

    [PeerTheory("mosquitto", "mosquitto")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void A_signal_ends_the_feed_with_a_summary(string signal)
    {
        using Broker broker = new();
        using ChildProcess subscriber = broker.Subscribe("devices/+/telemetry", 20);

        // If the tests run in the background, all their child processes ignore SIGINT. `env` restores the default action.
        string[] command =
            ["--default-signal=INT", "dotnet", BuiltProgram.Cli, "feed", "--devices", "10", "--rate", "100", "--port", $"{broker.Port}"];
        using ChildProcess feed = ChildProcess.Start("env", command);
        subscriber.WaitForExit();
        feed.Signal(signal);
        ProcessResult result = feed.WaitForExit();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"(^|\n)sent [0-9]+ messages, .* messages/s\n$", result.Output);
    }

    [PeerFact("mosquitto", "mosquitto")]
    public void Feed_prints_plain_lines_when_the_output_is_not_a_terminal()
    {
        using Broker broker = new();
        using ChildProcess feed =
            ChildProcess.StartDotnet(BuiltProgram.Cli, ["feed", "--devices", "10", "--rate", "100", "--port", $"{broker.Port}"]);
        feed.WaitForText(" sent, 10 connections\n");
        feed.Signal("TERM");
        Assert.DoesNotContain('\u001b', feed.WaitForExit().Output);
    }

    [PeerFact("mosquitto", "mosquitto")]
    public void Feed_shows_a_progress_bar_on_a_terminal_and_leaves_only_the_summary()
    {
        using Broker broker = new();

        // `script` of util-linux gives the program a terminal and writes the terminal output here.
        string command = $"dotnet {BuiltProgram.Cli} feed --port {broker.Port} --devices 10 --rate 500 --count 1000";
        ProcessResult feed = ChildProcess.Run("script", ["-qec", command, "/dev/null"],
            environment: new Dictionary<string, string?> { ["TERM"] = "xterm-256color" });

        Assert.Equal(0, feed.ExitCode);
        int[] percents =
            [.. Regex.Matches(feed.Output, "([0-9]+)%").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Contains(percents, percent => percent is > 0 and < 100);
        Assert.Equal(percents.Order(), percents);
        string last = feed.Output[feed.Output.LastIndexOf('%')..];
        Assert.Matches("\u001b\\[[0-9]*K[^%]*sent 1000 messages, [^\u001b]*\n$", last.Replace("\r", "", StringComparison.Ordinal));
        Assert.Contains("\u001b[?25h", last, StringComparison.Ordinal);
    }

    private static ProcessResult Run(Broker broker, params string[] arguments)
    {
        return ChildProcess.Run("dotnet", [BuiltProgram.Cli, "feed", "--port", $"{broker.Port}", .. arguments]);
    }
}
