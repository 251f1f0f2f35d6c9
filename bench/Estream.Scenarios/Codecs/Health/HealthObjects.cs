using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The Identifier object of esf-health messages.</summary>
internal sealed record Identifier
{
    public IdentifierUse Use { get; init; }
    public Text System { get; init; }
    public Text Value { get; init; }
}

/// <summary>The HumanName object of esf-health messages.</summary>
internal sealed record HumanName
{
    public NameUse Use { get; init; }
    public Text Family { get; init; }
    public Text[] Given { get; init; } = [];
}

/// <summary>The ContactPoint object of esf-health messages.</summary>
internal sealed record ContactPoint
{
    public ContactPointSystem System { get; init; }
    public Text Value { get; init; }
    public ContactPointUse Use { get; init; }
}

/// <summary>The Address object of esf-health messages.</summary>
internal sealed record Address
{
    public AddressUse Use { get; init; }
    public Text[] Line { get; init; } = [];
    public Text City { get; init; }
    public Text PostalCode { get; init; }
    public Text Country { get; init; }
}

/// <summary>The CodeableConcept object of esf-health messages.</summary>
internal sealed record CodeableConcept
{
    public Coding[] Coding { get; init; } = [];
    public Text Text { get; init; }
}

/// <summary>The Coding object of esf-health messages.</summary>
internal sealed record Coding
{
    public Text System { get; init; }
    public Text Code { get; init; }
    public Text Display { get; init; }
}

/// <summary>The PatientLanguage object of esf-health messages.</summary>
internal sealed record PatientLanguage
{
    public required CodeableConcept Language { get; init; }
    public bool Preferred { get; init; }
}

/// <summary>The Link object of esf-health messages.</summary>
internal sealed record Link
{
    public Text Reference { get; init; }
    public Text Display { get; init; }
}

/// <summary>The ObservationValue object of esf-health messages.</summary>
internal sealed record ObservationValue
{
    public required Quantity Quantity { get; init; }
}

/// <summary>The Quantity object of esf-health messages.</summary>
internal sealed record Quantity
{
    public long Value { get; init; }
    public sbyte Scale { get; init; }
    public Text Unit { get; init; }
    public Text System { get; init; }
    public Text Code { get; init; }
}

/// <summary>The ReferenceRange object of esf-health messages.</summary>
internal sealed record ReferenceRange
{
    public required Quantity Low { get; init; }
    public required Quantity High { get; init; }
}

/// <summary>The ObservationPart object of esf-health messages.</summary>
internal sealed record ObservationPart
{
    public required CodeableConcept Code { get; init; }
    public required ObservationValue Value { get; init; }
}

/// <summary>The EncounterParticipant object of esf-health messages.</summary>
internal sealed record EncounterParticipant
{
    public CodeableConcept[] Type { get; init; } = [];
    public required Link Individual { get; init; }
}

/// <summary>The Period object of esf-health messages.</summary>
internal sealed record Period
{
    public Text Start { get; init; }
    public Text End { get; init; }
}

/// <summary>The EncounterDiagnosis object of esf-health messages.</summary>
internal sealed record EncounterDiagnosis
{
    public required Link Condition { get; init; }
    public required CodeableConcept Use { get; init; }
    public uint Rank { get; init; }
}

/// <summary>The EncounterLocation object of esf-health messages.</summary>
internal sealed record EncounterLocation
{
    public required Link Location { get; init; }
    public LocationStatus Status { get; init; }
}

/// <summary>The AppointmentParticipant object of esf-health messages.</summary>
internal sealed record AppointmentParticipant
{
    public CodeableConcept[] Type { get; init; } = [];
    public required Link Actor { get; init; }
    public ParticipationStatus Status { get; init; }
}

/// <summary>The DocumentRelated object of esf-health messages.</summary>
internal sealed record DocumentRelated
{
    public DocumentRelation Code { get; init; }
    public required Link Target { get; init; }
}

/// <summary>The DocumentContent object of esf-health messages.</summary>
internal sealed record DocumentContent
{
    public Text ContentType { get; init; }
    public Text Url { get; init; }
}

/// <summary>The ConsentPolicy object of esf-health messages.</summary>
internal sealed record ConsentPolicy
{
    public Text Uri { get; init; }
}

/// <summary>The ConsentVerification object of esf-health messages.</summary>
internal sealed record ConsentVerification
{
    public bool Verified { get; init; }
    public Text VerificationDate { get; init; }
}

/// <summary>The ConsentRule object of esf-health messages.</summary>
internal sealed record ConsentRule
{
    public ProvisionType Type { get; init; }
    public required Period Period { get; init; }
    public ConsentActor[] Actor { get; init; } = [];
    public CodeableConcept[] Action { get; init; } = [];
}

/// <summary>The ConsentActor object of esf-health messages.</summary>
internal sealed record ConsentActor
{
    public required CodeableConcept Role { get; init; }
    public required Link Reference { get; init; }
}

/// <summary>Coded values of the messages.</summary>
internal static class Concepts
{
    public static CodeableConcept Of(string system, string code, string display) => new()
    {
        Coding = [new Coding { System = Text.Of(system), Code = Text.Of(code), Display = Text.Of(display) }],
    };

    public static Quantity Pressure(int value) => new()
    {
        Value = value,
        Scale = 0,
        Unit = Text.Of("mmHg"),
        System = Text.Of("http://unitsofmeasure.org"),
        Code = Text.Of("mm[Hg]"),
    };
}
