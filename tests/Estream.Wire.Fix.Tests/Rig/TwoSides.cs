using Estream.Testing;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>An initiator and an acceptor. The test delivers their messages explicitly, and can cut the connection and lose the messages in
/// transit.</summary>
internal sealed class TwoSides
{
    /// <param name="saysWhatIsExpected">Whether both use NextExpectedMsgSeqNum.</param>
    public TwoSides(bool saysWhatIsExpected = false)
    {
        FixSessionOptions options = SessionRig.Options() with
        {
            HeartbeatSeconds = 10, MaxPendingMessages = 5, SendsNextExpectedMsgSeqNum = saysWhatIsExpected,
        };
        Acceptor = new Side(options, Clock);
        Initiator = new Side(options with { SenderCompId = "TW", TargetCompId = "ISLD" }, Clock);
    }

    public ManualClock Clock { get; } = new(FixDay.Start);

    public Side Initiator { get; }

    public Side Acceptor { get; }

    public bool IsSettled =>
        IsUp && Initiator.Store.NextIncoming == Acceptor.Store.NextOutgoing && Acceptor.Store.NextIncoming == Initiator.Store.NextOutgoing;

    private bool IsUp => Initiator.Session.IsLoggedOn && Acceptor.Session.IsLoggedOn;

    /// <summary>Ends the connection, if any; all messages in transit are lost.</summary>
    public void Cut()
    {
        foreach (Side side in new[] { Initiator, Acceptor })
        {
            side.Session.Disconnected();
            side.UnderWay.Clear();
        }
    }

    public void Connect()
    {
        Cut();
        Acceptor.Session.Open(Acceptor, isInitiator: false);
        Initiator.Session.Open(Initiator, isInitiator: true);
    }

    /// <summary>Delivers some of the messages in transit, in both directions.</summary>
    public void Deliver(int messages)
    {
        for (int message = 0; message < messages; message++)
        {
            Initiator.DeliverOne(Acceptor);
            Acceptor.DeliverOne(Initiator);
        }
    }

    public void Pass(int seconds)
    {
        for (int tick = 0; tick < seconds * 2; tick++)
        {
            Clock.Pass(TimeSpan.FromMilliseconds(500));
            Initiator.Session.Tick();
            Acceptor.Session.Tick();
        }
    }

    /// <summary>Runs until nothing is missing: lost messages are detected by a heartbeat at the latest.</summary>
    public void Settle()
    {
        for (int round = 0; round < 200 && !IsSettled; round++)
        {
            if (!Initiator.Session.IsOpen || !Acceptor.Session.IsOpen)
            {
                Connect();
            }

            Deliver(500);
            Pass(1);
        }
    }

    /// <summary>One of the two sides.</summary>
    internal sealed class Side : IFixOutput
    {
        public Side(FixSessionOptions options, ManualClock clock)
        {
            Session = new FixSession(options, Store, Application, clock);
        }

        public FixMemoryStore Store { get; } = new(10_000);

        public Application Application { get; } = new();

        public FixSession Session { get; }

        public Queue<byte[]> UnderWay { get; } = new();

        /// <summary>The messages that the session accepted for sending.</summary>
        public List<string> Sent { get; } = [];

        public void TrySend()
        {
            string id = $"{Sent.Count}";
            FixMessageBuilder order = new FixMessageBuilder("D").Add(11, id).Add(40, "1").Add(54, "1").Add(55, "X")
                .AddTime(60, FixDay.Start);
            if (Session.Send(order) == FixSendStatus.Sent)
            {
                Sent.Add(id);
            }
        }

        public void DeliverOne(Side other)
        {
            if (UnderWay.TryDequeue(out byte[]? message))
            {
                other.Session.Receive(message);
                while (other.Session.ContinueResend())
                {
                }
            }
        }

        public void Send(ReadOnlySpan<byte> message)
        {
            UnderWay.Enqueue(message.ToArray());
        }

        public void Close(string why)
        {
            // Earlier output is still delivered, as by a socket.
        }
    }
}
