using System.Globalization;
using Estream.Esf;
using Estream.Fix;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Tests.Translation;

/// <summary>A message that the dictionary of its version does not allow is refused, by the tag and the name of the field.</summary>
public sealed class SendCheckTests
{
    private const string Order = "11=c-1|21=1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=100|40=1|";

    private static readonly FixTranslatorOptions s_options = new() { Schemas = [FixMarketData.Schema.QualifiedName] };

    [Theory]
    [InlineData("FIX.4.4", "D", Order, "")]
    [InlineData("FIX.4.4", "D", "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=100|",
        "field 40 (OrdType) is missing; FIX.4.4 requires it in messages of type D")]
    [InlineData("FIX.4.2", "D", "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=100|40=1|",
        "field 21 (HandlInst) is missing; FIX.4.2 requires it in messages of type D")]
    [InlineData("FIX.5.0SP2", "D", "11=c-1|54=1|60=20260707-12:30:00.000|38=100|40=1|", "")]
    [InlineData("FIX.4.4", "W", "55=EURUSD|268=2|269=0|270=1|271=5|", "field 268 (NoMDEntries) cannot be sent: ")]
    [InlineData("FIX.4.2", "W", "55=EURUSD|268=1|269=0|271=5|",
        "field 270 (MDEntryPx) is missing; FIX.4.2 requires it in messages of type W")]
    [InlineData("FIX.4.2", "D", Order + "59=9|", "field 59 (TimeInForce) has a value that the dictionary of FIX.4.2 does not list")]
    [InlineData("FIX.5.0SP2", "D", Order + "59=9|", "")]
    [InlineData("FIX.4.4", "D", Order + "126=soon|", "field 126 (ExpireTime) has a value that does not have the format of its type")]
    [InlineData("FIX.4.4", "D", Order + "1138=5|", "field 1138 is not defined for messages of this type in this version of FIX")]
    [InlineData("FIX.4.4", "U1", Order, "a message of type U1 cannot be sent: ")]
    public void Message_is_refused_by_the_dictionary_of_its_version(string version, string type, string body, string reason)
    {
        FixMessageBuilder message = new(type);
        foreach (string[] field in body.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split('=')))
        {
            message.Add(int.Parse(field[0], CultureInfo.InvariantCulture), field[1]);
        }

        TranslateStatus status = new SendCheck(Versions.Of(version)).Check(message);

        Assert.Equal(reason.Length == 0, status.IsOk);
        Assert.StartsWith(reason, status.IsOk ? "" : status.Describe(default), StringComparison.Ordinal);
    }

    [Fact]
    public void Checking_a_valid_message_does_not_allocate()
    {
        FixTranslator translator = new(FixProtocol.Fix44, s_options);
        byte[] book = Translated.ToEsf(
            translator, Translated.Whole(FixProtocol.Fix44, "W", "262=R-1|55=EURUSD|268=2|269=0|270=1.5|271=4|269=1|270=1.6|271=5|"));
        FixMessageBuilder message = new("W");
        Assert.True(translator.ToFix(new EsfMessage(FixMarketData.Schema, book), message).IsOk);
        SendCheck check = new(FixProtocol.Fix44);
        check.Check(message);

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => check.Check(message)));
    }
}
