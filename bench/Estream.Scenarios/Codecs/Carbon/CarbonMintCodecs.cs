using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Carbon;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Carbon;

/// <summary>The fields of one CarbonMint.</summary>
internal sealed record CarbonMintRecord
{
    public byte[] MintId { get; init; } = [];
    public Text ProjectId { get; init; }
    public byte[][] CreditIds { get; init; } = [];
    public ulong TotalTonnes { get; init; }
    public long MintedAt { get; init; }
    public byte[] Minter { get; init; } = [];
    public byte[][] AttestationIds { get; init; } = [];
    public byte[]? GovernanceApproval { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static CarbonMintRecord[] All { get; } = [.. Enumerable.Range(0, 32).Select(Create)];

    private static CarbonMintRecord Create(int index) => new()
    {
        MintId = Sample.Bytes(32, index),
        ProjectId = Text.Of($"VCS-{900 + index}"),
        CreditIds = [Sample.Bytes(32, index + 1_000), Sample.Bytes(32, index + 2_000), Sample.Bytes(32, index + 3_000)],
        TotalTonnes = 3_000_000UL + (ulong)index,
        MintedAt = Sample.FirstTimestamp + index,
        Minter = Sample.Bytes(32, index + 4_000),
        AttestationIds = [Sample.Bytes(32, index + 5_000)],
        GovernanceApproval = index % 2 == 0 ? Sample.Bytes(32, index + 6_000) : null,
    };
}

/// <summary>Encodes and decodes CarbonMint with its generated writer and view.</summary>
internal readonly struct CarbonMintEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonMintRecord record = CarbonMintRecord.All[index];
        CarbonMint.Writer writer = CarbonMint.Write(destination);
        writer.MintId = record.MintId;
        writer.ProjectId = record.ProjectId.Utf8;
        var creditIdsWriter = writer.BeginCreditIds();
        foreach (byte[] item in record.CreditIds)
        {
            creditIdsWriter.Add(item);
        }

        writer.EndCreditIds(creditIdsWriter);
        writer.TotalTonnes = record.TotalTonnes;
        writer.MintedAt = record.MintedAt;
        writer.Minter = record.Minter;
        var attestationIdsWriter = writer.BeginAttestationIds();
        foreach (byte[] item in record.AttestationIds)
        {
            attestationIdsWriter.Add(item);
        }

        writer.EndAttestationIds(attestationIdsWriter);
        if (record.GovernanceApproval is { } governanceApproval)
        {
            writer.GovernanceApproval = governanceApproval;
        }

        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        CarbonMint.View view = CarbonMint.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.MintId);
        sum += Digests.Of(view.ProjectId);
        foreach (ReadOnlySpan<byte> item in view.CreditIds)
        {
            sum += Digests.Of(item);
        }

        sum += view.TotalTonnes;
        sum += (ulong)view.MintedAt;
        if (view.Minter.TryGet(out ReadOnlySpan<byte> minter))
        {
            sum += Digests.Of(minter);
        }

        foreach (ReadOnlySpan<byte> item in view.AttestationIds)
        {
            sum += Digests.Of(item);
        }

        sum += Digests.Of(view.GovernanceApproval);
        return sum;
    }
}

/// <summary>Encodes and decodes CarbonMint with hand-written code.</summary>
internal readonly struct CarbonMintByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonMintRecord record = CarbonMintRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 117);
        at += 117;
        uint has = 0;
        record.MintId.CopyTo(block[1..]);
        at = ByHand.Put8(destination, at, record.ProjectId.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[33..], ByHand.Count(record.CreditIds.Length));
        foreach (byte[] item in record.CreditIds)
        {
            item.CopyTo(destination[at..]);
            at += 32;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(block[35..], record.TotalTonnes);
        BinaryPrimitives.WriteInt64LittleEndian(block[43..], record.MintedAt);
        record.Minter.CopyTo(block[51..]);
        BinaryPrimitives.WriteUInt16LittleEndian(block[83..], ByHand.Count(record.AttestationIds.Length));
        foreach (byte[] item in record.AttestationIds)
        {
            item.CopyTo(destination[at..]);
            at += 32;
        }

        ByHand.Copy(record.GovernanceApproval, ref has, 0x1, block[85..]);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 117);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[33..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take(message, ref at, 32));
        }

        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[35..]);
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[43..]);
        sum += Digests.Of(block.Slice(51, 32));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[83..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take(message, ref at, 32));
        }

        sum += (has & 0x1) != 0 ? Digests.Of(block.Slice(85, 32)) : 0UL;
        return sum;
    }
}
