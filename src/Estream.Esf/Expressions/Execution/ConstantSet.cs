namespace Estream.Esf.Expressions.Execution;

/// <summary>Constants of one kind that a value is looked for in, one after the other. Immutable.</summary>
internal sealed class ConstantSet(EsfValueKind kind, Slot[] items)
{
    public bool Contains(in Slot value, in Inputs inputs)
    {
        foreach (ref readonly Slot item in items.AsSpan())
        {
            bool isSame = kind switch
            {
                EsfValueKind.Number => item.Number == value.Number,
                EsfValueKind.Text => inputs.BytesOf(item).SequenceEqual(inputs.BytesOf(value)),
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
