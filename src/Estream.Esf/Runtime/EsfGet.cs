using System.ComponentModel;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Runtime;

/// <summary>
/// Building blocks of generated views. Not meant to be called by hand. A reference is checked against its record each time it is followed,
/// so a view never reads outside its message, whatever the bytes contain.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EsfGet
{
    /// <summary>Whether a message belongs to this version of a schema and contains its whole fixed block. Costs two loads and
    /// compares.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">The id of this version.</param>
    /// <param name="shape">The last eight bytes of the header of this version.</param>
    /// <param name="flags">The flags that a message of the schema may have, at their position in the last eight bytes of a
    /// header.</param>
    /// <param name="fixedLength">The fixed length of this version.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMessage(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength)
    {
        if (message.Length < fixedLength)
        {
            return false;
        }

        // Slicing once to a constant length removes the bounds checks of the loads.
        ReadOnlySpan<byte> block = message.Slice(0, fixedLength);
        return SpanValue.Read<ulong>(block, 0) == schemaId && (SpanValue.Read<ulong>(block, 8) & ~flags) == shape;
    }

    /// <summary>Whether a message belongs to a schema, in this version or a later one, and contains its whole fixed block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsReadable(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ulong flags, int fixedLength) =>
        IsMessage(message, schemaId, shape, flags, fixedLength)
        || (message.Length >= fixedLength && EsfRelative.LengthOf(message, schemaId, ShapeOf(message, shape, flags), []) != 0);

    /// <summary>Whether a message belongs to any version of a schema, for a schema that has changed since it was published.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">The id of this version.</param>
    /// <param name="shape">The last eight bytes of the header of this version.</param>
    /// <param name="flags">The flags that a message of the schema may have.</param>
    /// <param name="fixedLength">The fixed length of this version.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <param name="readable">The readable length of the fixed block; fields beyond it are absent.</param>
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

    /// <summary>Returns the fixed block of a message of this version or a later one.</summary>
    /// <exception cref="Core.EstreamFormatException">The message belongs to another schema or is too short.</exception>
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

    /// <summary>Returns the readable length of the fixed block of a message of this, a later or an earlier version.</summary>
    /// <exception cref="Core.EstreamFormatException">The message belongs to another schema or is too short.</exception>
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

    /// <summary>Returns the object, of this version or a later one, after checking that it contains its whole fixed block.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> record, int fixedLength, string schemaName)
    {
        // The length is checked separately, so that the compiler removes the bounds checks of the fields.
        if (record.Length < fixedLength)
        {
            ThrowHelper.ThrowCorrupt(schemaName);
        }

        if (SpanValue.Read<ushort>(record, 0) != fixedLength)
        {
            EsfRelative.LengthOf(record, fixedLength, [], schemaName);
        }

        return record;
    }

    /// <summary>Returns the readable length of the fixed block of an object of this, a later or an earlier version.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block, or no version has a fixed block of
    /// this length.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvolvedRecord(ReadOnlySpan<byte> record, int fixedLength, ReadOnlySpan<ushort> earlier, string schemaName) =>
        record.Length >= fixedLength && SpanValue.Read<ushort>(record, 0) == fixedLength
            ? fixedLength
            : EsfRelative.LengthOf(record, fixedLength, earlier, schemaName);

    /// <summary>Returns the slot of an appended field stored by reference. Returns a zero reference, which means absent, if the record ends
    /// before the slot.</summary>
    /// <param name="record">The record.</param>
    /// <param name="readable">The readable length of its fixed block.</param>
    /// <param name="offset">The offset of the slot.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> AppendedSlot(ReadOnlySpan<byte> record, int readable, int offset) =>
        readable > offset ? record.Slice(offset, RecordLayout.ReferenceSize) : [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Follows a reference; returns no bytes for an absent field.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Region(ReadOnlySpan<byte> record, ReadOnlySpan<byte> block, int slot, string field)
    {
        RegionReference reference = SpanValue.Read<RegionReference>(block, slot);
        if ((ulong)(uint)reference.Offset + (uint)reference.Length > (uint)record.Length)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return record.Slice(reference.Offset, reference.Length);
    }

    /// <summary>Follows a reference that was read from its slot; returns no bytes for an absent field.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Region(ReadOnlySpan<byte> record, ulong reference, string field)
    {
        uint offset = (uint)reference;
        uint length = (uint)(reference >> 32);
        if ((ulong)offset + length > (ulong)(uint)record.Length)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return record.Slice((int)offset, (int)length);
    }

    /// <summary>Follows the reference of an unencrypted private value of fixed size.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record, or to a region of another
    /// size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> FixedRegion(ReadOnlySpan<byte> record, ulong reference, int size, string field)
    {
        ReadOnlySpan<byte> region = Region(record, reference, field);
        if (region.Length != size)
        {
            ThrowHelper.ThrowCorrupt(field);
        }

        return region;
    }

    /// <summary>Follows the reference of an optional field; the caller must have checked that the field is present.</summary>
    /// <exception cref="InvalidOperationException">The field is absent.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The reference points outside the record.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> PresentRegion(ReadOnlySpan<byte> record, ReadOnlySpan<byte> block, int slot, string field)
    {
        ulong reference = SpanValue.Read<ulong>(block, slot);
        if (reference == 0)
        {
            ThrowHelper.ThrowAbsent(field);
        }

        return Region(record, reference, field);
    }

    /// <summary>Whether a field stored by reference is present.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ReadOnlySpan<byte> block, int slot) => SpanValue.Read<ulong>(block, slot) != 0;

    /// <summary>Reads a number at an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(ReadOnlySpan<byte> block, int offset)
        where T : unmanaged => SpanValue.Read<T>(block, offset);

    /// <summary>Returns the expected last eight header bytes: <paramref name="shape"/> with the allowed flags that the message
    /// has.</summary>
    private static ulong ShapeOf(ReadOnlySpan<byte> message, ulong shape, ulong flags) =>
        message.Length < EsfMessageHeader.Length ? shape : shape | (SpanValue.Read<ulong>(message, 8) & flags);
}
