using System.ComponentModel;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf.Internal;

namespace Estream.Esf.Runtime;

/// <summary>
/// Building blocks of generated writers. Not meant to be called by hand. Every store is bounds-checked; the compiler removes most checks,
/// because generated code uses constant offsets. The methods are short, because writing a message with objects takes about a hundred calls,
/// and the compiler limits how much it inlines into one method.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EsfPut
{
    /// <summary>Writes the header and an empty fixed block of a message; returns both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> BeginMessage(Span<byte> destination, ulong schemaId, ulong shape, int fixedLength)
    {
        if (destination.Length < fixedLength)
        {
            ThrowHelper.ThrowDestinationTooSmall(destination.Length, fixedLength);
        }

        SpanValue.Clear(destination, fixedLength);
        SpanValue.Write(destination, 0, schemaId);
        SpanValue.Write(destination, 8, shape);
        return destination.Slice(0, fixedLength);
    }

    /// <summary>Writes the length and an empty fixed block of an object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BeginObject(Span<byte> destination, int fixedLength)
    {
        if (destination.Length < fixedLength)
        {
            ThrowHelper.ThrowDestinationTooSmall(destination.Length, fixedLength);
        }

        SpanValue.Clear(destination, fixedLength);
        SpanValue.Write(destination, 0, (ushort)fixedLength);
    }

    /// <summary>Appends text and sets its reference; returns the new end of the record.</summary>
    /// <remarks>
    /// The reference is stored before the text is checked. Do not commit a message if its writer rejected a text;
    /// <see cref="EsfValidator"/> rejects such a message.
    /// </remarks>
    /// <param name="record">The record.</param>
    /// <param name="slot">The offset of the reference in the record.</param>
    /// <param name="end">The current end of the record.</param>
    /// <param name="value">The text.</param>
    /// <param name="maxBytes">The maximum length.</param>
    /// <param name="field">The name of the field.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Text(Span<byte> record, int slot, int end, ReadOnlySpan<byte> value, int maxBytes, string field)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong(field, value.Length, maxBytes);
        }

        SpanValue.Write(record, slot, new RegionReference(end, value.Length));
        return Utf8Copy.Append(record, end, value, field);
    }

    /// <summary>Appends UTF-16 text as UTF-8 and sets its reference; returns the new end of the record.</summary>
    public static int Text(Span<byte> record, int slot, int end, ReadOnlySpan<char> value, int maxBytes, string field)
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

        SpanValue.Write(record, slot, new RegionReference(end, written));
        return end + written;
    }

    /// <summary>Appends bytes and sets their reference; returns the new end of the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(Span<byte> record, int slot, int end, ReadOnlySpan<byte> value, int maxBytes, string field)
    {
        if (value.Length > maxBytes)
        {
            ThrowHelper.ThrowTooLong(field, value.Length, maxBytes);
        }

        if (!value.TryCopyTo(record.Slice(end)))
        {
            ThrowHelper.ThrowNoRoom(field, value.Length, record.Length - end);
        }

        SpanValue.Write(record, slot, new RegionReference(end, value.Length));
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

        // The compiler copies a constant length without a call.
        value.Slice(0, 32).CopyTo(slot);
    }

    /// <summary>Appends a region for a private value of fixed size and sets its reference; returns the region for the caller to
    /// fill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> Region(Span<byte> record, int slot, int end, int size, string field)
    {
        if (record.Length - end < size)
        {
            ThrowHelper.ThrowNoRoom(field, size, record.Length - end);
        }

        SpanValue.Write(record, slot, new RegionReference(end, size));
        return record.Slice(end, size);
    }

    /// <summary>Appends a private bytes32 and sets its reference; returns the new end of the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PrivateBytes32(Span<byte> record, int slot, int end, ReadOnlySpan<byte> value, string field)
    {
        if (value.Length != 32)
        {
            ThrowHelper.ThrowNot32Bytes(field, value.Length);
        }

        value.Slice(0, 32).CopyTo(Region(record, slot, end, 32, field));
        return end + 32;
    }

    /// <summary>Starts the writer of a nested region at the current end of a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWriter BeginNested<TWriter>(Span<byte> record, int end)
        where TWriter : struct, Items.IEsfNestedWriter<TWriter>, allows ref struct => TWriter.Begin(record.Slice(end), end);

    /// <summary>Adds the bytes that a nested writer wrote to the record and sets their reference; returns the new end of the
    /// record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nested<TWriter>(Span<byte> record, int slot, int end, scoped in TWriter writer, string field)
        where TWriter : struct, Items.IEsfNestedWriter<TWriter>, allows ref struct =>
        Nested(record, slot, end, TWriter.StartOf(in writer), TWriter.LengthOf(in writer), field);

    /// <summary>Adds the bytes that the writer of an object wrote to the record and sets their reference; returns the new end of the
    /// record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="slot">The offset of the reference in the record.</param>
    /// <param name="end">The current end of the record.</param>
    /// <param name="start">The offset at which the writer began.</param>
    /// <param name="length">The number of bytes that the writer wrote.</param>
    /// <param name="field">The name of the field.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nested(Span<byte> record, int slot, int end, int start, int length, string field)
    {
        if (start != end)
        {
            ThrowHelper.ThrowNestedOutOfTurn(field);
        }

        SpanValue.Write(record, slot, new RegionReference(end, length));
        return end + length;
    }

    /// <summary>Writes a number at an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Value<T>(Span<byte> block, int offset, T value)
        where T : unmanaged => SpanValue.Write(block, offset, value);
}
