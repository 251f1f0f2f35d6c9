using Estream.Fix;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Translation;

public class CancelTests
{
    private const string Cancel = "41=c-1|37=V-1|11=c-2|55=EURUSD|54=2|60=20260707-12:30:00.000|38=1000|58=changed my mind|";
    private const string Reject = "37=NONE|11=c-2|41=c-1|39=A|60=20260707-12:30:00.000|434=1|102=1|58=never heard of it|";

    private static readonly FixTranslator s_translator = new(FixProtocol.Fix44);

    [Fact]
    public void Cancel_request_is_translated_to_ESF_and_back()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "F", Cancel));

        Assert.Equal(
            """{"original_client_order_id":"c-1","client_order_id":"c-2","order_id":"V-1","instrument":"EURUSD","side":"Sell","quantity":1000,"requested_at":1783427400000000000,"text":"changed my mind"}""",
            FixOrderCancel.View.Of(message).ToString());
        Assert.Equal(Cancel, Frames.Text(Translated.ToFix(s_translator, FixOrderCancel.Schema, message).Body));
    }

    [Fact]
    public void Cancel_reject_is_translated_to_ESF_and_back()
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "9", Reject));

        Assert.Equal(
            """{"order_id":"NONE","client_order_id":"c-2","original_client_order_id":"c-1","status":"PendingNew","response_to":"Cancel","reason":1,"rejected_at":1783427400000000000,"text":"never heard of it"}""",
            FixOrderCancelReject.View.Of(message).ToString());
        Assert.Equal(Reject, Frames.Text(Translated.ToFix(s_translator, FixOrderCancelReject.Schema, message).Body));
    }

    [Theory]
    [InlineData("F", "41=c-1|37=NO|11=c-2|55=EURUSD|54=2|60=20260707-12:30:00.000|")]
    [InlineData("F", "41=c-1|11=c-2|55=EURUSD|54=1|60=20260707-12:30:00.000001|")]
    [InlineData("9", "37=NONE|11=c-2|41=c-1|39=E|434=2|")]
    [InlineData("9", "37=NONE|11=c-2|41=c-1|39=0|434=1|102=99|")]
    public void Absent_optional_fields_stay_absent(string msgType, string body)
    {
        byte[] message = Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, msgType, body));

        Assert.Equal(body,
            Frames.Text(
                Translated.ToFix(s_translator, msgType == "F" ? FixOrderCancel.Schema : FixOrderCancelReject.Schema, message).Body));
    }

    [Theory]
    [InlineData("41=c-1|", "", "field 41 ")]
    [InlineData("11=c-2|", "", "field 41 ")]
    [InlineData("37=V-1|", "37=|", "field 37 ")]
    [InlineData("55=EURUSD|", "", "field 55 ")]
    [InlineData("54=2|", "54=B|", "field 54 ")]
    [InlineData("38=1000|", "38=x|", "field 38 ")]
    [InlineData("60=20260707-12:30:00.000|", "", "field 60 ")]
    [InlineData("58=changed my mind|", "97=Y|", "field 97 ")]
    [InlineData("58=changed my mind|", "115=CLIENT|", "field 115 has no counterpart")]
    [InlineData("58=changed my mind|", "1=A|", "field 1 has no counterpart in FixOrderCancel")]
    public void Invalid_field_of_a_cancel_request_is_refused_with_its_tag(string part, string instead, string reason)
    {
        Assert.Contains(part, Cancel, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "F", Cancel.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith("Unfit: " + reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("37=NONE|", "", "field 37 ")]
    [InlineData("39=A|", "39=F|", "field 39 ")]
    [InlineData("39=A|", "", "field 39 ")]
    [InlineData("434=1|", "434=3|", "field 434 ")]
    [InlineData("102=1|", "102=4294967296|", "field 102 ")]
    [InlineData("102=1|", "102=-1|", "field 102 ")]
    [InlineData("60=20260707-12:30:00.000|", "60=now|", "field 60 ")]
    [InlineData("58=never heard of it|", "198=S|", "field 198 has no counterpart in FixOrderCancelReject")]
    public void Invalid_field_of_a_cancel_reject_is_refused_with_its_tag(string part, string instead, string reason)
    {
        Assert.Contains(part, Reject, StringComparison.Ordinal);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "9", Reject.Replace(part, instead, StringComparison.Ordinal));

        Assert.StartsWith("Unfit: " + reason, Translated.Refusal(s_translator, message), StringComparison.Ordinal);
    }
}
