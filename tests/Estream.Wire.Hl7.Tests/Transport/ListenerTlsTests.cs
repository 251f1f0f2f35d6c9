using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Testing;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>MLLP over TLS: messages are stored, and peers without an accepted certificate are refused.</summary>
public sealed class ListenerTlsTests : IDisposable
{
    private static readonly byte[] s_message = Encoding.ASCII.GetBytes("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\rPID|1||5\r");

    private readonly TestAuthority _authority = new();

    public ListenerTlsTests()
    {
        _authority.Write("server").Dispose();
        _authority.Write("client").Dispose();
    }

    [Fact]
    public async Task Client_with_an_accepted_certificate_is_served()
    {
        await using ListenerRig rig = Start();
        await using MllpClient client = await MllpClient.ConnectAsync("localhost", rig.Port, TimeSpan.FromSeconds(30), new WireTlsOptions
        {
            CaFile = _authority.CaFile,
            CertificateFile = _authority.Combine("client.crt"),
            KeyFile = _authority.Combine("client.key"),
        });
        Hl7Ack? ack = await client.SendAsync(s_message);
        Assert.Equal(Hl7AckCode.ApplicationAccept, ack?.Code);
        Assert.Single(rig.Read("Hl7Header"));
    }

    [Fact]
    public async Task Client_without_a_certificate_is_refused()
    {
        await using ListenerRig rig = Start();
        await Assert.ThrowsAsync<WireConnectionException>(async () =>
        {
            await using MllpClient client = await MllpClient.ConnectAsync(
                "localhost", rig.Port, TimeSpan.FromSeconds(30), new WireTlsOptions { CaFile = _authority.CaFile });
            await client.SendAsync(s_message);
        });
        Assert.Empty(rig.Read("Hl7Header"));
    }

    [Fact]
    public async Task Client_refuses_a_listener_of_another_authority()
    {
        using TestAuthority other = new();
        await using ListenerRig rig = Start();
        WireConnectionException failure = await Assert.ThrowsAsync<WireConnectionException>(() => MllpClient.ConnectAsync(
            "localhost", rig.Port, TimeSpan.FromSeconds(30), new WireTlsOptions { CaFile = other.CaFile }));
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task Peer_that_never_starts_TLS_is_disconnected()
    {
        await using ListenerRig rig = Start(messageSeconds: 1);
        using Socket socket = rig.Connect();
        Assert.Null(ListenerRig.ReadFrame(socket));
    }

    [Fact]
    public async Task Peer_that_is_not_listed_is_refused_and_named()
    {
        await using ListenerRig rig = Start(peers: new WirePeer("lab.example"));
        await Assert.ThrowsAsync<WireConnectionException>(async () =>
        {
            await using MllpClient client = await ConnectAsync(rig);
            if (await client.SendAsync(s_message) is null)
            {
                throw new WireConnectionException("closed", isTransient: true);
            }
        });
        Assert.Empty(rig.Read("Hl7Header"));
        Eventually.True(
            () => rig.Events.Any(one => one.Detail.Contains("is not one of Peers", StringComparison.Ordinal)), "it is reported");
    }

    [Theory]
    [InlineData("ADT/+", true)]
    [InlineData("#", true)]
    [InlineData("ORU/+", false)]
    [InlineData("ADT/A02", false)]
    public async Task Peer_sends_only_the_messages_that_Peers_allows(string messages, bool isAllowed)
    {
        await using ListenerRig rig = Start(peers: new WirePeer("localhost") { Allowed = [messages] });
        await using MllpClient client = await ConnectAsync(rig);

        Hl7Ack? ack = await client.SendAsync(s_message);

        Assert.Equal(isAllowed ? Hl7AckCode.ApplicationAccept : Hl7AckCode.ApplicationReject, ack?.Code);
        Assert.Equal(isAllowed ? 1 : 0, rig.Read("Hl7Header").Count);
        Assert.Contains(rig.Events, one => one.Detail.Contains("(localhost)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listener_without_Peers_warns_that_every_certificate_is_accepted()
    {
        await using ListenerRig open = Start();
        await using ListenerRig listed = Start(peers: new WirePeer("localhost"));
        static bool IsWarning(AdapterEvent one) => one.Detail.StartsWith("Every certificate of the authorities", StringComparison.Ordinal);
        Assert.Contains(open.Events, IsWarning);
        Assert.DoesNotContain(listed.Events, IsWarning);
    }

    [Fact]
    public async Task Peer_whose_certificate_is_revoked_during_its_handshake_is_not_served()
    {
        string list = _authority.WriteRevocationList("crl.pem");
        await using ListenerRig rig = Start(crlFile: list);
        using Socket socket = rig.Connect();
        Eventually.True(() => rig.Listener.Statistics.Connections == 1, "the handshake has begun");
        using (X509Certificate2 client = X509CertificateLoader.LoadCertificateFromFile(_authority.Combine("client.crt")))
        {
            _authority.WriteRevocationList("crl.pem", client);
        }

        rig.Listener.ReloadCredentials();
        await using NetworkStream stream = new(socket);
        await using SslStream secure = new(stream, leaveInnerStreamOpen: false, (_, server, _, _) => server is not null);
        using X509Certificate2 own = X509Certificate2.CreateFromPemFile(_authority.Combine("client.crt"), _authority.Combine("client.key"));
        int read;
        try
        {
            await secure.AuthenticateAsClientAsync("localhost", [own], checkCertificateRevocation: false);
            await secure.WriteAsync((byte[])[0x0B, .. s_message, 0x1C, 0x0D]);
            read = await secure.ReadAsync(new byte[100]);
        }
        catch (IOException)
        {
            read = 0;
        }

        Assert.Equal(0, read);
        Assert.Empty(rig.Read("Hl7Header"));
    }

    [Fact]
    public async Task Outdated_revocation_list_degrades_the_health_and_is_reported_once()
    {
        _authority.NextUpdate = DateTimeOffset.UtcNow.AddHours(-1);
        await using ListenerRig rig = Start(crlFile: _authority.WriteRevocationList("crl.pem"));
        Eventually.True(() => rig.Listener.Health.State == HealthState.Degraded, "the health says so");
        Assert.Contains("has been outdated since", rig.Listener.Health.Detail, StringComparison.Ordinal);
        rig.Listener.ReloadCredentials();
        Assert.Single(rig.Events, one => one.Detail.Contains("has been outdated since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_share_the_memory_for_long_messages()
    {
        await using ListenerRig rig = new(options => options with
        {
            MaxBufferedBytes = 1 << 20, Limits = options.Limits with { MaxMessageBytes = 1 << 20 },
        });
        byte[] part = [0x0B, .. new byte[700_000].Select(_ => (byte)'A')];
        List<Socket> open = [];
        for (int number = 0; number < 3; number++)
        {
            Socket socket = rig.Connect();
            open.Add(socket);
            socket.Send(part);
        }

        Eventually.True(() => rig.Events.Any(one => one.Detail.Contains("MaxBufferedBytes", StringComparison.Ordinal)), "one is closed");
        open.ForEach(socket => socket.Dispose());
        Eventually.True(
            () =>
            {
                using Socket socket = rig.Connect();
                return ListenerRig.Exchange(socket, Encoding.ASCII.GetString(s_message)).Count == 1;
            },
            "another sender is served");
    }

    [Fact]
    public async Task Peer_that_sends_only_blanks_is_disconnected()
    {
        await using ListenerRig rig = new(options => options with { IdleSeconds = 1 });
        using Socket socket = rig.Connect();
        Eventually.True(
            () =>
            {
                try
                {
                    socket.Send("\r"u8);
                    return socket.Poll(0, SelectMode.SelectRead);
                }
                catch (SocketException)
                {
                    return true;
                }
            },
            "the connection is closed");
        Assert.Contains(rig.Events, one => one.Detail.Contains("no message within 1 s", StringComparison.Ordinal));
    }

    public void Dispose() => _authority.Dispose();

    private Task<MllpClient> ConnectAsync(ListenerRig rig) => MllpClient.ConnectAsync(
        "localhost", rig.Port, TimeSpan.FromSeconds(30), new WireTlsOptions
        {
            CaFile = _authority.CaFile,
            CertificateFile = _authority.Combine("client.crt"),
            KeyFile = _authority.Combine("client.key"),
        });

    private ListenerRig Start(int messageSeconds = 30, string? crlFile = null, params WirePeer[] peers) => new(
        options => options with
        {
            MessageSeconds = messageSeconds,
            Peers = peers,
            Tls = new WireServerTlsOptions
            {
                CertificateFile = _authority.Combine("server.crt"),
                KeyFile = _authority.Combine("server.key"),
                ClientCaFile = _authority.CaFile,
                ClientCrlFile = crlFile,
            },
        },
        "#", "Hl7Header");
}
