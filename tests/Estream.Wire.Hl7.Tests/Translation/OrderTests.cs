using System.Text;
using System.Text.Json;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>ORM becomes FhirServiceRequest, one for each ORC.</summary>
public sealed class OrderTests
{
    private const string Head = "MSH|^~\\&|CPOE|GH|LAB|GH|20260101||ORM^O01|77|P|2.5\rPID|1||567^^^GH\rPV1|1|I|||||||||||||||||V7^^^GH\r";

    private const string Two = Head
        + "ORC|NW|P1^CPOE|F1^LAB|G1|SC||^^^20260102080000+0100^^S||20260101090000+0100|||38^Jones^Ann\r"
        + "OBR|1|P1^CPOE|F1^LAB|24331-1^Lipid^LN|||||||||||||||||||||||||||E78.5^Lipids^I10~weak\rNTE|1||fasting\r"
        + "ZOR|kept in Hl7Message only\r"
        + "ORC|CA|P2^CPOE||||||||||\rOBR|1|P2^CPOE||free words|||||||||||\r"
        + "ORC|NW|||||\rOBR|1||\r";

    [Fact]
    public void Order_has_the_values_of_ORC_and_OBR()
    {
        JsonElement order = Translated.Order(Two, 3);
        Assert.Equal(("Active", "Order", "Stat"), (Text(order, "status"), Text(order, "intent"), Text(order, "priority")));
        Assert.Equal("24331-1", order.GetProperty("code").GetProperty("coding")[0].GetProperty("code").GetString());
        Assert.Equal("Lipid", Text(order.GetProperty("code"), "text"));
        Assert.Equal(["P1", "F1"], order.GetProperty("identifier").EnumerateArray().Select(one => Text(one, "value")));
        Assert.Equal("G1", Text(order.GetProperty("requisition"), "value"));
        Assert.Equal("2026-01-02T08:00:00+01:00", Text(order, "occurrence_at"));
        Assert.Equal("2026-01-01T09:00:00+01:00", Text(order, "authored_on"));
        Assert.Equal(("38", "Jones"),
            (Text(order.GetProperty("requester"), "identifier_value"), Text(order.GetProperty("requester"), "display")));
        Assert.Equal(2, order.GetProperty("reason_code").GetArrayLength());
        Assert.Equal("fasting", order.GetProperty("note")[0].GetString());
        Assert.Equal("Patient/" + Translated.Id(Translated.Patient(Two)), Text(order.GetProperty("subject"), "reference"));
        Assert.Equal("Encounter/" + Translated.Id(Translated.Encounter(Two)), Text(order.GetProperty("encounter"), "reference"));
    }

    [Fact]
    public void Order_uses_only_the_segments_of_its_group()
    {
        JsonElement order = Translated.Order(Two, 7);
        Assert.Equal("Revoked", Text(order, "status"));
        Assert.Equal("free words", Text(order.GetProperty("code"), "text"));
        Assert.Empty(order.GetProperty("note").EnumerateArray());
        Assert.DoesNotContain("free words", Translated.Public("FhirServiceRequest", Two, 7), StringComparison.Ordinal);
        Assert.NotEqual(Translated.Id(Translated.Order(Two, 3)), Translated.Id(order));
    }

    [Theory]
    [InlineData("NW", "", "Active")]
    [InlineData("SC", "CM", "Completed")]
    [InlineData("SC", "IP", "Active")]
    [InlineData("SC", "A", "Active")]
    [InlineData("HD", "", "OnHold")]
    [InlineData("CA", "IP", "Revoked")]
    [InlineData("DC", "", "Revoked")]
    [InlineData("UA", "", "Unknown")]
    [InlineData("", "", "Unknown")]
    [InlineData("EW", "", "Unknown")]
    public void Order_has_the_status_after_its_control_code(string control, string status, string expected) =>
        Assert.Equal(expected, Text(Translated.Order($"{Head}ORC|{control}|P1|||{status}\r", 3), "status"));

    [Fact]
    public void Later_message_with_the_placer_number_has_the_same_id() =>
        Assert.Equal(
            Translated.Id(Translated.Order($"{Head}ORC|NW|P1^CPOE\r", 3)),
            Translated.Id(Translated.Order($"{Head}ORC|SC|P1^CPOE|F1^LAB||CM\r", 3)));

    [Fact]
    public void Number_without_assigner_belongs_to_the_sending_application()
    {
        string other = Head.Replace("|CPOE|", "|PHARM|", StringComparison.Ordinal);
        Assert.NotEqual(
            Translated.Id(Translated.Order($"{Head}ORC|NW|P1\r", 3)), Translated.Id(Translated.Order($"{other}ORC|NW|P1\r", 3)));
    }

    [Fact]
    public void Order_without_number_is_not_identified()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Two);
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        Assert.True(Hl7.Translation.OrderTranslator.IsIdentified(message, 3));
        Assert.False(Hl7.Translation.OrderTranslator.IsIdentified(message, 9));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
