using System.ComponentModel;
using System.Runtime.CompilerServices;
using Estream.Core;
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
    /// <param name="message">The message.</param>
    /// <param name="schemaId">Id of this version.</param>
    /// <param name="shape">The last eight bytes of the header of this version.</param>
    /// <param name="flags">The flags a message of the schema may have, where they stand in these bytes.</param>
    /// <param name="fixedLength">Fixed length of this version.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMessage(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength)
    {
        if (message.Length < fixedLength)
        {
            return false;
        }

        // Cut to a constant length once: the compiler checks no load in it.
        ReadOnlySpan<byte> block = message.Slice(0, fixedLength);
        return SpanValue.Read<ulong>(block, 0) == schemaId && (SpanValue.Read<ulong>(block, 8) & ~flags) == shape;
    }

    /// <summary>Whether a message belongs to a schema, in this version or a later one, and holds its whole fixed block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsReadable(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength) =>
        IsMessage(message, schemaId, shape, flags, fixedLength)
        || (message.Length >= fixedLength && EsfRelative.LengthOf(message, schemaId, ShapeOf(message, shape, flags), []) != 0);

    /// <summary>Whether a message belongs to a schema that has grown since it was published, in any version of it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">Id of this version.</param>
    /// <param name="shape">The last eight bytes of the header of this version.</param>
    /// <param name="flags">The flags a message of the schema may have.</param>
    /// <param name="fixedLength">Fixed length of this version.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <param name="readable">How much of the fixed block can be read: what lies beyond it is absent.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsReadable(
        ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength, ReadOnlySpan<ushort> earlier,
        out int readable)
    {
        readable = IsMessage(message, schemaId, shape, flags, fixedLength)
            ? fixedLength
            : EsfRelative.LengthOf(message, schemaId, ShapeOf(message, shape, flags), earlier);
        return readable != 0;
    }

    /// <summary>The fixed block of a message of this version or a later one.</summary>
    /// <exception cref="Core.EstreamFormatException">The message is of another schema or too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Message(
        ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength, string schemaName)
    {
        if (!IsReadable(message, schemaId, shape, flags, fixedLength))
        {
            ThrowHelper.ThrowNotThisSchema(message, schemaId, ShapeOf(message, shape, flags), fixedLength, schemaName);
        }

        return message.Slice(0, fixedLength);
    }

    /// <summary>How much of the fixed block of a message can be read: of this version, a later or an earlier one.</summary>
    /// <exception cref="Core.EstreamFormatException">The message is of another schema or too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvolvedMessage(
        ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength, ReadOnlySpan<ushort> earlier,
        string schemaName)
    {
        if (!IsReadable(message, schemaId, shape, flags, fixedLength, earlier, out int readable))
        {
            ThrowHelper.ThrowNotThisSchema(message, schemaId, ShapeOf(message, shape, flags), fixedLength, schemaName);
        }

        return readable;
    }

    /// <summary>The fixed block of an object of this version or a later one.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> record, int fixedLength, string schemaName)
    {
        if (record.Length < fixedLength || SpanValue.Read<ushort>(record, 0) != fixedLength)
        {
            EsfRelative.LengthOf(record, fixedLength, [], schemaName);
        }

        return record.Slice(0, fixedLength);
    }

    /// <summary>How much of the fixed block of an object can be read: of this version, a later or an earlier one.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block, or that is of no version.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvolvedRecord(ReadOnlySpan<byte> record, int fixedLength, ReadOnlySpan<ushort> earlier, string schemaName) =>
        record.Length >= fixedLength && SpanValue.Read<ushort>(record, 0) == fixedLength
            ? fixedLength
            : EsfRelative.LengthOf(record, fixedLength, earlier, schemaName);

    /// <summary>The slot of an appended field that is held by reference; the reference of an absent field where the record ends before
    /// it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="readable">How much of its fixed block can be read.</param>
    /// <param name="offset">Where the slot begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> AppendedSlot(ReadOnlySpan<byte> record, int readable, int offset) =>
        readable > offset ? record.Slice(offset, RecordLayout.ReferenceSize) : [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Follows a reference; an absent field gives no bytes.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Region(ReadOnlySpan<byte> record, ReadOnlySpan<byte> block, int slot, string field)
    {
        ulong reference = SpanValue.Read<ulong>(block, slot);
        uint offset = (uint)reference;
        uint length = (uint)(reference >> 32);
        if ((ulong)offset + length > (ulong)(uint)record.Length)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return record.Slice((int)offset, (int)length);
    }

    /// <summary>Whether the value of a private field stands in clear. The reference of a sealed one is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsClear(ReadOnlySpan<byte> block, int slot) => SpanValue.Read<long>(block, slot) > 0;

    /// <summary>Follows the reference of a private value of fixed size that stands in clear.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record, or to a region of another
    /// size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> FixedRegion(ReadOnlySpan<byte> record, ReadOnlySpan<byte> block, int slot, int size, string field)
    {
        ReadOnlySpan<byte> region = Region(record, block, slot, field);
        if (region.Length != size)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return region;
    }

    /// <summary>Follows the reference of an optional field, which who reads it has to have asked for.</summary>
    /// <exception cref="InvalidOperationException">The field is absent.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> PresentRegion(ReadOnlySpan<byte> record, ReadOnlySpan<byte> block, int slot, string field)
    {
        if (!Has(block, slot))
        {
            ThrowHelper.ThrowAbsent(field);
        }

        return Region(record, block, slot, field);
    }

    /// <summary>Whether the field of a reference is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ReadOnlySpan<byte> block, int slot) => SpanValue.Read<ulong>(block, slot) != 0;

    /// <summary>Reads a number from its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(ReadOnlySpan<byte> block, int offset)
        where T : unmanaged => SpanValue.Read<T>(block, offset);

    /// <summary>What the last eight bytes of the header have to be: with those of the allowed flags that the message has.</summary>
    private static ulong ShapeOf(ReadOnlySpan<byte> message, ulong shape, ulong flags) =>
        message.Length < EsfMessageHeader.Length ? shape : shape | (SpanValue.Read<ulong>(message, 8) & flags);
}
