using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Execution;

/// <summary>Constants that all items of an array are looked for in, one after the other. Immutable.</summary>
internal sealed class ArraySubset(ValuePlan item, ConstantSet constants)
{
    /// <summary>Whether each item is one of the constants; no value where the array is not whole. An item that is no number is none of
    /// them.</summary>
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
