using System.Buffers.Binary;
using Estream.Industrial;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Industrial;

/// <summary>Hand-written code for the parts of esf-industrial messages; see <see cref="ByHand"/>.</summary>
internal static class IndustrialByHand
{
    public static int Put(Span<byte> destination, int at, OpcUaNode? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 7);
        at += 7;
        uint has = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], record.NamespaceIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(block[3..], ByHand.Value(record.Numeric, ref has, 0x1));
        at = ByHand.Put16(destination, at, record.Text.Utf8, ref has, 0x2);
        at = ByHand.Put8(destination, at, record.Guid.Utf8, ref has, 0x4);
        at = ByHand.Put32(destination, at, record.Opaque, ref has, 0x8);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeOpcUaNode(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 7);
        uint has = block[0];
        ulong sum = 0;
        sum += BinaryPrimitives.ReadUInt16LittleEndian(block[1..]);
        sum += (has & 0x1) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(block[3..]) : 0UL;
        sum += (has & 0x2) != 0 ? Digests.Of(ByHand.Take16(message, ref at)) : 0UL;
        sum += (has & 0x4) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        sum += (has & 0x8) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, OpcUaVariant? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 41);
        at += 41;
        uint has = 0;
        block[2] = ByHand.Value(record.Boolean, ref has, 0x1) ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(block[3..], ByHand.Value(record.Signed, ref has, 0x2));
        BinaryPrimitives.WriteUInt64LittleEndian(block[11..], ByHand.Value(record.Unsigned, ref has, 0x4));
        BinaryPrimitives.WriteSingleLittleEndian(block[19..], ByHand.Value(record.Single, ref has, 0x8));
        BinaryPrimitives.WriteDoubleLittleEndian(block[23..], ByHand.Value(record.Double, ref has, 0x10));
        BinaryPrimitives.WriteInt64LittleEndian(block[31..], ByHand.Value(record.Time, ref has, 0x20));
        at = ByHand.Put32(destination, at, record.Text.Utf8, ref has, 0x40);
        at = ByHand.Put8(destination, at, record.Locale.Utf8, ref has, 0x80);
        BinaryPrimitives.WriteUInt16LittleEndian(block[39..], ByHand.Value(record.NamespaceIndex, ref has, 0x100));
        at = ByHand.Put32(destination, at, record.Binary, ref has, 0x200);
        BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)has);
        return at;
    }

    public static ulong TakeOpcUaVariant(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 41);
        uint has = BinaryPrimitives.ReadUInt16LittleEndian(block);
        ulong sum = 0;
        sum += (has & 0x1) != 0 ? (block[2] != 0 ? 1UL : 0UL) : 0UL;
        sum += (has & 0x2) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[3..]) : 0UL;
        sum += (has & 0x4) != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(block[11..]) : 0UL;
        sum += (has & 0x8) != 0 ? BitConverter.SingleToUInt32Bits(BinaryPrimitives.ReadSingleLittleEndian(block[19..])) : 0UL;
        sum += (has & 0x10) != 0 ? BitConverter.DoubleToUInt64Bits(BinaryPrimitives.ReadDoubleLittleEndian(block[23..])) : 0UL;
        sum += (has & 0x20) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[31..]) : 0UL;
        sum += (has & 0x40) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        sum += (has & 0x80) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        sum += (has & 0x100) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[39..]) : 0UL;
        sum += (has & 0x200) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        end = at;
        return sum;
    }
}

/// <summary>The OpcUaNode object of esf-industrial messages.</summary>
internal sealed record OpcUaNode
{
    public ushort NamespaceIndex { get; init; }
    public uint? Numeric { get; init; }
    public Text Text { get; init; }
    public Text Guid { get; init; }
    public byte[]? Opaque { get; init; }
}

/// <summary>The OpcUaVariant object of esf-industrial messages.</summary>
internal sealed record OpcUaVariant
{
    public bool? Boolean { get; init; }
    public long? Signed { get; init; }
    public ulong? Unsigned { get; init; }
    public float? Single { get; init; }
    public double? Double { get; init; }
    public long? Time { get; init; }
    public Text Text { get; init; }
    public Text Locale { get; init; }
    public ushort? NamespaceIndex { get; init; }
    public byte[]? Binary { get; init; }
}
