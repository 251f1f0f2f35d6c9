namespace Estream.Esf.Expressions.Execution;

/// <summary>Compares two values. The result is absent if either value is.</summary>
internal static class Comparison
{
    public static Slot Of(Instruction step, in Slot a, in Slot b, in Inputs inputs)
    {
        if (!a.IsThere || !b.IsThere)
        {
            return default;
        }

        int order = step.Code switch
        {
            OpCode.CompareIntegers => a.Integer.CompareTo(b.Integer),
            OpCode.CompareNumbers => a.Number.CompareTo(b.Number),
            OpCode.CompareIntegerWithNumber => ExactNumbers.Compare(a.Integer, b.Number),
            OpCode.CompareNumberWithInteger => -ExactNumbers.Compare(b.Integer, a.Number),
            OpCode.CompareTexts => inputs.BytesOf(a).SequenceCompareTo(inputs.BytesOf(b)),
            _ => a.Boolean == b.Boolean ? 0 : 1,
        };
        return Slot.Of((Relation)step.Operand switch
        {
            Relation.Equal => order == 0,
            Relation.NotEqual => order != 0,
            Relation.Less => order < 0,
            Relation.LessOrEqual => order <= 0,
            Relation.Greater => order > 0,
            _ => order >= 0,
        });
    }
}

/// <summary>An instruction of a program. Eight bytes.</summary>
internal readonly record struct Instruction(OpCode Code, byte Register, int Operand);
