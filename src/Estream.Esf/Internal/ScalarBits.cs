using System.Buffers.Binary;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>Reads and writes integers of every width as bytes.</summary>
internal static class ScalarBits
{
    /// <summary>Reads an integer, bool, timestamp or enum ordinal; returns false for other kinds and for a u64 out of range.</summary>
    public static bool TryReadInteger(EsfTypeKind kind, ReadOnlySpan<byte> raw, out long value)
    {
        switch (kind)
        {
            case EsfTypeKind.Bool or EsfTypeKind.U8:
                value = raw[0];
                return true;
            case EsfTypeKind.I8:
                value = (sbyte)raw[0];
                return true;
            case EsfTypeKind.U16 or EsfTypeKind.Enum:
                value = BinaryPrimitives.ReadUInt16LittleEndian(raw);
                return true;
            case EsfTypeKind.I16:
                value = BinaryPrimitives.ReadInt16LittleEndian(raw);
                return true;
            case EsfTypeKind.U32:
                value = BinaryPrimitives.ReadUInt32LittleEndian(raw);
                return true;
            case EsfTypeKind.I32:
                value = BinaryPrimitives.ReadInt32LittleEndian(raw);
                return true;
            case EsfTypeKind.I64 or EsfTypeKind.Timestamp or EsfTypeKind.U64:
                value = BinaryPrimitives.ReadInt64LittleEndian(raw);
                return value >= 0 || kind != EsfTypeKind.U64;
            default:
                value = 0;
                return false;
        }
    }

    /// <summary>Writes an integer given as sign and magnitude; returns false if it is out of the range of the kind.</summary>
    public static bool TryWriteInteger(EsfTypeKind kind, bool isNegative, ulong magnitude, Span<byte> slot)
    {
        if (magnitude > (isNegative ? LowestMagnitude(kind) : Highest(kind)))
        {
            return false;
        }

        WriteLowBytes(isNegative ? 0 - magnitude : magnitude, slot);
        return true;
    }

    /// <summary>Writes the low bytes of a number into a slot of 1, 2, 4 or 8 bytes.</summary>
    public static void WriteLowBytes(ulong bits, Span<byte> slot)
    {
        switch (slot.Length)
        {
            case 1:
                slot[0] = (byte)bits;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(slot, (ushort)bits);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(slot, (uint)bits);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(slot, bits);
                break;
        }
    }

    private static ulong Highest(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.U8 => byte.MaxValue,
        EsfTypeKind.U16 => ushort.MaxValue,
        EsfTypeKind.U32 => uint.MaxValue,
        EsfTypeKind.U64 => ulong.MaxValue,
        EsfTypeKind.I8 => (ulong)sbyte.MaxValue,
        EsfTypeKind.I16 => (ulong)short.MaxValue,
        EsfTypeKind.I32 => int.MaxValue,
        _ => long.MaxValue,
    };

    private static ulong LowestMagnitude(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.U8 or EsfTypeKind.U16 or EsfTypeKind.U32 or EsfTypeKind.U64 => 0,
        EsfTypeKind.I8 => 1UL << 7,
        EsfTypeKind.I16 => 1UL << 15,
        EsfTypeKind.I32 => 1UL << 31,
        _ => 1UL << 63,
    };
}
