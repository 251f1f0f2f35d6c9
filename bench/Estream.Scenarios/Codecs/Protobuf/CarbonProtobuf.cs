using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Carbon;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Carbon;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes CarbonCredit with the class that protoc generates.</summary>
internal readonly struct CarbonCreditProtobuf : ICodec
{
    private static readonly Pb.CarbonCredit s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonCreditRecord record = CarbonCreditRecord.All[index];
        Pb.CarbonCredit message = s_message;
        message.CreditId = Refill.Bytes(record.CreditId);
        message.ProjectId = record.ProjectId.Chars;
        message.VintageYear = record.VintageYear;
        message.CreditType = (uint)record.CreditType;
        message.TonnesCo2E = record.TonnesCo2e;
        message.Registry = record.Registry.Chars;
        message.SerialNumber = record.SerialNumber.Chars;
        message.Status = (uint)record.Status;
        message.Owner = Refill.Bytes(record.Owner);
        message.IssuedAt = record.IssuedAt;
        message.RetiredAt = record.RetiredAt.GetValueOrDefault();
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.CarbonCredit message = Pb.CarbonCredit.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.CreditId.Span);
        sum += Digests.Of(message.ProjectId);
        sum += message.VintageYear;
        sum += message.CreditType;
        sum += message.TonnesCo2E;
        sum += Digests.Of(message.Registry);
        sum += Digests.Of(message.SerialNumber);
        sum += message.Status;
        sum += Digests.Of(message.Owner.Span);
        sum += (ulong)message.IssuedAt;
        sum += (ulong)message.RetiredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes CarbonAttestation with the class that protoc generates.</summary>
internal readonly struct CarbonAttestationProtobuf : ICodec
{
    private static readonly Pb.CarbonAttestation s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonAttestationRecord record = CarbonAttestationRecord.All[index];
        Pb.CarbonAttestation message = s_message;
        message.AttestationId = Refill.Bytes(record.AttestationId);
        message.CreditId = Refill.Bytes(record.CreditId);
        message.Verifier = Refill.Bytes(record.Verifier);
        message.Methodology = record.Methodology.Chars;
        message.VerifiedTonnes = record.VerifiedTonnes;
        message.ConfidencePct = record.ConfidencePct;
        message.AttestedAt = record.AttestedAt;
        message.Signature = Refill.Bytes(record.Signature);
        message.EvidenceHash = Refill.Bytes(record.EvidenceHash);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.CarbonAttestation message = Pb.CarbonAttestation.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.AttestationId.Span);
        sum += Digests.Of(message.CreditId.Span);
        sum += Digests.Of(message.Verifier.Span);
        sum += Digests.Of(message.Methodology);
        sum += message.VerifiedTonnes;
        sum += message.ConfidencePct;
        sum += (ulong)message.AttestedAt;
        sum += Digests.Of(message.Signature.Span);
        sum += Digests.Of(message.EvidenceHash.Span);
        return sum;
    }
}

/// <summary>Encodes and decodes CarbonMint with the class that protoc generates.</summary>
internal readonly struct CarbonMintProtobuf : ICodec
{
    private static readonly Pb.CarbonMint s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonMintRecord record = CarbonMintRecord.All[index];
        Pb.CarbonMint message = s_message;
        message.MintId = Refill.Bytes(record.MintId);
        message.ProjectId = record.ProjectId.Chars;
        Refill.List(message.CreditIds, record.CreditIds);
        message.TotalTonnes = record.TotalTonnes;
        message.MintedAt = record.MintedAt;
        message.Minter = Refill.Bytes(record.Minter);
        Refill.List(message.AttestationIds, record.AttestationIds);
        message.GovernanceApproval = Refill.Bytes(record.GovernanceApproval);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.CarbonMint message = Pb.CarbonMint.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.MintId.Span);
        sum += Digests.Of(message.ProjectId);
        sum += Refill.Sum(message.CreditIds);
        sum += message.TotalTonnes;
        sum += (ulong)message.MintedAt;
        sum += Digests.Of(message.Minter.Span);
        sum += Refill.Sum(message.AttestationIds);
        sum += Digests.Of(message.GovernanceApproval.Span);
        return sum;
    }
}
