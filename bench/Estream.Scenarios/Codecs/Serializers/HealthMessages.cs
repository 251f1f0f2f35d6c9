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

/// <summary>A FhirEncounter for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirEncounterMessage : IPeerMessage<FhirEncounterMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(2), ProtoMember(3)] public byte Status { get; set; }
    [Key(3), ProtoMember(4)] public CodingMessage? Class { get; set; }
    [Key(4), ProtoMember(5)] public CodeableConceptMessage[] Type { get; set; } = [];
    [Key(5), ProtoMember(6)] public LinkMessage? Subject { get; set; }
    [Key(6), ProtoMember(7)] public EncounterParticipantMessage[] Participant { get; set; } = [];
    [Key(7), ProtoMember(8)] public PeriodMessage? Period { get; set; }
    [Key(8), ProtoMember(9)] public QuantityMessage? LengthOfStay { get; set; }
    [Key(9), ProtoMember(10)] public CodeableConceptMessage[] ReasonCode { get; set; } = [];
    [Key(10), ProtoMember(11)] public EncounterDiagnosisMessage[] Diagnosis { get; set; } = [];
    [Key(11), ProtoMember(12)] public EncounterLocationMessage[] Location { get; set; } = [];
    [Key(12), ProtoMember(13)] public LinkMessage? ServiceProvider { get; set; }

    static FhirEncounterMessage[] IPeerMessage<FhirEncounterMessage>.All => [.. FhirEncounterRecord.All.Select(Of)];

    ulong IPeerMessage<FhirEncounterMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + (ulong)LastUpdated + Status + (Class?.Digest() ?? 0) + (Subject?.Digest() ?? 0)
            + (Period?.Digest() ?? 0) + (LengthOfStay?.Digest() ?? 0) + (ServiceProvider?.Digest() ?? 0);
        foreach (CodeableConceptMessage item in Type)
        {
            sum += item.Digest();
        }

        foreach (EncounterParticipantMessage item in Participant)
        {
            sum += item.Digest();
        }

        foreach (CodeableConceptMessage item in ReasonCode)
        {
            sum += item.Digest();
        }

        foreach (EncounterDiagnosisMessage item in Diagnosis)
        {
            sum += item.Digest();
        }

        foreach (EncounterLocationMessage item in Location)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirEncounterMessage Of(FhirEncounterRecord record) => new()
    {
        Id = record.Id.Chars,
        LastUpdated = record.LastUpdated,
        Status = (byte)record.Status,
        Class = CodingMessage.Of(record.Class),
        Type = [.. record.Type.Select(CodeableConceptMessage.Of)],
        Subject = LinkMessage.Of(record.Subject),
        Participant = [.. record.Participant.Select(EncounterParticipantMessage.Of)],
        Period = PeriodMessage.Of(record.Period),
        LengthOfStay = record.LengthOfStay is null ? null : QuantityMessage.Of(record.LengthOfStay),
        ReasonCode = [.. record.ReasonCode.Select(CodeableConceptMessage.Of)],
        Diagnosis = [.. record.Diagnosis.Select(EncounterDiagnosisMessage.Of)],
        Location = [.. record.Location.Select(EncounterLocationMessage.Of)],
        ServiceProvider = LinkMessage.Of(record.ServiceProvider),
    };
}

/// <summary>A FhirConsent for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirConsentMessage : IPeerMessage<FhirConsentMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2)] public byte Status { get; set; }
    [Key(2), ProtoMember(3)] public CodeableConceptMessage? Scope { get; set; }
    [Key(3), ProtoMember(4)] public CodeableConceptMessage[] Category { get; set; } = [];
    [Key(4), ProtoMember(5)] public LinkMessage? Patient { get; set; }
    [Key(5), ProtoMember(6)] public string DateTime { get; set; } = "";
    [Key(6), ProtoMember(7)] public LinkMessage[] Performer { get; set; } = [];
    [Key(7), ProtoMember(8)] public LinkMessage[] Organization { get; set; } = [];
    [Key(8), ProtoMember(9)] public ConsentPolicyMessage[] Policy { get; set; } = [];
    [Key(9), ProtoMember(10)] public CodeableConceptMessage? PolicyRule { get; set; }
    [Key(10), ProtoMember(11)] public ConsentVerificationMessage[] Verification { get; set; } = [];
    [Key(11), ProtoMember(12)] public ConsentRuleMessage? Provision { get; set; }

    static FhirConsentMessage[] IPeerMessage<FhirConsentMessage>.All => [.. FhirConsentRecord.All.Select(Of)];

    ulong IPeerMessage<FhirConsentMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + Status + (Scope?.Digest() ?? 0) + (Patient?.Digest() ?? 0) + Digests.Of(DateTime)
            + (PolicyRule?.Digest() ?? 0) + (Provision?.Digest() ?? 0);
        foreach (CodeableConceptMessage item in Category)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in Performer)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in Organization)
        {
            sum += item.Digest();
        }

        foreach (ConsentPolicyMessage item in Policy)
        {
            sum += item.Digest();
        }

        foreach (ConsentVerificationMessage item in Verification)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirConsentMessage Of(FhirConsentRecord record) => new()
    {
        Id = record.Id.Chars,
        Status = (byte)record.Status,
        Scope = CodeableConceptMessage.Of(record.Scope),
        Category = [.. record.Category.Select(CodeableConceptMessage.Of)],
        Patient = LinkMessage.Of(record.Patient),
        DateTime = record.DateTime.Chars,
        Performer = [.. record.Performer.Select(LinkMessage.Of)],
        Organization = [.. record.Organization.Select(LinkMessage.Of)],
        Policy = [.. record.Policy.Select(ConsentPolicyMessage.Of)],
        PolicyRule = record.PolicyRule is null ? null : CodeableConceptMessage.Of(record.PolicyRule),
        Verification = [.. record.Verification.Select(ConsentVerificationMessage.Of)],
        Provision = ConsentRuleMessage.Of(record.Provision),
    };
}

/// <summary>A FhirServiceRequest for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirServiceRequestMessage : IPeerMessage<FhirServiceRequestMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(2), ProtoMember(3)] public IdentifierMessage[] Identifier { get; set; } = [];
    [Key(3), ProtoMember(4)] public byte Status { get; set; }
    [Key(4), ProtoMember(5)] public byte Intent { get; set; }
    [Key(5), ProtoMember(6)] public byte Priority { get; set; }
    [Key(6), ProtoMember(7)] public CodeableConceptMessage? Code { get; set; }
    [Key(7), ProtoMember(8)] public LinkMessage? Subject { get; set; }
    [Key(8), ProtoMember(9)] public LinkMessage? Encounter { get; set; }
    [Key(9), ProtoMember(10)] public string OccurrenceAt { get; set; } = "";
    [Key(10), ProtoMember(11)] public string AuthoredOn { get; set; } = "";
    [Key(11), ProtoMember(12)] public LinkMessage? Requester { get; set; }
    [Key(12), ProtoMember(13)] public CodeableConceptMessage[] ReasonCode { get; set; } = [];
    [Key(13), ProtoMember(14)] public string[] Note { get; set; } = [];

    static FhirServiceRequestMessage[] IPeerMessage<FhirServiceRequestMessage>.All => [.. FhirServiceRequestRecord.All.Select(Of)];

    ulong IPeerMessage<FhirServiceRequestMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + (ulong)LastUpdated + Status + Intent + Priority + (Code?.Digest() ?? 0) + (Subject?.Digest() ?? 0)
            + (Encounter?.Digest() ?? 0) + Digests.Of(OccurrenceAt) + Digests.Of(AuthoredOn) + (Requester?.Digest() ?? 0);
        foreach (IdentifierMessage item in Identifier)
        {
            sum += item.Digest();
        }

        foreach (CodeableConceptMessage item in ReasonCode)
        {
            sum += item.Digest();
        }

        foreach (string item in Note)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    private static FhirServiceRequestMessage Of(FhirServiceRequestRecord record) => new()
    {
        Id = record.Id.Chars,
        LastUpdated = record.LastUpdated,
        Identifier = [.. record.Identifier.Select(IdentifierMessage.Of)],
        Status = (byte)record.Status,
        Intent = (byte)record.Intent,
        Priority = (byte)record.Priority,
        Code = CodeableConceptMessage.Of(record.Code),
        Subject = LinkMessage.Of(record.Subject),
        Encounter = LinkMessage.Of(record.Encounter),
        OccurrenceAt = record.OccurrenceAt.Chars,
        AuthoredOn = record.AuthoredOn.Chars,
        Requester = LinkMessage.Of(record.Requester),
        ReasonCode = [.. record.ReasonCode.Select(CodeableConceptMessage.Of)],
        Note = [.. record.Note.Select(text => text.Chars)],
    };
}

/// <summary>A FhirAppointment for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirAppointmentMessage : IPeerMessage<FhirAppointmentMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(2), ProtoMember(3)] public IdentifierMessage[] Identifier { get; set; } = [];
    [Key(3), ProtoMember(4)] public byte Status { get; set; }
    [Key(4), ProtoMember(5)] public CodeableConceptMessage[] ServiceType { get; set; } = [];
    [Key(5), ProtoMember(6)] public CodeableConceptMessage? AppointmentType { get; set; }
    [Key(6), ProtoMember(7)] public string Start { get; set; } = "";
    [Key(7), ProtoMember(8)] public string End { get; set; } = "";
    [Key(8), ProtoMember(9)] public uint MinutesDuration { get; set; }
    [Key(9), ProtoMember(10)] public string[] Comment { get; set; } = [];
    [Key(10), ProtoMember(11)] public AppointmentParticipantMessage[] Participant { get; set; } = [];

    static FhirAppointmentMessage[] IPeerMessage<FhirAppointmentMessage>.All => [.. FhirAppointmentRecord.All.Select(Of)];

    ulong IPeerMessage<FhirAppointmentMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + (ulong)LastUpdated + Status + (AppointmentType?.Digest() ?? 0) + Digests.Of(Start) + Digests.Of(End)
            + MinutesDuration;
        foreach (IdentifierMessage item in Identifier)
        {
            sum += item.Digest();
        }

        foreach (CodeableConceptMessage item in ServiceType)
        {
            sum += item.Digest();
        }

        foreach (string item in Comment)
        {
            sum += Digests.Of(item);
        }

        foreach (AppointmentParticipantMessage item in Participant)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirAppointmentMessage Of(FhirAppointmentRecord record) => new()
    {
        Id = record.Id.Chars,
        LastUpdated = record.LastUpdated,
        Identifier = [.. record.Identifier.Select(IdentifierMessage.Of)],
        Status = (byte)record.Status,
        ServiceType = [.. record.ServiceType.Select(CodeableConceptMessage.Of)],
        AppointmentType = CodeableConceptMessage.Of(record.AppointmentType),
        Start = record.Start.Chars,
        End = record.End.Chars,
        MinutesDuration = record.MinutesDuration,
        Comment = [.. record.Comment.Select(text => text.Chars)],
        Participant = [.. record.Participant.Select(AppointmentParticipantMessage.Of)],
    };
}

/// <summary>A FhirDocumentReference for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class FhirDocumentReferenceMessage : IPeerMessage<FhirDocumentReferenceMessage>
{
    [Key(0), ProtoMember(1)] public string Id { get; set; } = "";
    [Key(1), ProtoMember(2, DataFormat = DataFormat.FixedSize)] public long LastUpdated { get; set; }
    [Key(2), ProtoMember(3)] public IdentifierMessage[] Identifier { get; set; } = [];
    [Key(3), ProtoMember(4)] public byte Status { get; set; }
    [Key(4), ProtoMember(5)] public byte DocStatus { get; set; }
    [Key(5), ProtoMember(6)] public CodeableConceptMessage? Type { get; set; }
    [Key(6), ProtoMember(7)] public LinkMessage? Subject { get; set; }
    [Key(7), ProtoMember(8)] public string Date { get; set; } = "";
    [Key(8), ProtoMember(9)] public LinkMessage[] Author { get; set; } = [];
    [Key(9), ProtoMember(10)] public LinkMessage? Authenticator { get; set; }
    [Key(10), ProtoMember(11)] public DocumentRelatedMessage[] RelatesTo { get; set; } = [];
    [Key(11), ProtoMember(12)] public string Description { get; set; } = "";
    [Key(12), ProtoMember(13)] public string[] Paragraphs { get; set; } = [];
    [Key(13), ProtoMember(14)] public DocumentContentMessage[] Content { get; set; } = [];
    [Key(14), ProtoMember(15)] public LinkMessage[] Encounter { get; set; } = [];

    static FhirDocumentReferenceMessage[] IPeerMessage<FhirDocumentReferenceMessage>.All => [.. FhirDocumentReferenceRecord.All.Select(Of)];

    ulong IPeerMessage<FhirDocumentReferenceMessage>.Digest()
    {
        ulong sum = Digests.Of(Id) + (ulong)LastUpdated + Status + DocStatus + (Type?.Digest() ?? 0) + (Subject?.Digest() ?? 0)
            + Digests.Of(Date) + (Authenticator?.Digest() ?? 0) + Digests.Of(Description);
        foreach (IdentifierMessage item in Identifier)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in Author)
        {
            sum += item.Digest();
        }

        foreach (DocumentRelatedMessage item in RelatesTo)
        {
            sum += item.Digest();
        }

        foreach (string item in Paragraphs)
        {
            sum += Digests.Of(item);
        }

        foreach (DocumentContentMessage item in Content)
        {
            sum += item.Digest();
        }

        foreach (LinkMessage item in Encounter)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static FhirDocumentReferenceMessage Of(FhirDocumentReferenceRecord record) => new()
    {
        Id = record.Id.Chars,
        LastUpdated = record.LastUpdated,
        Identifier = [.. record.Identifier.Select(IdentifierMessage.Of)],
        Status = (byte)record.Status,
        DocStatus = (byte)record.DocStatus,
        Type = CodeableConceptMessage.Of(record.Type),
        Subject = LinkMessage.Of(record.Subject),
        Date = record.Date.Chars,
        Author = [.. record.Author.Select(LinkMessage.Of)],
        Authenticator = LinkMessage.Of(record.Authenticator),
        RelatesTo = [.. record.RelatesTo.Select(DocumentRelatedMessage.Of)],
        Description = record.Description.Chars,
        Paragraphs = [.. record.Paragraphs.Select(text => text.Chars)],
        Content = [.. record.Content.Select(DocumentContentMessage.Of)],
        Encounter = [.. record.Encounter.Select(LinkMessage.Of)],
    };
}
