using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Logon and Logout on both sides.</summary>
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
    public void Invalid_first_message_closes_the_connection_silently(string message)
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
    public void Logon_with_a_wrong_SendingTime_closes_the_connection(int seconds)
    {
        SessionRig rig = new();
        rig.Connect();

        rig.ReceiveWhole($"35=A|34=1|49=TW|52={rig.Now(seconds)}|56=ISLD|98=0|108=30|");

        Assert.NotNull(rig.Closed);
        rig.NothingMore();
    }

    [Fact]
    public void Garbled_or_late_Logon_closes_the_connection()
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
    public void Message_above_MaxMessageBytes_ends_the_session()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Session.ReceiveGarbled(FixGarbled.CheckSum);
        rig.NothingMore();

        rig.Session.ReceiveGarbled(FixGarbled.TooLong);

        Assert.Equal("35=5|34=2|58=A message is longer than 65536 bytes|", rig.Next());
        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void Second_connection_of_a_session_is_refused()
    {
        SessionRig rig = SessionRig.LoggedOn();

        Assert.False(rig.Connect());
        rig.Session.Disconnected();
        Assert.True(rig.Connect());
    }

    [Fact]
    public void Messages_of_a_former_connection_are_ignored()
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
    public void Sequence_numbers_continue_with_the_next_connection()
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
    public void Reset_options_reset_the_sequence_numbers()
    {
        FixSessionOptions options = SessionRig.Options();
        Assert.Equal((1L, 1L), NumbersAfter(options with { ResetOnDisconnect = true }, rig => rig.Session.Disconnected()));
        Assert.Equal((1L, 1L), NumbersAfter(options with { ResetOnLogout = true }, rig => rig.Receive("35=5|")));
        Assert.Equal((2L, 2L), NumbersAfter(options with { ResetOnLogon = true }, Relogon));
        Assert.Equal((2L, 3L), NumbersAfter(options, rig => rig.Receive("35=0|")));
    }

    [Fact]
    public void Logon_with_ResetSeqNumFlag_resets_a_running_session()
    {
        SessionRig rig = SessionRig.LoggedOn();
        rig.Receive("35=0|");

        rig.Receive(1, "35=A|98=0|108=10|141=Y|");

        Assert.Equal("35=A|34=1|98=0|108=10|141=Y|", rig.Next());
        Assert.Equal((2L, 2L), (rig.Store.NextOutgoing, rig.Store.NextIncoming));
        Assert.Equal("logon", string.Join(' ', rig.Application.Happened));
    }

    [Fact]
    public void Second_Logon_without_ResetSeqNumFlag_ends_the_session()
    {
        SessionRig rig = SessionRig.LoggedOn();

        rig.Receive("35=A|98=0|108=30|");

        Assert.NotNull(rig.Closed);
    }

    [Fact]
    public void Initiator_logs_on_sends_and_logs_out()
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
    public void Initiator_with_ResetOnLogon_sends_and_accepts_ResetSeqNumFlag()
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
    public void Unanswered_Logout_closes_the_connection_after_the_timeout()
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
    [InlineData("7", "7")]
    [InlineData("8", "8")]
    [InlineData("9", "9")]
    [InlineData("7", "9")]
    [InlineData("8", "7")]
    [InlineData("9", "8")]
    public void Logon_must_have_the_DefaultApplVerID_of_the_session(string ofSession, string ofLogon)
    {
        SessionRig rig = new(SessionRig.Options(ofSession switch
        {
            "7" => FixProtocol.Fix50,
            "8" => FixProtocol.Fix50Sp1,
            _ => FixProtocol.Fix50Sp2,
        }));
        rig.Connect();

        rig.ReceiveWhole($"35=A|34=1|49=TW|52={rig.Now()}|56=ISLD|98=0|108=30|1137={ofLogon}|", "FIXT.1.1");

        Assert.Equal(ofSession == ofLogon, rig.Closed is null);
        Assert.Equal(
            ofSession == ofLogon ? $"35=A|34=1|98=0|108=30|1137={ofSession}|"
                : $"35=5|34=1|58=DefaultApplVerID (1137) must be {ofSession}|",
            rig.Next());
    }

    [Theory]
    [InlineData("")]
    [InlineData("IS|LD")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLM")]
    public void Invalid_CompID_is_refused(string name)
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
