using System.Buffers.Binary;

namespace Estream.Esf.Internal;

/// <summary>Reads of a record that is known to hold the fixed block it claims.</summary>
internal static class RecordReads
{
    /// <summary>
    /// The bytes of a field, in place or referred to; false when it is absent, lies beyond the writer's fixed block, or its
    /// reference is out of bounds.
    /// </summary>
    public static bool TryGet(FieldPlan field, ReadOnlySpan<byte> record, int fixedLength, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (field.End > fixedLength)
        {
            return false;
        }

        if (field.IsReference)
        {
            return HasReference(record, field.Offset) && TryFollow(record, field.Offset, out value);
        }

        bool there = field.IsPresent(record);
        value = there ? record.Slice(field.Offset, field.Type.Size) : default;
        return there;
    }

    /// <summary>True unless the reference is zero, which says that the field is absent.</summary>
    public static bool HasReference(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) != 0;

    /// <summary>Where a reference points, from the start of the record.</summary>
    public static uint OffsetOf(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);

    /// <summary>Follows a reference inside a record.</summary>
    public static bool TryFollow(ReadOnlySpan<byte> record, int at, out ReadOnlySpan<byte> region)
    {
        ulong reference = BinaryPrimitives.ReadUInt64LittleEndian(record[at..]);
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
}
