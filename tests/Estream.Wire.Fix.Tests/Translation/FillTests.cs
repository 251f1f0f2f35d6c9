using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

public class FillTests
{
    private const string Body =
        "37=V-1|11=c-1|17=E-1|150=F|39=1|55=EURUSD|54=2|32=400|31=1.08251|151=600|"
        + "14=400|6=1.08251|12=0.5|13=3|30=XLON|60=20260707-12:30:00.000|";

    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44);

    [Fact]
    public void Trade_report_is_translated_to_EStreamFill()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "8", Body));

        Assert.True(EStreamFill.Validate(message).IsOk);
        Assert.Equal(
            """{"fill_id":"03452d3100000000000000000000000000000000000000000000000000000000","order_id":"03632d3100000000000000000000000000000000000000000000000000000000","instrument":"EURUSD","side":"Sell","quantity":400,"price":108251000,"fee":50000000,"executed_at":1783427400000000000,"venue":"XLON"}""",
            EStreamFill.View.Of(message).ToString());
    }

    [Fact]
    public void EStreamFill_with_order_state_is_translated_to_an_execution_report()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "8", Body));
        FixMessageBuilder builder = new("0");

        Assert.True(s_translator.ToFix(new EsfMessage(EStreamFill.Schema, message), new FixFillState(400, 600, 108_251_000), builder).IsOk);

        string[] expected = [.. Body.Replace("37=V-1", "37=c-1", StringComparison.Ordinal).Split('|').Order()];
        Assert.Equal(expected, Frames.Text(builder.Body).Split('|').Order());
        Assert.True(s_translator.ToFix(new EsfMessage(EStreamFill.Schema, message), new FixFillState(1_000, 0, 1, "c-9"u8), builder).IsOk);
        string report = Frames.Text(builder.Body);
        Assert.Contains("|11=c-9|526=c-1|", report, StringComparison.Ordinal);
        Assert.Contains("|150=F|39=2|", report, StringComparison.Ordinal);
        Assert.Equal(message, Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, builder)));
    }

    [Fact]
    public void EStreamFill_without_order_state_is_refused()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "8", Body));

        TranslateStatus status = s_translator.ToFix(new EsfMessage(EStreamFill.Schema, message), new FixMessageBuilder("0"));

        Assert.Equal(TranslateCode.Unfit, status.Code);
        Assert.Contains("14, 151, 6", status.Describe(default), StringComparison.Ordinal);
    }

    [Fact]
    public void FIX_4_2_trade_uses_ExecTransType_and_ExecType_1_or_2()
    {
        FixTranslator translator = new(FixProtocol.Fix42);
        string body = Body.Replace("150=F|", "20=0|150=1|", StringComparison.Ordinal);
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix42, "8", body));
        FixMessageBuilder builder = new("0");

        Assert.True(translator.ToFix(new EsfMessage(EStreamFill.Schema, message), new FixFillState(400, 600, 108_251_000), builder).IsOk);
        Assert.Contains("|20=0|150=1|39=1|", Frames.Text(builder.Body), StringComparison.Ordinal);
        Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix42, builder)));
        Assert.Equal(
            TranslateCode.Unfit,
            translator.ToFix(new EsfMessage(EStreamFill.Schema, message), new FixFillState(400, 600, 1, "c-9"u8), builder).Code);
        Assert.StartsWith(
            "NotMapped",
            Translated.Refusal(translator,
                Translated.Whole(FixProtocol.Fix42, "8", body.Replace("20=0", "20=1", StringComparison.Ordinal))),
                    StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("150=F|", "150=0|", "NotMapped")]
    [InlineData("150=F|", "150=H|", "NotMapped")]
    [InlineData("150=F|", "", "NotMapped")]
    [InlineData("17=E-1|", "", "Unfit: field 17 ")]
    [InlineData("37=V-1|11=c-1|", "", "Unfit: field 37 ")]
    [InlineData("54=2|", "54=3|", "Unfit: field 54 ")]
    [InlineData("32=400|", "32=0.1|", "Unfit: field 32 ")]
    [InlineData("31=1.08251|", "", "Unfit: field 31 ")]
    [InlineData("13=3|", "13=2|", "Unfit: field 12 ")]
    [InlineData("13=3|", "", "Unfit: field 12 ")]
    [InlineData("12=0.5|", "12=-0.5|", "Unfit: field 12 ")]
    [InlineData("12=0.5|", "", "Unfit: field 12 ")]
    [InlineData("30=XLON|", "30=ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567|", "Unfit: field 30 ")]
    [InlineData("30=XLON|", "44=2|", "Unfit: field 44 has no counterpart")]
    [InlineData("30=XLON|", "97=Y|", "Unfit: field 97 ")]
    [InlineData("60=20260707-12:30:00.000|", "", "Unfit: field 60 ")]
    public void Report_that_is_not_a_valid_trade_is_refused_with_its_reason(string part, string instead, string reason)
    {
        Assert.Contains(part, Body, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "8", Body.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith(reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }
}
