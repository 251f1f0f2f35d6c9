namespace Estream.Esf.Expressions.Execution;

/// <summary>What an instruction does. One of two operands takes them from its register and the next; the result is in its
/// register.</summary>
internal enum OpCode : byte
{
    /// <summary>A constant, by its number.</summary>
    Constant,
    /// <summary>A field, by its number.</summary>
    Field,
    ToNumber,
    NegateInteger,
    AbsInteger,
    AddInteger,
    SubtractInteger,
    MultiplyInteger,
    DivideInteger,
    RemainderInteger,
    MinInteger,
    MaxInteger,
    NegateNumber,
    AbsNumber,
    AddNumber,
    SubtractNumber,
    MultiplyNumber,
    DivideNumber,
    RemainderNumber,
    MinNumber,
    MaxNumber,
    /// <summary>Comparisons: the operand is the <see cref="Relation"/>.</summary>
    CompareIntegers,
    CompareNumbers,
    CompareIntegerWithNumber,
    CompareNumberWithInteger,
    CompareTexts,
    CompareBooleans,
    /// <summary>Whether the value is in a set of constants, by its number.</summary>
    In,
    /// <summary>Whether all items of an array are in a set of constants, by its number.</summary>
    SubsetOf,
    StartsWith,
    /// <summary>Whether one version comes behind another.</summary>
    Newer,
    LengthOfText,
    LengthOfSequence,
    Has,
    Not,
    And,
    Or,
    /// <summary>Jumps: the operand is the next instruction, always further on.</summary>
    Jump,
    JumpIfTrue,
    JumpIfFalse,
    JumpIfThere,
    JumpIfAbsent,
}

/// <summary>What a comparison asks.</summary>
internal enum Relation
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
