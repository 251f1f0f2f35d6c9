using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Carbon;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Carbon;

/// <summary>The fields of one CarbonAttestation.</summary>
internal sealed record CarbonAttestationRecord
{
    public byte[] AttestationId { get; init; } = [];
    public byte[] CreditId { get; init; } = [];
    public byte[] Verifier { get; init; } = [];
    public Text Methodology { get; init; }
    public ulong VerifiedTonnes { get; init; }
    public byte ConfidencePct { get; init; }
    public long AttestedAt { get; init; }
    public byte[] Signature { get; init; } = [];
    public byte[] EvidenceHash { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static CarbonAttestationRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static CarbonAttestationRecord Create(int index) => new()
    {
        AttestationId = Sample.Bytes(32, index),
        CreditId = Sample.Bytes(32, index + 1_000),
        Verifier = Sample.Bytes(32, index + 2_000),
        Methodology = Text.Of("VM0042 v2.1"),
        VerifiedTonnes = 1_500_000UL + (ulong)index,
        ConfidencePct = (byte)(90 + (index % 10)),
        AttestedAt = Sample.FirstTimestamp + index,
        Signature = Sample.Bytes(4627, index + 3_000),
        EvidenceHash = Sample.Bytes(32, index + 4_000),
    };
}

/// <summary>Encodes and decodes CarbonAttestation with its generated writer and view.</summary>
internal readonly struct CarbonAttestationEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonAttestationRecord record = CarbonAttestationRecord.All[index];
        CarbonAttestation.Writer writer = CarbonAttestation.Write(destination);
        writer.AttestationId = record.AttestationId;
        writer.CreditId = record.CreditId;
        writer.Verifier = record.Verifier;
        writer.Methodology = record.Methodology.Utf8;
        writer.VerifiedTonnes = record.VerifiedTonnes;
        writer.ConfidencePct = record.ConfidencePct;
        writer.AttestedAt = record.AttestedAt;
        writer.Signature = record.Signature;
        writer.EvidenceHash = record.EvidenceHash;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        CarbonAttestation.View view = CarbonAttestation.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.AttestationId);
        sum += Digests.Of(view.CreditId);
        sum += Digests.Of(view.Verifier);
        sum += Digests.Of(view.Methodology);
        sum += view.VerifiedTonnes;
        sum += view.ConfidencePct;
        sum += (ulong)view.AttestedAt;
        sum += Digests.Of(view.Signature);
        sum += Digests.Of(view.EvidenceHash);
        return sum;
    }
}

/// <summary>Encodes and decodes CarbonAttestation with hand-written code.</summary>
internal readonly struct CarbonAttestationByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonAttestationRecord record = CarbonAttestationRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 145);
        at += 145;
        record.AttestationId.CopyTo(block);
        record.CreditId.CopyTo(block[32..]);
        record.Verifier.CopyTo(block[64..]);
        at = ByHand.Put8(destination, at, record.Methodology.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block[96..], record.VerifiedTonnes);
        block[104] = record.ConfidencePct;
        BinaryPrimitives.WriteInt64LittleEndian(block[105..], record.AttestedAt);
        at = ByHand.Put16(destination, at, record.Signature);
        record.EvidenceHash.CopyTo(block[113..]);
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 145);
        ulong sum = 0;
        sum += Digests.Of(block.Slice(0, 32));
        sum += Digests.Of(block.Slice(32, 32));
        sum += Digests.Of(block.Slice(64, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[96..]);
        sum += block[104];
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[105..]);
        sum += Digests.Of(ByHand.Take16(message, ref at));
        sum += Digests.Of(block.Slice(113, 32));
        return sum;
    }
}
