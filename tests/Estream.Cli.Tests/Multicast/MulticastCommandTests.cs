using System.Globalization;
using System.Text.Json;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Cli.Tests.Multicast;

/// <summary>`estream multicast publish` and `subscribe` as processes, over the loopback interface.</summary>
public sealed class MulticastCommandTests
{
    [Theory]
    [InlineData("--group", "239.1.2.3", "--interface", "lo")]
    [InlineData("--unicast", "127.0.0.1", "--transport", "udp")]
    [InlineData("--group", "239.1.2.3", "--interface", "lo", "--group-key-file", "group.key", "--stream", "7")]
    public void A_subscriber_copies_a_queue_and_follows_it(params string[] network)
    {
        using SampleData data = new();
        data.AppendReadings(1_000);
        string[] options = WithPort(data, network);
        using ChildProcess publish = Start(data, ["multicast", "publish", SampleData.QueueName, .. options, "--fec", "10:2"]);
        publish.WaitForText("publishing 'telemetry' at ");
        using ChildProcess subscribe = Start(data, ["multicast", "subscribe", "copy", .. options]);
        publish.WaitForText("receivers: 1");
        subscribe.WaitForText("live: ");
        data.AppendReadings(500);
        string copy = Path.Combine(data.Folder, "queues", "copy");
        WaitForCopy(data, copy);
        Assert.Equal(1_500, Messages(copy).Count);
        Assert.Equal(Messages(data.QueueFolder), Messages(copy));

        subscribe.Signal("TERM");
        publish.Signal("TERM");
        (ProcessResult copied, ProcessResult sent) = (subscribe.WaitForExit(), publish.WaitForExit());
        Assert.Equal((0, "", 0, ""), (copied.ExitCode, copied.Error, sent.ExitCode, sent.Error));
        Assert.Contains("copied 1500 messages from ", copied.Output, StringComparison.Ordinal);
        Assert.Contains("times are those of the source", copied.Output, StringComparison.Ordinal);
        Assert.Contains("; 0 could not be sent", sent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restarted_subscriber_continues_its_copy_and_json_reports_it()
    {
        using SampleData data = new();
        data.AppendReadings(100);
        string[] options = [.. WithPort(data, "--unicast", "127.0.0.1"), "--json"];
        using ChildProcess publish = Start(data, ["multicast", "publish", SampleData.QueueName, .. options]);
        publish.WaitForText("\"event\":\"publishing\"");
        foreach (int expected in new[] { 100, 50 })
        {
            using ChildProcess subscribe = Start(data, ["multicast", "subscribe", "copy", .. options]);
            subscribe.WaitForText("\"event\":\"live\"");
            WaitForCopy(data, Path.Combine(data.Folder, "queues", "copy"));
            subscribe.Signal("TERM");
            string last = subscribe.WaitForExit().EnsureSuccess().Output.TrimEnd().Split('\n')[^1];
            Assert.Equal(expected, JsonDocument.Parse(last).RootElement.GetProperty("messages").GetInt32());
            if (expected == 100)
            {
                data.AppendReadings(50);
            }
        }

        publish.Signal("TERM");
        publish.WaitForExit().EnsureSuccess();
    }

    [Theory]
    [InlineData("publish telemetry", "Give either --group or --unicast.")]
    [InlineData("publish telemetry --group 239.1.2.3 --unicast 127.0.0.1", "Give either --group or --unicast.")]
    [InlineData("publish telemetry --group 10.1.2.3", "--group '10.1.2.3' is not valid. Give 224.0.0.0 to")]
    [InlineData("publish telemetry --unicast 239.1.2.3", "--unicast '239.1.2.3' is not valid.")]
    [InlineData("publish telemetry --group 239.1.2.3 --port 0", "--port takes 1 to 65535.")]
    [InlineData("publish telemetry --group 239.1.2.3 --port x", "--port takes a whole number, not 'x'.")]
    [InlineData("publish telemetry --group 239.1.2.3 --fec 10", "--fec '10' is not valid.")]
    [InlineData("publish telemetry --group 239.1.2.3 --fec 129:2", "--fec '129:2' is not valid.")]
    [InlineData("publish telemetry --group 239.1.2.3 --receivers 65", "--receivers takes 1 to 64.")]
    [InlineData("publish telemetry --group 239.1.2.3 --transport tcp", "tcp", "udp")]
    [InlineData("publish telemetry --group 239.1.2.3 --interface no-such --allow-plaintext", "no interface 'no-such'")]
    [InlineData("publish orders --group 239.1.2.3 --allow-plaintext", "The queue 'orders' does not exist")]
    [InlineData("subscribe copy --group 239.1.2.3 --from 12", "--from '12' is not valid.")]
    [InlineData("subscribe copy --group 239.1.2.3 --stream 4294967296 --allow-plaintext", "--stream takes 0 to 4294967295.")]
    [InlineData("subscribe copy --group 239.1.2.3 --group-key-file no.key", "no.key", "does not exist")]
    [InlineData("publish telemetry --group 239.1.2.3", "--group-key-file", "--allow-plaintext")]
    [InlineData("subscribe copy --unicast 192.0.2.1", "--group-key-file", "--allow-plaintext")]
    [InlineData("publish telemetry --group 239.1.2.3 --retransmit-rate 0", "--retransmit-rate takes 1 to")]
    [InlineData("subscribe copy --group 239.1.2.3 --transport af_xdp --interface lo", "not an Ethernet interface")]
    public async Task A_usage_error_says_what_to_write(string commandLine, params string[] parts)
    {
        using SampleData data = new();
        data.AppendReadings(1);
        CliResult result = await data.RunAsync(["multicast", .. commandLine.Split(' ')]);
        result.AssertFailed(ExitCode.Failed, parts);
        Assert.False(Directory.Exists(Path.Combine(data.Folder, "queues", "copy")));
    }

    [Theory]
    [InlineData("00", "600", "has no key of 64 hexadecimal digits")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "644", "chmod 600")]
    public async Task A_key_file_that_is_short_or_open_to_others_is_refused(string text, string mode, string reason)
    {
        using SampleData data = new();
        string file = data.Write("group.key", text);
        ChildProcess.Run("chmod", [mode, file]).EnsureSuccess();
        CliResult result = await data.RunAsync("multicast", "subscribe", "copy", "--group", "239.1.2.3", "--group-key-file", file);
        result.AssertFailed(ExitCode.Failed, reason);
    }

    private static ChildProcess Start(SampleData data, string[] arguments) => ChildProcess.StartDotnet(
        BuiltProgram.Cli, arguments, environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = data.Folder });

    private static string[] WithPort(SampleData data, params string[] network)
    {
        string[] options = [.. network, "--port", FreePort.Next().ToString(CultureInfo.InvariantCulture)];
        int key = Array.IndexOf(options, "--group-key-file");
        if (key >= 0)
        {
            options[key + 1] = data.Write("group.key", string.Concat(Enumerable.Repeat("5a", 32)) + "\n");
            ChildProcess.Run("chmod", ["600", options[key + 1]]).EnsureSuccess();
        }

        return options;
    }

    // A subscriber creates the copy with its first message.
    private static void WaitForCopy(SampleData data, string copy)
    {
        int expected = Messages(data.QueueFolder).Count;
        Eventually.True(
            () =>
            {
                try
                {
                    return Messages(copy).Count == expected;
                }
                catch (EstreamStorageException absent) when (absent.Reason == StorageFailure.NotFound)
                {
                    return false;
                }
            },
            $"the copy has {expected} messages");
    }

    private static List<(long Sequence, long Time, string Bytes)> Messages(string directory)
    {
        List<(long Sequence, long Time, string Bytes)> messages = [];
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add((message.Sequence, message.Time, Convert.ToHexString(message.Payload)));
        }

        return messages;
    }
}
