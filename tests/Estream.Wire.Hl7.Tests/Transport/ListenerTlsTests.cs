using System.Net.Sockets;
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

    public void Dispose() => _authority.Dispose();

    private ListenerRig Start(int messageSeconds = 30) => new(
        options => options with
        {
            MessageSeconds = messageSeconds,
            Tls = new WireServerTlsOptions
            {
                CertificateFile = _authority.Combine("server.crt"),
                KeyFile = _authority.Combine("server.key"),
                ClientCaFile = _authority.CaFile,
            },
        },
        "#", "Hl7Header");
}
