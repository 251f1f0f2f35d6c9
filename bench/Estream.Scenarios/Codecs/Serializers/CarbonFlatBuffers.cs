using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Carbon;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes CarbonCredit with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct CarbonCreditFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonCreditRecord record = CarbonCreditRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int creditId = FlatTable.Put(builder, record.CreditId, sizeof(byte));
        int projectId = FlatTable.Put(builder, record.ProjectId);
        int registry = FlatTable.Put(builder, record.Registry);
        int serialNumber = FlatTable.Put(builder, record.SerialNumber);
        int owner = FlatTable.Put(builder, record.Owner, sizeof(byte));
        builder.StartTable(11);
        builder.AddLong(10, record.RetiredAt.GetValueOrDefault(), 0);
        builder.AddLong(9, record.IssuedAt, 0);
        builder.AddUlong(4, record.TonnesCo2e, 0);
        builder.AddOffset(8, owner, 0);
        builder.AddOffset(6, serialNumber, 0);
        builder.AddOffset(5, registry, 0);
        builder.AddOffset(1, projectId, 0);
        builder.AddOffset(0, creditId, 0);
        builder.AddUshort(2, record.VintageYear, 0);
        builder.AddByte(7, (byte)record.Status, 0);
        builder.AddByte(3, (byte)record.CreditType, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.UShort(table, 2)
            + FlatTable.Byte(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.Byte(table, 7)
            + FlatTable.DigestOf(table, 8)
            + FlatTable.ULong(table, 9)
            + FlatTable.ULong(table, 10);
    }
}

/// <summary>Encodes and decodes CarbonAttestation with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct CarbonAttestationFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonAttestationRecord record = CarbonAttestationRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int attestationId = FlatTable.Put(builder, record.AttestationId, sizeof(byte));
        int creditId = FlatTable.Put(builder, record.CreditId, sizeof(byte));
        int verifier = FlatTable.Put(builder, record.Verifier, sizeof(byte));
        int methodology = FlatTable.Put(builder, record.Methodology);
        int signature = FlatTable.Put(builder, record.Signature, sizeof(byte));
        int evidenceHash = FlatTable.Put(builder, record.EvidenceHash, sizeof(byte));
        builder.StartTable(9);
        builder.AddLong(6, record.AttestedAt, 0);
        builder.AddUlong(4, record.VerifiedTonnes, 0);
        builder.AddOffset(8, evidenceHash, 0);
        builder.AddOffset(7, signature, 0);
        builder.AddOffset(3, methodology, 0);
        builder.AddOffset(2, verifier, 0);
        builder.AddOffset(1, creditId, 0);
        builder.AddOffset(0, attestationId, 0);
        builder.AddByte(5, record.ConfidencePct, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.Byte(table, 5)
            + FlatTable.ULong(table, 6)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.DigestOf(table, 8);
    }
}

/// <summary>Encodes and decodes CarbonMint with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct CarbonMintFlatBuffers : ICodec
{
    private const int IdBytes = 32;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonMintRecord record = CarbonMintRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int mintId = FlatTable.Put(builder, record.MintId, sizeof(byte));
        int projectId = FlatTable.Put(builder, record.ProjectId);
        int creditIds = FlatTable.Put(builder, record.CreditIds, IdBytes);
        int minter = FlatTable.Put(builder, record.Minter, sizeof(byte));
        int attestationIds = FlatTable.Put(builder, record.AttestationIds, IdBytes);
        int governanceApproval = FlatTable.Put(builder, record.GovernanceApproval, sizeof(byte));
        builder.StartTable(8);
        builder.AddLong(4, record.MintedAt, 0);
        builder.AddUlong(3, record.TotalTonnes, 0);
        builder.AddOffset(7, governanceApproval, 0);
        builder.AddOffset(6, attestationIds, 0);
        builder.AddOffset(5, minter, 0);
        builder.AddOffset(2, creditIds, 0);
        builder.AddOffset(1, projectId, 0);
        builder.AddOffset(0, mintId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.SumOfStructs(table, 2, IdBytes)
            + FlatTable.ULong(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.SumOfStructs(table, 6, IdBytes)
            + FlatTable.DigestOf(table, 7);
    }
}
