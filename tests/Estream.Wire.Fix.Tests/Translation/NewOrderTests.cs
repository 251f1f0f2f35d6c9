using Estream.Fix;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

/// <summary>Orders of every type, and FixNewOrderSingle.</summary>
public class NewOrderTests
{
    private const string Names = "11=c-1|21=1|55=EURUSD|54=2|60=20260707-12:30:00.000|38=1000|";

    private static readonly FixTranslatorOptions s_options = new()
    {
        SenderCompId = "DESK",
        Schemas = [FixNewOrderSingle.Schema.QualifiedName],
    };

    public static TheoryData<string> AllVersions => [.. Versions.Names];

    [Fact]
    public void Order_is_translated_with_every_field_and_back()
    {
        const string Body = Names + "526=s-1|48=EU0009652759|22=4|40=P|152=500|44=1.0825|99=1.08|59=6|168=20260707-13:00:00.000|"
            + "126=20260708-16:00:00.000|432=20260708|110=10|111=100|1138=50|18=1 2|211=-0.0001|836=0|1094=2|15=USD|100=XLON|63=0|"
            + "64=20260709|58=all of it|";
        FixTranslator translator = new(FixProtocol.Fix50Sp2, s_options);
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix50Sp2, "D", Body));

        Assert.True(FixNewOrderSingle.Validate(message).IsOk);
        Assert.Equal(
            """{"client_order_id":"c-1","secondary_client_order_id":"s-1","instrument":"EURUSD","security_id":"EU0009652759","security_id_source_code":"4","side":"Sell","side_code":"2","order_type":"Pegged","order_type_code":"P","quantity":1000,"cash_quantity":50000000000,"price":108250000,"stop_price":108000000,"time_in_force":"GoodTillDate","time_in_force_code":"6","effective_at":1783429200000000000,"expires_at":1783526400000000000,"expires_on":"20260708","min_quantity":10,"max_floor":100,"display_quantity":50,"instructions":"1 2","peg_offset":-10000,"peg_offset_type":0,"peg_price_type":2,"handling_code":"1","currency":"USD","venue":"XLON","settlement_type":"0","settlement_date":"20260709","submitted_at":1783427400000000000,"sent_at":1783427400000000000,"possible_resend":false,"text":"all of it","submitter":{"$withheld":true}}""",
            FixNewOrderSingle.View.Of(message).ToString());
        FixMessageBuilder builder = Translated.ToFix(translator, FixNewOrderSingle.Schema, message);
        Assert.Equal(Body.Split('|').Order(), Frames.Text(builder.Body).Split('|').Order());
        Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix50Sp2, builder)));
    }

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void Every_OrdType_and_TimeInForce_of_the_version_comes_back(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = new(protocol, s_options);
        int count = 0;
        foreach (string type in Versions.Codes(protocol, 40))
        {
            foreach (string inForce in Versions.Codes(protocol, 59))
            {
                string price = type == "1" ? "" : "44=1.0825|99=1.08|";
                string body = $"{Names}40={type}|{price}59={inForce}|126=20260708-16:00:00.000|111=100|";
                byte[] message = Translated.ToEsf(translator, Translated.Whole(protocol, "D", body));
                FixNewOrderSingle.View order = FixNewOrderSingle.View.Of(message);
                Assert.NotNull(order.OrderType);
                Assert.NotNull(order.TimeInForce);
                FixMessageBuilder builder = Translated.ToFix(translator, FixNewOrderSingle.Schema, message);
                Assert.Equal(body.Split('|').Order(), Frames.Text(builder.Body).Split('|').Order());
                Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(protocol, builder)));
                count++;
            }
        }

        Assert.InRange(count, 100, 400);
    }

    [Fact]
    public void Possible_resend_and_submitter_are_header_fields()
    {
        FixTranslator translator = new(FixProtocol.Fix44, s_options);
        byte[] bytes = Frames.Message(
            "FIX.4.4", $"35=D|34=1|49=DESK|52=20260707-12:30:00.000|56=VENUE|97=Y|115=TRADER 7|{Names}40=3|99=1.08|");
        byte[] message = Translated.ToEsf(translator, bytes);

        FixNewOrderSingle.View order = FixNewOrderSingle.View.Of(message);
        Assert.True(order.PossibleResend);
        Assert.True(order.Submitter.TryGet(out ReadOnlySpan<byte> submitter));
        Assert.Equal("TRADER 7", Frames.Text(submitter));
        FixMessageBuilder builder = Translated.ToFix(translator, FixNewOrderSingle.Schema, message);
        Assert.Equal(["97=Y", "115=TRADER 7"], builder.Header.Select(field => $"{field.Tag}={Frames.Text(field.Value)}"));
    }

    [Fact]
    public void FIX_4_2_order_without_a_handling_code_gets_the_agreed_one()
    {
        byte[] message = Translated.ToEsf(
            new FixTranslator(FixProtocol.Fix44, s_options),
            Translated.Whole(FixProtocol.Fix44, "D", Names.Replace("21=1|", "", StringComparison.Ordinal) + "40=1|"));

        FixTranslator translator = new(FixProtocol.Fix42, s_options with { HandlInst = 3 });
        FixMessageBuilder builder = Translated.ToFix(translator, FixNewOrderSingle.Schema, message);
        Assert.Contains("|21=3|", Frames.Text(builder.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40=2|", "Unfit: field 44 is missing; the order type (40) needs a limit")]
    [InlineData("40=4|99=1|", "Unfit: field 44 is missing; the order type (40) needs a limit")]
    [InlineData("40=B|", "Unfit: field 44 is missing")]
    [InlineData("40=3|", "Unfit: field 99 is missing; the order type (40) needs a trigger")]
    [InlineData("40=4|44=1|", "Unfit: field 99 is missing")]
    [InlineData("40=1|44=1|", "Unfit: field 44 is not allowed for a market order")]
    [InlineData("40=1|59=6|", "Unfit: field 126 is missing, and so is ExpireDate (432)")]
    [InlineData("", "Unfit: field 40 is missing")]
    [InlineData("40=1|1=ACCOUNT|", "Unfit: field 1 has no counterpart in FixNewOrderSingle")]
    [InlineData("40=1|111=x|", "Unfit: field 111 is not a number")]
    public void Invalid_order_is_refused_with_its_reason(string rest, string reason)
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "D", Names + rest);

        Assert.StartsWith(reason, Translated.Refusal(new FixTranslator(FixProtocol.Fix44, s_options), message), StringComparison.Ordinal);
    }

    [Fact]
    public void Order_without_a_quantity_is_refused()
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "D", Names.Replace("38=1000|", "", StringComparison.Ordinal) + "40=1|");

        Assert.StartsWith("Unfit: field 38 is missing, and so is CashOrderQty",
            Translated.Refusal(new FixTranslator(FixProtocol.Fix44, s_options), message), StringComparison.Ordinal);
    }

    [Fact]
    public void Shown_quantity_of_FIX_5_0_is_refused_in_FIX_4_4()
    {
        byte[] message = Translated.ToEsf(
            new FixTranslator(FixProtocol.Fix50, s_options), Translated.Whole(FixProtocol.Fix50, "D", Names + "40=1|1138=5|"));

        TranslateStatus status = new FixTranslator(FixProtocol.Fix44, s_options)
            .ToFix(new EsfMessage(FixNewOrderSingle.Schema, message), new FixMessageBuilder("0"));

        Assert.Equal("field 1138 is not defined for messages of this type in this version of FIX", status.Describe(default));
    }

    [Fact]
    public void Translating_orders_does_not_allocate()
    {
        FixTranslator translator = new(FixProtocol.Fix44, s_options);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "D", Names + "40=4|44=1.0825|99=1.08|59=6|432=20260708|");
        byte[] esf = Translated.ToEsf(translator, message);
        byte[] destination = new byte[4_096];
        FixMessageBuilder builder = new("D");

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => translator.ToEsf(message, destination, out _)));
        Assert.Equal(
            0, AllocationMeter.OnThisThread(1_000, () => translator.ToFix(new EsfMessage(FixNewOrderSingle.Schema, esf), builder)));
    }
}
