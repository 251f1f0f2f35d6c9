namespace Estream.Net.Xdp;

/// <summary>Assembles a BPF program: eight bytes per instruction, as Documentation/bpf/standardization/instruction-set.rst of Linux defines
/// them. Jumps go forward to labels.</summary>
internal sealed class BpfAssembler
{
    private readonly List<ulong> _instructions = [];
    private readonly List<(int Instruction, string Label)> _jumps = [];
    private readonly Dictionary<string, int> _labels = [];

    /// <summary>Registers: R0 has the result, R1 the first argument, R10 the stack.</summary>
    public enum Register
    {
        R0,
        R1,
        R2,
        R3,
        R4,
        R5,
        R6,
    }

    /// <summary>Sizes of loads, as opcode bits.</summary>
    public enum Size
    {
        Byte = 0x10,
        HalfWord = 0x08,
        Word = 0x00,
    }

    /// <summary>destination = *(size*)(source + offset), zero-extended.</summary>
    public BpfAssembler Load(Size size, Register destination, Register source, short offset) =>
        Emit(0x61 | (int)size, destination, source, offset, 0);

    /// <summary>destination = source.</summary>
    public BpfAssembler Move(Register destination, Register source) => Emit(0xBF, destination, source, 0, 0);

    /// <summary>destination = value.</summary>
    public BpfAssembler Set(Register destination, int value) => Emit(0xB7, destination, Register.R0, 0, value);

    /// <summary>destination += value.</summary>
    public BpfAssembler Add(Register destination, int value) => Emit(0x07, destination, Register.R0, 0, value);

    /// <summary>destination &amp;= value.</summary>
    public BpfAssembler And(Register destination, int value) => Emit(0x57, destination, Register.R0, 0, value);

    /// <summary>Jumps if left &gt; right, without sign.</summary>
    public BpfAssembler JumpIfGreater(Register left, Register right, string label) => Jump(0x2D, left, right, 0, label);

    /// <summary>Jumps if the lower 32 bits of a register differ from a value.</summary>
    public BpfAssembler JumpIfNotEqual(Register left, int value, string label) => Jump(0x56, left, Register.R0, value, label);

    /// <summary>Jumps if the lower 32 bits of a register equal a value.</summary>
    public BpfAssembler JumpIfEqual(Register left, int value, string label) => Jump(0x16, left, Register.R0, value, label);

    /// <summary>destination = the map with a descriptor. Two instructions.</summary>
    public BpfAssembler LoadMap(Register destination, int descriptor)
    {
        const int PseudoMap = 1;
        Emit(0x18, destination, (Register)PseudoMap, 0, descriptor);
        return Emit(0, Register.R0, Register.R0, 0, 0);
    }

    /// <summary>R0 = helper(R1, …).</summary>
    public BpfAssembler Call(int helper) => Emit(0x85, Register.R0, Register.R0, 0, helper);

    /// <summary>Returns R0.</summary>
    public BpfAssembler Exit() => Emit(0x95, Register.R0, Register.R0, 0, 0);

    /// <summary>Defines a label for the next instruction.</summary>
    public BpfAssembler Label(string label)
    {
        _labels.Add(label, _instructions.Count);
        return this;
    }

    /// <summary>Returns the program.</summary>
    /// <exception cref="InvalidOperationException">A jump goes backwards, too far, or to an undefined label.</exception>
    public ulong[] Assemble()
    {
        ulong[] program = [.. _instructions];
        foreach ((int instruction, string label) in _jumps)
        {
            // Offsets are relative to the next instruction.
            int offset = _labels.TryGetValue(label, out int target) ? target - instruction - 1 : -1;
            if (offset is < 0 or > short.MaxValue)
            {
                throw new InvalidOperationException($"The jump of instruction {instruction} to '{label}' is not a forward jump.");
            }

            program[instruction] |= (ulong)offset << 16;
        }

        return program;
    }

    private BpfAssembler Jump(int opcode, Register left, Register right, int value, string label)
    {
        _jumps.Add((_instructions.Count, label));
        return Emit(opcode, left, right, 0, value);
    }

    private BpfAssembler Emit(int opcode, Register destination, Register source, short offset, int value)
    {
        _instructions.Add((byte)opcode | ((ulong)destination << 8) | ((ulong)source << 12) | ((ulong)(ushort)offset << 16)
            | ((ulong)(uint)value << 32));
        return this;
    }
}
