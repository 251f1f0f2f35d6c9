using System.Buffers.Binary;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Reads a field of a message without generated code. Look the field up once, then read it from any number of messages.
/// Immutable and thread-safe. Every read returns false for a message of another schema, an absent or withheld field, a reference out of
/// bounds, and a field of another type. Reads never allocate and never throw. In a message of another version of the schema, a field
/// that the writer's version did not have is absent.
/// </summary>
public sealed class EsfField
{
    private readonly EsfSchema _schema;
    private readonly FieldPlan _plan;

    internal EsfField(EsfSchema schema, FieldPlan plan)
    {
        _schema = schema;
        _plan = plan;
    }

    /// <summary>The name of the field.</summary>
    public string Name => _plan.Definition.Name;

    /// <summary>The index of the field in its schema.</summary>
    public int Ordinal => _plan.Ordinal;

    /// <summary>The kind of value.</summary>
    public EsfTypeKind Kind => _plan.Type.Kind;

    /// <summary>The type as written in the schema file, for example <c>string(64)</c>.</summary>
    public string TypeName => _plan.Type.Name;

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate => _plan.IsPrivate;

    /// <summary>Whether values are card numbers, which are stored as tokens.</summary>
    public bool IsTokenized => _plan.IsTokenized;

    /// <summary>Whether values must pass an <see cref="EsfSealer"/> before they are stored: private values and card numbers.</summary>
    public bool IsProtected => IsPrivate || IsTokenized;

    /// <summary>Whether a message may omit the field.</summary>
    public bool IsOptional => _plan.IsOptional;

    /// <summary>Whether the value can be part of a topic, path or key: strings, integers, bool, timestamp, bytes32 and enums.</summary>
    public bool HasTextForm => _plan.Type.Definition.HasTextForm;

    internal FieldPlan Plan => _plan;

    /// <summary>Reads the bytes of a string (UTF-8), bytes, bytes32 or pq_signature field.</summary>
    public bool TryGetBytes(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> value)
    {
        value = default;
        return Kind is EsfTypeKind.String or EsfTypeKind.Bytes or EsfTypeKind.PqSignature or EsfTypeKind.Bytes32
            && TryGetRaw(message, out value);
    }

    /// <summary>Reads the value of an integer, timestamp, bool or enum (its ordinal). Returns false for a u64 above
    /// <see cref="long.MaxValue"/>.</summary>
    public bool TryGetInt64(ReadOnlySpan<byte> message, out long value)
    {
        value = 0;
        return _plan.Type.Size != 0 && TryGetRaw(message, out ReadOnlySpan<byte> raw) && ScalarBits.TryReadInteger(Kind, raw, out value);
    }

    /// <summary>Reads the value of a u64 field, or a non-negative value of any other integer, timestamp, bool or enum.</summary>
    public bool TryGetUInt64(ReadOnlySpan<byte> message, out ulong value)
    {
        if (Kind == EsfTypeKind.U64)
        {
            bool there = TryGetRaw(message, out ReadOnlySpan<byte> raw);
            value = there ? BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;
            return there;
        }

        bool read = TryGetInt64(message, out long signed) && signed >= 0;
        value = read ? (ulong)signed : 0;
        return read;
    }

    /// <summary>Reads the value of an f32 or f64 field, or an integer as a double (rounded beyond 2^53).</summary>
    public bool TryGetDouble(ReadOnlySpan<byte> message, out double value)
    {
        value = 0;
        if (_plan.Type.Size == 0 || !TryGetRaw(message, out ReadOnlySpan<byte> raw))
        {
            return false;
        }

        switch (Kind)
        {
            case EsfTypeKind.F64:
                value = BinaryPrimitives.ReadDoubleLittleEndian(raw);
                return true;
            case EsfTypeKind.F32:
                value = BinaryPrimitives.ReadSingleLittleEndian(raw);
                return true;
            case EsfTypeKind.U64:
                value = BinaryPrimitives.ReadUInt64LittleEndian(raw);
                return true;
            default:
                bool read = TryGetInt64(message, out long integer);
                value = integer;
                return read;
        }
    }

    /// <summary>
    /// Writes the value as text, in the form used by map keys, topics and paths: strings unchanged, integers in decimal, bytes32 in
    /// hexadecimal, enums by name. An enum value that only a later version of the schema defines is written as its ordinal.
    /// </summary>
    /// <returns>False if the field cannot be read, <paramref name="destination"/> is too short, or the type has no text form.</returns>
    public bool TryFormat(ReadOnlySpan<byte> message, Span<byte> destination, out int written)
    {
        written = 0;
        return HasTextForm && TryGetRaw(message, out ReadOnlySpan<byte> raw)
            && (Kind != EsfTypeKind.Enum || _plan.Type.HasName(raw) || !_schema.IsOwn(message))
            && ScalarText.TryFormat(_plan.Type, raw, destination, out written);
    }

    /// <summary>Whether the message has the field, readable or withheld.</summary>
    public bool IsPresent(ReadOnlySpan<byte> message) => Read(message, out _) != FieldState.Absent;

    /// <summary>Whether the field is private, present and sealed, so its value cannot be read from this message.</summary>
    public bool IsWithheld(ReadOnlySpan<byte> message) => Read(message, out _) == FieldState.Withheld;

    private bool TryGetRaw(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> raw) => Read(message, out raw) == FieldState.Clear;

    private FieldState Read(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> raw)
    {
        raw = default;
        int fixedLength = _schema.FixedLengthOf(message);
        return fixedLength == 0 ? FieldState.Absent : RecordReads.Read(_plan, message, fixedLength, out raw);
    }
}
