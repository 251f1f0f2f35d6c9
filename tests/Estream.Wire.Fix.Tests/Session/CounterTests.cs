using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>The counters of a session: each event is counted once.</summary>
public class CounterTests
{
    private const string Order = "40=1|54=1|55=MSFT|60=20260707-12:30:00|";

    [Fact]
    public void Messages_are_counted_by_kind()
    {
        SessionRig rig = SessionRig.LoggedOn();
        FixSessionCounters counters = rig.Session.Counters;
        Assert.Equal((1L, 1L, 1L), (counters.Received, counters.Sent, counters.Logons));

        rig.Receive($"35=D|11=one|{Order}");
        rig.Receive("35=3|45=1|58=why|");
        rig.Receive("35=j|45=1|372=D|380=0|");
        rig.Receive("35=0|7=x|");
        rig.Receive("35=G|");
        rig.Receive("35=g|335=a|263=0|");
        rig.Session.ReceiveGarbled(FixGarbled.CheckSum);

        (string, long)[] garbled = [("CheckSum", 1)];
        (string, long)[] rejected = [("RequiredTagMissing", 1), ("TagNotDefinedForMessage", 1), ("UnsupportedMessageType", 1)];
        Assert.Equal(7, counters.Received);
        Assert.Equal(2, counters.Refused);
        Assert.Equal(garbled, counters.Garbled);
        Assert.Equal(rejected, counters.Rejected);
    }

    [Fact]
    public void Business_reject_is_not_answered_with_another_one()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=j|45=1|372=D|380=0|");

        rig.NothingMore();
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Fact]
    public void ResendRequests_and_resent_messages_are_counted_once()
    {
        SessionRig rig = SessionRig.LoggedOn();
        FixSessionCounters counters = rig.Session.Counters;
        rig.Receive($"35=D|11=one|{Order}");
        long sent = counters.Sent;

        rig.Receive("35=2|7=2|16=2|");
        Assert.Equal((1L, sent + 1), (counters.Resent, counters.Sent));
        Assert.Equal(0, counters.Gaps);

        rig.Receive(6, $"35=D|11=six|{Order}");
        rig.Receive(7, $"35=D|11=seven|{Order}");
        Assert.Equal(1, counters.Gaps);
        Assert.Equal(1, counters.Resent);
    }
}
