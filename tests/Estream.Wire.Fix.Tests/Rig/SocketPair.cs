using System.Collections.Concurrent;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>An acceptor that echoes orders and an initiator, connected over loopback, each with a journal if a folder is given.</summary>
internal sealed class SocketPair : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<EstreamQueue> _journals = [];
    private readonly Task _accepting;
    private readonly Task _initiating;

    private SocketPair(WireServerTlsOptions? serverTls, WireTlsOptions? clientTls, TempDirectory? folder, string? certificateName)
    {
        FixSessionOptions session = SessionRig.Options() with { Journal = Journal(folder, "acceptor") };
        Acceptor = new FixAcceptor(
            new FixAcceptorOptions { Port = 0, Tls = serverTls }, [session with { PeerCertificateName = certificateName }],
            new Inbox { IsEcho = true }, SystemClock.Instance, Events.Enqueue);
        Acceptor.StartAsync(CancellationToken.None).Wait();
        Initiator = new FixInitiator(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = Acceptor.LocalEndPoint!.Port, Tls = clientTls, MaxReconnectSeconds = 1 },
            session with { SenderCompId = "TW", TargetCompId = "ISLD", Journal = Journal(folder, "initiator") },
            Inbox,
            SystemClock.Instance,
            Events.Enqueue);
        _accepting = Acceptor.RunAsync(_stopping.Token);
        _initiating = Initiator.RunAsync(_stopping.Token);
    }

    public FixAcceptor Acceptor { get; }

    public FixInitiator Initiator { get; }

    public Inbox Inbox { get; } = new();

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    /// <param name="serverTls">TLS of the acceptor.</param>
    /// <param name="clientTls">TLS of the initiator.</param>
    /// <param name="folder">The folder for journals.</param>
    /// <param name="certificateName">The name that the acceptor requires in the initiator's certificate.</param>
    public static SocketPair Start(
        WireServerTlsOptions? serverTls = null, WireTlsOptions? clientTls = null, TempDirectory? folder = null,
        string? certificateName = null)
    {
        return new SocketPair(serverTls, clientTls, folder, certificateName);
    }

    public void WaitForLogon()
    {
        Eventually.True(() => Initiator.Session.IsLoggedOn, "the initiator is logged on");
    }

    public void Send(int first, int count)
    {
        for (int number = first; number < first + count; number++)
        {
            FixMessageBuilder order = new FixMessageBuilder("D")
                .Add(11, $"order {number}").Add(40, "1").Add(54, "1").Add(55, "MSFT").AddTime(60, FixDay.Start);
            Assert.Equal(FixSendStatus.Sent, Initiator.Session.Send(order));
        }
    }

    public void WaitForOrders(int count)
    {
        Eventually.True(() => Inbox.Orders.Length >= count, $"{count} orders are back");
        Assert.Equal(Enumerable.Range(0, count).Select(number => $"order {number}"), Inbox.Orders);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _initiating;
        await _accepting;
        await Initiator.DisposeAsync();
        await Acceptor.DisposeAsync();
        _journals.ForEach(journal => journal.Dispose());
        _stopping.Dispose();
    }

    private EstreamQueue? Journal(TempDirectory? folder, string name)
    {
        if (folder is null)
        {
            return null;
        }

        EstreamQueue queue = EstreamQueue.Open(folder.Combine(name));
        _journals.Add(queue);
        return queue;
    }
}

/// <summary>An application that records orders and optionally echoes them. Thread-safe.</summary>
internal sealed class Inbox : IFixApplication
{
    private readonly ConcurrentQueue<string> _orders = new();

    public bool IsEcho { get; init; }

    public string[] Orders => [.. _orders];

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        message.Fields.TryGet(11, out ReadOnlySpan<byte> id);
        _orders.Enqueue(Encoding.UTF8.GetString(id));
        if (IsEcho)
        {
            session.Send(new FixMessageBuilder("D").CopyBody(message));
        }

        return FixVerdict.Accepted;
    }
}
