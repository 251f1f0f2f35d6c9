using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>Messages become valid messages of the health schemas.</summary>
public sealed class TranslatorTests
{
    private const string Oru =
        @"MSH|^~\&|LAB|GH|EHR|GH|20260101120000+0100||ORU^R01^ORU_R01|77|P|2.5.1||||||8859/1" + "\r"
        + "PID|1|OLD|567^^^GH^PI~568^^^GH&1.2.3&ISO^MR||M\u00FCller^Eva^Maria^JR^Dr^^L~Schmidt^^^^^^M||19620320|F|||Weg 1&x^2. "
        + "Stock^Bern^BE^3000^CH^H"
        + "||0311234567^PRN~^NET^Internet^eva@example.org|^WPN^PH^^41^31^7654321||M||A9||||||Y|2||||20260102\r"
        + "PV1|1|I|W^389^1||||1^Attend^A|2^Refer||||||||||V77^^^GH|V78^^^GH|||||||||||||||||||||||||20260101080000+0100|20260103\r"
        + "OBR|1|P1|F1^LAB|24331-1^Lipid^LN|||20260101100000+0100\r"
        + "OBX|1|NM|2093-3^Cholesterol^LN^CH^Chol^L||-4.50|mmol/L^^UCUM|0-5|H~A|||F|||20260101103000.5+0100\r"
        + "NTE|1||fasting\\.br\\sample\r"
        + "OBX|2|SN|1^x^L||<^0.5|mg/dL|||||P\r"
        + "OBX|3|CWE|2^y^LN||A^Pos^SCT||||||C\r"
        + "OBX|4|TX|3^z^L||one~two||||||F\r"
        + "OBX|5|TS|4^t^L||202601011530||||||X\r"
        + "OBX|6|ED|5^pdf^L||^AP^PDF^Base64^AAAA||||||F\r"
        + "OBX|7|SN|6^q^L||>^1^:^2||||||R\r"
        + "ZLB|local\r";

    private static readonly Hl7TranslationOptions s_options = new(Hl7Limits.Default, new Pseudonyms(new byte[32]), "");

    public static TheoryData<string> SampleNames => Samples.Names;

    [Fact]
    public void Patient_has_the_values_of_PID()
    {
        JsonElement patient = Translate(new PatientTranslator(s_options), "FhirPatient", "patient/ORU/R01");
        Assert.Equal("Müller", patient.GetProperty("name")[0].GetProperty("family").GetString());
        Assert.Equal(["Eva", "Maria"], Strings(patient.GetProperty("name")[0].GetProperty("given")));
        Assert.Equal(["Dr"], Strings(patient.GetProperty("name")[0].GetProperty("prefix")));
        Assert.Equal(["JR"], Strings(patient.GetProperty("name")[0].GetProperty("suffix")));
        Assert.Equal("Maiden", patient.GetProperty("name")[1].GetProperty("use").GetString());
        Assert.Equal("Female", patient.GetProperty("gender").GetString());
        Assert.Equal("1962-03-20", patient.GetProperty("birth_date").GetString());
        Assert.Equal("2026-01-02", patient.GetProperty("deceased_at").GetString());
        Assert.Equal(2, patient.GetProperty("multiple_birth_order").GetInt32());
        Assert.Equal(["Weg 1", "2. Stock"], Strings(patient.GetProperty("address")[0].GetProperty("line")));
        Assert.Equal("3000", patient.GetProperty("address")[0].GetProperty("postal_code").GetString());
        Assert.Equal(["567", "568", "A9"],
            patient.GetProperty("identifier").EnumerateArray().Select(one => one.GetProperty("value").GetString()!));
        Assert.Equal("1.2.3", patient.GetProperty("identifier")[1].GetProperty("system").GetString());
        Assert.Equal(["0311234567", "eva@example.org", "41 31 7654321"],
            patient.GetProperty("telecom").EnumerateArray().Select(one => one.GetProperty("value").GetString()!));
        Assert.Matches("^[0-9a-f]{32}$", patient.GetProperty("id").GetString());
    }

    [Fact]
    public void Encounter_has_the_values_of_PV1()
    {
        JsonElement encounter = Translate(new EncounterTranslator(s_options), "FhirEncounter", "encounter/ORU/R01");
        JsonElement patient = Translate(new PatientTranslator(s_options), "FhirPatient", "patient/ORU/R01");
        Assert.Equal("IMP", encounter.GetProperty("class").GetProperty("code").GetString());
        Assert.Equal("Finished", encounter.GetProperty("status").GetString());
        Assert.Equal("V78", encounter.GetProperty("identifier")[0].GetProperty("value").GetString());
        Assert.Equal($"Patient/{patient.GetProperty("id").GetString()}",
            encounter.GetProperty("subject").GetProperty("reference").GetString());
        Assert.Equal("2026-01-01T08:00:00+01:00", encounter.GetProperty("period").GetProperty("start").GetString());
        Assert.Equal("2026-01-03", encounter.GetProperty("period").GetProperty("end").GetString());
        Assert.Equal(2, encounter.GetProperty("participant").GetArrayLength());
    }

    [Fact]
    public void Observations_have_the_values_of_OBX_by_their_type()
    {
        JsonElement[] all = [.. new[] { 4, 6, 7, 8, 9, 10, 11 }.Select(index =>
            Translate(new ObservationTranslator(s_options), "FhirObservation", $"observation/ORU/R01/{index}"))];
        JsonElement quantity = all[0].GetProperty("value").GetProperty("quantity");
        Assert.Equal((-450, 2, "mmol/L"),
            (quantity.GetProperty("value").GetInt64(), quantity.GetProperty("scale").GetInt32(), quantity.GetProperty("unit").GetString()));
        Assert.Equal("http://loinc.org", all[0].GetProperty("code").GetProperty("coding")[0].GetProperty("system").GetString());
        Assert.Equal("Cholesterol", all[0].GetProperty("code").GetProperty("text").GetString());
        Assert.Equal(2, all[0].GetProperty("interpretation").GetArrayLength());
        Assert.Equal("fasting\nsample", all[0].GetProperty("note")[0].GetProperty("text").GetString());
        Assert.Equal("2026-01-01T10:30:00.5+01:00", all[0].GetProperty("effective_at").GetString());
        Assert.Equal("2026-01-01T10:00:00+01:00", all[1].GetProperty("effective_at").GetString());
        Assert.Equal("Less", all[1].GetProperty("value").GetProperty("quantity").GetProperty("comparator").GetString());
        Assert.Equal("A",
            all[2].GetProperty("value").GetProperty("codeable_concept").GetProperty("coding")[0].GetProperty("code").GetString());
        Assert.Equal("one~two", all[3].GetProperty("value").GetProperty("text").GetString());
        Assert.Equal("2026-01-01", all[4].GetProperty("value").GetProperty("date_time").GetString());
        Assert.False(all[5].TryGetProperty("value", out _));
        Assert.Equal(">^1^:^2", all[6].GetProperty("value").GetProperty("text").GetString());
        Assert.Equal(["Final", "Preliminary", "Corrected", "Final", "Cancelled", "Final", "Preliminary"],
            all.Select(one => one.GetProperty("status").GetString()!));
        Assert.Equal(all.Length, all.Select(one => one.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public void Whole_message_keeps_local_segments_and_its_bytes()
    {
        JsonElement message = Translate(new MessageTranslator(s_options), "Hl7Message", "message/ORU/R01");
        Assert.Equal("ZLB", Strings(message.GetProperty("segments"))[^1]);
        Assert.Contains(Convert.ToHexStringLower(Encoding.Latin1.GetBytes(Oru)),
            message.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("8859/1", message.GetProperty("character_set").GetString());
    }

    [Fact]
    public void Lock_file_has_the_canonical_text_of_the_schemas()
    {
        string[] locked = File.ReadAllLines(RepositoryRoot.Combine("src", "Estream.Wire.Hl7", "Schemas", "hl7-messages.esf.lock"))[1..];
        Assert.Equal(
            Hl7Schemas.Messages.Schemas.Select(schema => $"{schema.Id:x16} {schema.Definition.CanonicalText}")
                .Order(StringComparer.Ordinal),
            locked.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Every_resource_of_every_sample_fits_its_schema(string name)
    {
        byte[] bytes = Samples.Read(name);
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        Check(new MessageTranslator(s_options), "Hl7Message", "message/X", bytes);
        Check(new HeaderTranslator(s_options), "Hl7Header", "header/X", bytes);
        if (!message.First("PID"u8)[3].Component(1).IsEmpty)
        {
            Check(new PatientTranslator(s_options), "FhirPatient", "patient/X", bytes);
        }

        if (!message.First("PV1"u8)[19].Component(1).IsEmpty)
        {
            Check(new EncounterTranslator(s_options), "FhirEncounter", "encounter/X", bytes);
        }

        for (int i = message.IndexOf("OBX"u8); i >= 0; i = message.IndexOf("OBX"u8, i + 1))
        {
            if (!message[i][3].Component(1).IsEmpty)
            {
                Check(new ObservationTranslator(s_options), "FhirObservation", $"observation/X/{i}", bytes);
            }
        }

        CheckOrders(bytes);
    }

    [Fact]
    public void Samples_have_orders_appointments_and_documents()
    {
        (int orders, int appointments, int documents) = (0, 0, 0);
        foreach (string name in Samples.All)
        {
            (int orders, bool hasAppointment, bool hasDocument) made = CheckOrders(Samples.Read(name));
            orders += made.orders;
            appointments += made.hasAppointment ? 1 : 0;
            documents += made.hasDocument ? 1 : 0;
        }

        Assert.True(orders > 40 && appointments >= 8 && documents >= 11, $"{orders} orders, {appointments}, {documents}");
    }

    private static (int Orders, bool HasAppointment, bool HasDocument) CheckOrders(byte[] bytes)
    {
        Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(bytes, out Hl7Message message));
        int orders = 0;
        for (int i = message.IndexOf("ORC"u8); i >= 0; i = message.IndexOf("ORC"u8, i + 1))
        {
            if (OrderTranslator.IsIdentified(message, i))
            {
                Check(new OrderTranslator(s_options), "FhirServiceRequest", $"order/X/{i}", bytes);
                orders++;
            }
        }

        bool hasAppointment = AppointmentTranslator.IsIdentified(message);
        bool hasDocument = DocumentTranslator.IsIdentified(message);
        if (hasAppointment)
        {
            Check(new AppointmentTranslator(s_options), "FhirAppointment", "appointment/X", bytes);
        }

        if (hasDocument)
        {
            Check(new DocumentTranslator(s_options), "FhirDocumentReference", "document/X", bytes);
        }

        return (orders, hasAppointment, hasDocument);
    }

    [Theory]
    [InlineData("2026", "2026")]
    [InlineData("202602", "2026-02")]
    [InlineData("20260228", "2026-02-28")]
    [InlineData("2026022823", "2026-02-28")]
    [InlineData("202602282359", "2026-02-28T23:59:00+01:00")]
    [InlineData("20260228235958-0330", "2026-02-28T23:59:58-03:30")]
    [InlineData("20260228235958.1234+0000", "2026-02-28T23:59:58.1234+00:00")]
    [InlineData("20260229", "")]
    [InlineData("20261301", "")]
    [InlineData("2026010124", "")]
    [InlineData("202601012", "")]
    [InlineData("today", "")]
    [InlineData("20260101+01", "")]
    [InlineData("", "")]
    public void Times_become_dateTime_of_FHIR(string time, string expected)
    {
        byte[] destination = new byte[Hl7Time.MaxLength];
        int length = Hl7Time.ToFhir(Encoding.ASCII.GetBytes(time), "+01:00"u8, destination);
        Assert.Equal(expected, Encoding.ASCII.GetString(destination, 0, length));
    }

    [Theory]
    [InlineData("1.50", 150, 2)]
    [InlineData("-0.5", -5, 1)]
    [InlineData("+7", 7, 0)]
    [InlineData("7.", 7, 0)]
    [InlineData("123456789012345678", 123456789012345678, 0)]
    public void Numbers_are_exact(string text, long value, int scale)
    {
        Assert.True(Hl7Number.TryRead(Encoding.ASCII.GetBytes(text), out Hl7Number number));
        Assert.Equal((value, scale), (number.Value, number.Scale));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1e3")]
    [InlineData("1234567890123456789")]
    public void Text_that_is_not_a_number_is_refused(string text)
    {
        Assert.False(Hl7Number.TryRead(Encoding.ASCII.GetBytes(text), out _));
    }

    [Fact]
    public void Pseudonyms_are_stable_and_depend_on_key_kind_and_assigner()
    {
        string[] ids =
        [
            Id(new byte[32], 'P', "GH", "1"), Id(new byte[32], 'P', "GH", "1"), Id([1, .. new byte[31]], 'P', "GH", "1"),
            Id(new byte[32], 'E', "GH", "1"), Id(new byte[32], 'P', "XX", "1"), Id(new byte[32], 'P', "G", "H1"),
        ];
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(5, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("patient", "ADT01-23.hl7")]
    [InlineData("encounter", "ADT01-23.hl7")]
    [InlineData("message", "ADT01-23.hl7")]
    [InlineData("header", "ADT01-23.hl7")]
    [InlineData("order", "ORM-O01-03.hl7")]
    [InlineData("appointment", "SIU-S14-02.hl7")]
    [InlineData("document", "MDM-T02-01.hl7")]
    public void Translation_allocates_nothing(string kind, string sample)
    {
        byte[] bytes = Samples.Read(sample);
        byte[] topic = Encoding.ASCII.GetBytes(kind + "/X/X/3");
        byte[] destination = new byte[64 * 1024];
        Hl7Translator translator = kind switch
        {
            "patient" => new PatientTranslator(s_options),
            "encounter" => new EncounterTranslator(s_options),
            "message" => new MessageTranslator(s_options),
            "order" => new OrderTranslator(s_options),
            "appointment" => new AppointmentTranslator(s_options),
            "document" => new DocumentTranslator(s_options),
            _ => new HeaderTranslator(s_options),
        };
        bool isOk = true;
        long allocated = AllocationMeter.OnThisThread(500, () =>
            isOk &= translator.Translate(new WireMessage(topic, bytes), destination, out _).IsOk);
        Assert.True(isOk);
        Assert.Equal(0, allocated);
    }

    [Property(200, 100_000)]
    public void Translators_return_a_status_for_any_bytes(byte[] noise, int seed)
    {
        Random random = new(seed);
        byte[] bytes = Encoding.Latin1.GetBytes(Oru);
        for (int i = 0; i < noise.Length; i++)
        {
            bytes[random.Next(bytes.Length)] = i % 2 == 0 ? noise[i] : (byte)"|^~\\&\r"[noise[i] % 6];
        }

        byte[] destination = new byte[64 * 1024];
        Hl7Translator[] all =
        [
            new PatientTranslator(s_options), new EncounterTranslator(s_options), new MessageTranslator(s_options),
            new HeaderTranslator(s_options), new ObservationTranslator(s_options), new OrderTranslator(s_options),
            new AppointmentTranslator(s_options), new DocumentTranslator(s_options),
        ];
        string[] schemas =
        [
            "FhirPatient", "FhirEncounter", "Hl7Message", "Hl7Header", "FhirObservation", "FhirServiceRequest", "FhirAppointment",
            "FhirDocumentReference",
        ];
        for (int i = 0; i < all.Length; i++)
        {
            TranslateStatus status = all[i].Translate(new WireMessage("x/4"u8, bytes), destination, out int length);
            Assert.False(status.IsDestinationTooSmall, "64 KiB suffice");
            if (status.IsOk)
            {
                EsfStatus valid = EsfValidator.Check(Schema(schemas[i]), destination.AsSpan(0, length));
                Assert.True(valid.IsOk, valid.ToString());
            }
        }
    }

    [Fact]
    public void Observation_needs_room_for_its_segments_and_not_for_the_message()
    {
        string message = Oru + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"OBX|{i}|TX|9^z^L||{new string('x', 100)}||||||F\r"));
        int? room = new ObservationTranslator(s_options).EstimateLength(
            new WireMessage("observation/ORU/R01/4"u8, Encoding.Latin1.GetBytes(message)));
        Assert.InRange(room!.Value, 1, 8_192);
    }

    private static string Id(byte[] key, char kind, string assigner, string identifier)
    {
        byte[] id = new byte[Pseudonyms.IdLength];
        Assert.True(new Pseudonyms(key).TryWrite(
            kind, Encoding.ASCII.GetBytes(assigner), Encoding.ASCII.GetBytes(identifier), [], new byte[100], id));
        return Encoding.ASCII.GetString(id);
    }

    private static JsonElement Translate(Hl7Translator translator, string schema, string topic) =>
        Check(translator, schema, topic, Encoding.Latin1.GetBytes(Oru));

    private static JsonElement Check(Hl7Translator translator, string schema, string topic, byte[] bytes)
    {
        byte[] destination = new byte[64 * 1024];
        TranslateStatus status = translator.Translate(
            new WireMessage(Encoding.ASCII.GetBytes(topic), bytes), destination, out int length);
        Assert.True(status.IsOk, status.Describe([]));
        EsfStatus valid = EsfValidator.Check(Schema(schema), destination.AsSpan(0, length));
        Assert.True(valid.IsOk, valid.ToString());
        ArrayBufferWriter<byte> json = new();
        Assert.True(EsfJson.WriteJson(Schema(schema), destination.AsSpan(0, length), json, EsfDisclosure.Disclosed).IsOk);
        return JsonDocument.Parse(json.WrittenMemory).RootElement.Clone();
    }

    private static EsfSchema Schema(string name)
    {
        Assert.True(Hl7Schemas.Own.TryGet(name, out EsfSchema? schema));
        return schema;
    }

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];
}
