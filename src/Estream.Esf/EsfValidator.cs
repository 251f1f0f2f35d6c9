using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Checks a whole message against its schema: header, every reference, every length, every value. What passes can be
/// read to the last byte; what comes from outside goes through here once. Allocates nothing, never throws, and takes
/// time in proportion to the message. Thread-safe.
/// </summary>
public static class EsfValidator
{
    /// <summary>Checks a message.</summary>
    /// <returns>Ok, or the first fault with its field; the offset counts from the start of the enclosing record.</returns>
    public static EsfStatus Check(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(schema);
        EsfError header = CheckHeader(schema, message);
        if (header != EsfError.None)
        {
            return new EsfStatus(header);
        }

        FieldPlan? culprit = null;
        EsfError error = CheckRecord(schema.Plan, message, ref culprit);
        return error == EsfError.None ? EsfStatus.Ok : new EsfStatus(error, culprit, culprit?.Offset ?? 0);
    }

    private static EsfError CheckHeader(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header))
        {
            return EsfError.Truncated;
        }

        if (header.SchemaId != schema.Id)
        {
            return EsfError.WrongSchema;
        }

        if (header.Shape != schema.Shape)
        {
            return EsfError.UnsupportedFormat;
        }

        return message.Length > EsfLimits.MaxMessageBytes ? EsfError.MessageTooLong
            : message.Length < schema.Plan.FixedLength ? EsfError.Truncated
            : EsfError.None;
    }

    /// <summary>Checks a record that holds its whole fixed block.</summary>
    private static EsfError CheckRecord(RecordPlan plan, ReadOnlySpan<byte> record, ref FieldPlan? culprit)
    {
        // The regions of a record may stand in any order, but together they are no longer than its variable section.
        // Without that rule a short message could refer to the same bytes again and again and print as an endless one.
        long budget = record.Length - plan.FixedLength;
        foreach (FieldPlan field in plan.Fields)
        {
            EsfError error = field.IsReference
                ? CheckReference(plan, field, record, ref budget, ref culprit)
                : field.IsPresent(record) ? CheckFixed(field.Type, record.Slice(field.Offset, field.Type.Size)) : EsfError.None;
            if (error != EsfError.None)
            {
                culprit ??= field;
                return error;
            }
        }

        return EsfError.None;
    }

    private static EsfError CheckReference(RecordPlan plan, FieldPlan field, ReadOnlySpan<byte> record, ref long budget, ref FieldPlan? culprit)
    {
        if (!RecordReads.HasReference(record, field.Offset))
        {
            return field.IsOptional ? EsfError.None : EsfError.MissingField;
        }

        if (!RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region)
            || RecordReads.OffsetOf(record, field.Offset) < plan.FixedLength)
        {
            return EsfError.BadReference;
        }

        budget -= region.Length;
        return budget < 0 ? EsfError.BadReference : CheckVariable(field.Type, region, ref culprit);
    }

    private static EsfError CheckValue(ValuePlan type, ReadOnlySpan<byte> value, ref FieldPlan? culprit) =>
        type.Size != 0 ? CheckFixed(type, value) : CheckVariable(type, value, ref culprit);

    private static EsfError CheckFixed(ValuePlan type, ReadOnlySpan<byte> value) => type.Kind switch
    {
        EsfTypeKind.Bool when value[0] > 1 => EsfError.BadBool,
        EsfTypeKind.Enum when value[0] + (value[1] << 8) >= type.EnumNames!.Count => EsfError.UnknownEnumValue,
        _ => EsfError.None,
    };

    private static EsfError CheckVariable(ValuePlan type, ReadOnlySpan<byte> region, ref FieldPlan? culprit)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Object:
                return CheckObject(type.Record!, region, ref culprit);
            case EsfTypeKind.Array:
            case EsfTypeKind.Map:
                return CheckSequence(type, region, ref culprit);
            default:
                return region.Length > type.MaxLength ? EsfError.TooLong
                    : type.Kind == EsfTypeKind.String && !System.Text.Unicode.Utf8.IsValid(region) ? EsfError.InvalidUtf8
                    : EsfError.None;
        }
    }

    private static EsfError CheckObject(RecordPlan plan, ReadOnlySpan<byte> record, ref FieldPlan? culprit)
    {
        if (record.Length < plan.FixedLength)
        {
            return EsfError.Truncated;
        }

        return record[0] + (record[1] << 8) != plan.FixedLength ? EsfError.UnsupportedFormat : CheckRecord(plan, record, ref culprit);
    }

    private static EsfError CheckSequence(ValuePlan type, ReadOnlySpan<byte> region, ref FieldPlan? culprit)
    {
        ValuePlan element = type.Element!;
        int minItemSize = element.MinItemSize + (type.Key?.MinItemSize ?? 0);
        if (!SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker))
        {
            return EsfError.BadSequence;
        }

        for (int i = 0; i < walker.Count; i++)
        {
            EsfError error = type.Key is null ? EsfError.None : CheckItem(type.Key, ref walker, ref culprit);
            error = error == EsfError.None ? CheckItem(element, ref walker, ref culprit) : error;
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return !walker.IsAtEnd ? EsfError.BadSequence
            : type.Key is not null && !DistinctKeys.Check(type, region) ? EsfError.DuplicateKey
            : EsfError.None;
    }

    private static EsfError CheckItem(ValuePlan type, ref SequenceWalker walker, ref FieldPlan? culprit) =>
        walker.TryNext(type, out ReadOnlySpan<byte> item) ? CheckValue(type, item, ref culprit) : EsfError.BadSequence;
}
