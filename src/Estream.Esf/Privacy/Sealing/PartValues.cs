using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>Keeps the sealed values of one part of a message and empties the others: they are there, and nobody can open them from it.
/// Immutable.</summary>
/// <param name="subLex">The sub-lex whose values are kept; null for those that are in none.</param>
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

        // What is sealed in the value may be under any of the keys.
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

/// <summary>What becomes of the private values of a message that is copied.</summary>
internal abstract class PrivateValues
{
    /// <summary>Whether records are written anew also where nothing in them is private, so that their regions stand in the order of their
    /// fields.</summary>
    public virtual bool OrdersRecords => false;

    /// <summary>Writes the region that a private field has in the copy.</summary>
    /// <param name="field">The field, which is there.</param>
    /// <param name="record">Its record.</param>
    /// <param name="copy">The copy.</param>
    public abstract EsfError Write(FieldPlan field, ReadOnlySpan<byte> record, ref RecordCopy copy);

    /// <summary>Writes the region that a tokenized field has in the copy: what it was, if nothing else is said.</summary>
    /// <param name="field">The field.</param>
    /// <param name="region">What stands there.</param>
    /// <param name="copy">The copy.</param>
    public virtual EsfError WriteTokenized(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy) =>
        copy.TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall;
}
