using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>How a session begins and ends, on both sides.</summary>
public class LogonTests
{
    [Theory]
    [InlineData("35=0|34=1|49=TW|56=ISLD|")]
    [InlineData("35=5|34=1|49=TW|56=ISLD|")]
    [InlineData("35=A|49=TW|56=ISLD|98=0|108=30|")]
    [InlineData("35=A|34=1|49=WT|56=ISLD|98=0|108=30|")]
    [InlineData("35=A|34=1|49=TW|56=DLSI|98=0|108=30|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|108=30|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|98=1|108=30|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|98=0|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|98=0|108=-1|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|98=0|108=3601|")]
    [InlineData("35=A|34=1|49=TW|56=ISLD|98=0|108=x|")]
    [InlineData("35=A|34=2|49=TW|56=ISLD|98=0|108=30|141=Y|")]
    public void What_is_no_logon_for_us_ends_the_connection_without_a_word(string message)
    {
        SessionRig rig = new();
        rig.Connect();
        int header = message.IndexOf("56=", StringComparison.Ordinal);

        rig.ReceiveWhole($"{message[..header]}52={rig.Now()}|{message[header..]}");

        Assert.NotNull(rig.Closed);
        rig.NothingMore();
        Assert.Empty(rig.Application.Happened);
    }

    [Theory]
    [InlineData(121)]
    [InlineData(-121)]
    public void A_logon_of_another_time_ends_the_connection(int seconds)
    {
        SessionRig rig = new();
        rig.Connect();

        rig.ReceiveWhole($"35=A|34=1|49=TW|52={rig.Now(seconds)}|56=ISLD|98=0|108=30|");

        Assert.NotNull(rig.Closed);
        rig.NothingMore();
    }

    [Fact]
    public void Nobody_logs_on_behind_something_garbled_or_too_late()
    {
        SessionRig garbled = new();
        garbled.Connect();
        garbled.Session.ReceiveGarbled(FixGarbled.CheckSum);
        Assert.NotNull(garbled.Closed);

        SessionRig late = new();
        late.Connect();
        late.Pass(9.8);
        Assert.Null(late.Closed);
        late.Pass(0.2);
        Assert.NotNull(late.Closed);
    }

    [Fact]
    public void A_message_that_is_too_long_ends_the_session_and_is_not_missed_for_ever()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Session.ReceiveGarbled(FixGarbled.CheckSum);
        rig.NothingMore();

        rig.Session.ReceiveGarbled(FixGarbled.TooLong);

        Assert.Equal("35=5|34=2|58=A message is longer than 65536 bytes|", rig.Next());
        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void A_session_has_one_connection_at_a_time()
    {
        SessionRig rig = SessionRig.LoggedOn();

        Assert.False(rig.Connect());
        rig.Session.Disconnected();
        Assert.True(rig.Connect());
    }

    [Fact]
    public void A_connection_that_the_session_has_left_says_nothing_to_it()
    {
        SessionRig rig = SessionRig.LoggedOn();
        SessionRig other = new();

        rig.Session.Receive(Frames.Message($"35=5|34=2|49=TW|52={rig.Now()}|56=ISLD|"), other);
        rig.Session.Disconnected(other);

        rig.NothingMore();
        Assert.True(rig.Session.IsLoggedOn);
        rig.Session.Disconnected(rig);
        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void Numbers_go_on_with_the_next_connection()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive("35=0|");
        rig.Session.Disconnected();
        Assert.Equal("logon logout", string.Join(' ', rig.Application.Happened));

        rig.Connect();
        rig.Receive("35=A|98=0|108=30|");

        Assert.Equal("35=A|34=2|98=0|108=30|", rig.Next());
        Assert.Equal(4, rig.Store.NextIncoming);
    }

    [Fact]
    public void Numbers_begin_anew_where_an_option_says_so()
    {
        FixSessionOptions options = SessionRig.Options();
        Assert.Equal((1L, 1L), NumbersAfter(options with { ResetOnDisconnect = true }, rig => rig.Session.Disconnected()));
        Assert.Equal((1L, 1L), NumbersAfter(options with { ResetOnLogout = true }, rig => rig.Receive("35=5|")));
        Assert.Equal((2L, 2L), NumbersAfter(options with { ResetOnLogon = true }, Relogon));
        Assert.Equal((2L, 3L), NumbersAfter(options, rig => rig.Receive("35=0|")));
    }

    [Fact]
    public void A_logon_that_resets_begins_anew_in_the_middle_of_a_session()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive("35=0|");

        rig.Receive(1, "35=A|98=0|108=10|141=Y|");

        Assert.Equal("35=A|34=1|98=0|108=10|141=Y|", rig.Next());
        Assert.Equal((2L, 2L), (rig.Store.NextOutgoing, rig.Store.NextIncoming));
        Assert.Equal("logon", string.Join(' ', rig.Application.Happened));
    }

    [Fact]
    public void A_second_logon_that_resets_nothing_ends_the_session()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=A|98=0|108=30|");

        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void An_initiator_logs_on_and_takes_the_answer()
    {
        SessionRig rig = new(SessionRig.Options() with { HeartbeatSeconds = 20 });
        Assert.True(rig.Connect(isInitiator: true));
        Assert.Equal("35=A|34=1|98=0|108=20|", rig.Next());
        Assert.Equal(FixSendStatus.NotLoggedOn, rig.Session.Send(new FixMessageBuilder("D").Add(11, "x")));

        rig.Receive("35=A|98=0|108=20|");

        rig.NothingMore();
        Assert.True(rig.Session.IsLoggedOn);
        Assert.Equal(FixSendStatus.Sent, rig.Session.Send(new FixMessageBuilder("D").Add(11, "x")));
        Assert.Equal("35=D|34=2|11=x|", rig.Next());
        rig.Session.LogOut("enough");
        Assert.Equal("35=5|34=3|58=enough|", rig.Next());
        rig.Receive("35=5|");
        rig.NothingMore();
        Assert.Equal("Logged out.", rig.Closed);
    }

    [Fact]
    public void An_initiator_that_resets_says_so_and_expects_the_same()
    {
        FixMemoryStore store = new(10);
        store.Append("x"u8);
        store.Advance(7);
        SessionRig rig = new(SessionRig.Options() with { ResetOnLogon = true }, store);
        rig.Connect(isInitiator: true);
        Assert.Equal("35=A|34=1|98=0|108=30|141=Y|", rig.Next());

        rig.Receive(1, "35=A|98=0|108=30|141=Y|");

        rig.NothingMore();
        Assert.Equal((2L, 2L), (store.NextOutgoing, store.NextIncoming));
        Assert.True(rig.Session.IsLoggedOn);
    }

    [Fact]
    public void A_logout_without_an_answer_ends_after_its_time()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Session.LogOut();
        Assert.Equal("35=5|34=2|", rig.Next());

        rig.Pass(1.8);
        Assert.Null(rig.Closed);
        rig.Pass(0.2);

        Assert.NotNull(rig.Closed);
        Assert.Equal("logon logout", string.Join(' ', rig.Application.Happened));
    }

    [Theory]
    [InlineData("")]
    [InlineData("IS|LD")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLM")]
    public void A_name_that_cannot_be_sent_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new SessionRig(SessionRig.Options() with { SenderCompId = name.Replace('|', '\u0001') }));
    }

    private static void Relogon(SessionRig rig)
    {
        rig.Session.Disconnected();
        rig.Connect();
        rig.Receive(1, "35=A|98=0|108=30|");
    }

    private static (long Outgoing, long Incoming) NumbersAfter(FixSessionOptions options, Action<SessionRig> end)
    {
        SessionRig rig = SessionRig.LoggedOn(options);
        end(rig);
        return (rig.Store.NextOutgoing, rig.Store.NextIncoming);
    }
}
