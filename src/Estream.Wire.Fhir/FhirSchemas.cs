using Estream.Esf;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir;

/// <summary>The schemas of the messages of the adapters. Thread-safe.</summary>
public static class FhirSchemas
{
    /// <summary>The name of the schema file of the pack esf-health.</summary>
    public const string HealthFile = "fhir-resources.esf.yaml";

    internal const string Commit = "FhirCommit";

    private const string LogFile = "fhir-log.esf.yaml";

    private static readonly string[] s_served = ["FhirPatient", "FhirObservation", "FhirEncounter", "FhirConsent"];

    private static readonly Lazy<EsfSchemaSet> s_log = new(() => Read(LogFile));
    private static readonly Lazy<EsfSchemaSet> s_own = new(() => Read(HealthFile).With(Log));
    private static readonly Lazy<Dictionary<string, ResourceMap>> s_maps = new(ReadMaps);

    /// <summary>FhirCommit, in namespace estream.fhir. For programs that have the pack esf-health already.</summary>
    public static EsfSchemaSet Log => s_log.Value;

    /// <summary>All schemas of the adapters: those of <see cref="Log"/> and of the pack esf-health.</summary>
    public static EsfSchemaSet Own => s_own.Value;

    /// <summary>The maps of Patient, Observation, Encounter and Consent, by resource type.</summary>
    internal static IReadOnlyDictionary<string, ResourceMap> Maps => s_maps.Value;

    private static Dictionary<string, ResourceMap> ReadMaps() =>
        Own.Schemas.Where(schema => s_served.Contains(schema.Name)).Select(ResourceMap.Of)
            .ToDictionary(map => map.Type, StringComparer.Ordinal);

    private static EsfSchemaSet Read(string file)
    {
        using Stream stream = typeof(FhirSchemas).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly does not contain {file}.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(file, reader.ReadToEnd()));
    }
}
