using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Heartbeats, silence and clock changes.</summary>
public class TimeTests
{
    private const string Order = "35=D|11=a|40=1|54=1|55=MSFT|60=20260707-12:30:00|";

    [Fact]
    public void Silence_causes_a_Heartbeat_then_a_TestRequest_then_a_disconnect()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 10);

        rig.Pass(9.8);
        rig.NothingMore();
        rig.Pass(0.2);
        Assert.Equal("35=0|34=2|", rig.Next());
        rig.Pass(4.8);
        rig.NothingMore();
        rig.Pass(0.2);
        Assert.Equal("35=1|34=3|112=TEST|", rig.Next());
        rig.Pass(8.8);
        Assert.Null(rig.Closed);
        rig.NothingMore();
        rig.Pass(0.2);
        Assert.NotNull(rig.Closed);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(5, 250)]
    [InlineData(30, 500)]
    [InlineData(0, 500)]
    public void Ticks_of_a_session_with_long_heartbeats_are_rare(int heartbeat, int milliseconds)
    {
        SessionRig rig = new();
        Assert.Equal(TimeSpan.FromMilliseconds(100), rig.Session.TickInterval);

        rig = SessionRig.LoggedOn(heartbeat: heartbeat);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), rig.Session.TickInterval);

        rig.Session.LogOut();
        Assert.Equal(TimeSpan.FromMilliseconds(100), rig.Session.TickInterval);
    }

    [Fact]
    public void Any_received_message_prevents_a_TestRequest()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 10);
        for (int round = 0; round < 10; round++)
        {
            rig.Pass(10);
            Assert.Equal($"35=0|34={round + 2}|", rig.Next());
            rig.Receive("35=0|");
        }

        rig.NothingMore();
        Assert.Null(rig.Closed);
    }

    [Fact]
    public void Heartbeat_interval_0_disables_heartbeats_and_timeouts()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 0);

        rig.Pass(10_000);

        rig.NothingMore();
        Assert.Null(rig.Closed);
    }

    [Fact]
    public void TestRequest_is_answered_with_its_TestReqID()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=1|112=HELLO|");

        Assert.Equal("35=0|34=2|112=HELLO|", rig.Next());
    }

    [Fact]
    public void Tick_does_not_wait_for_a_slow_application()
    {
        SessionRig rig = SessionRig.LoggedOn();
        bool isBack = false;
        rig.Application.Handling = () =>
        {
            Thread looking = new(rig.Session.Tick) { IsBackground = true };
            looking.Start();
            isBack = looking.Join(TimeSpan.FromSeconds(30));
        };

        rig.Receive(Order);

        Assert.True(isBack);
    }

    [Fact]
    public void Time_spent_in_the_application_does_not_count_as_silence()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 10);
        rig.Application.Handling = () => rig.Clock.Pass(TimeSpan.FromSeconds(100));

        rig.Receive(Order);
        rig.Session.Tick();

        Assert.Null(rig.Closed);
        Assert.StartsWith("35=D|34=2|", rig.Next(), StringComparison.Ordinal);
        rig.NothingMore();
    }

    [Fact]
    public void Clock_change_does_not_count_as_silence()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 10);

        rig.Clock.Now += TimeSpan.FromDays(3);
        rig.Session.Tick();
        rig.Clock.Now += TimeSpan.FromDays(-6);
        rig.Session.Tick();

        rig.NothingMore();
        Assert.Null(rig.Closed);
    }

    [Theory]
    [InlineData(121)]
    [InlineData(-121)]
    public void Message_with_a_wrong_SendingTime_is_rejected_and_ends_the_session(int seconds)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.ReceiveWhole($"35=0|34=2|49=TW|52={rig.Now(seconds)}|56=ISLD|");

        Assert.Equal("35=3|34=2|45=2|58=SendingTime accuracy problem|372=0|373=10|", rig.Next());
        Assert.Equal("35=5|34=3|", rig.Next());
        rig.ReceiveWhole($"35=5|34=3|49=TW|52={rig.Now()}|56=ISLD|");
        Assert.NotNull(rig.Closed);
        rig.NothingMore();
    }
}
