using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// Checks the records of one message, outermost first. In a message of another version of the schema, a record may have more or fewer
/// fields at its end than in this version, and an enum may have values without a name in this version. In a message of this version both
/// are errors.
/// </summary>
/// <param name="isRelative">Whether the message was written with another version of the schema.</param>
/// <param name="rule">The rule for the private fields of the message.</param>
internal struct RecordCheck(bool isRelative, PrivateRule rule)
{
    /// <summary>The field with the error.</summary>
    public FieldPlan? Culprit { get; private set; }

    /// <summary>Checks a record that contains the whole fixed block that it declares.</summary>
    public EsfError CheckRecord(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        // The regions of a record may be in any order, but their total length must not exceed its variable section. Otherwise a short
        // message could refer to the same bytes repeatedly and expand to unlimited output.
        int fixedLength = plan.FixedLengthOf(record);
        Section section = new(record.Length - fixedLength, (uint)fixedLength);
        foreach (FieldPlan field in plan.Fields)
        {
            // The writer's version does not have this field, nor any later one: at this offset, the record has its variable section. Fields
            // appended after the writer's version are optional, so their absence is not an error.
            if (field.End > fixedLength)
            {
                break;
            }

            EsfError error = field.IsReference
                ? CheckReference(field, record, fixedLength, ref section)
                : field.IsPresent(record) ? CheckFixed(field.Type, record.Slice(field.Offset, field.Type.Size)) : EsfError.None;
            if (error != EsfError.None)
            {
                Culprit ??= field;
                return error;
            }
        }

        return EsfError.None;
    }

    private EsfError CheckReference(FieldPlan field, ReadOnlySpan<byte> record, int fixedLength, ref Section section)
    {
        if (!RecordReads.HasReference(record, field.Offset))
        {
            return field.IsOptional ? EsfError.None : EsfError.MissingField;
        }

        bool isSealed = field.IsPrivate && RecordReads.IsSealed(record, field.Offset);
        if (!(isSealed
            ? RecordReads.TryFollowSealed(record, field.Offset, out ReadOnlySpan<byte> region)
            : RecordReads.TryFollow(record, field.Offset, out region))
            || RecordReads.OffsetOf(record, field.Offset) < fixedLength)
        {
            return EsfError.BadReference;
        }

        // Opening a value in place overwrites its region, so no other value may share it. Therefore the regions of a sealed message must be
        // in the order of the fields.
        uint offset = RecordReads.OffsetOf(record, field.Offset);
        if (rule == PrivateRule.Sealed && offset < section.End)
        {
            return EsfError.BadReference;
        }

        section.End = offset + (uint)region.Length;
        section.Budget -= region.Length;
        return section.Budget < 0 ? EsfError.BadReference
            : field.IsPrivate ? CheckPrivate(field, region, isSealed)
            : field.IsTokenized && rule != PrivateRule.Any && !EsfCardNumber.IsTokenShaped(region) ? EsfError.Untokenized
            : CheckVariable(field.Type, region);
    }

    private EsfError CheckPrivate(FieldPlan field, ReadOnlySpan<byte> region, bool isSealed)
    {
        if (!isSealed)
        {
            return rule != PrivateRule.Any ? EsfError.Unsealed : CheckRegion(field.Type, region);
        }

        // Length 0: the value is withheld from every reader of this message, and may be stored without an envelope.
        if (rule == PrivateRule.Absent)
        {
            return region.IsEmpty ? EsfError.None : EsfError.Withheld;
        }

        int value = region.Length - SealedValue.Overhead;
        return rule == PrivateRule.Any || region.IsEmpty ? EsfError.None
            : value < 0 || (field.Type.Size != 0 && value != field.Type.Size) ? EsfError.BadEnvelope
            : value > field.Type.MaxLength ? EsfError.TooLong
            : EsfError.None;
    }

    /// <summary>Checks the region of a private value. Private values of every type, including fixed-size types, are stored in a
    /// region.</summary>
    public EsfError CheckRegion(ValuePlan type, ReadOnlySpan<byte> region) =>
        type.Size == 0 ? CheckVariable(type, region) : region.Length == type.Size ? CheckFixed(type, region) : EsfError.WrongLength;

    private EsfError CheckValue(ValuePlan type, ReadOnlySpan<byte> value) =>
        type.Size != 0 ? CheckFixed(type, value) : CheckVariable(type, value);

    private EsfError CheckFixed(ValuePlan type, ReadOnlySpan<byte> value) => type.Kind switch
    {
        EsfTypeKind.Bool when value[0] > 1 => EsfError.BadBool,
        EsfTypeKind.Enum when !isRelative && !type.HasName(value) => EsfError.UnknownEnumValue,
        _ => EsfError.None,
    };

    private EsfError CheckVariable(ValuePlan type, ReadOnlySpan<byte> region)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Object:
                return CheckObject(type.Record!, region);
            case EsfTypeKind.Array:
            case EsfTypeKind.Map:
                return CheckSequence(type, region);
            default:
                return region.Length > type.MaxLength ? EsfError.TooLong
                    : type.Kind == EsfTypeKind.String && !System.Text.Unicode.Utf8.IsValid(region) ? EsfError.InvalidUtf8
                    : EsfError.None;
        }
    }

    private EsfError CheckObject(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        if (record.Length < RecordLayout.ObjectStart)
        {
            return EsfError.Truncated;
        }

        int fixedLength = plan.FixedLengthOf(record);
        return !isRelative && record.Length < plan.FixedLength ? EsfError.Truncated
            : !isRelative && fixedLength != plan.FixedLength ? EsfError.UnsupportedFormat
            : !plan.Admits(fixedLength) ? EsfError.IncompatibleVersion
            : record.Length < fixedLength ? EsfError.Truncated
            : CheckRecord(plan, record);
    }

    private EsfError CheckSequence(ValuePlan type, ReadOnlySpan<byte> region)
    {
        ValuePlan element = type.Element!;
        int minItemSize = element.MinItemSize + (type.Key?.MinItemSize ?? 0);
        if (!SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker))
        {
            return EsfError.BadSequence;
        }

        for (int i = 0; i < walker.Count; i++)
        {
            EsfError error = type.Key is null ? EsfError.None : CheckItem(type.Key, ref walker);
            error = error == EsfError.None ? CheckItem(element, ref walker) : error;
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return !walker.IsAtEnd ? EsfError.BadSequence
            : type.Key is not null && !DistinctKeys.Check(type, region) ? EsfError.DuplicateKey
            : EsfError.None;
    }

    private EsfError CheckItem(ValuePlan type, ref SequenceWalker walker) =>
        walker.TryNext(type, out ReadOnlySpan<byte> item) ? CheckValue(type, item) : EsfError.BadSequence;

    /// <summary>The remaining part of a record's variable section.</summary>
    private struct Section(long budget, uint end)
    {
        /// <summary>The number of bytes that references may still cover.</summary>
        public long Budget = budget;

        /// <summary>The end of the previous region.</summary>
        public uint End = end;
    }
}
