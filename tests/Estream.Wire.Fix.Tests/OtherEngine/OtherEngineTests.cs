using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.OtherEngine;

/// <summary>Tests both acceptor and initiator against QuickFIX over a socket.</summary>
public sealed class OtherEngineTests(OtherEngineProgram program) : IClassFixture<OtherEngineProgram>
{
    private const int Orders = 500;

    public static TheoryData<string> Versions => ["FIX.4.2", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"];

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(Versions))]
    public async Task QuickFIX_initiator_sends_orders_and_receives_them_back(string version)
    {
        await using Acceptor ours = await Acceptor.StartAsync(ProtocolOf(version), 0);
        using OtherEngineProcess other = OtherEngineProcess.Connect(program, ProtocolOf(version), ours.Port);
        other.WaitFor("logon");

        other.Send(0, Orders);

        other.WaitForOrders(Orders);
        Assert.Equal(Names(0, Orders), other.Orders);
        Assert.Equal(Names(0, Orders), ours.Inbox.Orders);
        RequireNoReject(ours.Session);
        other.Tell("logout");
        other.WaitFor("logout");
        Eventually.True(() => !ours.Session.IsOpen, "the session is over");
    }

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(Versions))]
    public async Task QuickFIX_acceptor_receives_orders_and_sends_them_back(string version)
    {
        int port = FreePort.Next();
        using OtherEngineProcess other = OtherEngineProcess.Accept(program, ProtocolOf(version), port);
        await using Initiator ours = new(ProtocolOf(version), port);
        Eventually.True(() => ours.Session.IsLoggedOn, "we are logged on");

        ours.Send(0, Orders);

        Eventually.True(() => ours.Inbox.Orders.Length >= Orders, "the orders are back");
        Assert.Equal(Names(0, Orders), ours.Inbox.Orders);
        other.WaitForOrders(Orders);
        Assert.Equal(Names(0, Orders), other.Orders);
        RequireNoReject(ours.Session);
        ours.Session.LogOut("enough");
        other.WaitFor("logout");
    }

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(Versions))]
    public async Task Orders_that_QuickFIX_sent_while_disconnected_are_requested(string version)
    {
        int port = FreePort.Next();
        using OtherEngineProcess other = OtherEngineProcess.Connect(program, ProtocolOf(version), port);
        other.Send(0, 50);
        other.WaitFor("sent 50");

        await using Acceptor ours = await Acceptor.StartAsync(ProtocolOf(version), port);

        Eventually.True(() => ours.Inbox.Orders.Length >= 50, "the orders are here");
        other.Send(50, 1);
        other.WaitForOrders(51);
        Assert.Equal(Names(0, 51), ours.Inbox.Orders);
        Assert.Equal(1, ours.Session.Counters.Gaps);
        RequireNoReject(ours.Session);
    }

    [PeerTheory(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    [MemberData(nameof(Versions))]
    public async Task Orders_that_QuickFIX_lost_are_resent(string version)
    {
        int port = FreePort.Next();
        using OtherEngineProcess other = OtherEngineProcess.Accept(program, ProtocolOf(version), port);
        await using Initiator ours = new(ProtocolOf(version), port);
        Eventually.True(() => ours.Session.IsLoggedOn, "we are logged on");
        ours.Send(0, 20);
        Eventually.True(() => ours.Inbox.Orders.Length >= 20, "the orders are back");

        other.Tell("forget");
        other.WaitFor("forgotten");
        ours.Send(20, 1);

        // QuickFIX receives the first twenty orders, and then all 21 orders, with a gap fill in place of our Logon.
        other.WaitForOrders(41);
        string[] twice = [.. Names(0, 20), .. Names(0, 21)];
        Assert.Equal(twice, other.Orders);
        Assert.InRange(ours.Session.Counters.Resent, 20, 21);
        RequireNoReject(ours.Session);
    }

    [PeerFact(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    public async Task QuickFIX_initiator_logs_on_again_after_a_Logout()
    {
        await using Acceptor ours = await Acceptor.StartAsync(FixProtocol.Fix44, 0);
        using OtherEngineProcess other = OtherEngineProcess.Connect(program, FixProtocol.Fix44, ours.Port);
        other.WaitFor("logon");
        other.Send(0, 3);
        other.WaitForOrders(3);

        ours.Session.LogOut("maintenance");

        other.WaitFor("logout");
        other.WaitFor("logon", times: 2);
        other.Send(3, 3);
        other.WaitForOrders(6);
        Assert.Equal(Names(0, 6), other.Orders);
        Assert.Equal(2, ours.Session.Counters.Logons);
    }

    [PeerFact(OtherEngineProgram.Header, OtherEngineProgram.Package)]
    public async Task Heartbeats_are_exchanged_with_QuickFIX()
    {
        await using Acceptor ours = await Acceptor.StartAsync(FixProtocol.Fix44, 0);
        using OtherEngineProcess other = OtherEngineProcess.Connect(program, FixProtocol.Fix44, ours.Port, heartbeat: 1);
        other.WaitFor("logon");

        other.WaitFor("admin 0", times: 2);

        // QuickFIX sends at least its Logon and one Heartbeat.
        Eventually.True(() => ours.Session.Counters.Received >= 2, "its heartbeats come");

        // A busy machine can delay a heartbeat of a second too long; QuickFIX then connects again.
        Eventually.True(() => ours.Session.IsLoggedOn, "the session is logged on");
    }

    private static FixProtocol ProtocolOf(string version) => version switch
    {
        "FIX.4.2" => FixProtocol.Fix42,
        "FIX.4.4" => FixProtocol.Fix44,
        "FIX.5.0" => FixProtocol.Fix50,
        "FIX.5.0SP1" => FixProtocol.Fix50Sp1,
        _ => FixProtocol.Fix50Sp2,
    };

    private static string[] Names(int first, int count) => [.. Enumerable.Range(first, count).Select(number => $"order {number}")];

    private static void RequireNoReject(FixSession session)
    {
        Assert.Equal(0, session.Counters.Refused);
        Assert.Empty(session.Counters.Rejected);
        Assert.Empty(session.Counters.Garbled);
    }

    /// <summary>Our acceptor, ISLD, which echoes orders.</summary>
    private sealed class Acceptor : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly FixAcceptor _acceptor;
        private Task _running = Task.CompletedTask;

        private Acceptor(FixProtocol protocol, int port)
        {
            _acceptor = new FixAcceptor(
                new FixAcceptorOptions { Port = port }, [SessionRig.Options(protocol)], Inbox, SystemClock.Instance, _ => { });
        }

        public Inbox Inbox { get; } = new() { IsEcho = true };

        public int Port => _acceptor.LocalEndPoint!.Port;

        public FixSession Session => _acceptor.Sessions[0];

        public static async Task<Acceptor> StartAsync(FixProtocol protocol, int port)
        {
            Acceptor acceptor = new(protocol, port);
            await acceptor._acceptor.StartAsync(CancellationToken.None);
            acceptor._running = acceptor._acceptor.RunAsync(acceptor._stopping.Token);
            return acceptor;
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _acceptor.DisposeAsync();
            _stopping.Dispose();
        }
    }

    /// <summary>Our initiator, TW.</summary>
    private sealed class Initiator : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly FixInitiator _initiator;
        private readonly Task _running;

        public Initiator(FixProtocol protocol, int port)
        {
            _initiator = new FixInitiator(
                new FixInitiatorOptions { Host = "127.0.0.1", Port = port, MaxReconnectSeconds = 1 },
                SessionRig.Options(protocol) with { SenderCompId = "TW", TargetCompId = "ISLD" },
                Inbox,
                SystemClock.Instance,
                _ => { });
            _running = _initiator.RunAsync(_stopping.Token);
        }

        public Inbox Inbox { get; } = new();

        public FixSession Session => _initiator.Session;

        public void Send(int first, int count)
        {
            foreach (string name in Names(first, count))
            {
                FixMessageBuilder order = new FixMessageBuilder("D").Add(11, name).Add(21, "1").Add(38, 100).Add(40, "2")
                    .AddFixed(44, 125, 2)
                    .Add(54, "1").Add(55, "EURUSD").Add(59, "0").AddTime(60, FixDay.Start);
                Assert.Equal(FixSendStatus.Sent, Session.Send(order));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _initiator.DisposeAsync();
            _stopping.Dispose();
        }
    }
}
