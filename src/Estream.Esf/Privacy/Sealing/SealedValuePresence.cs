namespace Estream.Esf.Internal;

/// <summary>Finds whether a message has any sealed value, and whether it has a sealed value for some groups of readers, as far as is
/// visible without a key. The message must have been checked.</summary>
/// <param name="groups">The groups, as bits.</param>
internal ref struct SealedValuePresence(uint groups)
{
    /// <summary>Whether there is a value for one of the groups.</summary>
    public bool IsOurs { get; private set; }

    /// <summary>Whether there is any value.</summary>
    public bool IsAnybodys { get; private set; }

    public void LookThrough(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        int fixedLength = plan.FixedLengthOf(record);
        for (int i = 0; i < plan.Fields.Length && !IsOurs && plan.Fields[i].End <= fixedLength; i++)
        {
            FieldPlan field = plan.Fields[i];
            if (!field.IsReference || !RecordReads.HasReference(record, field.Offset))
            {
                continue;
            }

            if (field.IsPrivate)
            {
                // An empty region stands for a value that is stored in another part of the message.
                RecordReads.TryFollowSealed(record, field.Offset, out ReadOnlySpan<byte> region);
                IsAnybodys |= !region.IsEmpty;
                IsOurs = !region.IsEmpty && (groups >> field.ReaderGroup & 1) != 0;
            }
            else if (field.Type.HasPrivate)
            {
                RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
                LookThrough(field.Type, region);
            }
        }
    }

    private void LookThrough(ValuePlan type, ReadOnlySpan<byte> region)
    {
        if (type.Record is not null)
        {
            LookThrough(type.Record, region);
            return;
        }

        int minItemSize = type.Element!.MinItemSize + (type.Key?.MinItemSize ?? 0);
        SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count && !IsOurs; i++)
        {
            if (type.Key is not null)
            {
                walker.TryNext(type.Key, out _);
            }

            walker.TryNext(type.Element, out ReadOnlySpan<byte> item);
            LookThrough(type.Element, item);
        }
    }
}
