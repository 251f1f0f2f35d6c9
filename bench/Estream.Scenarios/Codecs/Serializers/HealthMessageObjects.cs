using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>The Identifier object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class IdentifierMessage
{
    [Key(0), ProtoMember(1)] public byte Use { get; set; }
    [Key(1), ProtoMember(2)] public string Space { get; set; } = "";
    [Key(2), ProtoMember(3)] public string Value { get; set; } = "";

    internal ulong Digest() => Use + Digests.Of(Space) + Digests.Of(Value);

    internal static IdentifierMessage Of(Identifier record) => new()
    {
        Use = (byte)record.Use,
        Space = record.System.Chars,
        Value = record.Value.Chars,
    };
}

/// <summary>The HumanName object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class HumanNameMessage
{
    [Key(0), ProtoMember(1)] public byte Use { get; set; }
    [Key(1), ProtoMember(2)] public string Family { get; set; } = "";
    [Key(2), ProtoMember(3)] public string[] Given { get; set; } = [];

    internal ulong Digest()
    {
        ulong sum = Use + Digests.Of(Family);
        foreach (string item in Given)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    internal static HumanNameMessage Of(HumanName record) => new()
    {
        Use = (byte)record.Use,
        Family = record.Family.Chars,
        Given = [.. record.Given.Select(text => text.Chars)],
    };
}

/// <summary>The ContactPoint object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ContactPointMessage
{
    [Key(0), ProtoMember(1)] public byte Kind { get; set; }
    [Key(1), ProtoMember(2)] public string Value { get; set; } = "";
    [Key(2), ProtoMember(3)] public byte Use { get; set; }

    internal ulong Digest() => Kind + Digests.Of(Value) + Use;

    internal static ContactPointMessage Of(ContactPoint record) => new()
    {
        Kind = (byte)record.System,
        Value = record.Value.Chars,
        Use = (byte)record.Use,
    };
}

/// <summary>The Address object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AddressMessage
{
    [Key(0), ProtoMember(1)] public byte Use { get; set; }
    [Key(1), ProtoMember(2)] public string[] Line { get; set; } = [];
    [Key(2), ProtoMember(3)] public string City { get; set; } = "";
    [Key(3), ProtoMember(4)] public string PostalCode { get; set; } = "";
    [Key(4), ProtoMember(5)] public string Country { get; set; } = "";

    internal ulong Digest()
    {
        ulong sum = Use + Digests.Of(City) + Digests.Of(PostalCode) + Digests.Of(Country);
        foreach (string item in Line)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    internal static AddressMessage Of(Address record) => new()
    {
        Use = (byte)record.Use,
        Line = [.. record.Line.Select(text => text.Chars)],
        City = record.City.Chars,
        PostalCode = record.PostalCode.Chars,
        Country = record.Country.Chars,
    };
}

/// <summary>The CodeableConcept object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CodeableConceptMessage
{
    [Key(0), ProtoMember(1)] public CodingMessage[] Coding { get; set; } = [];
    [Key(1), ProtoMember(2)] public string Text { get; set; } = "";

    internal ulong Digest()
    {
        ulong sum = Digests.Of(Text);
        foreach (CodingMessage item in Coding)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static CodeableConceptMessage Of(CodeableConcept record) => new()
    {
        Coding = [.. record.Coding.Select(CodingMessage.Of)],
        Text = record.Text.Chars,
    };
}

/// <summary>The Coding object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CodingMessage
{
    [Key(0), ProtoMember(1)] public string Space { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Code { get; set; } = "";
    [Key(2), ProtoMember(3)] public string Display { get; set; } = "";

    internal ulong Digest() => Digests.Of(Space) + Digests.Of(Code) + Digests.Of(Display);

    internal static CodingMessage Of(Coding record) => new()
    {
        Space = record.System.Chars,
        Code = record.Code.Chars,
        Display = record.Display.Chars,
    };
}

/// <summary>The PatientLanguage object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class PatientLanguageMessage
{
    [Key(0), ProtoMember(1)] public CodeableConceptMessage? Language { get; set; }
    [Key(1), ProtoMember(2)] public bool Preferred { get; set; }

    internal ulong Digest() => (Language?.Digest() ?? 0) + (Preferred ? 1UL : 0UL);

    internal static PatientLanguageMessage Of(PatientLanguage record) => new()
    {
        Language = CodeableConceptMessage.Of(record.Language),
        Preferred = record.Preferred,
    };
}

/// <summary>The Link object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class LinkMessage
{
    [Key(0), ProtoMember(1)] public string Reference { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Display { get; set; } = "";

    internal ulong Digest() => Digests.Of(Reference) + Digests.Of(Display);

    internal static LinkMessage Of(Link record) => new()
    {
        Reference = record.Reference.Chars,
        Display = record.Display.Chars,
    };
}

/// <summary>The ObservationValue object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ObservationValueMessage
{
    [Key(0), ProtoMember(1)] public QuantityMessage? Quantity { get; set; }

    internal ulong Digest() => (Quantity?.Digest() ?? 0);

    internal static ObservationValueMessage Of(ObservationValue record) => new()
    {
        Quantity = QuantityMessage.Of(record.Quantity),
    };
}

/// <summary>The Quantity object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class QuantityMessage
{
    [Key(0), ProtoMember(1, DataFormat = DataFormat.ZigZag)] public long Value { get; set; }
    [Key(1), ProtoMember(2, DataFormat = DataFormat.ZigZag)] public sbyte Scale { get; set; }
    [Key(2), ProtoMember(3)] public string Unit { get; set; } = "";
    [Key(3), ProtoMember(4)] public string Space { get; set; } = "";
    [Key(4), ProtoMember(5)] public string Code { get; set; } = "";

    internal ulong Digest() => (ulong)Value + (ulong)Scale + Digests.Of(Unit) + Digests.Of(Space) + Digests.Of(Code);

    internal static QuantityMessage Of(Quantity record) => new()
    {
        Value = record.Value,
        Scale = record.Scale,
        Unit = record.Unit.Chars,
        Space = record.System.Chars,
        Code = record.Code.Chars,
    };
}

/// <summary>The ReferenceRange object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ReferenceRangeMessage
{
    [Key(0), ProtoMember(1)] public QuantityMessage? Low { get; set; }
    [Key(1), ProtoMember(2)] public QuantityMessage? High { get; set; }

    internal ulong Digest() => (Low?.Digest() ?? 0) + (High?.Digest() ?? 0);

    internal static ReferenceRangeMessage Of(ReferenceRange record) => new()
    {
        Low = QuantityMessage.Of(record.Low),
        High = QuantityMessage.Of(record.High),
    };
}

/// <summary>The ObservationPart object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ObservationPartMessage
{
    [Key(0), ProtoMember(1)] public CodeableConceptMessage? Code { get; set; }
    [Key(1), ProtoMember(2)] public ObservationValueMessage? Value { get; set; }

    internal ulong Digest() => (Code?.Digest() ?? 0) + (Value?.Digest() ?? 0);

    internal static ObservationPartMessage Of(ObservationPart record) => new()
    {
        Code = CodeableConceptMessage.Of(record.Code),
        Value = ObservationValueMessage.Of(record.Value),
    };
}

/// <summary>The EncounterParticipant object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class EncounterParticipantMessage
{
    [Key(0), ProtoMember(1)] public CodeableConceptMessage[] Type { get; set; } = [];
    [Key(1), ProtoMember(2)] public LinkMessage? Individual { get; set; }

    internal ulong Digest()
    {
        ulong sum = (Individual?.Digest() ?? 0);
        foreach (CodeableConceptMessage item in Type)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static EncounterParticipantMessage Of(EncounterParticipant record) => new()
    {
        Type = [.. record.Type.Select(CodeableConceptMessage.Of)],
        Individual = LinkMessage.Of(record.Individual),
    };
}

/// <summary>The Period object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class PeriodMessage
{
    [Key(0), ProtoMember(1)] public string Start { get; set; } = "";
    [Key(1), ProtoMember(2)] public string End { get; set; } = "";

    internal ulong Digest() => Digests.Of(Start) + Digests.Of(End);

    internal static PeriodMessage Of(Period record) => new()
    {
        Start = record.Start.Chars,
        End = record.End.Chars,
    };
}

/// <summary>The EncounterDiagnosis object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class EncounterDiagnosisMessage
{
    [Key(0), ProtoMember(1)] public LinkMessage? Condition { get; set; }
    [Key(1), ProtoMember(2)] public CodeableConceptMessage? Use { get; set; }
    [Key(2), ProtoMember(3)] public uint Rank { get; set; }

    internal ulong Digest() => (Condition?.Digest() ?? 0) + (Use?.Digest() ?? 0) + Rank;

    internal static EncounterDiagnosisMessage Of(EncounterDiagnosis record) => new()
    {
        Condition = LinkMessage.Of(record.Condition),
        Use = CodeableConceptMessage.Of(record.Use),
        Rank = record.Rank,
    };
}

/// <summary>The EncounterLocation object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class EncounterLocationMessage
{
    [Key(0), ProtoMember(1)] public LinkMessage? Location { get; set; }
    [Key(1), ProtoMember(2)] public byte Status { get; set; }

    internal ulong Digest() => (Location?.Digest() ?? 0) + Status;

    internal static EncounterLocationMessage Of(EncounterLocation record) => new()
    {
        Location = LinkMessage.Of(record.Location),
        Status = (byte)record.Status,
    };
}

/// <summary>The AppointmentParticipant object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AppointmentParticipantMessage
{
    [Key(0), ProtoMember(1)] public CodeableConceptMessage[] Type { get; set; } = [];
    [Key(1), ProtoMember(2)] public LinkMessage? Actor { get; set; }
    [Key(2), ProtoMember(3)] public byte Status { get; set; }

    internal ulong Digest()
    {
        ulong sum = (Actor?.Digest() ?? 0) + Status;
        foreach (CodeableConceptMessage item in Type)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static AppointmentParticipantMessage Of(AppointmentParticipant record) => new()
    {
        Type = [.. record.Type.Select(CodeableConceptMessage.Of)],
        Actor = LinkMessage.Of(record.Actor),
        Status = (byte)record.Status,
    };
}

/// <summary>The DocumentRelated object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class DocumentRelatedMessage
{
    [Key(0), ProtoMember(1)] public byte Code { get; set; }
    [Key(1), ProtoMember(2)] public LinkMessage? Target { get; set; }

    internal ulong Digest() => Code + (Target?.Digest() ?? 0);

    internal static DocumentRelatedMessage Of(DocumentRelated record) => new()
    {
        Code = (byte)record.Code,
        Target = LinkMessage.Of(record.Target),
    };
}

/// <summary>The DocumentContent object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class DocumentContentMessage
{
    [Key(0), ProtoMember(1)] public string ContentType { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Url { get; set; } = "";

    internal ulong Digest() => Digests.Of(ContentType) + Digests.Of(Url);

    internal static DocumentContentMessage Of(DocumentContent record) => new()
    {
        ContentType = record.ContentType.Chars,
        Url = record.Url.Chars,
    };
}

/// <summary>The ConsentPolicy object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ConsentPolicyMessage
{
    [Key(0), ProtoMember(1)] public string Uri { get; set; } = "";

    internal ulong Digest() => Digests.Of(Uri);

    internal static ConsentPolicyMessage Of(ConsentPolicy record) => new()
    {
        Uri = record.Uri.Chars,
    };
}

/// <summary>The ConsentVerification object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ConsentVerificationMessage
{
    [Key(0), ProtoMember(1)] public bool Verified { get; set; }
    [Key(1), ProtoMember(2)] public string VerificationDate { get; set; } = "";

    internal ulong Digest() => (Verified ? 1UL : 0UL) + Digests.Of(VerificationDate);

    internal static ConsentVerificationMessage Of(ConsentVerification record) => new()
    {
        Verified = record.Verified,
        VerificationDate = record.VerificationDate.Chars,
    };
}

/// <summary>The ConsentRule object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ConsentRuleMessage
{
    [Key(0), ProtoMember(1)] public byte Type { get; set; }
    [Key(1), ProtoMember(2)] public PeriodMessage? Period { get; set; }
    [Key(2), ProtoMember(3)] public ConsentActorMessage[] Actor { get; set; } = [];
    [Key(3), ProtoMember(4)] public CodeableConceptMessage[] Action { get; set; } = [];

    internal ulong Digest()
    {
        ulong sum = Type + (Period?.Digest() ?? 0);
        foreach (ConsentActorMessage item in Actor)
        {
            sum += item.Digest();
        }

        foreach (CodeableConceptMessage item in Action)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static ConsentRuleMessage Of(ConsentRule record) => new()
    {
        Type = (byte)record.Type,
        Period = PeriodMessage.Of(record.Period),
        Actor = [.. record.Actor.Select(ConsentActorMessage.Of)],
        Action = [.. record.Action.Select(CodeableConceptMessage.Of)],
    };
}

/// <summary>The ConsentActor object of esf-health messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ConsentActorMessage
{
    [Key(0), ProtoMember(1)] public CodeableConceptMessage? Role { get; set; }
    [Key(1), ProtoMember(2)] public LinkMessage? Reference { get; set; }

    internal ulong Digest() => (Role?.Digest() ?? 0) + (Reference?.Digest() ?? 0);

    internal static ConsentActorMessage Of(ConsentActor record) => new()
    {
        Role = CodeableConceptMessage.Of(record.Role),
        Reference = LinkMessage.Of(record.Reference),
    };
}
