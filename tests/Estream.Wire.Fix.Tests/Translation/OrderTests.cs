using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

public class OrderTests
{
    private const string Body = "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.123456789|38=1000|40=2|44=1.0825|59=1|";

    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44, new FixTranslatorOptions { SenderCompId = "DESK" });

    [Fact]
    public void Limit_order_is_translated_to_ESF_and_back()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "D", Body));

        Assert.True(EStreamOrder.Validate(message).IsOk);
        Assert.Equal(
            """{"order_id":"03632d3100000000000000000000000000000000000000000000000000000000","client_order_id":"c-1","instrument":"EURUSD","side":"Buy","order_type":"Limit","quantity":1000,"price":108250000,"time_in_force":"GTC","submitted_at":1783427400123456789,"submitter":{"$withheld":true}}""",
            EStreamOrder.View.Of(message).ToString());
        Assert.Equal(Body.Split('|').Order(),
            Frames.Text(Translated.ToFix(s_translator, EStreamOrder.Schema, message).Body).Split('|').Order());
    }

    [Fact]
    public void Reused_translator_translates_like_a_new_one()
    {
        // The messages have fields in another order, added and removed fields, changing days and consecutive refusals.
        Random random = new(11);
        string[] more = ["21=1|", "97=N|", "115=abc|", "526=second|", "54=2|", "99=3|", "1111=x|", "60=20260708-00:00:00|"];
        FixTranslator reused = new(FixProtocol.Fix44);
        int good = 0;
        for (int round = 0; round < 5_000; round++)
        {
            List<string> fields = [.. Body.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(field => field + "|")];
            for (int change = random.Next(4); change > 0; change--)
            {
                int place = random.Next(fields.Count);
                string field = fields[place];
                fields.RemoveAt(place);
                fields.Insert(random.Next(fields.Count + 1),
                    random.Next(5) == 0
                        ? more[random.Next(more.Length)]
                        : field.Replace("0707", random.Next(2) == 0 ? "0707" : "1231", StringComparison.Ordinal));
            }

            byte[] message = Translated.Whole(FixProtocol.Fix44, "D", string.Concat(fields));
            byte[] expected = new byte[EStreamOrder.MaxLength];
            byte[] actual = new byte[EStreamOrder.MaxLength];
            TranslateStatus fresh = new FixTranslator(FixProtocol.Fix44).ToEsf(message, expected, out int length);
            for (int twice = 0; twice < 2; twice++)
            {
                TranslateStatus again = reused.ToEsf(message, actual, out int lengthAgain);
                Assert.Equal(fresh.Describe(default), again.Describe(default));
                Assert.Equal(expected[..length], actual[..lengthAgain]);
            }

            good += fresh.IsOk ? 1 : 0;
        }

        Assert.InRange(good, 1_000, 4_900);
    }

    [Theory]
    [InlineData("40=2|44=1.0825|", "40=1|", "Market", null)]
    [InlineData("40=2|44=1.0825|", "40=3|99=0.00000001|", "Stop", 1UL)]
    [InlineData("44=1.0825|", "44=92233720368.54775807|", "Limit", (ulong)long.MaxValue)]
    [InlineData("44=1.0825|", "44=1.08250000000|", "Limit", 108_250_000UL)]
    [InlineData("59=1|", "21=1|97=N|", "Limit", 108_250_000UL)]
    public void Order_types_and_prices_are_translated_exactly(string part, string instead, string type, ulong? price)
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "D", With(part, instead)));

        EStreamOrder.View order = EStreamOrder.View.Of(message);
        Assert.Equal(type, order.OrderType.ToString());
        Assert.Equal(price, order.Price);
    }

    [Theory]
    [InlineData("11=c-1|", "", "field 11 ")]
    [InlineData("11=c-1|", "11=abcdefghijklmnopqrstuvwxyz 1234567|", "field 11 ")]
    [InlineData("55=EURUSD|", "", "field 55 ")]
    [InlineData("55=EURUSD|", "55=ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567|", "field 55 ")]
    [InlineData("54=1|", "54=5|", "field 54 ")]
    [InlineData("54=1|", "54=1|54=1|", "field 54 occurs twice")]
    [InlineData("38=1000|", "38=10.5|", "field 38 ")]
    [InlineData("38=1000|", "38=-1|", "field 38 ")]
    [InlineData("38=1000|", "152=1000|", "field 152 has no counterpart")]
    [InlineData("40=2|", "40=4|99=1|", "field 40 ")]
    [InlineData("40=2|", "40=1|", "field 40 ")]
    [InlineData("40=2|", "40=P|", "field 40 ")]
    [InlineData("40=2|", "40=2|99=1|", "field 99 ")]
    [InlineData("44=1.0825|", "", "field 44 ")]
    [InlineData("44=1.0825|", "44=1.082500001|", "field 44 ")]
    [InlineData("44=1.0825|", "44=-1|", "field 44 ")]
    [InlineData("44=1.0825|", "44=92233720368.54775808|", "field 44 ")]
    [InlineData("59=1|", "59=6|432=20260708|", "field 432 has no counterpart")]
    [InlineData("59=1|", "59=6|", "field 59 ")]
    [InlineData("60=20260707-12:30:00.123456789|", "", "field 60 ")]
    [InlineData("60=20260707-12:30:00.123456789|", "60=20260707-12:30:00.1234567891|", "field 60 ")]
    [InlineData("59=1|", "97=Y|", "field 97 ")]
    [InlineData("59=1|", "21=3|", "field 21 ")]
    [InlineData("59=1|", "1=ACCOUNT|", "field 1 has no counterpart in EStreamOrder")]
    [InlineData("59=1|", "128=SOMEBODY|", "field 128 has no counterpart")]
    [InlineData("59=1|", "100000=x|", "field 100000 has no counterpart")]
    public void Invalid_field_of_an_order_is_refused_with_its_tag(string part, string instead, string reason)
    {
        string refusal = Translated.Refusal(s_translator, Translated.Whole(FixProtocol.Fix44, "D", With(part, instead)));

        Assert.StartsWith("Unfit: " + reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_in_PassingTags_are_dropped()
    {
        FixTranslator translator = new(FixProtocol.Fix44, new FixTranslatorOptions { PassingTags = [1, 15], SenderCompId = "DESK" });
        byte[] plain = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix44, "D", Body));

        Assert.Equal(plain, Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix44, "D", Body + "1=ACCOUNT|15=EUR|")));
        Assert.StartsWith(
            "Unfit: field 58 ", Translated.Refusal(translator, Translated.Whole(FixProtocol.Fix44, "D", Body + "58=x|")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void OnBehalfOfCompID_is_translated_to_the_submitter_and_back()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "D", "115=CLIENT|" + Body));

        Assert.True(EStreamOrder.View.Of(message).Submitter.TryGet(out ReadOnlySpan<byte> submitter));
        Assert.Equal("06434c49454e54", Convert.ToHexStringLower(submitter[..7]));
        FixMessageBuilder again = Translated.ToFix(s_translator, EStreamOrder.Schema, message);
        (int, string)[] expected = [(115, "CLIENT")];
        Assert.Equal(expected, again.Header.Select(field => (field.Tag, Frames.Text(field.Value))));
    }

    [Fact]
    public void FIX_4_2_order_has_HandlInst()
    {
        FixTranslator translator = new(FixProtocol.Fix42, new FixTranslatorOptions { SenderCompId = "DESK" });
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix42, "D", Body + "21=1|"));

        Assert.Contains("|21=1|", Frames.Text(Translated.ToFix(translator, EStreamOrder.Schema, message).Body), StringComparison.Ordinal);
    }

    [Fact]
    public void Value_that_FIX_cannot_express_is_refused_with_its_field()
    {
        Assert.Equal("order_type", Refused((ref EStreamOrder.Writer order) => order.OrderType = OrderType.StopLimit));
        Assert.Equal("price", Refused((ref EStreamOrder.Writer order) => order.OrderType = OrderType.Market));
        Assert.Equal("price", Refused((ref EStreamOrder.Writer order) => order.Price = ulong.MaxValue));
        Assert.Equal("quantity", Refused((ref EStreamOrder.Writer order) => order.Quantity = ulong.MaxValue));
        Assert.Equal("submitted_at", Refused((ref EStreamOrder.Writer order) => order.SubmittedAt = -1));
    }

    private delegate void Change(ref EStreamOrder.Writer order);

    private static string Refused(Change change)
    {
        byte[] bytes = new byte[EStreamOrder.MaxLength];
        EStreamOrder.Writer order = EStreamOrder.Write(bytes);
        order.SetClientOrderId("c-1"u8);
        order.SetOrderId(Convert.FromHexString("03632d3100000000000000000000000000000000000000000000000000000000"));
        order.SetInstrument("EURUSD"u8);
        order.OrderType = OrderType.Limit;
        order.Price = 1;
        order.SetSubmitter(new byte[32]);
        change(ref order);
        TranslateStatus status =
            s_translator.ToFix(new EsfMessage(EStreamOrder.Schema, bytes.AsSpan(0, order.Length)), new FixMessageBuilder("0"));
        Assert.Equal(TranslateCode.Unfit, status.Code);
        return status.Describe(default).Split(' ')[0];
    }

    private static string With(string part, string instead)
    {
        Assert.Contains(part, Body, StringComparison.Ordinal);
        return Body.Replace(part, instead, StringComparison.Ordinal);
    }
}
