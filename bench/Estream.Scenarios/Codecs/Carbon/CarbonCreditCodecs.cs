using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Carbon;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Carbon;

/// <summary>The fields of one CarbonCredit.</summary>
internal sealed record CarbonCreditRecord
{
    public byte[] CreditId { get; init; } = [];
    public Text ProjectId { get; init; }
    public ushort VintageYear { get; init; }
    public CreditType CreditType { get; init; }
    public ulong TonnesCo2e { get; init; }
    public Text Registry { get; init; }
    public Text SerialNumber { get; init; }
    public CreditStatus Status { get; init; }
    public byte[] Owner { get; init; } = [];
    public long IssuedAt { get; init; }
    public long? RetiredAt { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static CarbonCreditRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static CarbonCreditRecord Create(int index) => new()
    {
        CreditId = Sample.Bytes(32, index),
        ProjectId = Text.Of($"VCS-{900 + index}"),
        VintageYear = (ushort)(2015 + (index % 10)),
        CreditType = (CreditType)(index % 4),
        TonnesCo2e = 1_500_000UL + (ulong)index,
        Registry = Text.Of(index % 2 == 0 ? "Verra" : "Gold Standard"),
        SerialNumber = Text.Of($"9337-{84810532 + index}-{84810631 + index}-VCS-VCU-262"),
        Status = (CreditStatus)(index % 5),
        Owner = Sample.Bytes(32, index + 1_000),
        IssuedAt = Sample.FirstTimestamp + index,
        RetiredAt = index % 4 == 1 ? Sample.FirstTimestamp + 1_000 + index : null,
    };
}

/// <summary>Encodes and decodes CarbonCredit with its generated writer and view.</summary>
internal readonly struct CarbonCreditEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonCreditRecord record = CarbonCreditRecord.All[index];
        CarbonCredit.Writer writer = CarbonCredit.Write(destination);
        writer.CreditId = record.CreditId;
        writer.ProjectId = record.ProjectId.Utf8;
        writer.VintageYear = record.VintageYear;
        writer.CreditType = record.CreditType;
        writer.TonnesCo2e = record.TonnesCo2e;
        writer.Registry = record.Registry.Utf8;
        writer.SerialNumber = record.SerialNumber.Utf8;
        writer.Status = record.Status;
        writer.Owner = record.Owner;
        writer.IssuedAt = record.IssuedAt;
        if (record.RetiredAt is { } retiredAt)
        {
            writer.RetiredAt = retiredAt;
        }

        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        CarbonCredit.View view = CarbonCredit.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.CreditId);
        sum += Digests.Of(view.ProjectId);
        sum += view.VintageYear;
        sum += (ulong)view.CreditType;
        sum += view.TonnesCo2e;
        sum += Digests.Of(view.Registry);
        sum += Digests.Of(view.SerialNumber);
        sum += (ulong)view.Status;
        if (view.Owner.TryGet(out ReadOnlySpan<byte> owner))
        {
            sum += Digests.Of(owner);
        }

        sum += (ulong)view.IssuedAt;
        sum += (ulong)view.RetiredAt.GetValueOrDefault();
        return sum;
    }
}

/// <summary>Encodes and decodes CarbonCredit with hand-written code.</summary>
internal readonly struct CarbonCreditByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        CarbonCreditRecord record = CarbonCreditRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 93);
        at += 93;
        uint has = 0;
        record.CreditId.CopyTo(block[1..]);
        at = ByHand.Put8(destination, at, record.ProjectId.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[33..], record.VintageYear);
        block[35] = (byte)record.CreditType;
        BinaryPrimitives.WriteUInt64LittleEndian(block[36..], record.TonnesCo2e);
        at = ByHand.Put8(destination, at, record.Registry.Utf8);
        at = ByHand.Put8(destination, at, record.SerialNumber.Utf8);
        block[44] = (byte)record.Status;
        record.Owner.CopyTo(block[45..]);
        BinaryPrimitives.WriteInt64LittleEndian(block[77..], record.IssuedAt);
        BinaryPrimitives.WriteInt64LittleEndian(block[85..], ByHand.Value(record.RetiredAt, ref has, 0x1));
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 93);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(block.Slice(1, 32));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt16LittleEndian(block[33..]);
        sum += block[35];
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[36..]);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[44];
        sum += Digests.Of(block.Slice(45, 32));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[77..]);
        sum += (has & 0x1) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[85..]) : 0UL;
        return sum;
    }
}
