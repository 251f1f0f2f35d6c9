using System.Text;
using Estream.Testing;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>Listener and client over TLS with client certificates: messages are stored, and peers without an accepted certificate are
/// refused.</summary>
public sealed class ConnectionTlsTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public ConnectionTlsTests()
    {
        _authority.Write("server").Dispose();
        _authority.Write("client").Dispose();
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Client_with_an_accepted_certificate_sends_a_payment()
    {
        await using ConnectionRig rig = new();
        int port = Listen(rig);
        Iso20022Client client = rig.Connect(port, options => options with { Tls = ClientOptions() });
        Eventually.True(() => client.Health.State == HealthState.Healthy, "the client is connected");
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        Assert.Single(rig.Read("pacs.008"));
        Assert.Contains("RCVD", Assert.Single(rig.Read("pacs.002")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_without_a_certificate_is_refused()
    {
        await using ConnectionRig rig = new();
        int port = Listen(rig);
        await Assert.ThrowsAsync<WireConnectionException>(async () =>
        {
            await using Iso20022Connection connection = await Iso20022Connection.ConnectAsync(
                "localhost", port, TimeSpan.FromSeconds(30), new WireTlsOptions { CaFile = _authority.CaFile });
            await connection.SendAsync(Encoding.UTF8.GetBytes(Payment.Transfer("M-1")));

            // The refusal may arrive as the end of the connection.
            if ((await connection.ReceiveAsync()).IsEmpty)
            {
                throw new WireConnectionException("closed", isTransient: true);
            }
        });
        Assert.Empty(rig.Read("pacs.008"));
    }

    [Fact]
    public async Task Client_refuses_a_listener_of_another_authority()
    {
        using TestAuthority other = new();
        await using ConnectionRig rig = new();
        int port = Listen(rig);
        WireConnectionException failure = await Assert.ThrowsAsync<WireConnectionException>(() => Iso20022Connection.ConnectAsync(
            "localhost", port, TimeSpan.FromSeconds(30), new WireTlsOptions { CaFile = other.CaFile }));
        Assert.False(failure.IsTransient);
    }

    [Theory]
    [InlineData("pacs.008", true)]
    [InlineData("camt.053", false)]
    public async Task A_peer_sends_only_the_messages_that_Peers_allows(string topic, bool isAllowed)
    {
        await using ConnectionRig rig = new();
        int port = Listen(rig, new WirePeer("localhost") { Allowed = [topic] });
        Iso20022Client client = rig.Connect(port, options => options with { Tls = ClientOptions() });
        Eventually.True(() => client.Health.State == HealthState.Healthy, "the client is connected");

        EmitStatus status = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"));

        Assert.Equal(isAllowed, status.IsOk);
        Assert.Equal(isAllowed ? 1 : 0, rig.Read("pacs.008").Count);
        if (!isAllowed)
        {
            string letter = Assert.Single(rig.Read("dead-letters"));
            Assert.Contains("messages pacs.008 are not accepted from localhost", letter, StringComparison.Ordinal);
        }
    }

    private int Listen(ConnectionRig rig, params WirePeer[] peers) => rig.Listen(options => options with
    {
        Peers = peers,
        Tls = new WireServerTlsOptions
        {
            CertificateFile = _authority.Combine("server.crt"),
            KeyFile = _authority.Combine("server.key"),
            ClientCaFile = _authority.CaFile,
        },
    }).LocalEndPoint!.Port;

    private WireTlsOptions ClientOptions() => new()
    {
        CaFile = _authority.CaFile,
        CertificateFile = _authority.Combine("client.crt"),
        KeyFile = _authority.Combine("client.key"),
    };
}
