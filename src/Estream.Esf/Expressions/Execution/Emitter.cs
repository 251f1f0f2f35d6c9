using Estream.Esf.Expressions.Binding;

namespace Estream.Esf.Expressions.Execution;

/// <summary>Generates the program of a bound expression.</summary>
internal sealed class Emitter
{
    private readonly List<Instruction> _code = [];
    private readonly List<Slot> _constants = [];
    private readonly List<byte> _text = [];
    private readonly List<FieldPath> _fields = [];
    private readonly List<ConstantSet> _sets = [];
    private readonly List<ArraySubset> _subsets = [];
    private int _registers = 1;

    public static StackProgram Emit(Bound root)
    {
        Emitter emitter = new();
        emitter.Emit(root, 0);
        return new StackProgram(
            [.. emitter._code], [.. emitter._constants], [.. emitter._text], [.. emitter._fields], [.. emitter._sets],
            [.. emitter._subsets], emitter._registers);
    }

    // Leaves the value of the subexpression in its register, and does not change lower registers.
    private void Emit(Bound part, int register)
    {
        _registers = Math.Max(_registers, register + 1);
        switch (part)
        {
            case BoundConstant constant:
                Add(OpCode.Constant, register, _constants.Count);
                _constants.Add(ValueOf(constant));
                break;
            case BoundField field:
                Add(OpCode.Field, register, _fields.Count);
                _fields.Add(field.Path);
                break;
            case BoundOperation operation:
                for (int i = 0; i < operation.Operands.Length; i++)
                {
                    Emit(operation.Operands[i], register + i);
                }

                Add(operation.Code, register);
                break;
            case BoundComparison comparison:
                Emit(comparison.Left, register);
                Emit(comparison.Right, register + 1);
                Add(comparison.Code, register, (int)comparison.Relation);
                break;
            case BoundLogic logic:
                Emit(logic.Left, register);
                int decided = Add(logic.IsAnd ? OpCode.JumpIfFalse : OpCode.JumpIfTrue, register);
                Emit(logic.Right, register + 1);
                Add(logic.IsAnd ? OpCode.And : OpCode.Or, register);
                ComeHere(decided);
                break;
            case BoundCoalesce coalesce:
                Emit(coalesce.Value, register);
                int there = Add(OpCode.JumpIfThere, register);
                Emit(coalesce.Otherwise, register);
                ComeHere(there);
                break;
            case BoundConditional conditional:
                EmitConditional(conditional, register);
                break;
            case BoundMembership membership:
                Emit(membership.Operand, register);
                Add(OpCode.In, register, _sets.Count);
                _sets.Add(SetOf(membership.Operand.Type.Kind, membership.Items));
                break;
            case BoundSubset subset:
                Emit(subset.Array, register);
                Add(OpCode.SubsetOf, register, _subsets.Count);
                _subsets.Add(new ArraySubset(subset.Item, SetOf(Binding.ValueType.Of(subset.Item.Definition).Kind, subset.Items)));
                break;
        }
    }

    private void EmitConditional(BoundConditional conditional, int register)
    {
        Emit(conditional.Condition, register);
        int undecided = Add(OpCode.JumpIfAbsent, register);
        int no = Add(OpCode.JumpIfFalse, register);
        Emit(conditional.Then, register);
        int done = Add(OpCode.Jump, register);
        ComeHere(no);
        Emit(conditional.Else, register);
        ComeHere(done);
        ComeHere(undecided);
    }

    private ConstantSet SetOf(EsfValueKind kind, BoundConstant[] items) => new(kind, [.. items.Select(ValueOf)]);

    private Slot ValueOf(BoundConstant constant)
    {
        if (constant.Bytes is null)
        {
            return constant.Value;
        }

        int offset = _text.Count;
        _text.AddRange(constant.Bytes);
        return Slot.OfText(offset, constant.Bytes.Length, Inputs.Constants);
    }

    private int Add(OpCode code, int register, int operand = 0)
    {
        _code.Add(new Instruction(code, (byte)register, operand));
        return _code.Count - 1;
    }

    private void ComeHere(int jump) => _code[jump] = _code[jump] with { Operand = _code.Count };
}
