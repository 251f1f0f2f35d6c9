using Estream.Fix;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

/// <summary>Snapshots and changes of books, and FixMarketData.</summary>
public class BookTests
{
    private const string Levels = "262=R-1|55=EURUSD|268=3|269=0|270=1.0825|271=1000|290=1|269=1|270=1.0826|271=2000|290=1|"
        + "269=2|270=1.08255|271=500|272=20260707|273=12:29:59.500|";

    private const string Changes = "262=R-1|268=4|279=0|269=0|278=L-1|55=EURUSD|270=1.0825|271=1000|346=3|"
        + "279=1|269=1|278=L-2|55=EURUSD|270=-0.5|271=1500|279=2|278=L-3|55=EURUSD|279=0|269=2|55=USDJPY|270=150.25|271=7|";

    private static readonly FixTranslatorOptions s_options = new() { Schemas = [FixMarketData.Schema.QualifiedName] };
    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44, s_options);

    public static TheoryData<string> AllVersions => [.. Versions.Names];

    [Fact]
    public void Snapshot_is_translated_with_its_levels_and_trades()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "W", Levels));

        Assert.True(FixMarketData.Validate(message).IsOk);
        Assert.Equal(
            """{"is_snapshot":true,"request_id":"R-1","instrument":"EURUSD","sent_at":1783427400000000000,"possible_resend":false,"entries":[{"kind":"Bid","kind_code":"0","price":108250000,"quantity":1000,"position":1},{"kind":"Offer","kind_code":"1","price":108260000,"quantity":2000,"position":1},{"kind":"Trade","kind_code":"2","price":108255000,"quantity":500,"at":1783427399500000000}]}""",
            FixMarketData.View.Of(message).ToString());
    }

    [Fact]
    public void Changes_are_translated_with_their_actions()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "X", Changes));

        Assert.True(FixMarketData.Validate(message).IsOk);
        Assert.Equal(
            """{"is_snapshot":false,"request_id":"R-1","sent_at":1783427400000000000,"possible_resend":false,"entries":[{"action":"New","action_code":"0","kind":"Bid","kind_code":"0","entry_id":"L-1","instrument":"EURUSD","price":108250000,"quantity":1000,"order_count":3},{"action":"Change","action_code":"1","kind":"Offer","kind_code":"1","entry_id":"L-2","instrument":"EURUSD","price":-50000000,"quantity":1500},{"action":"Delete","action_code":"2","entry_id":"L-3","instrument":"EURUSD"},{"action":"New","action_code":"0","kind":"Trade","kind_code":"2","instrument":"USDJPY","price":15025000000,"quantity":7}]}""",
            FixMarketData.View.Of(message).ToString());
    }

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void Snapshots_and_changes_come_back_in_every_version(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, s_options);
        foreach ((string type, string body) in new[] { ("W", Versions.Snapshot(protocol, Levels)), ("X", Changes) })
        {
            byte[] message = Translated.ToEsf(translator, Translated.Whole(protocol, type, body));
            FixMessageBuilder builder = Translated.ToFix(translator, FixMarketData.Schema, message);

            Assert.Equal(type, builder.MsgType);
            Assert.Equal(body, Frames.Text(builder.Body));
            Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(protocol, builder)));
        }
    }

    [Fact]
    public void Snapshot_without_an_update_time_cannot_be_sent_over_SP2_which_requires_one()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "W", Levels));
        FixTranslator translator = new(FixProtocol.Fix50Sp2, s_options);

        TranslateStatus status = translator.ToFix(new EsfMessage(FixMarketData.Schema, message), new FixMessageBuilder("W"));

        Assert.Equal(
            "field 779 (LastUpdateTime) is missing; FIX.5.0SP2 requires it in messages of type W", status.Describe(default));
    }

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void Every_kind_of_entry_and_every_action_of_the_version_comes_back(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, s_options);
        string[] actions = [.. Versions.Codes(protocol, 279)];
        string[] kinds = [.. Versions.Codes(protocol, 269)];
        string entries = string.Concat(actions.SelectMany(action => kinds.Select(kind => $"279={action}|269={kind}|55=A|270=1|")));
        string body = $"268={actions.Length * kinds.Length}|{entries}";
        byte[] message = Translated.ToEsf(translator, Translated.Whole(protocol, "X", body));

        foreach (FixMarketData.EntriesItemView entry in FixMarketData.View.Of(message).Entries)
        {
            Assert.NotNull(entry.Action);

            // FIX 5.0 SP2 added kinds after Q; their codes are kept.
            Assert.Equal(entry.KindCode[0] <= (byte)'Q', entry.Kind.HasValue);
        }

        Assert.Equal(body, Frames.Text(Translated.ToFix(translator, FixMarketData.Schema, message).Body));
    }

    [Theory]
    [InlineData("273=23:59:00|", "20260707-00:05:00.000", "20260706-23:59:00.000")]
    [InlineData("273=00:01:00|", "20260707-23:59:00.000", "20260708-00:01:00.000")]
    [InlineData("273=12:00:00|", "20260707-12:30:00.000", "20260707-12:00:00.000")]
    [InlineData("272=20260701|", "20260707-12:30:00.000", "20260701-00:00:00.000")]
    public void Time_of_an_entry_without_a_date_is_the_nearest_one(string time, string sent, string expected)
    {
        byte[] bytes = Frames.Message("FIX.4.4", $"35=W|34=1|49=DESK|52={sent}|56=VENUE|55=A|268=1|269=2|270=1|{time}");
        byte[] message = Translated.ToEsf(s_translator, bytes);

        string again = Frames.Text(Translated.ToFix(s_translator, FixMarketData.Schema, message).Body);
        Assert.EndsWith($"272={expected[..8]}|273={expected[9..]}|", again, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("W", "55=A|268=2|269=0|270=1|", "Unfit: field 268 does not match the number of entries")]
    [InlineData("W", "55=A|268=0|", "Unfit: field 268 is not in the range 1 to 1000")]
    [InlineData("W", "55=A|", "Unfit: field 268 is missing")]
    [InlineData("W", "268=1|269=0|270=1|", "Unfit: field 55 is missing")]
    [InlineData("W", "55=A|268=1|270=1|269=0|", "Unfit: field 269 must be the first field of every entry")]
    [InlineData("X", "268=1|269=0|279=0|", "Unfit: field 279 must be the first field of every entry")]
    [InlineData("X", "268=1|269=0|", "Unfit: field 268 does not match the number of entries")]
    [InlineData("W", "55=A|268=1|269=0|270=x|", "Unfit: field 270 is not a number")]
    [InlineData("W", "55=A|268=1|269=0|270=1|270=1|", "Unfit: field 270 occurs twice")]
    [InlineData("W", "55=A|268=1|269=0|270=1|453=1|", "Unfit: field 453 has no counterpart in FixMarketData")]
    [InlineData("W", "55=A|268=1|269=0|272=x|", "Unfit: field 272 is not a date")]
    [InlineData("W", "55=A|268=1|269=0|273=x|", "Unfit: field 273 is not a time")]
    [InlineData("W", "1=B|55=A|268=1|269=0|", "Unfit: field 1 has no counterpart in FixMarketData")]
    public void Invalid_market_data_is_refused_with_its_reason(string type, string body, string reason)
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, type, body);

        Assert.StartsWith(reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_1000_entries_are_refused()
    {
        FixTranslator translator = new(FixProtocol.Fix44, s_options);
        byte[] destination = new byte[1 << 20];
        string entries = string.Concat(Enumerable.Repeat("269=0|270=1|", 1_000));
        byte[] most = Translated.Whole(FixProtocol.Fix44, "W", "55=A|268=1000|" + entries);
        byte[] more = Translated.Whole(FixProtocol.Fix44, "W", "55=A|268=1001|269=0|270=1|" + entries);

        Assert.True(translator.ToEsf(most, destination, out int length).IsOk);
        Assert.Equal(1_000, FixMarketData.View.Of(destination.AsSpan(0, length)).Entries.Count);
        Assert.StartsWith("Unfit: field 268 is not in the range 1 to 1000", Translated.Refusal(translator, more), StringComparison.Ordinal);
    }

    [Fact]
    public void Short_destination_is_reported()
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "X", Changes);
        int room = FixMarketData.FixedLength + (4 * 256) + message.Length;

        Assert.True(s_translator.ToEsf(message, new byte[room], out _).IsOk);
        Assert.Equal(TranslateCode.DestinationTooSmall, s_translator.ToEsf(message, new byte[room - 1], out _).Code);
    }

    [Fact]
    public void Translating_market_data_does_not_allocate()
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "X", Changes);
        byte[] esf = Translated.ToEsf(s_translator, message);
        byte[] destination = new byte[4_096];
        FixMessageBuilder builder = new("X");

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => s_translator.ToEsf(message, destination, out _)));
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => s_translator.ToFix(new EsfMessage(FixMarketData.Schema, esf), builder)));
    }
}
