using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirConsent.</summary>
internal sealed record FhirConsentRecord
{
    public Text Id { get; init; }
    public ConsentStatus Status { get; init; }
    public required CodeableConcept Scope { get; init; }
    public CodeableConcept[] Category { get; init; } = [];
    public required Link Patient { get; init; }
    public Text DateTime { get; init; }
    public Link[] Performer { get; init; } = [];
    public Link[] Organization { get; init; } = [];
    public ConsentPolicy[] Policy { get; init; } = [];
    public CodeableConcept? PolicyRule { get; init; }
    public ConsentVerification[] Verification { get; init; } = [];
    public required ConsentRule Provision { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirConsentRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirConsentRecord Create(int index) => new()
    {
        Id = Text.Of($"c-{index:00000}"),
        Status = ConsentStatus.Active,
        Scope = Concepts.Of("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", "Privacy"),
        Category = [Concepts.Of("http://loinc.org", "59284-0", "Consent")],
        Patient = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
        DateTime = Text.Of("2026-11-20"),
        Performer = [new Link { Reference = Text.Of($"Patient/p-{index:00000}") }],
        Organization = [new Link { Reference = Text.Of("Organization/1"), Display = Text.Of("Hospital") }],
        Policy = [new ConsentPolicy { Uri = Text.Of("http://example.org/policy") }],
        PolicyRule = index % 4 == 3 ? null : Concepts.Of("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN", "opt in"),
        Verification = [new ConsentVerification { Verified = true, VerificationDate = Text.Of("2026-11-20") }],
        Provision = new ConsentRule
        {
            Type = ProvisionType.Permit,
            Period = new Period { Start = Text.Of("2026-01-01"), End = Text.Of("2026-12-31") },
            Actor = [new ConsentActor
            {
                Role = new CodeableConcept { Coding = [], Text = Text.Of("provider") },
                Reference = new Link { Reference = Text.Of("Organization/1") },
            }],
            Action = [Concepts.Of("http://terminology.hl7.org/CodeSystem/consentaction", "access", "Access")],
        },
    };
}
