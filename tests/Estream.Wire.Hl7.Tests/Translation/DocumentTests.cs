using System.Text.Json;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>MDM becomes FhirDocumentReference.</summary>
public sealed class DocumentTests
{
    private const string Mdm = "MSH|^~\\&|DICT|GH|EHR|GH|20260101||MDM^T02|77|P|2.5\rPID|1||567^^^GH\rPV1|1|I|||||||||||||||||V7^^^GH\r"
        + "TXA|1|DS|TX|20260103|38^Jones^Ann|20260102080000+0100|||40^Typist^Bo~41^Typist^Cy|||D2^DICT|D1^DICT||||AU|R|AV|||50^Chief^Di"
        + "|||Discharge summary\r"
        + "OBX|1|TX|1^Text^L||first \\T\\ line\rOBX|2|FT|1^Text^L||second\r"
        + "OBX|3|ED|2^PDF^L||DICT^AP^PDF^Base64^JVBERi0=\rOBX|4|RP|3^Image^L||http://pacs/1^DICT^image^JPEG\r"
        + "OBX|5|ED|2^PDF^L||DICT^AP^PDF^Hex^00FF\rOBX|6|ED|2^PDF^L||DICT^AP^PDF^Base64^not base64\r";

    [Fact]
    public void Document_has_the_values_of_TXA_and_its_content()
    {
        JsonElement one = Translated.Document(Mdm);
        Assert.Equal(("Current", "Final"), (Text(one, "status"), Text(one, "doc_status")));
        Assert.Equal("D2", Text(one.GetProperty("identifier")[0], "value"));
        Assert.Equal("DS", Text(one.GetProperty("type").GetProperty("coding")[0], "code"));
        Assert.Equal("2026-01-02T08:00:00+01:00", Text(one, "date"));
        Assert.Equal(["40", "41"], one.GetProperty("author").EnumerateArray().Select(author => Text(author, "identifier_value")));
        Assert.Equal("Chief", Text(one.GetProperty("authenticator"), "display"));
        Assert.Equal("Discharge summary", Text(one, "description"));
        Assert.Equal("R", Text(one.GetProperty("security_label")[0].GetProperty("coding")[0], "code"));
        Assert.Equal(["first & line", "second"], one.GetProperty("text").EnumerateArray().Select(line => line.GetString()!));
        JsonElement[] content = [.. one.GetProperty("content").EnumerateArray()];
        Assert.Equal(2, content.Length);
        Assert.Equal(("application/pdf", "JVBERi0="), (Text(content[0], "content_type"), Text(content[0], "data")));
        Assert.Equal(("image/jpeg", "http://pacs/1"), (Text(content[1], "content_type"), Text(content[1], "url")));
        Assert.Equal("Patient/" + Translated.Id(Translated.Patient(Mdm)), Text(one.GetProperty("subject"), "reference"));
        Assert.Equal("Encounter/" + Translated.Id(Translated.Encounter(Mdm)), Text(one.GetProperty("encounter")[0], "reference"));
        Assert.False(one.TryGetProperty("relates_to", out _));
    }

    [Theory]
    [InlineData("T05", "Appends")]
    [InlineData("T10", "Replaces")]
    public void Document_refers_to_the_document_it_extends_or_replaces(string trigger, string code)
    {
        JsonElement relation = Translated.Document(Mdm.Replace("T02", trigger, StringComparison.Ordinal)).GetProperty("relates_to")[0];
        Assert.Equal(code, Text(relation, "code"));
        string earlier = Mdm.Replace("D2^DICT|D1^DICT", "D1^DICT|", StringComparison.Ordinal);
        Assert.Equal("DocumentReference/" + Translated.Id(Translated.Document(earlier)),
            Text(relation.GetProperty("target"), "reference"));
    }

    [Theory]
    [InlineData("T02", "AV", "Current", "Final")]
    [InlineData("T08", "AV", "Current", "Amended")]
    [InlineData("T11", "AV", "EnteredInError", "Final")]
    [InlineData("T02", "OB", "Superseded", "Final")]
    [InlineData("T02", "CA", "EnteredInError", "Final")]
    public void Document_has_the_status_after_the_event(string trigger, string availability, string status, string stage)
    {
        JsonElement one = Translated.Document(Mdm.Replace("T02", trigger, StringComparison.Ordinal)
            .Replace("|AV|", $"|{availability}|", StringComparison.Ordinal));
        Assert.Equal((status, stage), (Text(one, "status"), Text(one, "doc_status")));
    }

    [Theory]
    [InlineData("|DS|", "|wife MARKER|")]
    [InlineData("|AU|R|", "|AU|MARKER|")]
    [InlineData("first", "MARKER")]
    [InlineData("Discharge", "MARKER")]
    [InlineData("AP^PDF", "AP^MARKER")]
    public void Free_text_of_a_document_is_private(string from, string to) =>
        Assert.DoesNotContain("MARKER",
            Translated.Public("FhirDocumentReference", Mdm.Replace(from, to, StringComparison.Ordinal)), StringComparison.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
