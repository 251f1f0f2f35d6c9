using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Runtime;

/// <summary>
/// What generated views are made of. Not meant to be called by hand. A reference is checked against its record each
/// time it is followed, so no view reads outside its message, whatever the bytes say.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EsfGet
{
    /// <summary>Whether a message belongs to a schema and holds its whole fixed block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMessage(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength) =>
        message.Length >= fixedLength
        && BinaryPrimitives.ReadUInt64LittleEndian(message) == schemaId
        && BinaryPrimitives.ReadUInt64LittleEndian(message.Slice(8)) == shape;

    /// <summary>The fixed block of a message.</summary>
    /// <exception cref="Core.EstreamFormatException">The message is of another schema or too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Message(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength, string schemaName)
    {
        if (!IsMessage(message, schemaId, shape, fixedLength))
        {
            ThrowHelper.ThrowNotThisSchema(message, schemaId, shape, fixedLength, schemaName);
        }

        return message.Slice(0, fixedLength);
    }

    /// <summary>The fixed block of an object.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> record, int fixedLength, string schemaName)
    {
        if (record.Length < fixedLength || BinaryPrimitives.ReadUInt16LittleEndian(record) != fixedLength)
        {
            ThrowHelper.ThrowCorrupt(schemaName);
        }

        return record.Slice(0, fixedLength);
    }

    /// <summary>Follows a reference; an absent field gives no bytes.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Region(ReadOnlySpan<byte> record, ReadOnlySpan<byte> slot, string field)
    {
        ulong reference = BinaryPrimitives.ReadUInt64LittleEndian(slot);
        uint offset = (uint)reference;
        uint length = (uint)(reference >> 32);
        if ((ulong)offset + length > (ulong)(uint)record.Length)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return record.Slice((int)offset, (int)length);
    }

    /// <summary>Follows the reference of a field that must be there.</summary>
    /// <exception cref="InvalidOperationException">The field is absent.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    public static ReadOnlySpan<byte> PresentRegion(ReadOnlySpan<byte> record, ReadOnlySpan<byte> slot, string field)
    {
        if (!Has(slot))
        {
            ThrowHelper.ThrowAbsent(field);
        }

        return Region(record, slot, field);
    }

    /// <summary>Whether the field of a reference is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadUInt64LittleEndian(slot) != 0;
}
