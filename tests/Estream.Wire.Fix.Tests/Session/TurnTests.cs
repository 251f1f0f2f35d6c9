using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Sequence numbers: early, late, duplicate and missing messages.</summary>
public class TurnTests
{
    private const string Order = "40=1|54=1|55=MSFT|60=20260707-12:30:00|";

    [Fact]
    public void Missing_messages_are_requested_once_and_early_messages_are_delivered_in_sequence()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive(4, $"35=D|11=four|{Order}");
        rig.Receive(5, $"35=D|11=five|{Order}");
        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());
        rig.NothingMore();
        Assert.Empty(rig.Application.Orders);

        rig.Receive(2, $"35=D|43=Y|122={rig.Now()}|11=two|{Order}");
        rig.Receive(3, $"35=D|43=Y|122={rig.Now()}|11=three|{Order}");

        Assert.Equal("two three four five", string.Join(' ', rig.Application.Orders));
        Assert.Equal(6, rig.Store.NextIncoming);
        Assert.Null(rig.Closed);
    }

    [Fact]
    public void Second_gap_is_requested_after_the_first_is_filled()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(3, $"35=D|11=three|{Order}");
        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());
        rig.Receive(6, $"35=D|11=six|{Order}");

        rig.Receive(2, "35=4|43=Y|123=Y|36=3|");

        Assert.Equal("35=D|34=3|11=three|", rig.Next()[..19]);
        Assert.Equal("35=2|34=4|7=4|16=0|", rig.Next());
        rig.Receive(4, "35=4|43=Y|123=Y|36=6|");
        Assert.Equal("three six", string.Join(' ', rig.Application.Orders));
    }

    [Fact]
    public void Early_messages_above_MaxPendingMessages_are_requested_again()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxPendingMessages = 2 });
        rig.Receive(3, "35=0|");
        rig.Receive(4, "35=0|");
        rig.Receive(5, $"35=D|11=dropped|{Order}");
        rig.Receive(6, $"35=D|11=dropped|{Order}");
        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());

        rig.Receive(2, "35=0|43=Y|");
        Assert.Equal(5, rig.Store.NextIncoming);
        rig.Receive(7, "35=0|");

        Assert.Equal("35=2|34=3|7=5|16=0|", rig.Next());
    }

    [Fact]
    public void Early_messages_are_limited_in_bytes()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxMessageBytes = 8 << 20 });
        string text = new('x', 3 << 20);
        rig.Receive(3, $"35=D|58={text}|11=kept|{Order}");
        rig.Receive(4, $"35=D|58={text}|11=dropped|{Order}");
        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());

        rig.Receive(2, "35=0|43=Y|");

        Assert.Equal("kept", string.Join(' ', rig.Application.Orders));
        Assert.Equal(4, rig.Store.NextIncoming);
    }

    [Fact]
    public void MsgSeqNum_that_is_too_low_ends_the_session_unless_PossDupFlag_is_set()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(2, $"35=D|11=a|{Order}");
        rig.Next();

        rig.Receive(2, $"35=D|43=Y|122={rig.Now(-5)}|11=a|{Order}");
        Assert.Equal("a", string.Join(' ', rig.Application.Orders));
        rig.NothingMore();
        rig.Receive(2, $"35=D|11=a|{Order}");

        Assert.Equal("35=5|34=3|58=MsgSeqNum too low, expecting 3 but received 2|", rig.Next());
        Assert.NotNull(rig.Closed);
        Assert.Equal("logon D logout", string.Join(' ', rig.Application.Happened));
    }

    [Theory]
    [InlineData("35=D|43=Y|", "35=3|34=3|45=2|58=Required tag missing|371=122|372=D|373=1|")]
    [InlineData("35=D|43=Y|122=x|", "35=3|34=3|45=2|58=Required tag missing|371=122|372=D|373=1|")]
    public void Duplicate_requires_a_valid_OrigSendingTime(string start, string reject)
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(2, $"35=D|11=a|{Order}");
        rig.Next();

        rig.Receive(2, $"{start}11=a|{Order}");

        Assert.Equal(reject, rig.Next());
        Assert.Equal(3, rig.Store.NextIncoming);
        Assert.Null(rig.Closed);
    }

    [Fact]
    public void Message_without_MsgSeqNum_ends_the_session()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.ReceiveWhole($"35=0|49=TW|52={rig.Now()}|56=ISLD|");

        Assert.Equal("35=5|34=2|58=MsgSeqNum missing|", rig.Next());
        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void Invalid_early_message_is_rejected_and_counted_only_in_sequence()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(3, "35=0|999=x|");
        Assert.Equal("35=2|34=2|7=2|16=0|", rig.Next());
        rig.NothingMore();

        rig.Receive(2, "35=0|43=Y|");

        Assert.Equal("35=3|34=3|45=3|58=Invalid tag number|371=999|372=0|373=0|", rig.Next());
        Assert.Equal(4, rig.Store.NextIncoming);
    }

    [Fact]
    public void Message_with_an_invalid_tag_is_rejected_and_counted()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive(2, "35=0|4garbled9=TW|");

        Assert.Equal("35=3|34=2|45=2|58=Invalid tag number|372=0|373=0|", rig.Next());
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Fact]
    public void Message_that_makes_the_application_throw_is_not_counted()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Application.Failure = new InvalidOperationException("the disk is full");

        Assert.Throws<InvalidOperationException>(() => rig.Receive(2, $"35=D|11=a|{Order}"));

        Assert.Equal(2, rig.Store.NextIncoming);
        rig.Session.Disconnected();
        Assert.True(rig.Connect());
        rig.Receive(2, "35=A|98=0|108=30|");
        Assert.Equal("35=A|34=2|98=0|108=30|", rig.Next());
    }

    [Fact]
    public void GapFill_over_delivered_pending_messages_sets_the_next_expected_number()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive(4, "35=0|");
        rig.Next();
        rig.Receive(2, "35=4|43=Y|123=Y|36=4|");
        Assert.Equal(5, rig.Store.NextIncoming);

        rig.Receive(4, "35=4|43=Y|123=Y|36=7|");

        Assert.Equal(7, rig.Store.NextIncoming);
        Assert.Null(rig.Closed);
    }

    [Theory]
    [InlineData(2, "123=Y|36=2|", 2)]
    [InlineData(2, "123=Y|36=9|", 9)]
    [InlineData(7, "36=9|", 9)]
    [InlineData(1, "36=9|", 9)]
    [InlineData(2, "123=N|36=2|", 2)]
    public void SequenceReset_sets_the_next_expected_number(long number, string fields, long next)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive(number, $"35=4|{fields}");

        Assert.Equal(next, rig.Store.NextIncoming);
        rig.NothingMore();
    }

    [Theory]
    [InlineData(7, "36=1|", "35=3|34=2|45=7|58=Value is incorrect (out of range) for this tag|372=4|373=5|", 2)]
    [InlineData(2, "123=Y|36=1|", "35=3|34=2|45=2|58=Value is incorrect (out of range) for this tag|372=4|373=5|", 3)]
    [InlineData(2, "36=x|", "35=3|34=2|45=2|58=Incorrect data format for value|371=36|372=4|373=6|", 2)]
    [InlineData(2, "123=Y|", "35=3|34=2|45=2|58=Required tag missing|371=36|372=4|373=1|", 3)]
    public void SequenceReset_to_a_lower_or_missing_number_is_rejected(long number, string fields, string reject, long next)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive(number, $"35=4|{fields}");

        Assert.Equal(reject, rig.Next());
        Assert.Equal(next, rig.Store.NextIncoming);
    }
}
