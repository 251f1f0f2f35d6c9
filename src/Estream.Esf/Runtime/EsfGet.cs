using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Runtime;

/// <summary>
/// What generated views are made of. Not meant to be called by hand. A reference is checked against its record each
/// time it is followed, so no view reads outside its message, whatever the bytes say.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EsfGet
{
    /// <summary>Whether a message belongs to this version of a schema and holds its whole fixed block. Two loads and compares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMessage(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength) =>
        message.Length >= fixedLength
        && BinaryPrimitives.ReadUInt64LittleEndian(message) == schemaId
        && BinaryPrimitives.ReadUInt64LittleEndian(message.Slice(8)) == shape;

    /// <summary>Whether a message belongs to a schema, in this version or a later one, and holds its whole fixed block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsReadable(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength) =>
        message.Length >= fixedLength
        && ((BinaryPrimitives.ReadUInt64LittleEndian(message) == schemaId && BinaryPrimitives.ReadUInt64LittleEndian(message.Slice(8)) == shape)
            || EsfRelative.LengthOf(message, schemaId, shape, []) != 0);

    /// <summary>Whether a message belongs to a schema that has grown since it was published, in any version of it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">Id of this version.</param>
    /// <param name="shape">The last eight bytes of the header of this version.</param>
    /// <param name="fixedLength">Fixed length of this version.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <param name="readable">How much of the fixed block can be read: what lies beyond it is absent.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsReadable(
        ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength, ReadOnlySpan<ushort> earlier, out int readable)
    {
        readable = IsMessage(message, schemaId, shape, fixedLength) ? fixedLength : EsfRelative.LengthOf(message, schemaId, shape, earlier);
        return readable != 0;
    }

    /// <summary>The fixed block of a message of this version or a later one.</summary>
    /// <exception cref="Core.EstreamFormatException">The message is of another schema or too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Message(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength, string schemaName)
    {
        if (!IsReadable(message, schemaId, shape, fixedLength))
        {
            ThrowHelper.ThrowNotThisSchema(message, schemaId, shape, fixedLength, schemaName);
        }

        return message.Slice(0, fixedLength);
    }

    /// <summary>How much of the fixed block of a message can be read: of this version, a later or an earlier one.</summary>
    /// <exception cref="Core.EstreamFormatException">The message is of another schema or too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvolvedMessage(
        ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength, ReadOnlySpan<ushort> earlier, string schemaName)
    {
        if (!IsReadable(message, schemaId, shape, fixedLength, earlier, out int readable))
        {
            ThrowHelper.ThrowNotThisSchema(message, schemaId, shape, fixedLength, schemaName);
        }

        return readable;
    }

    /// <summary>The fixed block of an object of this version or a later one.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> record, int fixedLength, string schemaName)
    {
        if (record.Length < fixedLength || BinaryPrimitives.ReadUInt16LittleEndian(record) != fixedLength)
        {
            EsfRelative.LengthOf(record, fixedLength, [], schemaName);
        }

        return record.Slice(0, fixedLength);
    }

    /// <summary>How much of the fixed block of an object can be read: of this version, a later or an earlier one.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block, or that is of no version.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvolvedRecord(ReadOnlySpan<byte> record, int fixedLength, ReadOnlySpan<ushort> earlier, string schemaName) =>
        record.Length >= fixedLength && BinaryPrimitives.ReadUInt16LittleEndian(record) == fixedLength
            ? fixedLength
            : EsfRelative.LengthOf(record, fixedLength, earlier, schemaName);

    /// <summary>The slot of an appended field that is held by reference; the reference of an absent field where the record ends before it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="readable">How much of its fixed block can be read.</param>
    /// <param name="offset">Where the slot begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> AppendedSlot(ReadOnlySpan<byte> record, int readable, int offset) =>
        readable > offset ? record.Slice(offset, RecordLayout.ReferenceSize) : [0, 0, 0, 0, 0, 0, 0, 0];

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

    /// <summary>What the last eight bytes of the header have to be where a schema has private fields: with the flag of a sealed message if that is what the message says it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ShapeOf(ReadOnlySpan<byte> message, ulong shape) =>
        message.Length < EsfMessageHeader.Length ? shape : shape | (BinaryPrimitives.ReadUInt64LittleEndian(message.Slice(8)) & EsfMessageHeader.SealedBit);

    /// <summary>Whether the value of a private field stands in clear. The reference of a sealed one is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsClear(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadInt64LittleEndian(slot) > 0;

    /// <summary>Follows the reference of a private value of fixed size that stands in clear.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record, or to a region of another size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> FixedRegion(ReadOnlySpan<byte> record, ReadOnlySpan<byte> slot, int size, string field)
    {
        ReadOnlySpan<byte> region = Region(record, slot, field);
        if (region.Length != size)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return region;
    }

    /// <summary>Follows the reference of a field that must be there.</summary>
    /// <exception cref="InvalidOperationException">The field is absent.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
