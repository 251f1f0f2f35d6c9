using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Messages that the application cannot accept on arrival.</summary>
public class HoldTests
{
    private const string Rest = "40=1|54=1|55=MSFT|60=20260707-12:30:00|";

    [Fact]
    public void Held_message_is_counted_once_the_application_accepts_it()
    {
        SessionRig rig = Held();

        rig.Session.TryAgain();

        Assert.True(rig.Session.IsHeld);
        Assert.Empty(rig.Application.Orders);
        Assert.Equal(2, rig.Store.NextIncoming);
        rig.NothingMore();

        rig.Application.IsFull = false;
        rig.Session.TryAgain();

        Assert.False(rig.Session.IsHeld);
        Assert.Equal(["a"], rig.Application.Orders);
        Assert.Equal(3, rig.Store.NextIncoming);
        Assert.StartsWith("35=D|34=2|11=a|", rig.Next(), StringComparison.Ordinal);
        rig.NothingMore();
    }

    [Fact]
    public void Heartbeats_continue_while_a_message_is_held_and_no_timeout_applies()
    {
        SessionRig rig = Held();

        rig.Pass(1_000);

        for (int heartbeat = 0; heartbeat < 100; heartbeat++)
        {
            Assert.Equal($"35=0|34={heartbeat + 2}|", rig.Next());
        }

        rig.NothingMore();
        Assert.Null(rig.Closed);

        // The message is processed later than MaxLatencySeconds after its SendingTime.
        rig.Application.IsFull = false;
        rig.Session.TryAgain();

        Assert.Equal(["a"], rig.Application.Orders);
        rig.Pass(0.2);
        Assert.Null(rig.Closed);
    }

    [Fact]
    public void Pending_messages_are_delivered_after_the_held_message()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(3, $"35=D|11=b|{Rest}");
        Assert.StartsWith("35=2|", rig.Next(), StringComparison.Ordinal);
        rig.Application.IsFull = true;
        rig.Receive(2, $"35=D|11=a|{Rest}");
        Assert.Empty(rig.Application.Orders);

        rig.Application.IsFull = false;
        rig.Session.TryAgain();

        Assert.Equal(["a", "b"], rig.Application.Orders);
        Assert.Equal(4, rig.Store.NextIncoming);
    }

    [Fact]
    public void Logout_closes_the_session_without_waiting_for_the_held_message()
    {
        SessionRig rig = Held();

        rig.Session.LogOut();
        rig.Session.TryAgain();

        Assert.Equal("35=5|34=2|", rig.Next());
        Assert.NotNull(rig.Closed);
        Assert.False(rig.Session.IsHeld);
        Assert.Equal(2, rig.Store.NextIncoming);
        Assert.Empty(rig.Application.Orders);
    }

    /// <summary>A session that holds order a.</summary>
    private static SessionRig Held()
    {
        SessionRig rig = SessionRig.LoggedOn(heartbeat: 10);
        rig.Application.IsFull = true;
        rig.Receive($"35=D|11=a|{Rest}");
        Assert.True(rig.Session.IsHeld);
        return rig;
    }
}
