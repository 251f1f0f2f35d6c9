using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Execution;

/// <summary>Checks whether all items of an array are in a set of constants, by linear search. Immutable.</summary>
internal sealed class ArraySubset(ValuePlan item, ConstantSet constants)
{
    /// <summary>Returns whether each item equals one of the constants; no value if the array is damaged. A floating-point item that is not
    /// finite never matches.</summary>
    public Slot Of(in Slot array, in Inputs inputs)
    {
        ReadOnlySpan<byte> region = inputs.BytesOf(array);
        if (!SequenceWalker.TryStart(region, item.MinItemSize, out SequenceWalker walker))
        {
            return default;
        }

        for (int i = 0; i < walker.Count; i++)
        {
            if (!walker.TryNext(item, out ReadOnlySpan<byte> raw))
            {
                return default;
            }

            if (!Contains(raw, inputs))
            {
                return Slot.Of(false);
            }
        }

        return Slot.Of(true);
    }

    private bool Contains(ReadOnlySpan<byte> raw, in Inputs inputs)
    {
        if (item.Kind == EsfTypeKind.String)
        {
            return constants.Contains(raw, inputs);
        }

        Slot value = FieldPath.Scalar(item.Kind, raw);
        return value.IsThere && constants.Contains(value, inputs);
    }
}
