using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

public class MarketDataTests
{
    private const string Time = "272=20260707|273=12:30:00.000|";
    private const string Body =
        "55=EURUSD|268=5|269=4|270=1.08|" + Time + "269=7|270=1.09|" + Time + "269=8|270=1.07|" + Time + "269=5|270=1.085|" + Time
            + "269=B|271=250|" + Time;

    private const string Json =
        """{"instrument":"EURUSD","interval":"Min1","open":108000000,"high":109000000,"low":107000000,"close":108500000,"volume":250,"timestamp":1783427400000000000}""";

    private static readonly FixTranslatorOptions s_minutes = new() { Interval = "Min1" };
    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44, s_minutes);

    [Fact]
    public void Snapshot_is_translated_to_ESF_and_back()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "W", Body));

        Assert.Equal(Json, EStreamMarketData.View.Of(message).ToString());
        Assert.Equal(Body, Frames.Text(Translated.ToFix(s_translator, EStreamMarketData.Schema, message).Body));
    }

    [Fact]
    public void FIX_4_2_snapshot_has_TotalVolumeTraded_instead_of_a_volume_entry()
    {
        FixTranslator translator = new(FixProtocol.Fix42, s_minutes);
        string body = Body.Replace("269=B|271=250|" + Time, "", StringComparison.Ordinal)
            .Replace("268=5|", "387=250|268=4|", StringComparison.Ordinal);
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix42, "W", body));

        Assert.Equal(Json, EStreamMarketData.View.Of(message).ToString());
        Assert.Equal(body, Frames.Text(Translated.ToFix(translator, EStreamMarketData.Schema, message).Body));
    }

    [Fact]
    public void FIX_5_0_snapshot_has_LastUpdateTime_before_or_after_the_entries()
    {
        FixTranslator translator = new(FixProtocol.Fix50Sp2, s_minutes);
        string body = Body.Replace(Time, "", StringComparison.Ordinal);
        byte[] behind = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix50Sp2, "W", body + "779=20260707-12:30:00.000|"));

        Assert.Equal(Json, EStreamMarketData.View.Of(behind).ToString());
        byte[] before = Translated.Whole(FixProtocol.Fix50Sp2, Translated.ToFix(translator, EStreamMarketData.Schema, behind));
        Assert.Equal(behind, Translated.ToEsf(translator, before));
    }

    [Theory]
    [InlineData("268=5|", "268=4|", "field 268 ")]
    [InlineData("268=5|", "", "field 268 ")]
    [InlineData("269=4|", "269=0|", "field 269 ")]
    [InlineData("269=4|", "269=7|", "field 269 ")]
    [InlineData("270=1.08|", "", "field 270 ")]
    [InlineData("270=1.08|", "270=1.080000001|", "field 270 ")]
    [InlineData("270=1.08|", "270=1.08|271=4|", "field 271 ")]
    [InlineData("270=1.08|", "270=1.08|15=EUR|", "field 15 has no counterpart")]
    [InlineData("270=1.08|" + Time, "270=1.08|272=20260707|273=12:30:01.000|", "field 273 ")]
    [InlineData("270=1.08|" + Time, "270=1.08|272=20260707|", "field 272 ")]
    [InlineData("271=250|", "271=0.5|", "field 271 ")]
    [InlineData("55=EURUSD|", "55=EURUSD|387=1|", "field 269 ")]
    [InlineData("55=EURUSD|", "55=EURUSD|262=R|", "field 262 has no counterpart")]
    [InlineData("55=EURUSD|", "", "field 55 ")]
    [InlineData("269=B|271=250|" + Time, "", "field 268 ")]
    public void Invalid_field_of_a_snapshot_is_refused_with_its_tag(string part, string instead, string reason)
    {
        Assert.Contains(part, Body, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "W", Body.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith("Unfit: " + reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshot_with_another_interval_is_not_sent()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "W", Body));

        TranslateStatus status =
            new FixTranslator(FixProtocol.Fix44).ToFix(new EsfMessage(EStreamMarketData.Schema, message), new FixMessageBuilder("0"));

        Assert.StartsWith("interval ", status.Describe(default), StringComparison.Ordinal);
    }
}
