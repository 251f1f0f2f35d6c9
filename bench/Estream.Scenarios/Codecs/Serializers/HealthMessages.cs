using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>A FhirPatient for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirPatientMessage : IPeerMessage<FhirPatientMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2)] public string VersionId { get; set; } = "";
    [Key(2), ProtoMember(3, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(3), ProtoMember(4)] public IdentifierMessage[] Identifier { get; set; } = [];
    [Key(4), ProtoMember(5)] public bool Active { get; set; }
    [Key(5), ProtoMember(6)] public HumanNameMessage[] Name { get; set; } = [];
    [Key(6), ProtoMember(7)] public ContactPointMessage[] Telecom { get; set; } = [];
    [Key(7), ProtoMember(8)] public byte Gender { get; set; }
    [Key(8), ProtoMember(9)] public string BirthDate { get; set; } = "";
    [Key(9), ProtoMember(10)] public AddressMessage[] Address { get; set; } = [];
    [Key(10), ProtoMember(11)] public CodeableConceptMessage? MaritalStatus { get; set; }
    [Key(11), ProtoMember(12)] public PatientLanguageMessage[] Communication { get; set; } = [];
    [Key(12), ProtoMember(13)] public LinkMessage[] GeneralPractitioner { get; set; } = [];
    [Key(13), ProtoMember(14)] public LinkMessage? ManagingOrganization { get; set; }

    static FhirPatientMessage[] IPeerMessage<FhirPatientMessage>.All => [.. FhirPatientRecord.All.Select(Of)];

    ulong IPeerMessage<FhirPatientMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + Digests.Of(VersionId) + (ulong)LastUpdated + (Active ? 1UL : 0UL) + Gender + Digests.Of(BirthDate)
            + (MaritalStatus?.Digest() ?? 0) + (ManagingOrganization?.Digest() ?? 0);
        foreach (IdentifierMessage item in Identifier)
        {
            sum += item.Digest();
        }

        foreach (HumanNameMessage item in Name)
        {
            sum += item.Digest();
        }

        foreach (ContactPointMessage item in Telecom)
        {
            sum += item.Digest();
        }

        foreach (AddressMessage item in Address)
        {
            sum += item.Digest();
        }

        foreach (PatientLanguageMessage item in Communication)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in GeneralPractitioner)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirPatientMessage Of(FhirPatientRecord record) => new()
    {
        Id = record.Id.Chars,
        VersionId = record.VersionId.Chars,
        LastUpdated = record.LastUpdated,
        Identifier = [.. record.Identifier.Select(IdentifierMessage.Of)],
        Active = record.Active,
        Name = [.. record.Name.Select(HumanNameMessage.Of)],
        Telecom = [.. record.Telecom.Select(ContactPointMessage.Of)],
        Gender = (byte)record.Gender.GetValueOrDefault(),
        BirthDate = record.BirthDate.Chars,
        Address = [.. record.Address.Select(AddressMessage.Of)],
        MaritalStatus = CodeableConceptMessage.Of(record.MaritalStatus),
        Communication = [.. record.Communication.Select(PatientLanguageMessage.Of)],
        GeneralPractitioner = [.. record.GeneralPractitioner.Select(LinkMessage.Of)],
        ManagingOrganization = LinkMessage.Of(record.ManagingOrganization),
    };
}

/// <summary>A FhirObservation for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirObservationMessage : IPeerMessage<FhirObservationMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(2), ProtoMember(3)] public byte Status { get; set; }
    [Key(3), ProtoMember(4)] public CodeableConceptMessage[] Category { get; set; } = [];
    [Key(4), ProtoMember(5)] public CodeableConceptMessage? Code { get; set; }
    [Key(5), ProtoMember(6)] public LinkMessage? Subject { get; set; }
    [Key(6), ProtoMember(7)] public LinkMessage? Encounter { get; set; }
    [Key(7), ProtoMember(8)] public string EffectiveAt { get; set; } = "";
    [Key(8), ProtoMember(9, DataFormat = DataFormat.FixedSize)] public long Issued { get; set; }
    [Key(9), ProtoMember(10)] public LinkMessage[] Performer { get; set; } = [];
    [Key(10), ProtoMember(11)] public ObservationValueMessage? Value { get; set; }
    [Key(11), ProtoMember(12)] public CodeableConceptMessage[] Interpretation { get; set; } = [];
    [Key(12), ProtoMember(13)] public ReferenceRangeMessage[] ReferenceRange { get; set; } = [];
    [Key(13), ProtoMember(14)] public ObservationPartMessage[] Component { get; set; } = [];

    static FhirObservationMessage[] IPeerMessage<FhirObservationMessage>.All => [.. FhirObservationRecord.All.Select(Of)];

    ulong IPeerMessage<FhirObservationMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + (ulong)LastUpdated + Status + (Code?.Digest() ?? 0) + (Subject?.Digest() ?? 0)
            + (Encounter?.Digest() ?? 0) + Digests.Of(EffectiveAt) + (ulong)Issued + (Value?.Digest() ?? 0);
        foreach (CodeableConceptMessage item in Category)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in Performer)
        {
            sum += item.Digest();
        }

        foreach (CodeableConceptMessage item in Interpretation)
        {
            sum += item.Digest();
        }

        foreach (ReferenceRangeMessage item in ReferenceRange)
        {
            sum += item.Digest();
        }

        foreach (ObservationPartMessage item in Component)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirObservationMessage Of(FhirObservationRecord record) => new()
    {
        Id = record.Id.Chars,
        LastUpdated = record.LastUpdated,
        Status = (byte)record.Status,
        Category = [.. record.Category.Select(CodeableConceptMessage.Of)],
        Code = CodeableConceptMessage.Of(record.Code),
        Subject = LinkMessage.Of(record.Subject),
        Encounter = LinkMessage.Of(record.Encounter),
        EffectiveAt = record.EffectiveAt.Chars,
        Issued = record.Issued,
        Performer = [.. record.Performer.Select(LinkMessage.Of)],
        Value = record.Value is null ? null : ObservationValueMessage.Of(record.Value),
        Interpretation = [.. record.Interpretation.Select(CodeableConceptMessage.Of)],
        ReferenceRange = [.. record.ReferenceRange.Select(ReferenceRangeMessage.Of)],
        Component = [.. record.Component.Select(ObservationPartMessage.Of)],
    };
}
