using System.Buffers.Binary;

namespace Estream.Esf.Internal;

/// <summary>Reads fields of a record that is known to contain the whole fixed block that it declares.</summary>
internal static class RecordReads
{
    private const int ReferenceTop = 7;

    // Marks a reference to a sealed value. The top bit of a reference is free, because no length is large enough to use it.
    private const ulong SealedReference = 1UL << 63;

    /// <summary>
    /// Reads the bytes of a field, stored in place or by reference. Returns false if the field is absent, withheld, or beyond the writer's
    /// fixed block, or if its reference is out of bounds.
    /// </summary>
    public static bool TryGet(FieldPlan field, ReadOnlySpan<byte> record, int fixedLength, out ReadOnlySpan<byte> value) =>
        Read(field, record, fixedLength, out value) == FieldState.Clear;

    /// <summary>Returns the state of a field in a record, and its bytes if they are readable.</summary>
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

    /// <summary>True unless the reference is zero, which means that the field is absent.</summary>
    public static bool HasReference(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) != 0;

    /// <summary>Returns the offset of a reference, from the start of the record.</summary>
    public static uint OffsetOf(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);

    /// <summary>Whether the reference of a private field marks its value as sealed.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> record, int at) => (record[at + ReferenceTop] & 0x80) != 0;

    /// <summary>Follows the reference of a sealed value inside a record.</summary>
    public static bool TryFollowSealed(ReadOnlySpan<byte> record, int at, out ReadOnlySpan<byte> region) =>
        TryFollow(record, BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) & ~SealedReference, out region);

    /// <summary>Follows a reference inside a record. Returns false for the reference of a sealed value, whose length is out of bounds
    /// because of the top bit.</summary>
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

    /// <summary>Creates a reference to bytes at an offset from the start of their record.</summary>
    public static ulong Reference(int offset, int length) => (uint)offset | ((ulong)(uint)length << 32);

    /// <summary>Creates a reference to a sealed value.</summary>
    public static ulong SealedReferenceTo(int offset, int length) => Reference(offset, length) | SealedReference;
}

/// <summary>The state of a field in a record.</summary>
internal enum FieldState
{
    /// <summary>The field is absent or cannot be read.</summary>
    Absent,

    /// <summary>The bytes of the field can be read.</summary>
    Clear,

    /// <summary>The field is private and sealed: present, but not readable.</summary>
    Withheld,
}
