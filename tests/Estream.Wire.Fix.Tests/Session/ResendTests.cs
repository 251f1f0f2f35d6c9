using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Resent messages and gap fills.</summary>
public class ResendTests
{
    [Fact]
    public void Application_messages_are_resent_and_runs_of_others_become_one_GapFill()
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
    public void Resent_message_keeps_its_header_fields_in_order()
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
    public void Message_missing_from_the_store_becomes_a_GapFill()
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
    public void Large_resend_is_sent_in_slices()
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
    public void Answered_ResendRequest_requires_a_flush_before_the_next_read()
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
    public void Invalid_ResendRequest_is_rejected(string fields, string reject)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive($"35=2|{fields}");

        Assert.Equal(reject, rig.Next());
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Theory]
    [InlineData("7=1|16=999999|")]
    [InlineData("7=1|16=1000000000|")]
    public void ResendRequest_beyond_the_last_message_is_limited_to_it(string fields)
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive($"35=2|{fields}");

        Assert.Equal($"35=4|34=1|43=Y|122={rig.Now()}|36=2|123=Y|", rig.Next());
        rig.NothingMore();
    }

    [Fact]
    public void ResendRequest_for_unsent_messages_has_no_answer()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=2|7=5|16=0|");

        rig.NothingMore();
        Assert.Equal(3, rig.Store.NextIncoming);
    }

    [Fact]
    public void ResendRequest_with_a_gap_before_it_is_answered_immediately()
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
    public void Send_refuses_a_message_above_MaxMessageBytes()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { MaxMessageBytes = 512 });

        Assert.Equal(FixSendStatus.TooLong, rig.Session.Send(new FixMessageBuilder("B").Add(148, new string('x', 600))));
        Assert.Equal(FixSendStatus.Sent, rig.Session.Send(new FixMessageBuilder("B").Add(148, new string('x', 300))));
        Assert.StartsWith("35=B|34=2|", rig.Next(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => rig.Session.Send(new FixMessageBuilder("A")));
    }

    [Fact]
    public void Longest_sendable_message_can_be_resent_within_MaxMessageBytes()
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
    public void Unsupported_MsgType_is_answered_with_a_business_reject_and_counted()
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
