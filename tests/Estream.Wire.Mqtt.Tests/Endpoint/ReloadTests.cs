using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>Goal: a client that loses a credential or a right loses its connection, without a restart and without effect on
/// others.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly Dictionary<string, string> _lines = [];

    public void Dispose() => _folder.Dispose();

    private string Passwords => _folder.Combine("passwords");

    private string Rules => _folder.Combine("rules");

    [Fact]
    public async Task Removed_user_is_disconnected_without_a_will_and_its_session_ends()
    {
        SetPassword("ann", "a");
        SetPassword("bob", "b");
        await using ServingEndpoint endpoint = await StartAsync();
        using Subscribing watcher = Connect(endpoint, "watcher", "ann", "a");
        watcher.Subscribe("will/#");
        using Subscribing bob = Connect(endpoint, "bob's", "bob", "b", will: "will/bob");
        bob.Subscribe("x", qos: 1);

        _lines.Remove("bob");
        WritePasswords();

        // The endpoint notices the changed file by itself.
        RawPacket end = bob.Raw.Read();
        Assert.Equal((PacketType.Disconnect, MqttReasonCode.NotAuthorized), (end.Type, (MqttReasonCode)end.Body[0]));
        endpoint.AwaitConnections(1);
        using RawClient refused = new(endpoint.Port);
        refused.Send(ClientPackets.Connect(Request("bob's", "bob", "b")));
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, (MqttReasonCode)refused.Read().Body[1]);

        SetPassword("bob", "b");
        endpoint.Adapter.ReloadCredentials();
        using Subscribing again = Connect(endpoint, "bob's", "bob", "b");
        Assert.False(again.SessionPresent);
        again.Publish("will/none", "the first");
        Assert.Equal("the first", watcher.Take().Payload);
    }

    [Fact]
    public async Task Session_of_a_removed_user_ends_even_when_its_client_is_disconnected()
    {
        SetPassword("ann", "a");
        SetPassword("bob", "b");
        await using ServingEndpoint endpoint = await StartAsync();
        Connect(endpoint, "bob's", "bob", "b").Dispose();
        Connect(endpoint, "ann's", "ann", "a").Dispose();
        endpoint.AwaitConnections(0);

        _lines.Remove("bob");
        WritePasswords();
        endpoint.Adapter.ReloadCredentials();
        using Subscribing ann = Connect(endpoint, "ann's", "ann", "a");
        Assert.True(ann.SessionPresent);

        // Another user can take the identifier now.
        Eventually.True(() => TryTake(endpoint, "bob's", "ann", "a"), "the client identifier is free");
    }

    [Fact]
    public async Task Changed_password_disconnects_the_client_and_keeps_its_session()
    {
        SetPassword("ann", "a");
        SetPassword("bob", "b");
        await using ServingEndpoint endpoint = await StartAsync();
        using Subscribing ann = Connect(endpoint, "ann's", "ann", "a");
        using Subscribing bob = Connect(endpoint, "bob's", "bob", "b");

        SetPassword("ann", "new");
        endpoint.Adapter.ReloadCredentials();

        RawPacket end = ann.Raw.Read();
        Assert.Equal((PacketType.Disconnect, MqttReasonCode.NotAuthorized), (end.Type, (MqttReasonCode)end.Body[0]));
        using Subscribing again = Connect(endpoint, "ann's", "ann", "new");
        Assert.True(again.SessionPresent);
        bob.Publish("x", "still here");
    }

    [Fact]
    public async Task Changed_rights_disconnect_the_client_and_apply_when_it_reconnects()
    {
        SetPassword("ann", "a");
        SetPassword("bob", "b");
        File.WriteAllText(Rules, "user ann\ntopic readwrite #\nuser bob\ntopic readwrite bob/#");
        await using ServingEndpoint endpoint = await StartAsync(rules: File.ReadAllText(Rules));
        using Subscribing ann = Connect(endpoint, "ann's", "ann", "a");
        using Subscribing bob = Connect(endpoint, "bob's", "bob", "b");
        Assert.Equal(MqttReasonCode.NotAuthorized, bob.Subscribe("news"));

        endpoint.ChangeRules("user ann\ntopic readwrite #\nuser bob\ntopic readwrite bob/#\ntopic read news");
        endpoint.Adapter.ReloadCredentials();

        RawPacket end = bob.Raw.Read();
        Assert.Equal((PacketType.Disconnect, MqttReasonCode.AdministrativeAction), (end.Type, (MqttReasonCode)end.Body[0]));
        using Subscribing again = Connect(endpoint, "bob's", "bob", "b");
        Assert.True(again.SessionPresent);
        Assert.Equal(MqttReasonCode.Success, again.Subscribe("news"));
        ann.Publish("news", "n");
        Assert.Equal("n", again.Take().Payload);
    }

    [Fact]
    public async Task Invalid_file_keeps_the_earlier_credentials_and_degrades_health()
    {
        SetPassword("ann", "a");
        await using ServingEndpoint endpoint = await StartAsync();
        using Subscribing ann = Connect(endpoint, "ann's", "ann", "a");

        ReplacePasswords("ann:no password");
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Degraded, "health is degraded");

        Assert.Contains("line 1 of", endpoint.Adapter.Health.Detail, StringComparison.Ordinal);
        Assert.Throws<WireConfigurationException>(endpoint.Adapter.ReloadCredentials);
        ann.Publish("x", "still here");
        using (Connect(endpoint, "other", "ann", "a"))
        {
            WritePasswords();
            Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Healthy, "health is good again");
            ann.Publish("x", "still here");
        }
    }

    [Fact]
    public async Task Revoked_certificate_disconnects_its_client_and_is_refused()
    {
        using TestAuthority authority = new();
        using X509Certificate2 server = authority.Write("server");
        using X509Certificate2 stolen = authority.Write("stolen"), kept = authority.Write("kept");
        string list = authority.WriteRevocationList("crl.pem");
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            Tls = new WireServerTlsOptions
            {
                CertificateFile = authority.Combine("server.crt"), KeyFile = authority.Combine("server.key"),
                ClientCaFile = authority.CaFile, ClientCrlFile = list,
            },
        });
        using RawClient thief = Open(stolen), owner = Open(kept);

        authority.WriteRevocationList("crl.pem", stolen);
        endpoint.Adapter.ReloadCredentials();

        RawPacket end = thief.Read();
        Assert.Equal((PacketType.Disconnect, MqttReasonCode.NotAuthorized), (end.Type, (MqttReasonCode)end.Body[0]));
        Assert.ThrowsAny<Exception>(() => Open(stolen));
        owner.Send(0xC0, 0);
        Assert.Equal(PacketType.PingResp, owner.Read().Type);

        RawClient Open(X509Certificate2 certificate)
        {
            RawClient client = endpoint.Open();
            client.Secure(authority.CaFile, certificate: certificate);
            client.Connect(certificate.SerialNumber);
            return client;
        }
    }

    private Task<ServingEndpoint> StartAsync(string rules = "pattern readwrite #") =>
        ServingEndpoint.StartAsync(new MqttEndpointOptions { PasswordFile = Passwords }, rules);

    private static Subscribing Connect(ServingEndpoint endpoint, string clientId, string user, string password, string? will = null) =>
        endpoint.Connect(clientId, Request(clientId, user, password) with
        {
            Will = will is null ? null : new MqttWill { Topic = will, Payload = "the will", Qos = MqttQos.AtMostOnce },
        });

    private static bool TryTake(ServingEndpoint endpoint, string clientId, string user, string password)
    {
        using RawClient client = new(endpoint.Port);
        client.Send(ClientPackets.Connect(Request(clientId, user, password)));
        return (MqttReasonCode)client.Read().Body[1] == MqttReasonCode.Success;
    }

    private static ConnectRequest Request(string clientId, string user, string password) => new()
    {
        ClientId = clientId, CleanStart = false, SessionExpirySeconds = 1_000, UserName = user,
        Password = Encoding.UTF8.GetBytes(password), KeepAliveSeconds = 600,
    };

    private void SetPassword(string user, string password)
    {
        _lines[user] = MqttPasswordFile.CreateLine(user, password);
        WritePasswords();
    }

    private void WritePasswords() => ReplacePasswords(string.Join('\n', _lines.Values));

    // Replaces the file at once, so that the endpoint never reads a part of it.
    private void ReplacePasswords(string content)
    {
        SecretFiles.Write(_folder.Combine("passwords.new"), content);
        File.Move(_folder.Combine("passwords.new"), Passwords, overwrite: true);
    }
}
