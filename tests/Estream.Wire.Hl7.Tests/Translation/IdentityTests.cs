using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>Resources have the same id only if they describe the same patient, visit or observation, and the status that an event
/// means.</summary>
public sealed class IdentityTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Pseudonym_is_the_HMAC_SHA256_of_the_identifier(int keyLength)
    {
        byte[] key = [.. Enumerable.Range(0, keyLength).Select(one => (byte)(one * 7))];
        Pseudonyms pseudonyms = new(key);
        byte[] scratch = new byte[512];
        byte[] id = new byte[Pseudonyms.IdLength];
        for (int length = 0; length < 300; length++)
        {
            byte[] identifier = [.. Enumerable.Range(0, length).Select(one => (byte)(one * one))];
            byte[] text = [(byte)'P', .. "GH"u8, 0, .. identifier, 0];
            Assert.True(pseudonyms.TryWrite('P', "GH"u8, identifier, [], scratch, id));
            Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(key, text)[..16]), Encoding.ASCII.GetString(id));
        }
    }

    [Theory]
    [InlineData("\"\"", "678^^^GH")]
    [InlineData("  ", "678^^^GH")]
    public void Deleted_or_blank_identifier_is_not_an_identifier(string deleted, string other)
    {
        Assert.Equal(
            Translated.Id(Translated.Patient(Adt(pid3: other))), Translated.Id(Translated.Patient(Adt(pid3: $"{deleted}~{other}"))));
        Assert.Equal(
            Translated.Id(Translated.Encounter(Adt(pid18: "A7^^^GH"))),
            Translated.Id(Translated.Encounter(Adt(pv19: deleted, pid18: "A7^^^GH"))));
        Assert.NotEqual(
            Translated.Id(Translated.Observation(Oru($"OBR|1||{deleted}|P", "OBX|1|NM|1^a^L||1"), 3)),
            Translated.Id(Translated.Observation(Message("78", $"OBR|1||{deleted}|P", "OBX|1|NM|1^a^L||1"), 3)));
        Assert.False(Translated.Patient(Adt(pid8: deleted)).TryGetProperty("gender", out _));
    }

    [Fact]
    public void Numbers_of_different_facilities_and_fields_have_different_ids()
    {
        string[] patients =
        [
            Translated.Id(Translated.Patient(Adt(pid3: "567", facility: "A"))),
            Translated.Id(Translated.Patient(Adt(pid3: "567", facility: "B"))),
            Translated.Id(Translated.Patient(Adt(pid3: "567^^^&1.2.3&ISO"))),
            Translated.Id(Translated.Patient(Adt(pid3: "567^^^&9.9.9&ISO"))),
            Translated.Id(Translated.Patient(Adt(pid3: "", pid2: "567", facility: "A"))),
        ];
        Assert.Equal(patients.Length, patients.Distinct().Count());
        Assert.NotEqual(
            Translated.Id(Translated.Encounter(Adt(pv19: "7^^^GH"))), Translated.Id(Translated.Encounter(Adt(pid18: "7^^^GH"))));
        string[] orders = [.. new[] { "F1|", "|F1", "|F1^^1.2.3^ISO", "|F1^^9.9.9^ISO", "|F1^LAB" }.Select(numbers =>
            Translated.Id(Translated.Observation(Oru($"OBR|1|{numbers}|P", "OBX|1|NM|1^a^L||1"), 3)))];
        Assert.Equal(orders.Length, orders.Distinct().Count());
    }

    [Fact]
    public void Namespace_alone_identifies_the_assigner() =>
        Assert.Equal(
            Translated.Id(Translated.Patient(Adt(pid3: "567^^^GH"))), Translated.Id(Translated.Patient(Adt(pid3: "567^^^GH&1.2.3&ISO"))));

    [Fact]
    public void Observations_of_one_message_have_different_ids()
    {
        string message = Oru("OBR|1||F1|P", "OBX||TX|1^a^L||x", "OBX||TX|1^a^L||x", "OBX|1|TX|^a||x", "OBX|1|TX|^b||x", "OBR|2||F1|P",
            "OBX||TX|1^a^L||x", "OBX|1|TX|1^a^L|2|x", "OBX|12|TX|1^a^L||x");
        int[] indexes = [3, 4, 5, 6, 8, 9, 10];
        Assert.Equal(indexes.Length, indexes.Select(index => Translated.Id(Translated.Observation(message, index))).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(TranslatorTests.SampleNames), MemberType = typeof(TranslatorTests))]
    public void Observations_of_each_sample_have_different_ids(string name)
    {
        byte[] bytes = Samples.Read(name);
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        List<string> ids = [];
        for (int i = message.IndexOf("OBX"u8); i >= 0; i = message.IndexOf("OBX"u8, i + 1))
        {
            if (!message[i][3].Component(1).IsEmpty)
            {
                ids.Add(Translated.Id(Translated.Observation(Encoding.UTF8.GetString(bytes), i)));
            }
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Corrected_result_has_the_id_of_the_result_before() =>
        Assert.Equal(
            Translated.Id(Translated.Observation(Oru("OBR|1||F1|P", "OBX|1|NM|1^a^L||1", "OBX|2|NM|2^b^L||2||||||F"), 4)),
            Translated.Id(Translated.Observation(Message("99", "OBR|1||F1|P", "OBX|2|NM|2^b^L||3||||||C"), 3)));

    [Theory]
    [InlineData("ADT^A01", "InProgress")]
    [InlineData("ADT^A03", "Finished")]
    [InlineData("ADT^A05", "Planned")]
    [InlineData("ADT^A11", "Cancelled")]
    [InlineData("ADT^A13", "InProgress")]
    [InlineData("ADT^A14", "Planned")]
    [InlineData("ADT^A15", "InProgress")]
    [InlineData("ADT^A16", "InProgress")]
    [InlineData("ADT^A25", "InProgress")]
    [InlineData("ADT^A26", "InProgress")]
    [InlineData("ADT^A27", "Cancelled")]
    [InlineData("ADT^A38", "Cancelled")]
    [InlineData("ADT^A08", "Unknown")]
    [InlineData("ADT^A31", "Unknown")]
    [InlineData("ADT^A0E", "Unknown")]
    [InlineData("ORU^R01", "Unknown")]
    [InlineData("MDM^T02", "Unknown")]
    public void Encounter_has_the_status_after_the_event(string type, string status) =>
        Assert.Equal(status, Translated.Encounter(Adt(pv19: "7", type: type)).GetProperty("status").GetString());

    [Theory]
    [InlineData("OBX|1|CE|1^a^LN||fell, wife Anna MARKER called")]
    [InlineData("OBX|1|CWE|1^a^LN||MARKER")]
    [InlineData("OBX|1|CWE|1^a^LN||A1^text^MARKER wife")]
    [InlineData("OBX|1|CWE|1^a^LN||^text^^MARKER wife^x^L")]
    [InlineData("OBX|1|NM|MARKER||1")]
    [InlineData("OBX|1|NM|wife MARKER^a^L||1")]
    [InlineData("OBX|1|NM|1^a^LN||1|wife MARKER")]
    [InlineData("OBX|1|NM|1^a^LN||1|wife MARKER^x^L")]
    [InlineData("OBX|1|NM|1^a^LN||1|mg^x^wife MARKER")]
    [InlineData("OBX|1|NM|1^a^LN||1|mg||wife MARKER")]
    public void Free_text_in_a_code_is_private(string obx)
    {
        string message = Oru("OBR|1||F1|P", obx);
        Assert.DoesNotContain("MARKER", Translated.PublicObservation(message, 3), StringComparison.Ordinal);
        if (!obx.Contains("|1|wife", StringComparison.Ordinal) && !obx.Contains("mg^x", StringComparison.Ordinal))
        {
            Assert.Contains("MARKER", Translated.Observation(message, 3).GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Free_text_in_the_class_of_a_patient_is_not_public() =>
        Assert.DoesNotContain("MARKER", Translated.PublicEncounter(Adt(pv19: "7", pv2: "wife MARKER")), StringComparison.Ordinal);

    [Fact]
    public void Codes_with_a_system_are_public() =>
        Assert.Contains(
            "\"code\":\"260385009\"",
            Translated.Observation(Oru("OBR|1||F1|P", "OBX|1|CWE|1^a^LN||260385009^Negative^SCT"), 3).GetRawText(),
            StringComparison.Ordinal);

    private static string Adt(
        string pid3 = "567^^^GH", string pid2 = "", string pid8 = "F", string pid18 = "", string pv19 = "", string pv2 = "I",
        string facility = "GH", string type = "ADT^A01") =>
        $"MSH|^~\\&|ADT1|{facility}|LAB|FAC|20260101||{type}|77|P|2.5\r"
        + $"PID|1|{pid2}|{pid3}||A^B||19620320|{pid8}||||||||||{pid18}\rPV1|1|{pv2}|W||||||||||||||||{pv19}\r";

    private static string Oru(params string[] segments) => Message("77", segments);

    private static string Message(string control, params string[] segments) =>
        $"MSH|^~\\&|LAB|GH|EHR|GH|20260101||ORU^R01|{control}|P|2.5\rPID|1||567^^^GH\r" + string.Join('\r', segments) + "\r";
}
