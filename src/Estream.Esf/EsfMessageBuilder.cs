using System.Buffers.Binary;
using Estream.Esf.Internal;
using Estream.Esf.Runtime;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Builds a message in place, field by field, for a schema known only at run time. Supports single values, not objects, arrays or maps.
/// A value that does not fit is not set, and the setter returns false instead of throwing. Allocates nothing.
/// </summary>
public ref struct EsfMessageBuilder
{
    private readonly EsfSchema _schema;
    private readonly Span<byte> _message;
    private FieldSet _set;
    private int _end;

    private EsfMessageBuilder(EsfSchema schema, Span<byte> message, int end)
    {
        _schema = schema;
        _message = message;
        _end = end;
    }

    /// <summary>Begins a message in which every field is absent.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="destination">Receives the message.</param>
    /// <exception cref="ArgumentException">The destination is shorter than the fixed block.</exception>
    public static EsfMessageBuilder Begin(EsfSchema schema, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _ = EsfPut.BeginMessage(destination, schema.Id, schema.Shape, schema.Plan.FixedLength);
        return new EsfMessageBuilder(schema, destination, schema.Plan.FixedLength);
    }

    /// <summary>Begins a message of a wider schema and copies the fields of another message into it.</summary>
    /// <param name="widening">The conversion between the two schemas.</param>
    /// <param name="message">The message to copy.</param>
    /// <param name="destination">Receives the new message.</param>
    /// <inheritdoc cref="EsfWidening.Begin" path="/exception"/>
    public static EsfMessageBuilder Begin(EsfWidening widening, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(widening);
        var builder = new EsfMessageBuilder(widening.To, destination, widening.Begin(message, destination));
        for (int ordinal = 0; ordinal < widening.From.Plan.Fields.Length; ordinal++)
        {
            builder._set.Add(ordinal);
        }

        return builder;
    }

    /// <summary>Sets a field to a whole number: an integer, a timestamp, the ordinal of an enum, or a float, rounded to the
    /// nearest.</summary>
    /// <param name="field">A field of the schema.</param>
    /// <param name="value">The value.</param>
    /// <returns>False if the field does not accept the value, or the value does not fit in the destination.</returns>
    /// <exception cref="InvalidOperationException">The field is already set, or belongs to another schema.</exception>
    public bool TrySet(EsfField field, Int128 value)
    {
        FieldPlan plan = Require(field);
        if (field.Kind is EsfTypeKind.F32 or EsfTypeKind.F64)
        {
            return TrySet(field, (double)value);
        }

        bool isNegative = Int128.IsNegative(value);
        UInt128 magnitude = isNegative ? (UInt128)(-value) : (UInt128)value;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Span<byte> slot = bytes[..Math.Min(plan.Type.Size, bytes.Length)];
        bool isInteger = field.Kind is >= EsfTypeKind.U8 and <= EsfTypeKind.I64 or EsfTypeKind.Timestamp;
        bool isOrdinal = field.Kind == EsfTypeKind.Enum && !isNegative && magnitude < (uint)plan.Type.EnumNames!.Count;
        if (!isInteger && !isOrdinal)
        {
            return false;
        }

        if (isOrdinal)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(slot, (ushort)magnitude);
        }
        else if (magnitude > ulong.MaxValue || !ScalarBits.TryWriteInteger(field.Kind, isNegative, (ulong)magnitude, slot))
        {
            return false;
        }

        return TryStore(plan, slot);
    }

    /// <summary>Sets a field to a number.</summary>
    /// <inheritdoc cref="TrySet(EsfField, Int128)"/>
    public bool TrySet(EsfField field, double value)
    {
        FieldPlan plan = Require(field);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        if (field.Kind == EsfTypeKind.F64)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            return TryStore(plan, bytes);
        }

        float narrow = (float)value;
        if (field.Kind != EsfTypeKind.F32 || (float.IsInfinity(narrow) && !double.IsInfinity(value)))
        {
            return false;
        }

        BinaryPrimitives.WriteSingleLittleEndian(bytes, narrow);
        return TryStore(plan, bytes[..sizeof(float)]);
    }

    /// <summary>Sets a bool.</summary>
    /// <inheritdoc cref="TrySet(EsfField, Int128)"/>
    public bool TrySet(EsfField field, bool value)
    {
        FieldPlan plan = Require(field);
        return field.Kind == EsfTypeKind.Bool && TryStore(plan, [value ? (byte)1 : (byte)0]);
    }

    /// <summary>Sets a field to text (UTF-8) or bytes.</summary>
    /// <inheritdoc cref="TrySet(EsfField, Int128)"/>
    public bool TrySet(EsfField field, scoped ReadOnlySpan<byte> value)
    {
        FieldPlan plan = Require(field);
        bool fits = field.Kind switch
        {
            EsfTypeKind.String => value.Length <= plan.Type.MaxLength && System.Text.Unicode.Utf8.IsValid(value),
            EsfTypeKind.Bytes or EsfTypeKind.PqSignature => value.Length <= plan.Type.MaxLength,
            EsfTypeKind.Bytes32 => value.Length == plan.Type.Size,
            _ => false,
        };
        return fits && TryStore(plan, value);
    }

    /// <summary>Returns the message if every required field is set.</summary>
    /// <param name="message">The message.</param>
    /// <returns>False if a required field is not set.</returns>
    public readonly bool TryFinish(out ReadOnlySpan<byte> message)
    {
        bool isWhole = _schema.Plan.Required.FirstNotIn(in _set) < 0;
        message = isWhole ? _message[.._end] : default;
        return isWhole;
    }

    private readonly FieldPlan Require(EsfField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        FieldPlan plan = _schema.Plan.Fields[Math.Min(field.Ordinal, _schema.Plan.Fields.Length - 1)];
        return !ReferenceEquals(plan, field.Plan)
            ? throw new InvalidOperationException($"Field '{field.Name}' does not belong to {_schema}. Look it up in that schema.")
            : _set.Contains(field.Ordinal) ? throw new InvalidOperationException($"Field '{field.Name}' is already set.")
            : plan;
    }

    private bool TryStore(FieldPlan plan, scoped ReadOnlySpan<byte> value)
    {
        if (plan.IsReference)
        {
            if (value.Length > _message.Length - _end)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(_message[plan.Offset..], RecordReads.Reference(_end, value.Length));
            value.CopyTo(_message[_end..]);
            _end += value.Length;
        }
        else
        {
            value.CopyTo(_message[plan.Offset..]);
            if (plan.PresenceMask != 0)
            {
                _message[plan.PresenceOffset] |= plan.PresenceMask;
            }
        }

        _set.Add(plan.Ordinal);
        return true;
    }
}
