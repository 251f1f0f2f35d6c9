namespace Estream.Esf.Expressions.Execution;

/// <summary>The operation of an instruction. A binary operation takes its operands from its register and the next register. The result
/// replaces the value in its register.</summary>
internal enum OpCode : byte
{
    /// <summary>Loads a constant, by index.</summary>
    Constant,
    /// <summary>Loads a field, by index.</summary>
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
    /// <summary>Comparisons. The operand is the <see cref="Relation"/>.</summary>
    CompareIntegers,
    CompareNumbers,
    CompareIntegerWithNumber,
    CompareNumberWithInteger,
    CompareTexts,
    CompareBooleans,
    /// <summary>Whether the value is in a set of constants, by index.</summary>
    In,
    /// <summary>Whether all items of an array are in a set of constants, by index.</summary>
    SubsetOf,
    StartsWith,
    /// <summary>Whether the first version is later than the second.</summary>
    Newer,
    LengthOfText,
    LengthOfSequence,
    Has,
    Not,
    And,
    Or,
    /// <summary>Jumps. The operand is the index of the next instruction, which always follows the jump.</summary>
    Jump,
    JumpIfTrue,
    JumpIfFalse,
    JumpIfThere,
    JumpIfAbsent,
}

/// <summary>The relation that a comparison tests.</summary>
internal enum Relation
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
