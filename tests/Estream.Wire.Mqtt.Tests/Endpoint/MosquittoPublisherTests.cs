using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>The endpoint with an independent client.</summary>
public class MosquittoPublisherTests
{
    [PeerTheory("mosquitto_pub", MosquittoTools.Package)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_QoS_is_stored_once(int qos)
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();

        MosquittoTools.Publish(endpoint.Port, "-q", $"{qos}", "-t", Topic, "-m", Json, "--repeat", "20", "--repeat-delay", "0.01")
            .EnsureSuccess();

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count >= 20, "the messages are stored");
        Assert.Equal(Enumerable.Repeat(Stored, 20), endpoint.Queues.ReadTelemetry());
        Assert.Equal(0, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task CONNECT_and_PUBLISH_properties_are_accepted()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();

        MosquittoTools.Publish(
            endpoint.Port,
            "-q", "1", "-t", Topic, "-m", Json,
            "-D", "publish", "user-property", "site", "north",
            "-D", "publish", "user-property", "site", "süd",
            "-D", "publish", "content-type", "application/json",
            "-D", "publish", "message-expiry-interval", "60",
            "-D", "publish", "payload-format-indicator", "1",
            "-D", "publish", "response-topic", "answers/1",
            "-D", "publish", "correlation-data", "42",
            "-D", "publish", "topic-alias", "5",
            "-D", "connect", "user-property", "who", "test",
            "-D", "connect", "session-expiry-interval", "10",
            "-D", "connect", "receive-maximum", "20").EnsureSuccess();

        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [PeerTheory("mosquitto_pub", MosquittoTools.Package)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Payload_of_200_KB_is_stored_completely(int qos)
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using TempDirectory folder = new();
        string text = string.Concat(Enumerable.Range(0, 25_000).Select(n => $"{n:D8}"));
        string file = folder.Combine("payload.json");
        await File.WriteAllTextAsync(
            file, $$$"""{"timestamp":17,"metric_name":"log","value":0,"metadata":{"text":"{{{text}}}"}}""");
        Assert.True(new FileInfo(file).Length > 200_000);

        MosquittoTools.Publish(endpoint.Port, "-q", $"{qos}", "-t", Topic, "-f", file).EnsureSuccess();

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 1, "the message is stored");
        using JsonDocument message = JsonDocument.Parse(endpoint.Queues.ReadTelemetry()[0]);
        Assert.Equal(text, message.RootElement.GetProperty("metadata").GetProperty("text").GetString());
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Will_is_stored_when_its_client_is_killed()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using ChildProcess client = ChildProcess.Start(
            Peer.Require("mosquitto_pub", MosquittoTools.Package),
            ["-V", "5", "-h", "localhost", "-p", $"{endpoint.Port}", "-l", "-q", "1", "-t", Topic, "--will-topic", "devices/late/telemetry",
                "--will-payload", Json]);
        client.Input.WriteLine(Json);
        client.Input.Flush();
        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 1, "the client is connected and publishes");

        client.Kill();

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == 2, "the will is stored");
        Assert.Equal([Stored, Stored.Replace("pump-7", "late", StringComparison.Ordinal)], endpoint.Queues.ReadTelemetry());
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Client_of_an_older_protocol_version_reports_an_unacceptable_version()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();

        ProcessResult result = ChildProcess.Run(
            Peer.Require("mosquitto_pub", MosquittoTools.Package),
            ["-V", "31", "-h", "localhost", "-p", $"{endpoint.Port}", "-t", Topic, "-m", Json]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("unacceptable protocol version", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [PeerFact("mosquitto_passwd", MosquittoBroker.Package)]
    public async Task Password_file_of_mosquitto_passwd_is_accepted()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");
        MosquittoTools.WritePassword(file, "u1", "correct horse");
        SecretFiles.SetOwnerOnly(file);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { PasswordFile = file });

        ProcessResult right = MosquittoTools.Publish(endpoint.Port, "-u", "u1", "-P", "correct horse", "-q", "1", "-t", Topic, "-m", Json);
        ProcessResult wrong = MosquittoTools.Publish(endpoint.Port, "-u", "u1", "-P", "correct cow", "-q", "1", "-t", Topic, "-m", Json);
        ProcessResult unknown =
            MosquittoTools.Publish(endpoint.Port, "-u", "u2", "-P", "correct horse", "-q", "1", "-t", Topic, "-m", Json);
        ProcessResult nobody = MosquittoTools.Publish(endpoint.Port, "-q", "1", "-t", Topic, "-m", Json);

        right.EnsureSuccess();
        Assert.Contains("Bad User", wrong.Output + wrong.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Bad User", unknown.Output + unknown.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Not authorized", nobody.Output + nobody.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(endpoint.Queues.ReadTelemetry());
        Assert.All(endpoint.Queues.Events, happened => Assert.DoesNotContain("correct", happened.ToString(), StringComparison.Ordinal));
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Client_publishes_over_TLS()
    {
        using TempDirectory folder = new();
        TestCertificates.Write(folder, "endpoint").Dispose();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            Tls = new WireServerTlsOptions { CertificateFile = folder.Combine("endpoint.crt"), KeyFile = folder.Combine("endpoint.key") },
        });

        MosquittoTools.Publish(endpoint.Port, "--cafile", folder.Combine("endpoint-ca.crt"), "-q", "2", "-t", Topic, "-m", Json)
            .EnsureSuccess();
        ProcessResult plain = MosquittoTools.Publish(endpoint.Port, "-q", "1", "-t", Topic, "-m", Json);

        Assert.NotEqual(0, plain.ExitCode);
        Assert.Equal([Stored], endpoint.Queues.ReadTelemetry());
    }

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Raw_payload_is_stored_in_one_field()
    {
        TopicMapping mapping = TopicMapping.Raw("plant/{device_id}/{metric_name}", TestQueues.Iot, "telemetry", "value", "timestamp");
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(mappings: mapping);

        MosquittoTools.Publish(endpoint.Port, "-q", "1", "-t", "plant/pump-7/pressure", "-m", " 20.5\n").EnsureSuccess();
        MosquittoTools.Publish(endpoint.Port, "-q", "1", "-t", "plant/pump-7/pressure", "-m", "1,\"quality\":3").EnsureSuccess();

        string stored = Assert.Single(endpoint.Queues.ReadTelemetry());
        Assert.Contains("\"metric_name\":\"pressure\",\"value\":20.5", stored, StringComparison.Ordinal);
        Assert.Contains("not a decimal number", Assert.Single(endpoint.Queues.ReadDeadLetters()), StringComparison.Ordinal);
    }
}
