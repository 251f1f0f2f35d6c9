using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Estream.Esf.Internal;

namespace Estream.Esf.Runtime;

/// <summary>
/// What generated writers are made of. Not meant to be called by hand. Every store is bounds-checked; with the
/// constant offsets of generated code the compiler removes most of the checks.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EsfPut
{
    /// <summary>Lays down header and empty fixed block of a message; returns them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> BeginMessage(Span<byte> destination, ulong schemaId, ulong shape, int fixedLength)
    {
        if (destination.Length < fixedLength)
        {
            ThrowHelper.ThrowDestinationTooSmall(destination.Length, fixedLength);
        }

        Span<byte> block = destination.Slice(0, fixedLength);
        block.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(block, schemaId);
        BinaryPrimitives.WriteUInt64LittleEndian(block.Slice(8), shape);
        return block;
    }

    /// <summary>Lays down length and empty fixed block of an object; returns them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> BeginObject(Span<byte> destination, int fixedLength)
    {
        if (destination.Length < fixedLength)
        {
            ThrowHelper.ThrowDestinationTooSmall(destination.Length, fixedLength);
        }

        Span<byte> block = destination.Slice(0, fixedLength);
        block.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)fixedLength);
        return block;
    }

    /// <summary>Appends text and sets its reference; returns the new end of the record.</summary>
    /// <remarks>
    /// The reference is stored before the copy, which keeps it out of the copy's way (half a nanosecond a message). A message whose writer
    /// has refused a text is therefore not to be committed; <see cref="EsfValidator"/> refuses it.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Text(Span<byte> record, Span<byte> slot, int end, ReadOnlySpan<byte> value, int maxBytes, string field)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong(field, value.Length, maxBytes);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(slot, RecordReads.Reference(end, value.Length));
        if (!Utf8Copy.TryCopy(value, record.Slice(end)))
        {
            ThrowHelper.ThrowTextRefused(field, value, record.Length - end);
        }

        return end + value.Length;
    }

    /// <summary>Appends UTF-16 text as UTF-8 and sets its reference; returns the new end of the record.</summary>
    public static int Text(Span<byte> record, Span<byte> slot, int end, ReadOnlySpan<char> value, int maxBytes, string field)
    {
        System.Buffers.OperationStatus status = System.Text.Unicode.Utf8.FromUtf16(
            value, record.Slice(end), out _, out int written, replaceInvalidSequences: false);
        if (status != System.Buffers.OperationStatus.Done)
        {
            ThrowHelper.ThrowCharsRefused(field, status);
        }

        if (written > maxBytes)
        {
            ThrowHelper.ThrowTooLong(field, written, maxBytes);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(slot, RecordReads.Reference(end, written));
        return end + written;
    }

    /// <summary>Appends bytes and sets their reference; returns the new end of the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(Span<byte> record, Span<byte> slot, int end, ReadOnlySpan<byte> value, int maxBytes, string field)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong(field, value.Length, maxBytes);
        }

        Span<byte> rest = record.Slice(end);
        if (value.Length > rest.Length)
        {
            ThrowHelper.ThrowNoRoom(field, value.Length, rest.Length);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(slot, RecordReads.Reference(end, value.Length));
        value.CopyTo(rest);
        return end + value.Length;
    }

    /// <summary>Stores a bytes32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Bytes32(Span<byte> slot, ReadOnlySpan<byte> value, string field)
    {
        if (value.Length != 32)
        {
            ThrowHelper.ThrowNot32Bytes(field, value.Length);
        }

        value.CopyTo(slot);
    }

    /// <summary>Appends a region for a private value of fixed size and sets its reference; returns the region, which the caller fills.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> Region(Span<byte> record, Span<byte> slot, int end, int size, string field)
    {
        if (record.Length - end < size)
        {
            ThrowHelper.ThrowNoRoom(field, size, record.Length - end);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(slot, RecordReads.Reference(end, size));
        return record.Slice(end, size);
    }

    /// <summary>Appends a private bytes32 and sets its reference; returns the new end of the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PrivateBytes32(Span<byte> record, Span<byte> slot, int end, ReadOnlySpan<byte> value, string field)
    {
        if (value.Length != 32)
        {
            ThrowHelper.ThrowNot32Bytes(field, value.Length);
        }

        value.CopyTo(Region(record, slot, end, value.Length, field));
        return end + value.Length;
    }

    /// <summary>Starts the writer of a nested region at the present end of a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWriter BeginNested<TWriter>(Span<byte> record, int end)
        where TWriter : struct, Items.IEsfNestedWriter<TWriter>, allows ref struct => TWriter.Begin(record.Slice(end), end);

    /// <summary>Takes over what a nested writer wrote and sets its reference; returns the new end of the record.</summary>
    /// <param name="slot">Slot of the field.</param>
    /// <param name="end">Present end of the record.</param>
    /// <param name="start">Where the nested writer began.</param>
    /// <param name="length">How much it wrote.</param>
    /// <param name="field">Name of the field.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nested(Span<byte> slot, int end, int start, int length, string field)
    {
        if (start != end)
        {
            ThrowHelper.ThrowNestedOutOfTurn(field);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(slot, RecordReads.Reference(end, length));
        return end + length;
    }
}
