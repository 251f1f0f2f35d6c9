using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirServiceRequest.</summary>
internal sealed record FhirServiceRequestRecord
{
    public Text Id { get; init; }
    public long LastUpdated { get; init; }
    public Identifier[] Identifier { get; init; } = [];
    public RequestStatus Status { get; init; }
    public RequestIntent Intent { get; init; }
    public RequestPriority Priority { get; init; }
    public required CodeableConcept Code { get; init; }
    public required Link Subject { get; init; }
    public required Link Encounter { get; init; }
    public Text OccurrenceAt { get; init; }
    public Text AuthoredOn { get; init; }
    public required Link Requester { get; init; }
    public CodeableConcept[] ReasonCode { get; init; } = [];
    public Text[] Note { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirServiceRequestRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirServiceRequestRecord Create(int index) => new()
    {
        Id = Text.Of($"s-{index:00000}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Identifier = [new Identifier { Use = IdentifierUse.Official, System = Text.Of("CPOE"), Value = Text.Of($"order-{index:00000}") }],
        Status = index % 2 == 0 ? RequestStatus.Active : RequestStatus.Completed,
        Intent = RequestIntent.Order,
        Priority = index % 4 == 0 ? RequestPriority.Stat : RequestPriority.Routine,
        Code = Concepts.Of("http://loinc.org", "24331-1", "Lipid panel"),
        Subject = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
        Encounter = new Link { Reference = Text.Of($"Encounter/e-{index:00000}") },
        OccurrenceAt = Text.Of("2026-11-20T08:00:00+01:00"),
        AuthoredOn = Text.Of("2026-11-19T16:30:00+01:00"),
        Requester = new Link { Reference = Text.Of("Practitioner/7"), Display = Text.Of("Lee") },
        ReasonCode = [Concepts.Of("http://snomed.info/sct", "13644009", "Hypercholesterolemia")],
        Note = [Text.Of("fasting"), Text.Of("send the result by fax")],
    };
}
