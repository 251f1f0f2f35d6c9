using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirEncounter.</summary>
internal sealed record FhirEncounterRecord
{
    public Text Id { get; init; }
    public long LastUpdated { get; init; }
    public EncounterStatus Status { get; init; }
    public required Coding Class { get; init; }
    public CodeableConcept[] Type { get; init; } = [];
    public required Link Subject { get; init; }
    public EncounterParticipant[] Participant { get; init; } = [];
    public required Period Period { get; init; }
    public Quantity? LengthOfStay { get; init; }
    public CodeableConcept[] ReasonCode { get; init; } = [];
    public EncounterDiagnosis[] Diagnosis { get; init; } = [];
    public EncounterLocation[] Location { get; init; } = [];
    public required Link ServiceProvider { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirEncounterRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirEncounterRecord Create(int index) => new()
    {
        Id = Text.Of($"e-{index:00000}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Status = index % 2 == 0 ? EncounterStatus.InProgress : EncounterStatus.Finished,
        Class = new Coding
        {
            System = Text.Of("http://terminology.hl7.org/CodeSystem/v3-ActCode"),
            Code = Text.Of("IMP"),
            Display = Text.Of("inpatient encounter"),
        },
        Type = [Concepts.Of("http://snomed.info/sct", "183807002", "Inpatient stay")],
        Subject = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
        Participant =
        [
            new EncounterParticipant
            {
                Type = [new CodeableConcept { Coding = [], Text = Text.Of("attender") }],
                Individual = new Link { Reference = Text.Of("Practitioner/7") },
            },
        ],
        Period = new Period { Start = Text.Of("2026-11-20"), End = index % 2 == 0 ? default : Text.Of("2026-11-23") },
        LengthOfStay = index % 2 == 0
            ? null
            : new Quantity
            {
                Value = 140 + index,
                Scale = 0,
                Unit = Text.Of("min"),
                System = Text.Of("http://unitsofmeasure.org"),
                Code = Text.Of("min"),
            },
        ReasonCode = [Concepts.Of("http://snomed.info/sct", "230690007", "Stroke")],
        Diagnosis = [new EncounterDiagnosis
        {
            Condition = new Link { Reference = Text.Of("Condition/stroke") },
            Use = new CodeableConcept { Coding = [], Text = Text.Of("admission") },
            Rank = 1,
        }],
        Location = [new EncounterLocation
        {
            Location = new Link { Reference = Text.Of($"Location/{index % 4}") },
            Status = LocationStatus.Active,
        }],
        ServiceProvider = new Link { Reference = Text.Of("Organization/1"), Display = Text.Of("Hospital") },
    };
}
