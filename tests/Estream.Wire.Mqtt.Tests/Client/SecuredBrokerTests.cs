using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>A real mosquitto with TLS, a password and access rules.</summary>
public sealed class SecuredBrokerTests : IDisposable
{
    private const string Settings = """
        cafile {folder}/broker-ca.crt
        certfile {folder}/broker.crt
        keyfile {folder}/broker.key
        password_file {folder}/passwords
        acl_file {folder}/acl
        allow_anonymous false
        """;

    private const string Password = "correct horse";

    private readonly TempDirectory _secrets = new();
    private X509Certificate2? _certificate;

    [PeerFact("mosquitto_pub", MosquittoTools.Package)]
    public async Task Messages_arrive_with_TLS_password_and_access_rules()
    {
        using MosquittoBroker broker = Start();
        await using TestClient client = await TestClient.StartAsync(Options(broker));
        client.WaitUntilHealthy();

        Publish(broker, Topic).EnsureSuccess();

        Eventually.True(() => client.Queues.ReadTelemetry().Count == 1, "the message is stored");
        Assert.Equal([Stored], client.Queues.ReadTelemetry());
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Password_from_an_environment_variable_is_accepted()
    {
        using MosquittoBroker broker = Start();
        string variable = $"ESTREAM_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, Password);
        await using TestClient client = await TestClient.StartAsync(Options(broker) with { PasswordFile = null, PasswordEnv = variable });

        client.WaitUntilHealthy();
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Wrong_password_is_reported_without_its_text()
    {
        using MosquittoBroker broker = Start();
        string file = _secrets.Combine("wrong");
        File.WriteAllText(file, "hunter2hunter2\n");
        File.SetUnixFileMode(file, SecretFile.OwnerOnly);
        await using TestClient client = await TestClient.StartAsync(Options(broker) with { PasswordFile = file });

        Eventually.True(() => client.Adapter.Health.Detail.Contains("NotAuthorized", StringComparison.Ordinal), "the refusal is reported");

        Assert.Equal(HealthState.Unhealthy, client.Adapter.Health.State);
        Assert.DoesNotContain("hunter2", client.Adapter.Health.Detail, StringComparison.Ordinal);
        Assert.All(client.Queues.Events, happened => Assert.DoesNotContain("hunter2", happened.ToString(), StringComparison.Ordinal));
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    [Trait("Statement", "MQTT-4.4.0-2")]
    public async Task Message_forbidden_by_the_access_rules_is_refused_by_the_broker()
    {
        using MosquittoBroker broker = Start();
        await using TestClient client = await TestClient.StartAsync(Options(broker));
        client.WaitUntilHealthy();

        EmitStatus allowed = await client.Adapter.Emit(Message("devices/x/telemetry"), CancellationToken.None);
        EmitStatus forbidden = await client.Adapter.Emit(Message("secrets/x"), CancellationToken.None);

        Assert.Equal(EmitStatus.Ok, allowed);
        Assert.Equal(EmitCode.Deferred, forbidden.Code);
        Assert.Contains("0x87", forbidden.Detail, StringComparison.Ordinal);
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Certificate_of_another_authority_is_refused()
    {
        using MosquittoBroker broker = Start();
        TestCertificates.Write(_secrets, "other").Dispose();
        WireTlsOptions tls = new() { CaFile = _secrets.Combine("other-ca.crt") };
        await using TestClient client = await TestClient.StartAsync(Options(broker) with { Tls = tls });

        Eventually.True(() => client.Adapter.Health.Detail.Contains("certificate", StringComparison.Ordinal), "the certificate is refused");

        Assert.Equal(HealthState.Unhealthy, client.Adapter.Health.State);
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Certificate_for_another_name_is_refused()
    {
        using MosquittoBroker broker = Start();
        WireTlsOptions tls = new() { CaFile = Path.Combine(broker.Folder, "broker-ca.crt"), ServerName = "elsewhere" };
        await using TestClient client = await TestClient.StartAsync(Options(broker) with { Tls = tls });

        Eventually.True(() => client.Adapter.Health.Detail.Contains("certificate", StringComparison.Ordinal), "the certificate is refused");
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Only_the_pinned_certificate_is_accepted()
    {
        using MosquittoBroker broker = Start();
        WireTlsOptions right = new() { Pins = [WirePin.OfCertificate(_certificate!)] };
        WireTlsOptions wrong = new() { Pins = [WirePin.Parse(new string('0', 64))] };

        await using (TestClient client = await TestClient.StartAsync(Options(broker) with { Tls = right }))
        {
            client.WaitUntilHealthy();
        }

        await using TestClient other = await TestClient.StartAsync(Options(broker) with { Tls = wrong });
        Eventually.True(() => other.Adapter.Health.Detail.Contains("certificate", StringComparison.Ordinal), "the certificate is refused");
    }

    public void Dispose()
    {
        _certificate?.Dispose();
        _secrets.Dispose();
    }

    private static EgressMessage Message(string topic)
    {
        EgressMessage message = new() { Quality = 1 };
        message.Topic.Write(Encoding.UTF8.GetBytes(topic));
        message.Payload.Write("{}"u8);
        return message;
    }

    private ProcessResult Publish(MosquittoBroker broker, string topic)
    {
        return MosquittoTools.Publish(
            broker.Port, "--cafile", Path.Combine(broker.Folder, "broker-ca.crt"), "-u", "u1", "-P", Password, "-q", "1", "-t", topic, "-m",
            Json);
    }

    private MosquittoBroker Start()
    {
        return new MosquittoBroker(Settings, folder =>
        {
            _certificate = TestCertificates.Write(folder, "broker");
            MosquittoTools.WritePassword(folder.Combine("passwords"), "u1", Password);
            File.WriteAllText(folder.Combine("acl"), "user u1\ntopic readwrite devices/#\n");
        });
    }

    private MqttClientOptions Options(MosquittoBroker broker)
    {
        string file = _secrets.Combine("password");
        File.WriteAllText(file, Password + "\n");
        File.SetUnixFileMode(file, SecretFile.OwnerOnly);
        return TestClient.Options(broker.Port) with
        {
            UserName = "u1",
            PasswordFile = file,
            Tls = new WireTlsOptions { CaFile = Path.Combine(broker.Folder, "broker-ca.crt") },
        };
    }
}
