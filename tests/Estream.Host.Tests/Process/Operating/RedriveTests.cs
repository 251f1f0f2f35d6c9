using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: `estream queue redrive` stores messages of dead letters again, once each, after their mapping was corrected.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RedriveTests : IDisposable
{
    private const string Publisher = "mosquitto_pub";
    private const string Topic = "devices/pump-7/telemetry";

    private readonly HostFiles _files = new();

    public void Dispose() => _files.Dispose();

    [PeerFact(Publisher, "mosquitto-clients")]
    public void Dead_letters_of_an_adapter_are_stored_once_after_their_mapping_was_corrected()
    {
        using (HostProcess host = _files.Start().WaitUntilReady())
        {
            Publish(host, Topic, """{"metric_name":"flow","value":1}""");
            Publish(host, Topic, """{"metric_name":"flow","value":2}""");
            Publish(host, "unknown", """{"metric_name":"flow","value":3}""");
            Eventually.True(() => _files.Count("dead-letters") == 3, "three messages are refused");
            ProcessResult early = Redrive("--dry-run");
            Assert.Equal((1, 0), (early.ExitCode, _files.Count("telemetry")));
            Assert.EndsWith("would send 0 messages, refused 3\n", early.Output, StringComparison.Ordinal);
            Assert.Contains("'timestamp'", early.Output, StringComparison.Ordinal);
            host.Stop();
        }

        File.WriteAllText(_files.Config, File.ReadAllText(_files.Config).Replace(
            "\"Queue\":\"telemetry\"}]", "\"Queue\":\"telemetry\",\"ReceivedAt\":\"timestamp\"}]", StringComparison.Ordinal));
        using HostProcess next = _files.Start().WaitUntilReady();
        Assert.EndsWith("would send 1 messages, refused 0\n",
            Redrive("--dry-run", "--where", $"topic == '{Topic}'", "--limit", "1").Output, StringComparison.Ordinal);
        Assert.EndsWith("sent 1 messages, refused 0\n", Redrive("--where", $"topic == '{Topic}'", "--limit", "1").Output,
            StringComparison.Ordinal);
        ProcessResult rest = Redrive();
        Assert.Equal(1, rest.ExitCode);
        Assert.EndsWith("sent 1 messages, refused 1\n", rest.Output, StringComparison.Ordinal);
        Assert.Matches(" unknown +refused: no mapping covers this topic\n", rest.Output);
        Assert.EndsWith("sent 0 messages, refused 1\n", Redrive().Output, StringComparison.Ordinal);
        Assert.Equal((2, 3), (_files.Count("telemetry"), _files.Count("dead-letters")));
    }

    [Fact]
    public void Dead_letters_of_a_client_return_to_their_queue_and_invalid_requests_say_why()
    {
        using (HostProcess host = _files.Start().WaitUntilReady())
        {
            host.Stop();
        }

        const string Reading = """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}""";
        Cli(Reading, "queue", "append", "telemetry", "--schema", "IoTTelemetry").EnsureSuccess();
        byte[] message = [];
        _files.Read("telemetry", stored => message = stored.Payload.ToArray());
        string letters = string.Join('\n', new[]
        {
            Letter("telemetry", message), Letter("telemetry", []), Letter("nowhere", message), Letter("telemetry", [1, 2, 3]),
        });
        Cli(letters, "queue", "append", "dead-letters", "--schema", "DeadLetter").EnsureSuccess();

        using HostProcess next = _files.Start().WaitUntilReady();
        ProcessResult sent = Redrive();
        Assert.EndsWith("sent 1 messages, refused 3\n", sent.Output, StringComparison.Ordinal);
        Assert.Contains("the dead letter does not contain the message", sent.Output, StringComparison.Ordinal);
        Assert.Contains("no queue of adapters or clients is named 'nowhere'", sent.Output, StringComparison.Ordinal);
        Assert.Contains("the payload is not a message of the queue telemetry", sent.Output, StringComparison.Ordinal);
        Assert.Equal(2, _files.Count("telemetry"));
        string act = Assert.Single(Cli("", "audit").Output.Split('\n'),
            line => line.Contains("PUT /api/queues/{name}/redrive", StringComparison.Ordinal));
        Assert.EndsWith("done (HTTP 200; sent 1 messages, refused 3)", act, StringComparison.Ordinal);

        Assert.Contains("The host redrives only the queue dead-letters, not 'nothing'.", Redrive("nothing").Error,
            StringComparison.Ordinal);
        Assert.Contains("where: ", Redrive("--where", "nonsense ==").Error, StringComparison.Ordinal);
        Assert.Contains("--limit takes 1 or more", Redrive("--limit", "0").Error, StringComparison.Ordinal);
    }

    private static string Letter(string queue, byte[] payload) =>
        $$"""{"received_at":1,"source":"client","topic":"{{queue}}","reason":"a test","payload":"{{Convert.ToHexStringLower(payload)}}"}""";

    private static void Publish(HostProcess host, string topic, string payload) => ChildProcess.Run(
        Peer.Require(Publisher, "mosquitto-clients"),
        ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-q", "1", "-t", topic, "-m", payload]).EnsureSuccess();

    private ProcessResult Redrive(params string[] arguments) => Cli("", ["queue", "redrive", .. arguments]);

    private ProcessResult Cli(string input, params string[] arguments)
    {
        using ChildProcess command = ChildProcess.StartDotnet(BuiltProgram.Cli, arguments,
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data });
        command.Input.Write(input);
        command.Input.Close();
        return command.WaitForExit();
    }
}
