namespace Estream.Wire.Fhir.Codec;

/// <summary>The published terminologies. Their codes have a public meaning, so they stay in plaintext. Codes and units of other systems can
/// be free text about a patient.</summary>
internal static class Terminologies
{
    private const int MaxCodeBytes = 64;

    private static readonly Estream.Esf.Internal.Utf8NameTable s_systems = new(
    [
        "http://snomed.info/sct",
        "http://loinc.org",
        "http://unitsofmeasure.org",
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10-de",
        "http://hl7.org/fhir/sid/icd-10-nl",
        "http://hl7.org/fhir/sid/icd-9-cm",
        "http://hl7.org/fhir/sid/cvx",
        "http://hl7.org/fhir/sid/ndc",
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "http://id.who.int/icd/release/11/mms",
        "http://www.whocc.no/atc",
        "http://www.ama-assn.org/go/cpt",
        "http://dicom.nema.org/resources/ontology/DCM",
        "urn:ietf:bcp:47",
        "urn:iso:std:iso:3166",
        "urn:iso:std:iso:4217",
        "urn:iso:std:iso:11073:10101",
    ]);

    /// <summary>Whether a system is a published terminology, or a code system of HL7 or FHIR.</summary>
    public static bool IsPublished(ReadOnlySpan<byte> system) => s_systems.IndexOf(system) >= 0
        || IsBelow(system, "http://terminology.hl7.org/CodeSystem/"u8) || IsBelow(system, "http://hl7.org/fhir/"u8);

    /// <summary>Whether a text looks like a code or a unit: short, and without blanks.</summary>
    public static bool IsCode(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && text.Length <= MaxCodeBytes && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static bool IsBelow(ReadOnlySpan<byte> system, ReadOnlySpan<byte> root) =>
        system.StartsWith(root) && FhirPrimitives.IsId(system[root.Length..]);
}
