using System.Buffers.Binary;

namespace Estream.Esf.Internal;

/// <summary>Reads of a record that is known to hold the fixed block it claims.</summary>
internal static class RecordReads
{
    private const int ReferenceTop = 7;

    // The top bit of a reference: its length is far from needing it.
    private const ulong SealedReference = 1UL << 63;

    /// <summary>
    /// The bytes of a field, in place or referred to; false when it is absent, withheld, lies beyond the writer's fixed block, or its
    /// reference is out of bounds.
    /// </summary>
    public static bool TryGet(FieldPlan field, ReadOnlySpan<byte> record, int fixedLength, out ReadOnlySpan<byte> value) =>
        Read(field, record, fixedLength, out value) == FieldState.Clear;

    /// <summary>How a field stands in a record, and its bytes where they can be read.</summary>
    public static FieldState Read(FieldPlan field, ReadOnlySpan<byte> record, int fixedLength, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (field.End > fixedLength)
        {
            return FieldState.Absent;
        }

        if (!field.IsReference)
        {
            bool there = field.IsPresent(record);
            value = there ? record.Slice(field.Offset, field.Type.Size) : default;
            return there ? FieldState.Clear : FieldState.Absent;
        }

        return !HasReference(record, field.Offset) ? FieldState.Absent
            : field.IsPrivate && IsSealed(record, field.Offset) ? FieldState.Withheld
            : TryFollow(record, field.Offset, out value) && (field.Type.Size == 0 || value.Length == field.Type.Size) ? FieldState.Clear
            : FieldState.Absent;
    }

    /// <summary>True unless the reference is zero, which says that the field is absent.</summary>
    public static bool HasReference(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) != 0;

    /// <summary>Where a reference points, from the start of the record.</summary>
    public static uint OffsetOf(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);

    /// <summary>Whether the reference of a private field says that the value is sealed.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> record, int at) => (record[at + ReferenceTop] & 0x80) != 0;

    /// <summary>Follows the reference of a sealed value inside a record.</summary>
    public static bool TryFollowSealed(ReadOnlySpan<byte> record, int at, out ReadOnlySpan<byte> region) =>
        TryFollow(record, BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) & ~SealedReference, out region);

    /// <summary>Follows a reference inside a record. One of a sealed value is out of bounds by its length.</summary>
    public static bool TryFollow(ReadOnlySpan<byte> record, int at, out ReadOnlySpan<byte> region) =>
        TryFollow(record, BinaryPrimitives.ReadUInt64LittleEndian(record[at..]), out region);

    private static bool TryFollow(ReadOnlySpan<byte> record, ulong reference, out ReadOnlySpan<byte> region)
    {
        uint offset = (uint)reference;
        uint length = (uint)(reference >> 32);
        if ((ulong)offset + length > (ulong)record.Length)
        {
            region = default;
            return false;
        }

        region = record.Slice((int)offset, (int)length);
        return true;
    }

    /// <summary>A reference to bytes at an offset from the start of their record.</summary>
    public static ulong Reference(int offset, int length) => (uint)offset | ((ulong)(uint)length << 32);

    /// <summary>A reference to a sealed value.</summary>
    public static ulong SealedReferenceTo(int offset, int length) => Reference(offset, length) | SealedReference;
}

/// <summary>How a field stands in a record.</summary>
internal enum FieldState
{
    /// <summary>It is not there, or cannot be read.</summary>
    Absent,

    /// <summary>Its bytes can be read.</summary>
    Clear,

    /// <summary>It is private and sealed: there, and not to be read.</summary>
    Withheld,
}
