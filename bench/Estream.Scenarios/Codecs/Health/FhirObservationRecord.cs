using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirObservation.</summary>
internal sealed record FhirObservationRecord
{
    public Text Id { get; init; }
    public long LastUpdated { get; init; }
    public ObservationStatus Status { get; init; }
    public CodeableConcept[] Category { get; init; } = [];
    public required CodeableConcept Code { get; init; }
    public required Link Subject { get; init; }
    public required Link Encounter { get; init; }
    public Text EffectiveAt { get; init; }
    public long Issued { get; init; }
    public Link[] Performer { get; init; } = [];
    public ObservationValue? Value { get; init; }
    public CodeableConcept[] Interpretation { get; init; } = [];
    public ReferenceRange[] ReferenceRange { get; init; } = [];
    public ObservationPart[] Component { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirObservationRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirObservationRecord Create(int index) => new()
    {
        Id = Text.Of($"o-{index:00000}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Status = ObservationStatus.Final,
        Category = [Concepts.Of("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")],
        Code = Concepts.Of("http://loinc.org", "85354-9", "Blood pressure"),
        Subject = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
        Encounter = new Link { Reference = Text.Of($"Encounter/e-{index}") },
        EffectiveAt = Text.Of("2026-11-20T10:00:00Z"),
        Issued = Sample.FirstTimestamp + 1_000 + index,
        Performer = [new Link { Reference = Text.Of($"Practitioner/{index % 5}") }],
        Value = index % 4 == 3 ? new ObservationValue { Quantity = Concepts.Pressure(90 + index) } : null,
        Interpretation = [Concepts.Of("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N", "Normal")],
        ReferenceRange = [new ReferenceRange { Low = Concepts.Pressure(60), High = Concepts.Pressure(140) }],
        Component =
        [
            new ObservationPart
            {
                Code = Concepts.Of("http://loinc.org", "8480-6", "Systolic"),
                Value = new ObservationValue { Quantity = Concepts.Pressure(120 + index) },
            },
            new ObservationPart
            {
                Code = Concepts.Of("http://loinc.org", "8462-4", "Diastolic"),
                Value = new ObservationValue { Quantity = Concepts.Pressure(80 + index) },
            },
        ],
    };
}
