using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>Keeps the sealed values of one part of a message and empties all other private values. The emptied fields are present, but no
/// reader can open them from this part. Immutable.</summary>
/// <param name="subLex">The sub-lex whose values are kept; null for the values in no sub-lex.</param>
internal sealed class PartValues(string? subLex) : PrivateValues
{
    public override EsfError Write(FieldPlan field, ReadOnlySpan<byte> record, ref RecordCopy copy)
    {
        if (!RecordReads.IsSealed(record, field.Offset))
        {
            copy.Culprit = field;
            return EsfError.Unsealed;
        }

        RecordReads.TryFollowSealed(record, field.Offset, out ReadOnlySpan<byte> region);
        if (field.SubLex != subLex || region.IsEmpty)
        {
            return EsfError.None;
        }

        // Values nested in this value may be sealed under any of the message's keys.
        int key = SealedValue.KeyOf(region);
        if (key >= EsfLimits.MaxAudiences)
        {
            copy.Culprit = field;
            return EsfError.BadEnvelope;
        }

        copy.Keys |= field.Type.HasPrivate ? uint.MaxValue : 1u << key;
        return copy.TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall;
    }
}

/// <summary>Writes the private values of a message that is copied.</summary>
internal abstract class PrivateValues
{
    /// <summary>Whether records without private fields are also rewritten, so that their regions are in the order of their
    /// fields.</summary>
    public virtual bool OrdersRecords => false;

    /// <summary>Writes the region of a private field in the copy.</summary>
    /// <param name="field">The field, which is present.</param>
    /// <param name="record">The record of the field.</param>
    /// <param name="copy">The copy.</param>
    public abstract EsfError Write(FieldPlan field, ReadOnlySpan<byte> record, ref RecordCopy copy);

    /// <summary>Writes the region of a tokenized field in the copy; by default unchanged.</summary>
    /// <param name="field">The field.</param>
    /// <param name="region">The region in the original.</param>
    /// <param name="copy">The copy.</param>
    public virtual EsfError WriteTokenized(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy) =>
        copy.TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall;
}
