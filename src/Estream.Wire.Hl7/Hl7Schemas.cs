using Estream.Esf;

namespace Estream.Wire.Hl7;

/// <summary>The schemas of the messages of the adapter. Thread-safe.</summary>
public static class Hl7Schemas
{
    /// <summary>The name of the schema file of the pack esf-health.</summary>
    public const string HealthFile = "fhir-resources.esf.yaml";

    internal const string Message = "Hl7Message";
    internal const string Header = "Hl7Header";
    internal const string Patient = "FhirPatient";
    internal const string Encounter = "FhirEncounter";
    internal const string Observation = "FhirObservation";
    internal const string Order = "FhirServiceRequest";
    internal const string Appointment = "FhirAppointment";
    internal const string Document = "FhirDocumentReference";

    private const string MessagesFile = "hl7-messages.esf.yaml";

    private static readonly Lazy<EsfSchemaSet> s_messages = new(() => Read(MessagesFile));
    private static readonly Lazy<EsfSchemaSet> s_own = new(() => Read(HealthFile).With(Messages));

    /// <summary>Hl7Message and Hl7Header, in namespace estream.hl7. For programs that have the pack esf-health already.</summary>
    public static EsfSchemaSet Messages => s_messages.Value;

    /// <summary>All schemas of the adapter: those of <see cref="Messages"/> and of the pack esf-health.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    /// <summary>The schemas that a listener stores messages as.</summary>
    internal static string[] Stored { get; } = [Message, Header, Patient, Encounter, Observation, Order, Appointment, Document];

    private static EsfSchemaSet Read(string file)
    {
        using Stream stream = typeof(Hl7Schemas).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly does not contain {file}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(file, reader.ReadToEnd()));
    }
}
