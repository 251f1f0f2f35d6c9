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
            ? $"Field '{field.Name}' is not a field of schema {schema.QualifiedName}: look it up in the schema that is encoded."
            : $"Field '{field.Name}' is of type {field.TypeName}, which a topic cannot spell: capture a string, integer, bool, timestamp, "
                + "bytes32 or enum.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException DestinationTooSmall(int length, int needed) =>
        new ArgumentException($"The destination has {length} bytes, and the fixed block alone takes {needed}: pass a longer span.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException TooLong(string field, int length, int maxBytes) =>
        new ArgumentException($"{field}: {length} bytes, and at most {maxBytes} are allowed by the schema.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException NoRoom(string field, int length, int room) =>
        new ArgumentException($"{field}: {length} bytes do not fit, {room} are left of the destination: pass a longer span to Write.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException TextRefused(string field, ReadOnlySpan<byte> value, int room) =>
        value.Length > room || Utf8.IsValid(value)
        ? NoRoom(field, value.Length, room)
        : new ArgumentException($"{field}: the value is not UTF-8; encode it with Encoding.UTF8 or write a u8 literal.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException CharsRefused(string field, OperationStatus status) =>
        new ArgumentException(status == OperationStatus.DestinationTooSmall
            ? $"{field}: the text does not fit into what is left of the destination: pass a longer span to Write."
            : $"{field}: the text holds half a surrogate pair, which UTF-8 cannot express.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentException Not32Bytes(string field, int length) =>
        new ArgumentException($"{field}: a bytes32 is exactly 32 bytes, and this value has {length}.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidOperationException NestedOutOfTurn(string field) =>
        new InvalidOperationException(
            $"{field}: the nested writer was begun before other content was written. End a nested writer before anything else is written "
            + "to its parent, and end it once.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidOperationException Absent(string field) =>
        new InvalidOperationException($"{field} is absent from this message: ask Has… before reading it.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EstreamCorruptionException Corrupt(string field) =>
        new EstreamCorruptionException(
            $"{field}: the message refers to bytes outside itself. Check messages from outside with Validate before reading them.", null);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EstreamFormatException NotThisSchema(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, int fixedLength,
        string schemaName)
    {
        string reason = !EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            ? $"it has {message.Length} bytes and a header takes {EsfMessageHeader.Length}"
            : header.SchemaId == schemaId && header.Shape == shape
                ? $"it has {message.Length} bytes and the fixed block takes {fixedLength}"
            : header.IsRelativeOf(schemaId, shape) ? WhyNotThisRelative(message.Length, header, schemaId)
            : header.SchemaId == schemaId || header.NameId == (uint)shape
                ? "its format version or flags are unknown to this library; a newer Estream may read it"
            : $"it is of another schema (id {Hex(header.SchemaId)}, expected {Hex(schemaId)})";
        return new EstreamFormatException($"Not a message of {schemaName}: {reason}.", null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArgumentOutOfRangeException Index(int index, int count) =>
        new ArgumentOutOfRangeException(nameof(index), index, $"The array has {count} items.");

    private static string WhyNotThisRelative(int length, in EsfMessageHeader header, ulong schemaId)
    {
        string version = $"it was written by another version of the schema (id {Hex(header.SchemaId)}, expected {Hex(schemaId)})";
        return header.FixedLength > length
            ? $"{version} and is cut short, it has {length} bytes and its fixed block takes {header.FixedLength}"
            : $"{version}, and its fixed block of {header.FixedLength} bytes is that of no earlier version in the lock this reader was "
                + "compiled with";
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
