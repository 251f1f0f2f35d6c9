using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Sockets;

/// <summary>Acceptor and initiator over loopback, and peers that do not speak FIX.</summary>
public class SocketTests
{
    [Fact]
    public async Task Echoed_orders_arrive_in_order()
    {
        await using SocketPair pair = SocketPair.Start();
        pair.WaitForLogon();

        pair.Send(0, 2_000);

        pair.WaitForOrders(2_000);
    }

    [Fact]
    public async Task Sequence_numbers_continue_after_both_sides_restart()
    {
        using TempDirectory folder = new();
        await using (SocketPair before = SocketPair.Start(folder: folder))
        {
            before.WaitForLogon();
            before.Send(0, 10);
            before.WaitForOrders(10);
        }

        await using SocketPair pair = SocketPair.Start(folder: folder);
        pair.WaitForLogon();
        pair.Send(0, 10);

        // If either side had reset its numbers, the other would have ended the session because of a low MsgSeqNum.
        pair.WaitForOrders(10);
    }

    [Fact]
    public async Task Initiator_reconnects_after_a_Logout()
    {
        await using SocketPair pair = SocketPair.Start();
        pair.WaitForLogon();
        pair.Acceptor.Sessions[0].LogOut("maintenance");
        Eventually.True(() => pair.Events.Any(happened => happened.Kind == AdapterEventKind.Disconnected), "the connection has ended");

        pair.WaitForLogon();
        pair.Send(0, 3);

        pair.WaitForOrders(3);
    }

    [Fact]
    public async Task Disposing_a_running_initiator_ends_its_connection_before_releasing_the_journal()
    {
        using TempDirectory folder = new();
        using EstreamQueue journal = EstreamQueue.Open(folder.Combine("journal"));
        await using FixAcceptor acceptor =
            new(new FixAcceptorOptions { Port = 0 }, [SessionRig.Options()], new Inbox(), SystemClock.Instance, _ => { });
        await acceptor.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task accepting = acceptor.RunAsync(stopping.Token);
        FixInitiator initiator = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = acceptor.LocalEndPoint!.Port, MaxReconnectSeconds = 1 },
            SessionRig.Options() with { SenderCompId = "TW", TargetCompId = "ISLD", Journal = journal, ResetOnDisconnect = true },
            new Inbox(),
            SystemClock.Instance,
            _ => { });
        Task initiating = initiator.RunAsync(CancellationToken.None);
        Eventually.True(() => initiator.Session.IsLoggedOn, "the initiator is logged on");

        await initiator.DisposeAsync();

        // The records of the disconnect are in the journal, which is released, and the initiator no longer runs.
        Assert.False(initiator.Session.IsOpen);
        Assert.Equal(1, initiator.Session.NextOutgoing);
        using (QueueAppender after = journal.CreateAppender(AppenderMode.Exclusive))
        {
            Assert.True(after.NextSequence > 0);
        }

        await initiating;
        await stopping.CancelAsync();
        await accepting;
    }

    [Fact]
    public async Task Certificates_are_verified_on_both_sides()
    {
        using TempDirectory folder = new();
        using X509Certificate2 server = TestCertificates.Write(folder, "server");
        using X509Certificate2 client = TestCertificates.Write(folder, "client");
        WireServerTlsOptions serverTls = new()
        {
            CertificateFile = folder.Combine("server.crt"), KeyFile = folder.Combine("server.key"),
            ClientCaFile = folder.Combine("client-ca.crt"),
        };
        WireTlsOptions clientTls = new()
        {
            CaFile = folder.Combine("server-ca.crt"), ServerName = "localhost", CertificateFile = folder.Combine("client.crt"),
            KeyFile = folder.Combine("client.key"), Pins = [WirePin.OfCertificate(server)],
        };
        await using (SocketPair pair = SocketPair.Start(serverTls, clientTls))
        {
            pair.WaitForLogon();
            pair.Send(0, 10);
            pair.WaitForOrders(10);
        }

        await RequireNoLogon(serverTls, clientTls with { CertificateFile = null, KeyFile = null });
        await RequireNoLogon(serverTls, clientTls with { CaFile = folder.Combine("client-ca.crt") });
        await RequireNoLogon(serverTls, clientTls with { Pins = [WirePin.OfCertificate(client)] });
    }

    [Fact]
    public async Task Client_pins_are_verified_with_and_without_an_authority()
    {
        using TempDirectory folder = new();
        using X509Certificate2 server = TestCertificates.Write(folder, "server");
        using X509Certificate2 client = TestCertificates.Write(folder, "client");
        using X509Certificate2 other = TestCertificates.Write(folder, "other");
        WireServerTlsOptions byPin = new()
        {
            CertificateFile = folder.Combine("server.crt"), KeyFile = folder.Combine("server.key"), ClientPins = [WirePin.OfKey(client)],
        };
        WireTlsOptions clientTls = new()
        {
            CaFile = folder.Combine("server-ca.crt"), ServerName = "localhost", CertificateFile = folder.Combine("client.crt"),
            KeyFile = folder.Combine("client.key"),
        };
        WireServerTlsOptions[] letIn = [byPin,
            byPin with
            {
                ClientCaFile = folder.Combine("client-ca.crt"),
                ClientPins = [WirePin.OfCertificate(other), WirePin.OfCertificate(client)],
            }];
        foreach (WireServerTlsOptions serverTls in letIn)
        {
            await using SocketPair pair = SocketPair.Start(serverTls, clientTls, certificateName: "localhost");
            pair.WaitForLogon();
        }

        await RequireNoLogon(byPin, clientTls with { CertificateFile = null, KeyFile = null });
        await RequireNoLogon(byPin,
            clientTls with { CertificateFile = folder.Combine("other.crt"), KeyFile = folder.Combine("other.key") });
        await RequireNoLogon(byPin with { ClientCaFile = folder.Combine("other-ca.crt") }, clientTls);
        await RequireNoLogon(byPin with { ClientCaFile = folder.Combine("client-ca.crt"), ClientPins = [WirePin.OfCertificate(other)] },
            clientTls);
    }

    [Fact]
    public async Task PeerCertificateName_binds_a_session_to_a_certificate_name()
    {
        using TempDirectory folder = new();
        using X509Certificate2 server = TestCertificates.Write(folder, "server");
        using X509Certificate2 client = TestCertificates.Write(folder, "client");
        WireServerTlsOptions serverTls = new()
        {
            CertificateFile = folder.Combine("server.crt"), KeyFile = folder.Combine("server.key"),
            ClientCaFile = folder.Combine("client-ca.crt"),
        };
        WireTlsOptions clientTls = new()
        {
            CaFile = folder.Combine("server-ca.crt"), ServerName = "localhost", CertificateFile = folder.Combine("client.crt"),
            KeyFile = folder.Combine("client.key"),
        };
        await using (SocketPair pair = SocketPair.Start(serverTls, clientTls, certificateName: "localhost"))
        {
            pair.WaitForLogon();
        }

        await using (SocketPair pair = SocketPair.Start(serverTls, clientTls, certificateName: "desk.example"))
        {
            Eventually.True(
                () => pair.Events.Any(
                    happened => happened.Detail.Contains("does not have the name desk.example", StringComparison.Ordinal)),
                "the Logon is refused");
            Assert.False(pair.Acceptor.Sessions[0].IsOpen);
            Assert.False(pair.Initiator.Session.IsLoggedOn);
        }
    }

    [Fact]
    public async Task Revoked_certificate_ends_the_connection_and_prevents_a_new_one()
    {
        using TestAuthority authority = new();
        using X509Certificate2 server = authority.Write("server"), client = authority.Write("client");
        WireServerTlsOptions serverTls = new()
        {
            CertificateFile = authority.Combine("server.crt"), KeyFile = authority.Combine("server.key"),
            ClientCaFile = authority.CaFile, ClientCrlFile = authority.WriteRevocationList("crl.pem"),
        };
        WireTlsOptions clientTls = new()
        {
            CaFile = authority.CaFile, ServerName = "localhost", CertificateFile = authority.Combine("client.crt"),
            KeyFile = authority.Combine("client.key"),
        };
        await using (SocketPair pair = SocketPair.Start(serverTls, clientTls))
        {
            pair.WaitForLogon();

            // The acceptor detects the changed file without a reload.
            authority.WriteRevocationList("crl.pem", client);

            Eventually.True(
                () => pair.Events.Any(happened => happened.Detail.Contains("its certificate was revoked", StringComparison.Ordinal)),
                "the connection is cut off");
            Eventually.True(() => !pair.Acceptor.Sessions[0].IsLoggedOn, "the session is logged out");
        }

        await RequireNoLogon(serverTls, clientTls);
    }

    [Fact]
    public async Task Outdated_revocation_list_is_reported_once()
    {
        using TestAuthority authority = new() { NextUpdate = DateTimeOffset.UtcNow.AddHours(-1) };
        using X509Certificate2 server = authority.Write("server"), client = authority.Write("client");
        WireServerTlsOptions serverTls = new()
        {
            CertificateFile = authority.Combine("server.crt"), KeyFile = authority.Combine("server.key"),
            ClientCaFile = authority.CaFile, ClientCrlFile = authority.WriteRevocationList("crl.pem"),
        };
        WireTlsOptions clientTls = new()
        {
            CaFile = authority.CaFile, ServerName = "localhost", CertificateFile = authority.Combine("client.crt"),
            KeyFile = authority.Combine("client.key"),
        };
        await using SocketPair pair = SocketPair.Start(serverTls, clientTls);
        pair.WaitForLogon();

        Eventually.True(
            () => pair.Events.Any(one => one.Detail.Contains("has been outdated since", StringComparison.Ordinal)), "it is reported");
        Assert.Contains("has been outdated since", pair.Acceptor.OutdatedList, StringComparison.Ordinal);
        pair.Acceptor.ReloadCertificates();
        Assert.Single(pair.Events, one => one.Detail.Contains("has been outdated since", StringComparison.Ordinal));
    }

    [Fact]
    public void Sessions_of_one_authority_require_PeerCertificateName()
    {
        FixAcceptorOptions options = new()
        {
            Tls = new WireServerTlsOptions { CertificateFile = "server.crt", ClientCaFile = "ca.crt" },
        };
        FixSessionOptions one = SessionRig.Options() with { TargetCompId = "A", PeerCertificateName = "a.example" };
        FixSessionOptions two = SessionRig.Options() with { TargetCompId = "B" };

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => new FixAcceptor(options, [one, two], new Inbox(), SystemClock.Instance, _ => { }));
        Assert.Contains("the session with B has no PeerCertificateName", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_of_one_address_before_a_Logon_are_limited()
    {
        List<AdapterEvent> events = [];
        await using FixAcceptor acceptor = new(
            new FixAcceptorOptions { Port = 0 }, [SessionRig.Options()], new Inbox(), SystemClock.Instance,
            happened =>
            {
                lock (events)
                {
                    events.Add(happened);
                }
            });
        await acceptor.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task running = acceptor.RunAsync(stopping.Token);
        List<TcpClient> clients = [];
        for (int count = 0; count < 33; count++)
        {
            clients.Add(new TcpClient());
            await clients[^1].ConnectAsync(IPAddress.Loopback, acceptor.LocalEndPoint!.Port);
        }

        Eventually.True(() =>
        {
            lock (events)
            {
                return events.Any(
                    happened => happened.Detail.Contains("32 connections from 127.0.0.1 have not logged on", StringComparison.Ordinal));
            }
        }, "the one too many is closed");
        clients.ForEach(client => client.Dispose());
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Logon_is_accepted_byte_by_byte()
    {
        string time = Now();
        FixSessionOptions other = SessionRig.Options() with { TargetCompId = "SLOW" };
        await using FixAcceptor acceptor = new(new FixAcceptorOptions { Port = 0 }, [other], new Inbox(), SystemClock.Instance, _ => { });
        await acceptor.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task running = acceptor.RunAsync(stopping.Token);
        using Socket slow = Connect(acceptor.LocalEndPoint!.Port);

        foreach (byte one in Frames.Message($"35=A|34=1|49=SLOW|52={time}|56=ISLD|98=0|108=30|"))
        {
            await slow.SendAsync(new[] { one }, CancellationToken.None);
        }

        byte[] answer = new byte[1_024];
        int length = await slow.ReceiveAsync(answer, CancellationToken.None);
        Assert.Contains("|35=A|34=1|49=ISLD|", Frames.Text(answer.AsSpan(0, length)), StringComparison.Ordinal);
        slow.Dispose();
        await stopping.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("8=FIX.4.4|9=5|35=0|10=000|")]
    [InlineData("8=FIX.4.4|9=99999999|35=A|")]
    public async Task Peer_with_another_protocol_is_disconnected(string text)
    {
        await using SocketPair pair = SocketPair.Start();
        using Socket socket = Connect(pair.Acceptor.LocalEndPoint!.Port);

        await socket.SendAsync(Frames.Bytes(text), CancellationToken.None);

        Assert.Equal(0, await socket.ReceiveAsync(new byte[16], CancellationToken.None));
    }

    [Fact]
    public async Task Connection_above_MaxConnections_is_closed_immediately()
    {
        await using FixAcceptor acceptor = new(
            new FixAcceptorOptions { Port = 0, MaxConnections = 1 }, [SessionRig.Options()], new Inbox(), SystemClock.Instance, _ => { });
        await acceptor.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task running = acceptor.RunAsync(stopping.Token);
        using Socket first = Connect(acceptor.LocalEndPoint!.Port);
        using Socket second = Connect(acceptor.LocalEndPoint!.Port);

        Assert.Equal(0, await second.ReceiveAsync(new byte[16], CancellationToken.None));

        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public void Invalid_options_are_refused()
    {
        Assert.Throws<WireConfigurationException>(() => Make(new FixAcceptorOptions { Address = IPAddress.Any }));
        Assert.Throws<WireConfigurationException>(() => Make(new FixAcceptorOptions { Port = 65_536 }));
        Assert.Throws<WireConfigurationException>(() => Make(new FixAcceptorOptions { MaxConnections = 0 }));
        Assert.Throws<ArgumentException>(() => new FixAcceptor(
            new FixAcceptorOptions(), [SessionRig.Options(), SessionRig.Options()], new Inbox(), SystemClock.Instance, _ => { }));
        Assert.Throws<ArgumentException>(() => new FixAcceptor(new FixAcceptorOptions(), [], new Inbox(), SystemClock.Instance, _ => { }));
        Assert.Throws<WireConfigurationException>(() => new FixAcceptor(
            new FixAcceptorOptions(), [SessionRig.Options() with { PeerCertificateName = "localhost" }], new Inbox(), SystemClock.Instance,
            _ => { }));
        Assert.Throws<ArgumentException>(() => new FixInitiator(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = 1 }, SessionRig.Options() with { PeerCertificateName = "localhost" },
            new Inbox(), SystemClock.Instance, _ => { }));
        Assert.NotNull(Make(new FixAcceptorOptions { Address = IPAddress.Any, UnsafeAllowAnyPeer = true }));
    }

    private static FixAcceptor Make(FixAcceptorOptions options)
    {
        return new FixAcceptor(options, [SessionRig.Options()], new Inbox(), SystemClock.Instance, _ => { });
    }

    private static async Task RequireNoLogon(WireServerTlsOptions serverTls, WireTlsOptions clientTls)
    {
        await using SocketPair pair = SocketPair.Start(serverTls, clientTls);
        Eventually.True(() => pair.Events.Any(happened => happened.Kind == AdapterEventKind.ConnectionFailed), "the connection is refused");
        Assert.False(pair.Initiator.Session.IsLoggedOn);
        Assert.False(pair.Acceptor.Sessions[0].IsLoggedOn);
    }

    private static Socket Connect(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static string Now()
    {
        byte[] text = new byte[FixText.TimeLength];
        FixText.WriteTime(text, SystemClock.Instance.UtcNanos);
        return System.Text.Encoding.ASCII.GetString(text);
    }
}
