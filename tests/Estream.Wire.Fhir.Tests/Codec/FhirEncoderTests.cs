using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Translation;

namespace Estream.Wire.Fhir.Tests.Codec;

public sealed class FhirEncoderTests
{
    private const string Minimal = """{"resourceType":"Observation","id":"o","status":"final","code":{"text":"c"}""";

    [Theory]
    [InlineData("", FhirError.MalformedJson)]
    [InlineData("[]", FhirError.WrongType)]
    [InlineData("{", FhirError.MalformedJson)]
    [InlineData("{}", FhirError.WrongResourceType)]
    [InlineData("""{"resourceType":"Patient"}""", FhirError.WrongResourceType)]
    [InlineData("""{"resourceType":"P\u0061tient"}""", FhirError.WrongResourceType)]
    [InlineData("""{"resourceType":"Observatio\ud83d"}""", FhirError.WrongResourceType)]
    [InlineData("""{"resourceType":"Observation","id":"o","code":{}}""", FhirError.Missing)]
    [InlineData("""{"resourceType":"Observation","id":"o/","status":"final","code":{}}""", FhirError.WrongValue)]
    [InlineData("""{"resourceType":"Observation","id":"o","status":"Final","code":{}}""", FhirError.WrongValue)]
    [InlineData(Minimal + ""","status":"final"}""", FhirError.Duplicate)]
    [InlineData(Minimal + ""","valueString":"a","valueBoolean":true}""", FhirError.Duplicate)]
    [InlineData(Minimal + ""","valueBoolean":"true"}""", FhirError.WrongType)]
    [InlineData(Minimal + ""","valueBoolean":null}""", FhirError.WrongType)]
    [InlineData(Minimal + ""","valueString":""}""", FhirError.WrongValue)]
    [InlineData(Minimal + ""","effectiveDateTime":"2013-02-30"}""", FhirError.WrongValue)]
    [InlineData(Minimal + ""","issued":"2013-02-03"}""", FhirError.WrongValue)]
    [InlineData(Minimal + ""","valueQuantity":{"value":12345678901234567890}}""", FhirError.NotRepresentable)]
    [InlineData(Minimal + "} x", FhirError.MalformedJson)]
    public void Encode_refuses(string json, object error)
    {
        Assert.Equal(error, Encode(json, out _).Error);
    }

    [Fact]
    public void Encode_refuses_text_after_a_consent_with_nested_provisions()
    {
        byte[] json = """
            {"resourceType":"Consent","id":"c","status":"active","scope":{"text":"s"},"category":[{"text":"t"}],
             "provision":{"provision":[{"type":"deny"}]}} {}
            """u8.ToArray();
        FhirStatus status = FhirEncoder.Encode(FhirSchemas.Maps["Consent"], json, null, new byte[1 << 12], out int length);
        Assert.Equal((FhirError.MalformedJson, 0), (status.Error, length));
        json[^1] = json[^2] = (byte)' ';
        Assert.True(FhirEncoder.Encode(FhirSchemas.Maps["Consent"], json, null, new byte[1 << 12], out _).IsOk);
    }

    [Fact]
    public void Encode_reads_escapes_in_names_types_and_codes()
    {
        const string Escaped = """
            {"resource\u0054ype":"\u004fbservation","i\u0064":"\u006f","status":"fin\u0061l","code":{"t\u0065xt":"\u0063"}}
            """;
        Assert.True(Encode(Minimal + "}", out string plain).IsOk);
        Assert.True(Encode(Escaped, out string message).IsOk);
        Assert.Equal(plain, message);
    }

    [Theory]
    [InlineData("1.50", 150, 2)]
    [InlineData("-0.070", -70, 3)]
    [InlineData("6.3", 63, 1)]
    [InlineData("1.0E3", 10, -2)]
    [InlineData("100", 100, 0)]
    public void Encode_keeps_the_precision_of_a_decimal(string number, long value, int scale)
    {
        Assert.True(Encode($"{Minimal},\"valueQuantity\":{{\"value\":{number}}}}}", out string message).IsOk);
        Assert.Contains($$$"""
            "quantity":{"value":{{{value}}},"scale":{{{scale}}}}
            """.Trim(), message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void Encode_translates_every_official_example(string name)
    {
        ResourceMap map = FhirSchemas.Maps[Samples.TypeOf(name)];
        byte[] message = new byte[1 << 17];
        FhirStatus status = FhirEncoder.Encode(map, Samples.Read(name), null, message, out int length);
        Assert.True(status.IsOk, status.Describe(map));
        Assert.True(EsfValidator.Check(map.Schema, message.AsSpan(0, length)).IsOk);
    }

    [Theory]
    [InlineData("Patient", "'birthDate':'SECRET'", "Patient.birthDate")]
    [InlineData("Patient", "'name':[{'family':5}]", "Patient.name.family")]
    [InlineData("Patient", "'multipleBirthInteger':'SECRET'", "Patient.multipleBirthInteger")]
    [InlineData("Patient", "'managingOrganization':{'identifier':{'system':5}}", "Patient.managingOrganization.identifier.system")]
    [InlineData("Observation", "'effectiveDateTime':'SECRET'", "Observation.effective")]
    [InlineData("Observation", "'component':[{'valueQuantity':{'value':'SECRET'}}]", "Observation.component.valueQuantity.value")]
    [InlineData("Consent", "'status':'active','scope':{'text':'t'},'category':[{'text':'t'}],'provision':{'provision':[{'type':5}]}",
        "Consent.provision.provision.type")]
    public void Encode_names_the_element_of_an_error_and_not_its_field(string type, string members, string path)
    {
        ResourceMap map = FhirSchemas.Maps[type];
        FhirStatus status =
            FhirEncoder.Encode(map, Quoted($"{{'resourceType':'{type}','id':'o',{members}}}"), null, new byte[4_096], out _);
        Assert.Equal(path, status.PathIn(map));
        Assert.Contains($"'{path[(type.Length + 1)..]}'", status.Describe(map), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_reads_provisions_of_a_provision_wherever_they_stand()
    {
        ResourceMap map = FhirSchemas.Maps["Consent"];
        byte[] json = """
            {"resourceType":"Consent","id":"c","provision":{"provision":[{"type":"deny"},{"type":"permit"}],"type":"permit"},
             "status":"active","scope":{"text":"s"},"category":[{"text":"t"}]}
            """u8.ToArray();
        byte[] message = new byte[4_096];
        FhirStatus status = FhirEncoder.Encode(map, json, null, message, out int length);
        Assert.True(status.IsOk, status.Describe(map));
        Assert.Contains("""
            "provision":{"type":"Permit"},"exceptions":[{"type":"Deny"},{"type":"Permit"}]
            """.Trim(), Show(map, message.AsSpan(0, length)), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_replaces_ids_by_pseudonyms()
    {
        FhirPseudonyms pseudonyms = new("0123456789abcdef"u8);
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] message = new byte[4_096];
        byte[] json = Encoding.UTF8.GetBytes(Minimal.Replace("\"o\"", "\"MRN-7\"", StringComparison.Ordinal)
            + """,  "subject":{"reference":"Patient/MRN-8"},"focus":[{"reference":"Patient/MRN-9"}],"hasMember":[{"reference":"http://x/Observation/MRN-7"}]}""");
        Assert.True(FhirEncoder.Encode(map, json, pseudonyms, message, out int length).IsOk);
        string shown = Show(map, message.AsSpan(0, length));
        Assert.DoesNotContain("MRN", shown, StringComparison.Ordinal);
        byte[] id = new byte[FhirPseudonyms.IdLength];
        pseudonyms.WriteId("Patient"u8, "MRN-8"u8, id);
        Assert.Contains($"Patient/{Encoding.ASCII.GetString(id)}", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#", "#")]
    [InlineData("#MRN-8", "#*")]
    [InlineData("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "urn:pseudonym:*")]
    [InlineData("urn:oid:1.2.3.4.5", "urn:pseudonym:*")]
    [InlineData("MRNofAnnaMeier/8", "urn:pseudonym:*")]
    [InlineData("https://ehr.example/fhir/Patient/MRN-8/_history/2", "urn:pseudonym:*")]
    [InlineData("Patient/MRN-8/_history/2", "Patient/*")]
    public void Encode_replaces_every_form_of_reference_that_can_identify(string reference, string expected)
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] message = new byte[4_096];
        byte[] json = Encoding.UTF8.GetBytes(Minimal + $",\"subject\":{{\"reference\":\"{reference}\"}}}}");
        Assert.True(FhirEncoder.Encode(map, json, new FhirPseudonyms("0123456789abcdef"u8), message, out int length).IsOk);
        string shown = JsonDocument.Parse(Show(map, message.AsSpan(0, length)))
            .RootElement.GetProperty("subject").GetProperty("reference").GetString()!;
        int end = expected.IndexOf('*', StringComparison.Ordinal);
        Assert.Equal(end < 0 ? expected : expected[..end], end < 0 ? shown : shown[..end]);
        Assert.Equal(end < 0 ? expected.Length : end + FhirPseudonyms.IdLength, shown.Length);
        Assert.DoesNotContain("MRN", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'code':{'coding':[{'system':'http://loinc.org','code':'718-7','display':'SECRET'}],'text':'t'}",
        "t; SECRET", "718-7")]
    [InlineData("'code':{'text':'t','coding':[{'code':'SECRET','display':'d'},{'code':'1-2','system':'http://loinc.org'}]}",
        "t; SECRET; d", "'code':'1-2'")]
    [InlineData("'code':{'coding':[{'system':'urn:local','code':'SECRET'}]}", "urn:local; SECRET", null)]
    [InlineData("'code':{'coding':[{'system':'http://loinc.org','code':'SECRET of Ann'}]}", "http://loinc.org; SECRET of Ann", null)]
    [InlineData("'code':{'coding':[{'syste\\u006d':'http://loinc.org','c\\u006fde':'718-7','displ\\u0061y':'SECR\\u0045T'}]}",
        "SECRET", "718-7")]
    [InlineData("'code':{'text':'c'},'valueQuantity':{'value':5,'unit':'SECRET','code':'SECRET'}", "SECRET; SECRET", "'value':5")]
    [InlineData("'code':{'text':'c'},'valueQuantity':{'unit':'SECRET of Ann','system':'http://unitsofmeasure.org','code':'mg'}",
        "SECRET of Ann", "'code':'mg'")]
    [InlineData("'code':{'text':'c'},'valueRange':{'low':{'unit':'SECRET'},'high':{'value':5}}", "SECRET", "'value':5")]
    [InlineData("'code':{'text':'c'},'valueCodeableConcept':{'coding':[{'code':'SECRET'}]}", "SECRET", null)]
    [InlineData("'code':{'text':'c'},'referenceRange':[{'text':'t','low':{'value':5,'unit':'SECRET'}}]", "t; SECRET", "'value':5")]
    [InlineData("'code':{'text':'c'},'component':[{'code':{'coding':[{'display':'SECRET'}]}}]", "SECRET", null)]
    [InlineData("'code':{'coding':[{'system':'http://loinc.org','code':'Meier,SECRET'}]}", "http://loinc.org; Meier,SECRET", null)]
    [InlineData("'code':{'coding':[{'system':'http://loinc.org','code':'718-7','version':'SECRET'}]}",
        "http://loinc.org; 718-7; SECRET", null)]
    [InlineData("'code':{'coding':[{'system':'http://hl7.org/fhir/SECRET-Meier','code':'hiv'}]}",
        "http://hl7.org/fhir/SECRET-Meier; hiv", null)]
    [InlineData("'code':{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/SECRET','code':'hiv'}]}",
        "http://terminology.hl7.org/CodeSystem/SECRET; hiv", null)]
    [InlineData("'code':{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/v3-ActCode','code':'Anna-SECRET'}]}",
        "http://terminology.hl7.org/CodeSystem/v3-ActCode; Anna-SECRET", null)]
    [InlineData("'code':{'text':'c'},'valueQuantity':{'unit':'mmHg','system':'http://unitsofmeasure.org','code':'SECRET'}",
        "mmHg; http://unitsofmeasure.org; SECRET", null)]
    [InlineData("'code':{'text':'c'},'valueQuantity':{'unit':'SECRET','system':'http://unitsofmeasure.org','code':'mm[Hg]'}",
        "SECRET", "'code':'mm[Hg]'")]
    [InlineData("'code':{'text':'c'},'valueQuantity':{'unit':'/min','system':'http://unitsofmeasure.org','code':'{SECRET}/min'}",
        "/min; http://unitsofmeasure.org; {SECRET}/min", null)]
    [InlineData("'code':{'text':'c'},'valueSampledData':{'origin':{'value':1},'period':10,'dimensions':1,'data':'1 2 SECRET'}",
        "1 2 SECRET", "'dimensions':1")]
    public void Encode_withholds_texts_and_codes_that_no_published_terminology_has(string members, string text, string? shownInPlaintext)
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] message = new byte[4_096];
        byte[] json = Quoted($"{{'resourceType':'Observation','id':'o','status':'final',{members}}}");
        FhirStatus status = FhirEncoder.Encode(map, json, null, message, out int length);
        Assert.True(status.IsOk, status.Describe(map));
        Assert.True(message.AsSpan(length).IndexOfAnyExcept((byte)0) < 0);
        Assert.Contains($"\"text\":\"{text}\"", Show(map, message.AsSpan(0, length)), StringComparison.Ordinal);
        string withheld = Show(map, message.AsSpan(0, length), EsfDisclosure.Redacted);
        Assert.DoesNotContain("SECRET", withheld, StringComparison.Ordinal);
        Assert.Contains((shownInPlaintext ?? "final").Replace('\'', '"'), withheld, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Encounter", "'status':'finished','class':{'code':'SECRET','display':'SECRET'},'length':{'value':5,'unit':'SECRET'}")]
    [InlineData("Encounter", "'status':'finished','class':{'system':'http://snomed.info/sct','code':'SECRET'}")]
    [InlineData("Patient", "'communication':[{'language':{'coding':[{'code':'SECRET'}]}}]")]
    [InlineData("Patient", "'managingOrganization':{'type':'SECRET','identifier':{'system':'urn:SECRET','value':'SECRET'}}")]
    [InlineData("Observation", "'status':'final','code':{'text':'c'},'basedOn':[{'type':'SECRET','identifier':{'system':'SECRET'}}]")]
    [InlineData("Consent", "'status':'active','scope':{'text':'t'},'category':[{'text':'t'}],"
        + "'policy':[{'authority':'SECRET','uri':'urn:SECRET'}]")]
    [InlineData("Consent", "'status':'active','scope':{'coding':[{'display':'SECRET'}]},'category':[{'text':'t'}],"
        + "'provision':{'purpose':[{'code':'SECRET'}],'provision':[{'class':[{'display':'SECRET'}]}]}")]
    public void Encode_withholds_codings_of_every_type(string type, string members)
    {
        ResourceMap map = FhirSchemas.Maps[type];
        byte[] message = new byte[4_096];
        byte[] json = Quoted($"{{'resourceType':'{type}','id':'o',{members}}}");
        FhirStatus status = FhirEncoder.Encode(map, json, null, message, out int length);
        Assert.True(status.IsOk, status.Describe(map));
        Assert.DoesNotContain("SECRET", Show(map, message.AsSpan(0, length), EsfDisclosure.Redacted), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://loinc.org", "718-7")]
    [InlineData("http://loinc.org", "LA6576-8")]
    [InlineData("http://snomed.info/sct", "271649006")]
    [InlineData("http://hl7.org/fhir/sid/icd-10", "J45.9")]
    [InlineData("http://hl7.org/fhir/sid/icd-10-cm", "S72.001A")]
    [InlineData("http://id.who.int/icd/release/11/mms", "1A00&XN8P1")]
    [InlineData("http://www.whocc.no/atc", "N02BE01")]
    [InlineData("http://hl7.org/fhir/sid/ndc", "0069-2587-10")]
    [InlineData("urn:ietf:bcp:47", "nl-NL")]
    [InlineData("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")]
    [InlineData("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB")]
    [InlineData("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")]
    [InlineData("http://hl7.org/fhir/resource-types", "Observation")]
    [InlineData("http://unitsofmeasure.org", "mm[Hg]")]
    [InlineData("http://unitsofmeasure.org", "10*3/uL")]
    [InlineData("http://unitsofmeasure.org", "10*-6.[iU]")]
    [InlineData("http://unitsofmeasure.org", "mL/min/{1.73_m2}", false)]
    [InlineData("http://unitsofmeasure.org", "mL/min/1.73.m2")]
    [InlineData("http://unitsofmeasure.org", "kg.m-2")]
    [InlineData("http://unitsofmeasure.org", "umol/(24.h)")]
    [InlineData("http://unitsofmeasure.org", "{beats}/min")]
    [InlineData("http://unitsofmeasure.org", "mg/dL{creat}")]
    [InlineData("http://unitsofmeasure.org", "%")]
    [InlineData("http://unitsofmeasure.org", "Cel")]
    [InlineData("http://unitsofmeasure.org", "[degF]")]
    [InlineData("http://unitsofmeasure.org", "Anna.Meier", false)]
    [InlineData("http://unitsofmeasure.org", "mg{Meier", false)]
    [InlineData("http://unitsofmeasure.org", "[Meier]", false)]
    [InlineData("http://snomed.info/sct", "HIV", false)]
    [InlineData("http://example.org", "718-7", false)]
    public void Codes_of_published_terminologies_stay_in_plaintext(string system, string code, bool isPublished = true) =>
        Assert.Equal(isPublished, Terminologies.IsCode(Encoding.UTF8.GetBytes(system), Encoding.UTF8.GetBytes(code)));

    [Fact]
    public void Encode_allocates_nothing()
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] json = Samples.Read("Observation-f001.json");
        byte[] message = new byte[1 << 16];
        FhirPseudonyms pseudonyms = new("0123456789abcdef"u8);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => FhirEncoder.Encode(map, json, pseudonyms, message, out _)));
    }

    [Fact]
    public void Encode_fails_cleanly_for_every_short_destination()
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] json = Samples.Read("Observation-f001.json");
        byte[] message = new byte[1 << 16];
        Assert.True(FhirEncoder.Encode(map, json, null, message, out int length).IsOk);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(FhirError.DestinationTooSmall, FhirEncoder.Encode(map, json, null, message.AsSpan(0, i), out _).Error);
        }
    }

    private static byte[] Quoted(string json) => Encoding.UTF8.GetBytes(json.Replace('\'', '"'));

    private static FhirStatus Encode(string json, out string shown)
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] message = new byte[4_096];
        FhirStatus status = FhirEncoder.Encode(map, Encoding.UTF8.GetBytes(json), null, message, out int length);
        shown = status.IsOk ? Show(map, message.AsSpan(0, length)) : "";
        return status;
    }

    private static string Show(ResourceMap map, ReadOnlySpan<byte> message, EsfDisclosure disclosure = EsfDisclosure.Disclosed)
    {
        ArrayBufferWriter<byte> text = new();
        Assert.True(EsfJson.WriteJson(map.Schema, message, text, disclosure).IsOk);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
