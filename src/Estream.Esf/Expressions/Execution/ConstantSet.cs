namespace Estream.Esf.Expressions.Execution;

/// <summary>A set of constants of one kind, searched linearly. Immutable.</summary>
internal sealed class ConstantSet(EsfValueKind kind, Slot[] items)
{
    /// <summary>Whether the set contains a text.</summary>
    public bool Contains(ReadOnlySpan<byte> text, in Inputs inputs)
    {
        foreach (ref readonly Slot item in items.AsSpan())
        {
            if (inputs.BytesOf(item).SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the set contains a value.</summary>
    public bool Contains(in Slot value, in Inputs inputs)
    {
        if (kind == EsfValueKind.Text)
        {
            return Contains(inputs.BytesOf(value), inputs);
        }

        foreach (ref readonly Slot item in items.AsSpan())
        {
            bool isSame = kind switch
            {
                EsfValueKind.Number => item.Number == value.Number,
                EsfValueKind.Boolean => item.Boolean == value.Boolean,
                _ => item.Integer == value.Integer,
            };
            if (isSame)
            {
                return true;
            }
        }

        return false;
    }
}
