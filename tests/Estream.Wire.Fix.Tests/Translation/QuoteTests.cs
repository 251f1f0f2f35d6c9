using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

/// <summary>Quotes, and EStreamQuote.</summary>
public class QuoteTests
{
    private const string Body = "117=Q-1|55=EURUSD|132=1.0825|133=1.0826|134=1000000|135=2000000|60=20260707-12:30:00.000|";

    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44, new FixTranslatorOptions { SenderCompId = "DESK" });

    public static TheoryData<string> AllVersions => [.. Versions.Names];

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void Quote_is_translated_to_ESF_and_back_in_every_version(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, new FixTranslatorOptions { SenderCompId = "DESK" });
        byte[] message = Translated.ToEsf(translator, Translated.Whole(protocol, "S", Body));

        Assert.True(EStreamQuote.Validate(message).IsOk);
        Assert.Equal(
            """{"instrument":"EURUSD","bid_price":108250000,"bid_quantity":1000000,"ask_price":108260000,"ask_quantity":2000000,"timestamp":1783427400000000000,"source":"DESK"}""",
            EStreamQuote.View.Of(message).ToString());
        FixMessageBuilder builder = Translated.ToFix(translator, EStreamQuote.Schema, message);
        Assert.Equal("S", builder.MsgType);
        Assert.Empty(builder.Header);
        Assert.Equal(
            Body.Replace("117=Q-1|", "117=1783427400000000000|", StringComparison.Ordinal).Split('|').Order(),
            Frames.Text(builder.Body).Split('|').Order());
        Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(protocol, builder)));
    }

    [Fact]
    public void Side_that_is_not_quoted_is_zero()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "S", "117=Q-1|55=EURUSD|133=1.0826|"));

        EStreamQuote.View quote = EStreamQuote.View.Of(message);
        Assert.Equal((0UL, 0UL), (quote.BidPrice, quote.BidQuantity));
        Assert.Equal((108_260_000UL, 0UL), (quote.AskPrice, quote.AskQuantity));
        Assert.Equal(1_783_427_400_000_000_000, quote.Timestamp);
        string sent = Frames.Text(Translated.ToFix(s_translator, EStreamQuote.Schema, message).Body);
        Assert.Equal("117=1783427400000000000|55=EURUSD|133=1.0826|60=20260707-12:30:00.000|", sent);
    }

    [Fact]
    public void Source_that_is_not_the_sender_is_in_OnBehalfOfCompID()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "S", $"115=MAKER|{Body}"));

        Assert.Equal("MAKER", Frames.Text(EStreamQuote.View.Of(message).Source));
        FixMessageBuilder builder = Translated.ToFix(s_translator, EStreamQuote.Schema, message);
        Assert.Equal(["115=MAKER"], builder.Header.Select(field => $"{field.Tag}={Frames.Text(field.Value)}"));
    }

    [Theory]
    [InlineData("55=EURUSD|", "", "Unfit: field 55 is missing")]
    [InlineData("132=1.0825|133=1.0826|134=1000000|135=2000000|", "", "Unfit: field 132 is missing, and so is OfferPx (133)")]
    [InlineData("132=1.0825|", "", "Unfit: field 132 is missing, although")]
    [InlineData("133=1.0826|", "", "Unfit: field 133 is missing, although")]
    [InlineData("132=1.0825|", "132=-1|", "Unfit: field 132 is negative")]
    [InlineData("134=1000000|", "134=0.1|", "Unfit: field 134 is not a number, or has too many decimals")]
    [InlineData("60=20260707-12:30:00.000|", "60=x|", "Unfit: field 60 is not a time")]
    [InlineData("60=20260707-12:30:00.000|", "131=R-1|", "Unfit: field 131 has no counterpart in EStreamQuote")]
    public void Invalid_quote_is_refused_with_its_reason(string part, string instead, string reason)
    {
        Assert.Contains(part, Body, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "S", Body.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith(reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }

    [Fact]
    public void Translating_quotes_does_not_allocate()
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "S", Body);
        byte[] esf = Translated.ToEsf(s_translator, message);
        byte[] destination = new byte[512];
        FixMessageBuilder builder = new("S");

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => s_translator.ToEsf(message, destination, out _)));
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => s_translator.ToFix(new EsfMessage(EStreamQuote.Schema, esf), builder)));
    }
}
