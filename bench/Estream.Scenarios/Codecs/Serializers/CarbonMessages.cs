using Estream.Scenarios.Codecs.Carbon;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>A CarbonCredit for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CarbonCreditMessage : IPeerMessage<CarbonCreditMessage>
{
    [Key(0), ProtoMember(1)] public byte[] CreditId { get; set; } = [];
    [Key(1), ProtoMember(2)] public string ProjectId { get; set; } = "";
    [Key(2), ProtoMember(3)] public ushort VintageYear { get; set; }
    [Key(3), ProtoMember(4)] public byte CreditType { get; set; }
    [Key(4), ProtoMember(5)] public ulong TonnesCo2e { get; set; }
    [Key(5), ProtoMember(6)] public string Registry { get; set; } = "";
    [Key(6), ProtoMember(7)] public string SerialNumber { get; set; } = "";
    [Key(7), ProtoMember(8)] public byte Status { get; set; }
    [Key(8), ProtoMember(9)] public byte[] Owner { get; set; } = [];
    [Key(9), ProtoMember(10, DataFormat = DataFormat.FixedSize)] public long IssuedAt { get; set; }
    [Key(10), ProtoMember(11, DataFormat = DataFormat.FixedSize)] public long RetiredAt { get; set; }

    static CarbonCreditMessage[] IPeerMessage<CarbonCreditMessage>.All => [.. CarbonCreditRecord.All.Select(Of)];

    ulong IPeerMessage<CarbonCreditMessage>.Digest()
    {
        return Digests.Of(CreditId) + Digests.Of(ProjectId) + VintageYear + CreditType + TonnesCo2e + Digests.Of(Registry)
            + Digests.Of(SerialNumber) + Status + Digests.Of(Owner) + (ulong)IssuedAt + (ulong)RetiredAt;
    }

    private static CarbonCreditMessage Of(CarbonCreditRecord record) => new()
    {
        CreditId = record.CreditId,
        ProjectId = record.ProjectId.Chars,
        VintageYear = record.VintageYear,
        CreditType = (byte)record.CreditType,
        TonnesCo2e = record.TonnesCo2e,
        Registry = record.Registry.Chars,
        SerialNumber = record.SerialNumber.Chars,
        Status = (byte)record.Status,
        Owner = record.Owner,
        IssuedAt = record.IssuedAt,
        RetiredAt = record.RetiredAt.GetValueOrDefault(),
    };
}

/// <summary>A CarbonAttestation for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CarbonAttestationMessage : IPeerMessage<CarbonAttestationMessage>
{
    [Key(0), ProtoMember(1)] public byte[] AttestationId { get; set; } = [];
    [Key(1), ProtoMember(2)] public byte[] CreditId { get; set; } = [];
    [Key(2), ProtoMember(3)] public byte[] Verifier { get; set; } = [];
    [Key(3), ProtoMember(4)] public string Methodology { get; set; } = "";
    [Key(4), ProtoMember(5)] public ulong VerifiedTonnes { get; set; }
    [Key(5), ProtoMember(6)] public byte ConfidencePct { get; set; }
    [Key(6), ProtoMember(7, DataFormat = DataFormat.FixedSize)] public long AttestedAt { get; set; }
    [Key(7), ProtoMember(8)] public byte[] Signature { get; set; } = [];
    [Key(8), ProtoMember(9)] public byte[] EvidenceHash { get; set; } = [];

    static CarbonAttestationMessage[] IPeerMessage<CarbonAttestationMessage>.All => [.. CarbonAttestationRecord.All.Select(Of)];

    ulong IPeerMessage<CarbonAttestationMessage>.Digest()
    {
        return Digests.Of(AttestationId) + Digests.Of(CreditId) + Digests.Of(Verifier) + Digests.Of(Methodology) + VerifiedTonnes
            + ConfidencePct + (ulong)AttestedAt + Digests.Of(Signature) + Digests.Of(EvidenceHash);
    }

    private static CarbonAttestationMessage Of(CarbonAttestationRecord record) => new()
    {
        AttestationId = record.AttestationId,
        CreditId = record.CreditId,
        Verifier = record.Verifier,
        Methodology = record.Methodology.Chars,
        VerifiedTonnes = record.VerifiedTonnes,
        ConfidencePct = record.ConfidencePct,
        AttestedAt = record.AttestedAt,
        Signature = record.Signature,
        EvidenceHash = record.EvidenceHash,
    };
}

/// <summary>A CarbonMint for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CarbonMintMessage : IPeerMessage<CarbonMintMessage>
{
    [Key(0), ProtoMember(1)] public byte[] MintId { get; set; } = [];
    [Key(1), ProtoMember(2)] public string ProjectId { get; set; } = "";
    [Key(2), ProtoMember(3)] public byte[][] CreditIds { get; set; } = [];
    [Key(3), ProtoMember(4)] public ulong TotalTonnes { get; set; }
    [Key(4), ProtoMember(5, DataFormat = DataFormat.FixedSize)] public long MintedAt { get; set; }
    [Key(5), ProtoMember(6)] public byte[] Minter { get; set; } = [];
    [Key(6), ProtoMember(7)] public byte[][] AttestationIds { get; set; } = [];
    [Key(7), ProtoMember(8)] public byte[] GovernanceApproval { get; set; } = [];

    static CarbonMintMessage[] IPeerMessage<CarbonMintMessage>.All => [.. CarbonMintRecord.All.Select(Of)];

    ulong IPeerMessage<CarbonMintMessage>.Digest()
    {
        ulong sum = Digests.Of(MintId) + Digests.Of(ProjectId) + TotalTonnes + (ulong)MintedAt + Digests.Of(Minter)
            + Digests.Of(GovernanceApproval);
        foreach (byte[] item in CreditIds)
        {
            sum += Digests.Of(item);
        }

        foreach (byte[] item in AttestationIds)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    private static CarbonMintMessage Of(CarbonMintRecord record) => new()
    {
        MintId = record.MintId,
        ProjectId = record.ProjectId.Chars,
        CreditIds = record.CreditIds,
        TotalTonnes = record.TotalTonnes,
        MintedAt = record.MintedAt,
        Minter = record.Minter,
        AttestationIds = record.AttestationIds,
        GovernanceApproval = record.GovernanceApproval ?? [],
    };
}
