using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Estream.Core;

namespace Estream.Esf;

/// <summary>
/// Throws out of line, so that methods that may throw stay small enough to inline. Each method only throws an exception that another
/// method creates: the compiler then sees that the method does not return, and does not save state for that case.
/// </summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    public static void ThrowBadCapture(EsfSchema schema, EsfField field) => throw BadCapture(schema, field);

    [DoesNotReturn]
    public static void ThrowDestinationTooSmall(int length, int needed) => throw DestinationTooSmall(length, needed);

    [DoesNotReturn]
    public static void ThrowTooLong(string field, int length, int maxBytes) => throw TooLong(field, length, maxBytes);

    [DoesNotReturn]
    public static void ThrowNoRoom(string field, int length, int room) => throw NoRoom(field, length, room);

    [DoesNotReturn]
    public static void ThrowTextRefused(string field, ReadOnlySpan<byte> value, int room) => throw TextRefused(field, value, room);

    [DoesNotReturn]
    public static void ThrowCharsRefused(string field, OperationStatus status) => throw CharsRefused(field, status);

    [DoesNotReturn]
    public static void ThrowNot32Bytes(string field, int length) => throw Not32Bytes(field, length);

    [DoesNotReturn]
    public static void ThrowNestedOutOfTurn(string field) => throw NestedOutOfTurn(field);

    [DoesNotReturn]
    public static void ThrowAbsent(string field) => throw Absent(field);

    [DoesNotReturn]
    public static void ThrowCorrupt(string field) => throw Corrupt(field);

    [DoesNotReturn]
    public static void ThrowNotThisSchema(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength, string schemaName) =>
        throw NotThisSchema(message, schemaId, shape, fixedLength, schemaName);

    [DoesNotReturn]
    public static void ThrowIndex(int index, int count) => throw Index(index, count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException BadCapture(EsfSchema schema, EsfField field) =>
        new ArgumentException(field.HasTextForm
            ? $"Field '{field.Name}' does not belong to schema {schema.QualifiedName}. Look it up in the schema that is encoded."
            : $"Field '{field.Name}' has type {field.TypeName}, which has no text form. Capture a string, integer, bool, timestamp, "
                + "bytes32 or enum.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException DestinationTooSmall(int length, int needed) =>
        new ArgumentException($"The destination has {length} bytes, but the fixed block alone needs {needed}. Pass a longer span.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException TooLong(string field, int length, int maxBytes) =>
        new ArgumentException($"{field}: the value has {length} bytes, but the schema allows at most {maxBytes}.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException NoRoom(string field, int length, int room) =>
        new ArgumentException($"{field}: {length} bytes do not fit into the remaining {room} bytes. Pass a longer span to Write.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException TextRefused(string field, ReadOnlySpan<byte> value, int room) =>
        value.Length > room || Utf8.IsValid(value)
        ? NoRoom(field, value.Length, room)
        : new ArgumentException($"{field}: the value is not UTF-8. Encode it with Encoding.UTF8, or write a u8 literal.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException CharsRefused(string field, OperationStatus status) =>
        new ArgumentException(status == OperationStatus.DestinationTooSmall
            ? $"{field}: the text does not fit into the rest of the destination. Pass a longer span to Write."
            : $"{field}: the text contains half a surrogate pair, which UTF-8 cannot represent.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException Not32Bytes(string field, int length) =>
        new ArgumentException($"{field}: a bytes32 has exactly 32 bytes, but this value has {length}.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidOperationException NestedOutOfTurn(string field) =>
        new InvalidOperationException(
            $"{field}: other content was written after the nested writer was begun. End a nested writer before writing anything else "
            + "to its parent, and end it once.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidOperationException Absent(string field) =>
        new InvalidOperationException($"{field} is absent from this message. Check Has… before reading it.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EstreamCorruptionException Corrupt(string field) =>
        new EstreamCorruptionException(
            $"{field}: the message refers to bytes outside itself. Check untrusted messages with Validate before reading them.", null);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EstreamFormatException NotThisSchema(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength,
        string schemaName)
    {
        string reason = !EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            ? $"it has {message.Length} bytes, but a header needs {EsfMessageHeader.Length}"
            : header.SchemaId == schemaId && header.Shape == shape
                ? $"it has {message.Length} bytes, but the fixed block needs {fixedLength}"
            : header.IsRelativeOf(schemaId, shape) ? WhyNotThisRelative(message.Length, header, schemaId)
            : header.SchemaId == schemaId || header.NameId == (uint)shape
                ? "this library does not support its format version or flags; a newer Estream may read it"
            : $"it belongs to another schema (id {Hex(header.SchemaId)}, expected {Hex(schemaId)})";
        return new EstreamFormatException($"Not a message of {schemaName}: {reason}.", null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentOutOfRangeException Index(int index, int count) =>
        new ArgumentOutOfRangeException(nameof(index), index, $"The index is out of range: the array has {count} items.");

    private static string WhyNotThisRelative(int length, in EsfMessageHeader header, ulong schemaId)
    {
        string version = $"it was written by another version of the schema (id {Hex(header.SchemaId)}, expected {Hex(schemaId)})";
        return header.FixedLength > length
            ? $"{version} and is truncated: it has {length} bytes, but its fixed block needs {header.FixedLength}"
            : $"{version}, and its fixed block of {header.FixedLength} bytes matches no earlier version in the lock with which this reader "
                + "was compiled";
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
