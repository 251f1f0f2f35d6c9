using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>Translates messages for tests.</summary>
internal static class Translated
{
    private static readonly Hl7TranslationOptions s_options = new(Hl7Limits.Default, new Pseudonyms(new byte[32]), "");

    public static JsonElement Patient(string message) => Resource(new PatientTranslator(s_options), "FhirPatient", "patient/X", message);

    public static JsonElement Encounter(string message) =>
        Resource(new EncounterTranslator(s_options), "FhirEncounter", "encounter/X", message);

    /// <summary>The resource of the OBX with an index among the segments.</summary>
    public static JsonElement Observation(string message, int index) =>
        Resource(new ObservationTranslator(s_options), "FhirObservation", $"observation/X/{index}", message);

    /// <summary>The order of the ORC with an index among the segments.</summary>
    public static JsonElement Order(string message, int index) =>
        Resource(new OrderTranslator(s_options), "FhirServiceRequest", $"order/X/{index}", message);

    public static JsonElement Appointment(string message) =>
        Resource(new AppointmentTranslator(s_options), "FhirAppointment", "appointment/X", message);

    public static JsonElement Document(string message) =>
        Resource(new DocumentTranslator(s_options), "FhirDocumentReference", "document/X", message);

    public static string Id(JsonElement resource) => resource.GetProperty("id").GetString()!;

    /// <summary>The resource without its private fields, as anyone may read it.</summary>
    public static string PublicObservation(string message, int index) =>
        Json(new ObservationTranslator(s_options), "FhirObservation", $"observation/X/{index}", message, disclosed: false);

    /// <inheritdoc cref="PublicObservation"/>
    public static string PublicEncounter(string message) =>
        Json(new EncounterTranslator(s_options), "FhirEncounter", "encounter/X", message, disclosed: false);

    /// <summary>The public fields of an order, an appointment or a document.</summary>
    public static string Public(string schema, string message, int index = 0) => schema switch
    {
        "FhirServiceRequest" => Json(new OrderTranslator(s_options), schema, $"order/X/{index}", message, disclosed: false),
        "FhirAppointment" => Json(new AppointmentTranslator(s_options), schema, "appointment/X", message, disclosed: false),
        _ => Json(new DocumentTranslator(s_options), schema, "document/X", message, disclosed: false),
    };

    private static JsonElement Resource(Hl7Translator translator, string schema, string topic, string message)
    {
        using JsonDocument json = JsonDocument.Parse(Json(translator, schema, topic, message, disclosed: true));
        return json.RootElement.Clone();
    }

    private static string Json(Hl7Translator translator, string schema, string topic, string message, bool disclosed)
    {
        Assert.True(Hl7Schemas.Own.TryGet(schema, out EsfSchema? found));
        byte[] destination = new byte[64 * 1024];
        TranslateStatus status = translator.Translate(
            new WireMessage(Encoding.ASCII.GetBytes(topic), Encoding.UTF8.GetBytes(message)), destination, out int length);
        Assert.True(status.IsOk, status.Describe([]));
        ArrayBufferWriter<byte> json = new();
        EsfDisclosure disclosure = disclosed ? EsfDisclosure.Disclosed : default;
        Assert.True(EsfJson.WriteJson(found, destination.AsSpan(0, length), json, disclosure).IsOk);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
