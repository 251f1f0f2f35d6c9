using System.Text;
using Estream.Testing;

namespace Estream.Cli.Tests.Wire;

public sealed class WireCommandTests
{
    private const string Secret = "hunter2-canary";

    [Fact]
    public async Task A_recording_is_replayed_in_order_over_all_connections()
    {
        using LineServer server = new(line => $"got {line}");
        using Recording recording = new(server.Port);
        string[] sent = Converse(recording.Port);
        int chunks = 3 + (2 * sent.Length) + 6;
        recording.WaitForChunks(chunks);
        ProcessResult recorded = recording.Stop();
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));
        Assert.EndsWith(
            $"recorded 3 connections: {sent.Sum(line => line.Length + 1)} bytes from clients, {sent.Sum(line => line.Length + 5)} from "
            + $"servers, in {chunks} chunks\n", recorded.Output, StringComparison.Ordinal);

        for (int run = 0; run < 5; run++)
        {
            using LineServer other = new(line => $"got {line}");
            using SampleData data = new();
            CliResult replayed =
                await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--expect");

            Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
            Assert.Equal(
                $"replayed 3 connections: {sent.Sum(line => line.Length + 1)} bytes sent, "
                    + $"{sent.Sum(line => line.Length + 5)} bytes received\n",
                replayed.Output);
            Assert.Equal(sent, other.Lines);
        }
    }

    [Fact]
    public async Task A_single_connection_can_be_replayed()
    {
        using LineServer server = new(line => $"got {line}");
        using Recording recording = new(server.Port);
        string[] sent = Converse(recording.Port);
        recording.Stop();

        using LineServer other = new(line => $"got {line}");
        using SampleData data = new();
        CliResult replayed = await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"localhost:{other.Port}",
            "--connection", "2", "--speed", "1000");

        Assert.Equal(ExitCode.Ok, replayed.Code);
        Assert.Equal(sent.Where(line => line.StartsWith('b')), other.Lines);

        (await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"localhost:{other.Port}", "--connection", "9"))
            .AssertFailed(ExitCode.Failed, "no connection 9", "omit --connection");
    }

    [Fact]
    public async Task A_different_reply_gives_exit_code_1_only_with_comparison()
    {
        using LineServer server = new(line => $"got {line}");
        using Recording recording = new(server.Port);
        Converse(recording.Port);
        recording.Stop();
        using LineServer other = new(line => line == "b0" ? $"git {line}" : $"got {line}");
        using SampleData data = new();
        string[] replay = ["wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}"];

        Assert.Equal(ExitCode.Ok, (await data.RunAsync(replay)).Code);
        CliResult compared = await data.RunAsync([.. replay, "--expect"]);

        Assert.Equal(ExitCode.No, compared.Code);
        Assert.Contains("different from the recording: connection 2: reply byte 1: received 0x69, expected 0x6F", compared.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_a_reply_is_reported_after_the_timeout()
    {
        using LineServer server = new(line => $"got {line}");
        using Recording recording = new(server.Port);
        Converse(recording.Port);
        recording.Stop();
        using LineServer other = new(_ => null);
        using SampleData data = new();

        CliResult replayed =
            await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--patience", "1");

        Assert.Equal(ExitCode.No, replayed.Code);
        Assert.Contains("connection 1: received 0 of 7 bytes", replayed.Output, StringComparison.Ordinal);
        Eventually.True(() => other.Lines.Length > 0, "the server has read the line");
        Assert.Equal(["a0"], other.Lines);
    }

    [Fact]
    public async Task A_server_that_closes_the_connection_is_not_waited_for()
    {
        using LineServer server = new(line => $"got {line}");
        using Recording recording = new(server.Port);
        Converse(recording.Port);
        recording.Stop();
        using LineServer other = new(_ => throw new IOException("The server has had enough."));
        using SampleData data = new();

        CliResult replayed =
            await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--patience", "3600");

        Assert.Equal(ExitCode.No, replayed.Code);
        Assert.Contains("connection 1: received 0 of 7 bytes, then the connection ended", replayed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_password_is_forwarded_but_not_recorded_when_the_protocol_is_known(bool isHidden)
    {
        using LineServer server = new(line => line.Contains(Secret, StringComparison.Ordinal) ? "welcome" : "who are you?");
        using Recording recording = new(server.Port, isHidden ? ["--protocol", "mqtt"] : []);
        using (LineClient client = new(recording.Port))
        {
            // Ask ends the line after the packet. To test the masking, split the packet within the password into two chunks.
            byte[] connect = Connect("pump-7", "ann", Secret);
            int first = isHidden ? connect.Length - 5 : connect.Length;
            client.Send(connect[..first]);
            client.Send(connect[first..]);
            Assert.Equal("welcome", client.Ask(""));
        }

        ProcessResult recorded = recording.Stop();

        string content = Encoding.Latin1.GetString(recording.Content());
        Assert.Contains("pump-7", content, StringComparison.Ordinal);
        Assert.Contains("ann", content, StringComparison.Ordinal);
        Assert.Equal(!isHidden, content.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(isHidden, content.Contains(new string('*', Secret.Length), StringComparison.Ordinal));
        Assert.Equal(!isHidden, recorded.Output.Contains("warning: passwords are recorded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_FIX_password_is_forwarded_but_not_recorded_in_either_direction()
    {
        using LineServer server = new(line => line.Contains($"\u0001554={Secret}\u0001", StringComparison.Ordinal)
            ? $"8=FIX.4.4\u000135=A\u0001554={Secret}\u000110=000\u0001" : "who are you?");
        using Recording recording = new(server.Port, "--protocol", "fix");
        using (LineClient client = new(recording.Port))
        {
            byte[] logon = Encoding.Latin1.GetBytes($"8=FIX.4.4\u000135=A\u0001553=ann\u0001554={Secret}\u000110=000\u0001");
            client.Send(logon[..^12]);
            client.Send(logon[^12..]);
            Assert.Contains(Secret, client.Ask("")!, StringComparison.Ordinal);
        }

        ProcessResult recorded = recording.Stop();

        string content = Encoding.Latin1.GetString(recording.Content());
        Assert.Contains("553=ann", content, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..4], content, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[^4..], content, StringComparison.Ordinal);
        Assert.DoesNotContain("warning: passwords are recorded", recorded.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Recording_without_encryption_prints_a_warning(bool isEncrypted)
    {
        using TempDirectory folder = new();
        string keys = folder.Combine("keys");
        File.WriteAllText(keys, $"first {new string('1', 64)}\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using LineServer server = new(_ => "ok");
        using Recording recording = new(server.Port, isEncrypted ? ["--key-file", keys] : []);

        string said = recording.Stop().Output.Split('\n')[0];

        Assert.Equal(!isEncrypted,
            said.Contains("; warning: all traffic is recorded as plaintext, including payments and names (encrypt it with --key-file)",
                StringComparison.Ordinal));
        Assert.Contains("; warning: passwords are recorded", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_at_its_size_limit_ends_together_with_its_connections()
    {
        using LineServer server = new(_ => "ok");
        using Recording recording = new(server.Port, "--max-bytes", "65536");
        using LineClient client = new(recording.Port);
        Assert.Equal("ok", client.Ask("short"));

        client.Send(Encoding.Latin1.GetBytes(new string('x', 100_000) + "\n"));
        Assert.DoesNotContain("ok", client.Rest(), StringComparison.Ordinal);

        Assert.Equal(0, recording.WaitForEnd().ExitCode);
        Assert.Equal(["short"], server.Lines.Take(1));
        using LineServer other = new(_ => "ok");
        using SampleData data = new();
        CliResult replayed = await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}");
        Assert.Equal(ExitCode.Ok, replayed.Code);
        Assert.Equal("short", other.Lines[0]);
    }

    [Fact]
    public async Task Each_error_gives_one_line_with_the_reason()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        int nobody = FreePort.Next();
        string empty = Path.Combine(data.Folder, "empty");
        Directory.CreateDirectory(empty);

        (await data.RunAsync("wire", "record", "--to", "broker", "--queue", empty)).AssertFailed(ExitCode.Failed, "--to takes HOST:PORT",
            "'broker'");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", data.QueueFolder)).AssertFailed(ExitCode.Failed,
            data.QueueFolder, "a new or empty directory");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", empty, "--listen", "nowhere:1")).AssertFailed(
            ExitCode.Failed, "--listen takes an IP address");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", empty, "--protocol", "telnet")).AssertFailed(
            ExitCode.Failed, "--protocol takes mqtt, fix, fhir, modbus or dnp3");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", empty, "--listen-key", "x")).AssertFailed(ExitCode.Failed,
            "--listen-key requires --listen-certificate.");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", empty, "--certificate-key", "x")).AssertFailed(
            ExitCode.Failed, "--certificate-key requires --certificate.");
        (await data.RunAsync("wire", "record", "--to", "127.0.0.1:1", "--queue", empty, "--ca-file", "/nowhere.crt")).AssertFailed(
            ExitCode.Failed, "/nowhere.crt");
        (await data.RunAsync("wire", "replay", "--to", $"127.0.0.1:{nobody}", "--queue", Path.Combine(data.Folder, "none"))).AssertFailed(
            ExitCode.Failed, "There is no recording at");
        (await data.RunAsync("wire", "replay", "--to", $"127.0.0.1:{nobody}", "--queue", data.QueueFolder)).AssertFailed(ExitCode.Failed,
            "message 0 is not part of a recording");
        (await data.RunAsync("wire", "replay", "--to", $"127.0.0.1:{nobody}", "--queue", data.QueueFolder, "--speed", "fast")).AssertFailed(
            ExitCode.Failed, "--speed takes max");
    }

    [Fact]
    public void An_unreachable_server_closes_the_client_connection_and_is_counted()
    {
        int nobody = FreePort.Next();
        using Recording recording = new(nobody);
        using (LineClient client = new(recording.Port))
        {
            Assert.Equal("", client.Rest());
        }

        Assert.Contains(
            $"recorded 0 connections: 0 bytes from clients, 0 from servers, in 0 chunks; 1 connections failed: 127.0.0.1:{nobody} "
            + "was unreachable", recording.Stop().Output, StringComparison.Ordinal);
    }

    /// <summary>Sends requests of three clients in turn, each after the answer to the previous request. Returns the requests.</summary>
    private static string[] Converse(int port)
    {
        List<string> asked = [];
        using LineClient first = new(port);
        Ask(first, "a0");
        using LineClient second = new(port);
        Ask(second, "b0");
        using LineClient third = new(port);
        Ask(third, "c0");
        for (int turn = 1; turn <= 10; turn++)
        {
            Ask(first, $"a{turn}");
            Ask(third, $"c{turn}");
            Ask(second, $"b{turn}");
        }

        return [.. asked];

        void Ask(LineClient client, string line)
        {
            Assert.Equal($"got {line}", client.Ask(line));
            asked.Add(line);
        }
    }

    /// <summary>A CONNECT of MQTT 5 with a user and a password.</summary>
    private static byte[] Connect(string client, string user, string password)
    {
        byte[] body = [.. Text("MQTT"), 5, 0xC2, 0, 60, 0, .. Text(client), .. Text(user), .. Text(password)];
        return [0x10, (byte)body.Length, .. body];
    }

    private static byte[] Text(string text)
    {
        return [0, (byte)text.Length, .. Encoding.Latin1.GetBytes(text)];
    }
}
