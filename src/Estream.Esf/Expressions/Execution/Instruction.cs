namespace Estream.Esf.Expressions.Execution;

/// <summary>A step of a program. Eight bytes.</summary>
internal readonly record struct Instruction(OpCode Code, byte Register, int Operand);
