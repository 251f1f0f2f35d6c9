using System.Buffers.Binary;

namespace Estream.Esf.Expressions.Execution;

/// <summary>
/// A compiled expression: instructions over registers. The register of a subexpression is its depth. All jumps go forward, so a run
/// executes at most as many instructions as the program has. Immutable and thread-safe.
/// </summary>
internal sealed class StackProgram(Instruction[] code, Slot[] constants, byte[] text, FieldPath[] fields, ConstantSet[] sets,
    ArraySubset[] subsets, int registers)
{
    /// <summary>The texts of the expression.</summary>
    public ReadOnlySpan<byte> Constants => text;

    /// <summary>Evaluates the expression.</summary>
    /// <returns>True if it has a value.</returns>
    public bool Run(in Inputs inputs, out Slot result)
    {
        // One more register, because every binary operation also reads the register after its own.
        Span<Slot> all = stackalloc Slot[registers + 1];
        for (int at = 0; at < code.Length; at++)
        {
            Instruction step = code[at];
            ref Slot a = ref all[step.Register];
            switch (step.Code)
            {
                case OpCode.Constant:
                    a = constants[step.Operand];
                    break;
                case OpCode.Field:
                    a = fields[step.Operand].Read(inputs);
                    break;
                case OpCode.Jump:
                    at = step.Operand - 1;
                    break;
                case OpCode.JumpIfTrue:
                    at = a.IsThere && a.Boolean ? step.Operand - 1 : at;
                    break;
                case OpCode.JumpIfFalse:
                    at = a.IsThere && !a.Boolean ? step.Operand - 1 : at;
                    break;
                case OpCode.JumpIfThere:
                    at = a.IsThere ? step.Operand - 1 : at;
                    break;
                case OpCode.JumpIfAbsent:
                    at = a.IsThere ? at : step.Operand - 1;
                    break;
                case OpCode.Has:
                    a = Slot.Of(a.IsThere);
                    break;
                case OpCode.And:
                    a = Logic.And(a, all[step.Register + 1]);
                    break;
                case OpCode.Or:
                    a = Logic.Or(a, all[step.Register + 1]);
                    break;
                case OpCode.In:
                    a = a.IsThere ? Slot.Of(sets[step.Operand].Contains(a, inputs)) : a;
                    break;
                case OpCode.SubsetOf:
                    a = a.IsThere ? subsets[step.Operand].Of(a, inputs) : a;
                    break;
                case >= OpCode.CompareIntegers and <= OpCode.CompareBooleans:
                    a = Comparison.Of(step, a, all[step.Register + 1], inputs);
                    break;
                case OpCode.StartsWith or OpCode.Newer:
                    a = OfTexts(step.Code, a, all[step.Register + 1], inputs);
                    break;
                case OpCode.LengthOfText:
                    a = a.IsThere ? Slot.Of((long)a.Place.Length) : a;
                    break;
                case OpCode.LengthOfSequence:
                    a = a.IsThere ? CountOf(inputs.BytesOf(a)) : a;
                    break;
                case OpCode.Not or OpCode.ToNumber or OpCode.NegateInteger or OpCode.AbsInteger or OpCode.NegateNumber or OpCode.AbsNumber:
                    a = a.IsThere ? Unary(step.Code, a) : a;
                    break;
                default:
                    a = Both(step.Code, a, all[step.Register + 1]);
                    break;
            }
        }

        result = all[0];
        return result.IsThere;
    }

    private static Slot CountOf(ReadOnlySpan<byte> sequence) =>
        sequence.Length < sizeof(uint) ? default : Slot.Of((long)BinaryPrimitives.ReadUInt32LittleEndian(sequence));

    private static Slot OfTexts(OpCode code, in Slot a, in Slot b, in Inputs inputs) =>
        !a.IsThere || !b.IsThere ? default
        : code == OpCode.StartsWith ? Slot.Of(inputs.BytesOf(a).StartsWith(inputs.BytesOf(b)))
        : VersionOrder.TryCompare(inputs.BytesOf(a), inputs.BytesOf(b), out int order) ? Slot.Of(order > 0)
        : default;

    private static Slot Unary(OpCode code, in Slot a) => code switch
    {
        OpCode.Not => Slot.Of(!a.Boolean),
        OpCode.ToNumber => Slot.Of((double)a.Integer),
        OpCode.NegateInteger => IntegerMath.Negate(a.Integer),
        OpCode.AbsInteger => IntegerMath.Abs(a.Integer),
        OpCode.NegateNumber => Slot.Of(-a.Number),
        _ => Slot.Of(Math.Abs(a.Number)),
    };

    private static Slot Both(OpCode code, in Slot a, in Slot b) => a.IsThere && b.IsThere ? Binary(code, a, b) : default;

    private static Slot Binary(OpCode code, in Slot a, in Slot b) => code switch
    {
        OpCode.AddInteger => IntegerMath.Add(a.Integer, b.Integer),
        OpCode.SubtractInteger => IntegerMath.Subtract(a.Integer, b.Integer),
        OpCode.MultiplyInteger => IntegerMath.Multiply(a.Integer, b.Integer),
        OpCode.DivideInteger => IntegerMath.Divide(a.Integer, b.Integer),
        OpCode.RemainderInteger => IntegerMath.Remainder(a.Integer, b.Integer),
        OpCode.MinInteger => a.Integer <= b.Integer ? a : b,
        OpCode.MaxInteger => a.Integer >= b.Integer ? a : b,
        OpCode.AddNumber => NumberMath.Finite(a.Number + b.Number),
        OpCode.SubtractNumber => NumberMath.Finite(a.Number - b.Number),
        OpCode.MultiplyNumber => NumberMath.Finite(a.Number * b.Number),
        OpCode.DivideNumber => NumberMath.Finite(a.Number / b.Number),
        OpCode.RemainderNumber => NumberMath.Finite(a.Number % b.Number),
        OpCode.MinNumber => a.Number <= b.Number ? a : b,
        _ => a.Number >= b.Number ? a : b,
    };
}

/// <summary>Three-valued logic of Kleene: if one operand decides the result, the other may be absent.</summary>
internal static class Logic
{
    public static Slot And(in Slot a, in Slot b) =>
        IsFalse(a) || IsFalse(b) ? Slot.Of(false) : a.IsThere && b.IsThere ? Slot.Of(true) : default;

    public static Slot Or(in Slot a, in Slot b) =>
        IsTrue(a) || IsTrue(b) ? Slot.Of(true) : a.IsThere && b.IsThere ? Slot.Of(false) : default;

    private static bool IsTrue(in Slot slot) => slot.IsThere && slot.Boolean;

    private static bool IsFalse(in Slot slot) => slot.IsThere && !slot.Boolean;
}
