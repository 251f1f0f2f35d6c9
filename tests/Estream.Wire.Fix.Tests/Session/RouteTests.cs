using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Answers to a party that sends through a counterparty: the route is sent but never stored.</summary>
public class RouteTests
{
    [Fact]
    public void Reject_has_the_route_to_the_original_sender_but_its_stored_copy_does_not()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=D|115=CANARY|116=SUBCANARY|11=a|40=w|54=1|55=MSFT|60=20260707-12:30:00|");

        Assert.StartsWith("35=3|34=2|128=CANARY|129=SUBCANARY|45=2|", rig.Next(), StringComparison.Ordinal);
        string kept = Kept(rig, 2);
        Assert.Contains("|35=3|34=2|", kept, StringComparison.Ordinal);
        Assert.Contains("|45=2|", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", kept, StringComparison.Ordinal);
    }

    [Fact]
    public void Business_reject_is_stored_and_resent_without_the_route()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive("35=8|115=CANARY|37=id|17=id|150=0|39=0|55=WLRI|54=1|151=100|14=0|6=0.0|");
        Assert.StartsWith("35=j|34=2|128=CANARY|45=2|", rig.Next(), StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", Kept(rig, 2), StringComparison.Ordinal);

        rig.Receive("35=2|7=2|16=2|");

        string again = rig.Next();
        Assert.StartsWith("35=j|34=2|43=Y|", again, StringComparison.Ordinal);
        Assert.Contains("|45=2|", again, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", again, StringComparison.Ordinal);
    }

    [Fact]
    public void Route_is_omitted_when_it_makes_the_answer_too_long()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxMessageBytes = 512 });

        rig.Receive($"35=D|115={new string('c', 400)}|11=a|40=w|54=1|55=MSFT|60=20260707-12:30:00|");

        Assert.StartsWith("35=3|34=2|45=2|", rig.Next(), StringComparison.Ordinal);
        Assert.InRange(rig.Longest, 1, 512);
    }

    private static string Kept(SessionRig rig, long number)
    {
        Assert.True(rig.Store.TryRead(number, out ReadOnlySpan<byte> kept));
        return Frames.Text(kept);
    }
}
