using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirAppointment.</summary>
internal sealed record FhirAppointmentRecord
{
    public Text Id { get; init; }
    public long LastUpdated { get; init; }
    public Identifier[] Identifier { get; init; } = [];
    public AppointmentStatus Status { get; init; }
    public CodeableConcept[] ServiceType { get; init; } = [];
    public required CodeableConcept AppointmentType { get; init; }
    public Text Start { get; init; }
    public Text End { get; init; }
    public uint MinutesDuration { get; init; }
    public Text[] Comment { get; init; } = [];
    public AppointmentParticipant[] Participant { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirAppointmentRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirAppointmentRecord Create(int index) => new()
    {
        Id = Text.Of($"a-{index:00000}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Identifier = [new Identifier { Use = IdentifierUse.Official, System = Text.Of("SCH"), Value = Text.Of($"booking-{index:00000}") }],
        Status = index % 2 == 0 ? AppointmentStatus.Booked : AppointmentStatus.Arrived,
        ServiceType = [Concepts.Of("http://snomed.info/sct", "241615005", "MRI of head")],
        AppointmentType = new CodeableConcept { Coding = [], Text = Text.Of("follow-up") },
        Start = Text.Of("2026-11-20T08:00:00+01:00"),
        End = Text.Of("2026-11-20T08:30:00+01:00"),
        MinutesDuration = 30 + (uint)index,
        Comment = [Text.Of("needs an interpreter")],
        Participant =
        [
            new AppointmentParticipant
            {
                Actor = new Link { Reference = Text.Of($"Patient/p-{index:00000}") },
                Status = ParticipationStatus.Accepted,
            },
            new AppointmentParticipant
            {
                Type = [new CodeableConcept { Coding = [], Text = Text.Of("attender") }],
                Actor = new Link { Reference = Text.Of("Practitioner/7") },
                Status = ParticipationStatus.Tentative,
            },
        ],
    };
}
