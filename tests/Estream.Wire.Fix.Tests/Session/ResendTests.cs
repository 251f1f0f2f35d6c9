using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>What is sent again, and what is filled as a gap.</summary>
public class ResendTests
{
    [Fact]
    public void Messages_of_the_application_are_sent_again_and_runs_of_others_are_one_gap()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive("35=1|112=A|");
        Send(rig, "one");
        rig.Receive("35=1|112=B|");
        rig.Receive("35=1|112=C|");
        Send(rig, "two");
        Drop(rig, 5);
        string first = rig.Now();
        rig.Clock.Pass(TimeSpan.FromSeconds(1));

        rig.Receive("35=2|7=1|16=0|");

        Assert.Equal($"35=4|34=1|43=Y|122={rig.Now()}|36=3|123=Y|", rig.Next());
        Assert.Equal($"35=D|34=3|43=Y|122={first}|11=one|", rig.Next());
        Assert.Equal($"35=4|34=4|43=Y|122={rig.Now()}|36=6|123=Y|", rig.Next());
        Assert.Equal($"35=D|34=6|43=Y|122={first}|11=two|", rig.Next());
        rig.NothingMore();
        Assert.Equal(7, rig.Store.NextOutgoing);
    }

    [Fact]
    public void A_header_of_the_application_goes_out_again_in_its_order()
    {
        SessionRig rig = SessionRig.LoggedOn();
        FixMessageBuilder order = new FixMessageBuilder("D").AddHeader(347, "UTF-8"u8).AddHeader(115, "JCD"u8).AddHeader(50, "desk"u8)
            .Add(11, "x");
        Assert.Equal(FixSendStatus.Sent, rig.Session.Send(order));
        Assert.Equal("35=D|34=2|50=desk|115=JCD|347=UTF-8|11=x|", rig.Next());

        rig.Receive("35=2|7=2|16=2|");

        Assert.Equal($"35=D|34=2|43=Y|50=desk|115=JCD|122={rig.Now()}|347=UTF-8|11=x|", rig.Next());
    }

    [Fact]
    public void What_the_store_has_lost_is_filled_as_a_gap()
    {
        SessionRig rig = new(store: new FixMemoryStore(2));
        rig.Connect();
        rig.Receive("35=A|98=0|108=30|");
        Send(rig, "lost");
        Send(rig, "kept");
        Send(rig, "newest");
        Drop(rig, 4);

        rig.Receive("35=2|7=1|16=0|");

        Assert.Equal($"35=4|34=1|43=Y|122={rig.Now()}|36=3|123=Y|", rig.Next());
        Assert.StartsWith("35=D|34=3|", rig.Next(), StringComparison.Ordinal);
        Assert.StartsWith("35=D|34=4|", rig.Next(), StringComparison.Ordinal);
        rig.NothingMore();
    }

    [Fact]
    public void Much_is_sent_again_in_slices()
    {
        SessionRig rig = SessionRig.LoggedOn();
        for (int number = 0; number < 300; number++)
        {
            Send(rig, "x");
        }

        Drop(rig, 300);
        rig.Receive("35=2|7=1|16=0|");

        int slices = 1;
        while (rig.Session.ContinueResend())
        {
            slices++;
        }

        Assert.InRange(slices, 4, 5);
        Assert.StartsWith("35=4|34=1|", rig.Next(), StringComparison.Ordinal);
        for (int number = 2; number <= 301; number++)
        {
            Assert.StartsWith($"35=D|34={number}|43=Y|", rig.Next(), StringComparison.Ordinal);
        }

        rig.NothingMore();
        Assert.False(rig.Session.ContinueResend());
    }

    [Fact]
    public void Every_request_that_is_answered_is_a_reason_to_write_before_the_next_is_read()
    {
        SessionRig rig = SessionRig.LoggedOn();
        Send(rig, "x");
        Assert.False(rig.Session.ContinueResend());

        rig.Receive("35=2|7=2|16=2|");

        Assert.True(rig.Session.ContinueResend());
        Assert.False(rig.Session.ContinueResend());
    }

    [Theory]
    [InlineData("7=0|16=0|", "35=3|34=2|45=2|58=Value is incorrect (out of range) for this tag|371=7|372=2|373=5|")]
    [InlineData("7=3|16=2|", "35=3|34=2|45=2|58=Value is incorrect (out of range) for this tag|371=16|372=2|373=5|")]
    [InlineData("7=1|", "35=3|34=2|45=2|58=Required tag missing|371=16|372=2|373=1|")]
    public void A_request_that_makes_no_sense_is_rejected(string fields, string reject)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive($"35=2|{fields}");

        Assert.Equal(reject, rig.Next());
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Theory]
    [InlineData("7=1|16=999999|")]
    [InlineData("7=1|16=1000000000|")]
    public void A_request_to_beyond_the_end_ends_with_what_there_is(string fields)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive($"35=2|{fields}");

        Assert.Equal($"35=4|34=1|43=Y|122={rig.Now()}|36=2|123=Y|", rig.Next());
        rig.NothingMore();
    }

    [Fact]
    public void A_request_for_what_was_never_sent_is_answered_with_nothing()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=2|7=5|16=0|");

        rig.NothingMore();
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Fact]
    public void Two_sides_that_miss_something_do_not_wait_for_each_other()
    {
        SessionRig rig = SessionRig.LoggedOn();
        Send(rig, "x");
        Drop(rig, 1);

        rig.Receive(3, "35=2|7=2|16=0|");

        Assert.StartsWith("35=D|34=2|43=Y|", rig.Next(), StringComparison.Ordinal);
        Assert.Equal("35=2|34=3|7=2|16=0|", rig.Next());
        rig.Receive(2, "35=0|43=Y|");
        Assert.Equal(4, rig.Store.NextIncoming);
    }

    [Fact]
    public void A_message_longer_than_the_limit_is_not_sent()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxMessageBytes = 512 });

        Assert.Equal(FixSendStatus.TooLong, rig.Session.Send(new FixMessageBuilder("B").Add(148, new string('x', 600))));
        Assert.Equal(FixSendStatus.Sent, rig.Session.Send(new FixMessageBuilder("B").Add(148, new string('x', 300))));
        Assert.StartsWith("35=B|34=2|", rig.Next(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => rig.Session.Send(new FixMessageBuilder("A")));
    }

    [Fact]
    public void What_was_short_enough_to_be_sent_is_short_enough_to_be_sent_again()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxMessageBytes = 512 });
        int length = 300;
        while (rig.Session.Send(new FixMessageBuilder("B").Add(148, new string('x', length))) == FixSendStatus.Sent)
        {
            length++;
            rig.Next();
        }

        Assert.InRange(rig.Longest, 450, 511);
        rig.Receive("35=2|7=2|16=0|");
        while (rig.Session.ContinueResend())
        {
        }

        Assert.InRange(rig.Longest, 500, 512);
    }

    [Fact]
    public void A_type_the_application_does_not_know_is_answered_and_counts()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=8|115=JCD|128=CS|37=id|17=id|150=0|39=0|55=WLRI|54=1|151=100|14=0|6=0.0|");

        Assert.Equal("35=j|34=2|115=CS|128=JCD|45=2|58=Unsupported Message Type|372=8|380=3|", rig.Next());
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    private static void Send(SessionRig rig, string id)
    {
        Assert.Equal(FixSendStatus.Sent, rig.Session.Send(new FixMessageBuilder("D").Add(11, id)));
    }

    private static void Drop(SessionRig rig, int messages)
    {
        for (int message = 0; message < messages; message++)
        {
            rig.Next();
        }
    }
}
