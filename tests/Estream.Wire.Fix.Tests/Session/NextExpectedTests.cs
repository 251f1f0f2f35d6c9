using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>NextExpectedMsgSeqNum (789) in Logons: missing messages are resent without a ResendRequest.</summary>
public class NextExpectedTests
{
    private const string Order = "40=1|54=1|55=MSFT|60=20260707-12:30:00|";

    private static readonly FixSessionOptions s_options = SessionRig.Options() with { SendsNextExpectedMsgSeqNum = true };

    [Fact]
    public void Logon_states_NextExpectedMsgSeqNum()
    {
        SessionRig acceptor = new(s_options);
        acceptor.Connect();
        acceptor.Receive("35=A|98=0|108=30|789=1|");
        Assert.Equal("35=A|34=1|98=0|108=30|789=2|", acceptor.Next());
        acceptor.NothingMore();

        SessionRig initiator = new(s_options);
        initiator.Connect(isInitiator: true);
        Assert.Equal("35=A|34=1|98=0|108=30|789=1|", initiator.Next());
        initiator.Receive("35=A|98=0|108=30|789=2|");
        initiator.NothingMore();
        Assert.True(initiator.Session.IsLoggedOn);
    }

    [Fact]
    public void Acceptor_resends_from_NextExpectedMsgSeqNum()
    {
        SessionRig rig = WithOneOrderSent();

        rig.Receive("35=A|98=0|108=30|789=1|");

        Assert.Equal("35=A|34=3|98=0|108=30|789=4|", rig.Next());
        Assert.Equal($"35=4|34=1|43=Y|122={rig.Now()}|36=2|123=Y|", rig.Next());
        Assert.Equal($"35=D|34=2|43=Y|122={rig.Now()}|11=one|{Order}", rig.Next());
        rig.NothingMore();
    }

    [Fact]
    public void Initiator_resends_from_NextExpectedMsgSeqNum_up_to_its_Logon()
    {
        SessionRig rig = new(s_options);
        rig.Connect(isInitiator: true);
        rig.Next();
        rig.Receive("35=A|98=0|108=30|789=2|");
        rig.Session.Send(new FixMessageBuilder("D").Add(11, "lost"));
        rig.Next();
        rig.Session.Disconnected();

        rig.Connect(isInitiator: true);
        Assert.Equal("35=A|34=3|98=0|108=30|789=2|", rig.Next());
        rig.Receive("35=A|98=0|108=30|789=2|");

        Assert.Equal($"35=D|34=2|43=Y|122={rig.Now()}|11=lost|", rig.Next());
        Assert.Equal($"35=4|34=3|43=Y|122={rig.Now()}|36=4|123=Y|", rig.Next());
        rig.NothingMore();
    }

    [Fact]
    public void Missing_messages_are_not_requested_when_both_sides_use_NextExpectedMsgSeqNum()
    {
        SessionRig rig = new(s_options);
        rig.Connect(isInitiator: true);
        rig.Next();

        rig.Receive(3, "35=A|98=0|108=30|789=2|");
        rig.NothingMore();
        rig.Receive(4, $"35=D|11=four|{Order}");
        rig.NothingMore();
        rig.Receive(1, $"35=4|43=Y|122={rig.Now()}|123=Y|36=2|");
        rig.Receive(2, $"35=D|43=Y|122={rig.Now()}|11=two|{Order}");

        Assert.Equal("two four", string.Join(' ', rig.Application.Orders));
        Assert.Equal(5, rig.Store.NextIncoming);
    }

    [Fact]
    public void ResendRequest_is_sent_when_the_counterparty_does_not_resend_in_time()
    {
        SessionRig rig = new(s_options);
        rig.Connect(isInitiator: true);
        rig.Next();
        rig.Receive(4, "35=A|98=0|108=30|789=2|");
        rig.Pass(9);
        rig.Receive(5, "35=0|");
        rig.Receive(1, $"35=4|43=Y|122={rig.Now()}|123=Y|36=2|");
        rig.Pass(9);
        rig.Receive(6, "35=0|");
        rig.NothingMore();

        rig.Pass(2);
        rig.Receive(7, "35=0|");

        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());
        rig.Receive(8, "35=0|");
        rig.NothingMore();
    }

    [Fact]
    public void ResendRequest_is_sent_when_the_counterparty_does_not_use_NextExpectedMsgSeqNum()
    {
        SessionRig rig = new(s_options);
        rig.Connect(isInitiator: true);
        rig.Next();

        rig.Receive(3, "35=A|98=0|108=30|");

        Assert.Equal("35=2|34=2|7=1|16=0|", rig.Next());
    }

    [Fact]
    public void NextExpectedMsgSeqNum_above_the_next_number_ends_the_session()
    {
        SessionRig rig = WithOneOrderSent();

        rig.Receive("35=A|98=0|108=30|789=4|");

        Assert.Equal("35=5|34=3|58=NextExpectedMsgSeqNum too high, expecting at most 3 but received 4|", rig.Next());
        Assert.NotNull(rig.Closed);
        Assert.Equal("logon D logout", string.Join(' ', rig.Application.Happened));
    }

    [Fact]
    public void NextExpectedMsgSeqNum_is_ignored_without_the_option()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive($"35=D|11=one|{Order}");
        rig.Next();
        rig.Session.Disconnected();
        rig.Connect();

        rig.Receive("35=A|98=0|108=30|789=1|");

        Assert.Equal("35=A|34=3|98=0|108=30|", rig.Next());
        rig.NothingMore();
    }

    /// <summary>An acceptor that has sent a Logon and an order, and was then disconnected and connected again.</summary>
    private static SessionRig WithOneOrderSent()
    {
        SessionRig rig = SessionRig.LoggedOn(s_options);
        rig.Receive($"35=D|11=one|{Order}");
        rig.Next();
        rig.Session.Disconnected();
        rig.Connect();
        return rig;
    }
}
