using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirDocumentReference.</summary>
internal sealed record FhirDocumentReferenceRecord
{
    public Text Id { get; init; }
    public long LastUpdated { get; init; }
    public Identifier[] Identifier { get; init; } = [];
    public DocumentStatus Status { get; init; }
    public CompositionStatus DocStatus { get; init; }
    public required CodeableConcept Type { get; init; }
    public required Link Subject { get; init; }
    public Text Date { get; init; }
    public Link[] Author { get; init; } = [];
    public required Link Authenticator { get; init; }
    public DocumentRelated[] RelatesTo { get; init; } = [];
    public Text Description { get; init; }
    public Text[] Paragraphs { get; init; } = [];
    public DocumentContent[] Content { get; init; } = [];
    public Link[] Encounter { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirDocumentReferenceRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirDocumentReferenceRecord Create(int index) => new()
    {
        Id = Text.Of($"d-{index:00000}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Identifier = [new Identifier { Use = IdentifierUse.Official, System = Text.Of("DICT"), Value = Text.Of($"letter-{index:00000}") }],
        Status = index % 4 == 0 ? DocumentStatus.Superseded : DocumentStatus.Current,
        DocStatus = index % 2 == 0 ? CompositionStatus.Final : CompositionStatus.Amended,
        Type = Concepts.Of("http://terminology.hl7.org/CodeSystem/v2-0270", "DS", "Discharge summary"),
        Subject = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
        Date = Text.Of("2026-11-23T10:00:00+01:00"),
        Author = [new Link { Reference = Text.Of("Practitioner/7"), Display = Text.Of("Lee") }],
        Authenticator = new Link { Reference = Text.Of("Practitioner/9") },
        RelatesTo = [new DocumentRelated
        {
            Code = DocumentRelation.Replaces,
            Target = new Link { Reference = Text.Of($"DocumentReference/d-{index + 8:00000}") },
        }],
        Description = Text.Of("Summary of the stay"),
        Paragraphs = [Text.Of("The patient was admitted with a stroke."), Text.Of("Discharged in good condition.")],
        Content =
        [
            new DocumentContent { ContentType = Text.Of("application/pdf"), Url = Text.Of($"https://archive/letter-{index:00000}") },
        ],
        Encounter = [new Link { Reference = Text.Of($"Encounter/e-{index:00000}") }],
    };
}
