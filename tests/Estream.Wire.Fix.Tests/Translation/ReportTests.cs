using Estream.Fix;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

/// <summary>Execution reports of every kind, and FixExecutionReport.</summary>
public class ReportTests
{
    private const string Names = "37=V-1|198=X-1|11=c-2|41=c-1|17=E-1|";
    private const string Rest = "55=EURUSD|48=EU0009652759|22=4|54=2|40=4|38=1000|44=1.0825|99=1.08|59=6|126=20260708-16:00:00.000|"
        + "110=10|111=100|18=1 2|32=400|31=1.08251|151=600|14=400|6=1.0825133333333|12=-0.5|13=3|15=USD|30=XLON|"
        + "60=20260707-12:30:00.000|75=20260707|64=20260709|58=all of it|";

    private const string Body = Names + "526=s-1|150=F|39=1|" + Rest + "851=1|636=Y|";

    private static readonly string s_schema = FixExecutionReport.Schema.QualifiedName;

    public static TheoryData<string> AllVersions => [.. Versions.Names];

    [Fact]
    public void Report_is_translated_with_every_field()
    {
        byte[] message = Translated.ToEsf(Translator(FixProtocol.Fix44), Translated.Whole(FixProtocol.Fix44, "8", Body));

        Assert.True(FixExecutionReport.Validate(message).IsOk);
        Assert.Equal(
            """{"order_id":"V-1","secondary_order_id":"X-1","client_order_id":"c-2","original_client_order_id":"c-1","secondary_client_order_id":"s-1","exec_id":"E-1","exec_type":"Trade","exec_type_code":"F","status":"PartiallyFilled","status_code":"1","instrument":"EURUSD","security_id":"EU0009652759","security_id_source_code":"4","side":"Sell","side_code":"2","order_type":"StopLimit","order_type_code":"4","quantity":1000,"price":108250000,"stop_price":108000000,"time_in_force":"GoodTillDate","time_in_force_code":"6","expires_at":1783526400000000000,"min_quantity":10,"max_floor":100,"instructions":"1 2","last_quantity":400,"last_price":108251000,"leaves_quantity":600,"cumulative_quantity":400,"average_price":108251333,"commission":-50000000,"commission_type_code":"3","currency":"USD","venue":"XLON","liquidity":1,"is_working":true,"transacted_at":1783427400000000000,"trade_date":"20260707","settlement_date":"20260709","sent_at":1783427400000000000,"possible_resend":false,"text":"all of it"}""",
            FixExecutionReport.View.Of(message).ToString());
    }

    [Fact]
    public void Report_has_the_same_fields_after_translation_to_ESF_and_back()
    {
        FixTranslator translator = Translator(FixProtocol.Fix44);
        string body = Body.Replace("6=1.0825133333333|", "6=1.08251333|", StringComparison.Ordinal);
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix44, "8", body));

        FixMessageBuilder builder = Translated.ToFix(translator, FixExecutionReport.Schema, message);

        Assert.Equal(body.Split('|').Order(), Frames.Text(builder.Body).Split('|').Order());
        Assert.Equal(message, Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix44, builder)));
    }

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void Every_ExecType_and_OrdStatus_of_the_version_comes_back(string version)
    {
        FixProtocol protocol = Versions.Of(version);
        FixTranslator translator = Translator(protocol);
        int count = 0;
        foreach (string type in Versions.Codes(protocol, 150))
        {
            foreach (string status in Versions.Codes(protocol, 39))
            {
                foreach (string transaction in version == "FIX.4.2" ? (string[])["20=0|", "20=1|", "20=2|", "20=3|"] : [""])
                {
                    string body = $"{Names}{transaction}150={type}|39={status}|{Rest}";
                    byte[] message = Translated.ToEsf(translator, Translated.Whole(protocol, "8", body));
                    FixExecutionReport.View report = FixExecutionReport.View.Of(message);
                    Assert.NotNull(report.ExecType);
                    Assert.NotNull(report.Status);
                    byte[] again = Translated.Whole(protocol, Translated.ToFix(translator, FixExecutionReport.Schema, message));
                    Assert.Equal(message, Translated.ToEsf(translator, again));
                    count++;
                }
            }
        }

        Assert.InRange(count, 200, 1_000);
    }

    [Theory]
    [InlineData("20=0|150=1|39=1|", nameof(FixExecType.Trade))]
    [InlineData("20=0|150=2|39=2|", nameof(FixExecType.Trade))]
    [InlineData("20=1|150=1|39=1|", nameof(FixExecType.TradeCancel))]
    [InlineData("20=2|150=2|39=2|", nameof(FixExecType.TradeCorrect))]
    [InlineData("20=3|150=0|39=0|", nameof(FixExecType.OrderStatus))]
    [InlineData("20=0|150=0|39=0|", nameof(FixExecType.New))]
    [InlineData("20=0|150=4|39=4|", nameof(FixExecType.Canceled))]
    public void FIX_4_2_report_has_the_ExecType_of_later_versions(string codes, string expected)
    {
        byte[] fix42 = Translated.ToEsf(Translator(FixProtocol.Fix42), Translated.Whole(FixProtocol.Fix42, "8", Names + codes + Rest));
        Assert.Equal(expected, FixExecutionReport.View.Of(fix42).ExecType.ToString());

        // The same report over FIX 4.4, and from there over FIX 4.2.
        byte[] fix44 = Over(FixProtocol.Fix44, fix42);
        Assert.Equal(expected, FixExecutionReport.View.Of(fix44).ExecType.ToString());
        Assert.Equal(expected, FixExecutionReport.View.Of(Over(FixProtocol.Fix42, fix44)).ExecType.ToString());
    }

    [Fact]
    public void Report_that_the_version_cannot_express_is_refused()
    {
        byte[] message = Translated.ToEsf(Translator(FixProtocol.Fix44), Translated.Whole(FixProtocol.Fix44, "8", Body));
        TranslateStatus status = Translator(FixProtocol.Fix42).ToFix(new EsfMessage(FixExecutionReport.Schema, message), new("0"));
        Assert.Equal("field 526 is not defined for messages of this type in this version of FIX", status.Describe(default));

        string hold = Names + "150=J|39=1|" + Rest;
        message = Translated.ToEsf(Translator(FixProtocol.Fix50Sp2), Translated.Whole(FixProtocol.Fix50Sp2, "8", hold));
        status = Translator(FixProtocol.Fix42).ToFix(new EsfMessage(FixExecutionReport.Schema, message), new("0"));
        Assert.Equal("field 150 has a value that FIX 4.2 does not have", status.Describe(default));
    }

    [Fact]
    public void Unknown_codes_are_stored_as_they_are_and_not_sent()
    {
        FixTranslator translator = Translator(FixProtocol.Fix44);
        string body = Body.Replace("150=F|39=1|", "150=z|39=Zz|", StringComparison.Ordinal)
            .Replace("54=2|40=4|", "54=5|40=99|", StringComparison.Ordinal).Replace("59=6|", "59=X|", StringComparison.Ordinal);
        byte[] message = Translated.ToEsf(translator, Translated.Whole(FixProtocol.Fix44, "8", body));

        FixExecutionReport.View report = FixExecutionReport.View.Of(message);
        Assert.Null(report.ExecType);
        Assert.Null(report.Status);
        Assert.Null(report.Side);
        Assert.Null(report.OrderType);
        Assert.Null(report.TimeInForce);
        Assert.Equal(
            ["z", "Zz", "5", "99", "X"],
            new[] { report.ExecTypeCode.ToArray(), report.StatusCode.ToArray(), report.SideCode.ToArray(),
                report.OrderTypeCode.ToArray(), report.TimeInForceCode.ToArray() }.Select(code => Frames.Text(code)));
        TranslateStatus status = translator.ToFix(new EsfMessage(FixExecutionReport.Schema, message), new("0"));
        Assert.Equal("field 39 (OrdStatus) has a value that does not have the format of its type", status.Describe(default));
    }

    [Fact]
    public void Resent_report_keeps_its_first_time_and_is_marked()
    {
        byte[] bytes = Frames.Message(
            "FIX.4.4", $"35=8|34=1|43=Y|49=DESK|52=20260707-12:30:00.000|56=VENUE|97=Y|122=20260707-12:29:00.000|{Body}");
        FixExecutionReport.View report = FixExecutionReport.View.Of(Translated.ToEsf(Translator(FixProtocol.Fix44), bytes));

        Assert.True(report.PossibleResend);
        Assert.Equal(1_783_427_340_000_000_000, report.SentAt);
    }

    [Theory]
    [InlineData("6=1.0825133333333|", "6=1.082513335|", 108_251_334)]
    [InlineData("6=1.0825133333333|", "6=-1.082513335|", -108_251_334)]
    [InlineData("6=1.0825133333333|", "6=1.08251333499|", 108_251_333)]
    [InlineData("6=1.0825133333333|", "6=-0.00000000500|", -1)]
    [InlineData("6=1.0825133333333|", "6=2|", 200_000_000)]
    public void Average_price_is_rounded(string part, string instead, long expected)
    {
        byte[] message = Translated.Whole(FixProtocol.Fix44, "8", Body.Replace(part, instead, StringComparison.Ordinal));

        Assert.Equal(expected, FixExecutionReport.View.Of(Translated.ToEsf(Translator(FixProtocol.Fix44), message)).AveragePrice);
    }

    [Theory]
    [InlineData("37=V-1|", "", "Unfit: field 37 is missing")]
    [InlineData("17=E-1|", "", "Unfit: field 17 is missing")]
    [InlineData("150=F|", "", "Unfit: field 150 is missing")]
    [InlineData("39=1|", "", "Unfit: field 39 is missing")]
    [InlineData("55=EURUSD|", "", "Unfit: field 55 is missing")]
    [InlineData("54=2|", "", "Unfit: field 54 is missing")]
    [InlineData("151=600|", "", "Unfit: field 151 is missing")]
    [InlineData("14=400|", "14=-1|", "Unfit: field 14 is negative")]
    [InlineData("14=400|", "14=0.5|", "Unfit: field 14 is not a number, or has too many decimals")]
    [InlineData("44=1.0825|", "44=1.000000001|", "Unfit: field 44 is not a number, or has too many decimals")]
    [InlineData("6=1.0825133333333|", "6=1.0825133333333x|", "Unfit: field 6 is not a number")]
    [InlineData("6=1.0825133333333|", "6=99999999999.0825133333333|", "Unfit: field 6 is not a number")]
    [InlineData("150=F|", "150=123456789|", "Unfit: field 150 is empty, is not UTF-8, or is longer")]
    [InlineData("851=1|", "851=4294967296|", "Unfit: field 851 is not a 32-bit number")]
    [InlineData("636=Y|", "636=y|", "Unfit: field 636 is neither Y nor N")]
    [InlineData("60=20260707-12:30:00.000|", "60=noon|", "Unfit: field 60 is not a time")]
    [InlineData("636=Y|", "1=ACCOUNT|", "Unfit: field 1 has no counterpart in FixExecutionReport")]
    [InlineData("636=Y|", "636=Y|636=Y|", "Unfit: field 636 occurs twice")]
    public void Invalid_report_is_refused_with_its_reason(string part, string instead, string reason)
    {
        Assert.Contains(part, Body, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "8", Body.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith(reason, Translated.Refusal(Translator(FixProtocol.Fix44), message), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_needs_no_more_room_than_its_fixed_length_and_the_length_of_the_message()
    {
        FixTranslator translator = Translator(FixProtocol.Fix44);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "8", Body);
        int room = FixExecutionReport.FixedLength + message.Length;

        Assert.True(translator.ToEsf(message, new byte[room], out _).IsOk);
        Assert.Equal(TranslateCode.DestinationTooSmall, translator.ToEsf(message, new byte[room - 1], out _).Code);
    }

    [Fact]
    public void Translating_reports_does_not_allocate()
    {
        FixTranslator translator = Translator(FixProtocol.Fix44);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "8", Body);
        byte[] esf = Translated.ToEsf(translator, message);
        byte[] destination = new byte[4_096];
        FixMessageBuilder builder = new("8");

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => translator.ToEsf(message, destination, out _)));
        Assert.Equal(
            0, AllocationMeter.OnThisThread(1_000, () => translator.ToFix(new EsfMessage(FixExecutionReport.Schema, esf), builder)));
    }

    /// <summary>Sends a report over a version, and translates it again.</summary>
    private static byte[] Over(FixProtocol protocol, byte[] report)
    {
        FixTranslator translator = Translator(protocol);
        FixMessageBuilder builder = Translated.ToFix(translator, FixExecutionReport.Schema, report);
        return Translated.ToEsf(translator, Translated.Whole(protocol, builder));
    }

    private static FixTranslator Translator(FixProtocol protocol)
    {
        return new FixTranslator(protocol, new FixTranslatorOptions { Schemas = [s_schema] });
    }
}
