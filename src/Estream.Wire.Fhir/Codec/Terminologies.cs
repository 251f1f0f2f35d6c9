using Estream.Esf.Internal;

namespace Estream.Wire.Fhir.Codec;

/// <summary>The published terminologies, and the form of their codes. A code of this form has a public meaning, so it stays in plaintext.
/// Other codes, systems and units can be free text about a patient. Thread-safe, allocates nothing.</summary>
internal static class Terminologies
{
    // Code systems of HL7 and FHIR are listed one by one: below their common roots, a client could write any text.
    private const string Hl7Root = "http://terminology.hl7.org/CodeSystem/";
    private const string FhirRoot = "http://hl7.org/fhir/";

    private static readonly (string System, CodeForm IsCode)[] s_systems =
    [
        ("http://snomed.info/sct", CodeForms.IsNumber),
        ("http://loinc.org", CodeForms.IsLoinc),
        ("http://unitsofmeasure.org", UnitCodes.IsUnit),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", CodeForms.IsNumber),
        ("http://hl7.org/fhir/sid/icd-10", CodeForms.IsIcd10),
        ("http://hl7.org/fhir/sid/icd-10-cm", CodeForms.IsIcd10),
        ("http://hl7.org/fhir/sid/icd-10-de", CodeForms.IsIcd10),
        ("http://hl7.org/fhir/sid/icd-10-nl", CodeForms.IsIcd10),
        ("http://hl7.org/fhir/sid/icd-9-cm", CodeForms.IsIcd9),
        ("http://hl7.org/fhir/sid/cvx", CodeForms.IsNumber),
        ("http://hl7.org/fhir/sid/ndc", CodeForms.IsNdc),
        ("http://www.cms.gov/Medicare/Coding/ICD10", CodeForms.IsIcd10),
        ("http://id.who.int/icd/release/11/mms", CodeForms.IsIcd11),
        ("http://www.whocc.no/atc", CodeForms.IsAtc),
        ("http://www.ama-assn.org/go/cpt", CodeForms.IsCpt),
        ("http://dicom.nema.org/resources/ontology/DCM", CodeForms.IsDicom),
        ("urn:ietf:bcp:47", CodeForms.IsLanguage),
        ("urn:iso:std:iso:3166", CodeForms.IsCountry),
        ("urn:iso:std:iso:4217", CodeForms.IsCurrency),
        ("urn:iso:std:iso:11073:10101", CodeForms.IsNumber),
        .. Below(Hl7Root,
            """
            v3-ActCode v3-ActClass v3-ActMood v3-ActPriority v3-ActReason v3-ActSite v3-ActStatus v3-Confidentiality
            v3-EntityNameUse v3-Ethnicity v3-GenderStatus v3-MaritalStatus v3-NullFlavor v3-ObservationInterpretation
            v3-ObservationMethod v3-ObservationValue v3-ParticipationFunction v3-ParticipationMode v3-ParticipationSignature
            v3-ParticipationType v3-Race v3-ReligiousAffiliation v3-RoleClass v3-RoleCode v3-RouteOfAdministration v3-TargetAwareness
            v2-0001 v2-0002 v2-0003 v2-0004 v2-0007 v2-0076 v2-0078 v2-0085 v2-0092 v2-0112 v2-0116 v2-0119 v2-0123 v2-0131 v2-0136
            v2-0203 v2-0227 v2-0270 v2-0272 v2-0276 v2-0277 v2-0278 v2-0487 v2-0493 v2-0916
            admit-source appointment-cancellation-reason common-tags condition-category condition-clinical condition-ver-status
            consentaction consentcategorycodes consentperformer consentpolicycodes consentscope contactentity-type data-absent-reason
            diagnosis-role diet discharge-disposition encounter-special-arrangements encounter-type extra-security-role-type
            location-physical-type media-type observation-category observation-statistics organization-type participant-type
            practitioner-role referencerange-meaning service-category service-type
            """),
        .. Below(FhirRoot,
            """
            address-type address-use administrative-gender consent-data-meaning consent-provision-type consent-state-codes
            contact-point-system contact-point-use encounter-location-status encounter-status event-status identifier-use
            link-type name-use observation-status participationstatus quantity-comparator request-intent request-priority request-status
            """),
        (FhirRoot + "resource-types", ResourceTypes.IsKnown),
    ];

    private static readonly Utf8NameTable s_names = new([.. s_systems.Select(one => one.System)]);

    // Systems of identifiers that name no hospital, department or person.
    private static readonly Utf8NameTable s_identifiers = new(
    [
        "http://hl7.org/fhir/sid/us-npi", "http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-medicare",
        "http://hl7.org/fhir/sid/us-mbi", "urn:ietf:rfc:3986", "urn:dicom:uid",
    ]);

    /// <summary>Whether a code is a code of a published terminology, by its form.</summary>
    /// <param name="system">The system.</param>
    /// <param name="code">The code; empty for none.</param>
    public static bool IsCode(ReadOnlySpan<byte> system, ReadOnlySpan<byte> code)
    {
        int index = s_names.IndexOf(system);
        return index >= 0 && (code.IsEmpty || s_systems[index].IsCode(code));
    }

    /// <summary>Whether the system of an identifier names no organization.</summary>
    public static bool IsIdentifierSystem(ReadOnlySpan<byte> system) => s_identifiers.IndexOf(system) >= 0;

    private static IEnumerable<(string System, CodeForm IsCode)> Below(string root, string names) =>
        names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(name => (root + name, (CodeForm)CodeForms.IsHl7));
}
