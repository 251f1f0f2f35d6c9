using Estream.Health;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>The usual fields of one FhirPatient.</summary>
internal sealed record FhirPatientRecord
{
    public Text Id { get; init; }
    public Text VersionId { get; init; }
    public long LastUpdated { get; init; }
    public Identifier[] Identifier { get; init; } = [];
    public bool Active { get; init; }
    public HumanName[] Name { get; init; } = [];
    public ContactPoint[] Telecom { get; init; } = [];
    public AdministrativeGender? Gender { get; init; }
    public Text BirthDate { get; init; }
    public Address[] Address { get; init; } = [];
    public required CodeableConcept MaritalStatus { get; init; }
    public PatientLanguage[] Communication { get; init; } = [];
    public Link[] GeneralPractitioner { get; init; } = [];
    public required Link ManagingOrganization { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static FhirPatientRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static FhirPatientRecord Create(int index) => new()
    {
        Id = Text.Of($"p-{index:00000}"),
        VersionId = Text.Of($"{index % 9}"),
        LastUpdated = Sample.FirstTimestamp + index,
        Identifier = [new Identifier
        {
            Use = IdentifierUse.Official,
            System = Text.Of("urn:oid:2.16.756.5.32"),
            Value = Text.Of($"756.{1000 + index}.5678.97"),
        }],
        Active = true,
        Name =
        [
            new HumanName { Use = NameUse.Official, Family = Text.Of("Gerber"), Given = [Text.Of("Anna"), Text.Of("Maria")] },
            new HumanName { Use = NameUse.Maiden, Family = Text.Of("Keller"), Given = [] },
        ],
        Telecom =
        [
            new ContactPoint
            {
                System = ContactPointSystem.Phone,
                Value = Text.Of($"+41 44 555 {index:00} 00"),
                Use = ContactPointUse.Home,
            },
            new ContactPoint
            {
                System = ContactPointSystem.Email,
                Value = Text.Of($"anna.{index}@example.org"),
                Use = ContactPointUse.Home,
            },
        ],
        Gender = index % 4 == 3 ? null : AdministrativeGender.Female,
        BirthDate = Text.Of("1974-12-25"),
        Address =
        [
            new Address
            {
                Use = AddressUse.Home,
                Line = [Text.Of($"Seestrasse {index}")],
                City = Text.Of("Thalwil"),
                PostalCode = Text.Of("8800"),
                Country = Text.Of("CH"),
            },
        ],
        MaritalStatus = Concepts.Of("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "M", "Married"),
        Communication = [new PatientLanguage { Language = Concepts.Of("urn:ietf:bcp:47", "de-CH", "German"), Preferred = true }],
        GeneralPractitioner = [new Link { Reference = Text.Of($"Practitioner/{index % 5}") }],
        ManagingOrganization = new Link { Reference = Text.Of("Organization/1"), Display = Text.Of("Hospital") },
    };
}
