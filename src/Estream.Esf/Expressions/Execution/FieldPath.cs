using System.Buffers.Binary;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Execution;

/// <summary>A field of one of the messages, reached through its enclosing objects. Immutable.</summary>
internal sealed class FieldPath(int source, FieldPlan[] steps)
{
    public const int InMessage = 1;
    public const int InOther = 2;

    private readonly FieldPlan[] _objects = steps[..^1];

    /// <summary>The field itself.</summary>
    public FieldPlan Last { get; } = steps[^1];

    /// <summary>Reads the field. A field that is absent or cannot be read has no value.</summary>
    public Slot Read(in Inputs inputs)
    {
        ReadOnlySpan<byte> message = inputs.Message(source, out int fixedLength);
        ReadOnlySpan<byte> record = message;
        foreach (FieldPlan step in _objects)
        {
            if (!TryEnter(step, ref record, ref fixedLength))
            {
                return default;
            }
        }

        return fixedLength != 0 && RecordReads.TryGet(Last, record, fixedLength, out ReadOnlySpan<byte> raw)
            ? Value(raw, message)
            : default;
    }

    private static bool TryEnter(FieldPlan step, ref ReadOnlySpan<byte> record, ref int fixedLength)
    {
        if (fixedLength == 0 || !RecordReads.TryGet(step, record, fixedLength, out record) || record.Length < RecordLayout.ObjectStart)
        {
            return false;
        }

        RecordPlan plan = step.Type.Record!;
        fixedLength = plan.FixedLengthOf(record);
        return fixedLength <= record.Length && plan.Admits(fixedLength);
    }

    // An empty region does not overlap the message. Its offset is not used, so it is set to 0.
    private Slot Value(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> message) => Last.Type.Kind switch
    {
        EsfTypeKind.String or EsfTypeKind.Bytes or EsfTypeKind.Bytes32 or EsfTypeKind.PqSignature or EsfTypeKind.Object or EsfTypeKind.Array
            or EsfTypeKind.Map =>
            Slot.OfText(message.Overlaps(raw, out int offset) ? offset : 0, raw.Length, source),
        EsfTypeKind kind => Scalar(kind, raw),
    };

    /// <summary>Reads a number, a condition or an enum value from its bytes.</summary>
    public static Slot Scalar(EsfTypeKind kind, ReadOnlySpan<byte> raw) => kind switch
    {
        EsfTypeKind.F64 => NumberMath.Finite(BinaryPrimitives.ReadDoubleLittleEndian(raw)),
        EsfTypeKind.F32 => NumberMath.Finite(BinaryPrimitives.ReadSingleLittleEndian(raw)),
        EsfTypeKind.Bool => Slot.Of(raw[0] != 0),
        EsfTypeKind.U64 => Slot.Of((Int128)BinaryPrimitives.ReadUInt64LittleEndian(raw)),
        _ => ScalarBits.TryReadInteger(kind, raw, out long integer) ? Slot.Of(integer) : default,
    };
}
