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
