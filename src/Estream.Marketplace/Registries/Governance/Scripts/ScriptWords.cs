using System.Buffers;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>The context after the last token, as far as the context decides how the next slash and the next brace are read.</summary>
internal enum ScriptContext : byte
{
    /// <summary>The start of a statement: at the start of the file, or after a semicolon or a block.</summary>
    Statement,

    /// <summary>After a value: a slash divides.</summary>
    Value,

    /// <summary>After an operator: a value follows.</summary>
    Operator,

    /// <summary>After an arrow or a keyword that a value or a block may follow, such as <c>else</c>.</summary>
    BlockWord,

    /// <summary>After a keyword that a condition follows, such as <c>if</c>.</summary>
    ConditionWord,

    /// <summary>After <c>switch</c> or <c>catch</c>.</summary>
    HeadWord,

    /// <summary>After the parentheses of parameters or around an expression.</summary>
    EndOfParentheses,

    /// <summary>After the parentheses of a condition.</summary>
    EndOfCondition,

    /// <summary>After the parentheses of <c>switch</c> or <c>catch</c>.</summary>
    EndOfHead,

    /// <summary>After a colon: of a label, a case, a property or a conditional expression.</summary>
    Colon,

    /// <summary>Undecided: neither a slash nor a brace can be classified.</summary>
    Unsure,
}

/// <summary>The keywords that decide the context after them.</summary>
internal static class ScriptWords
{
    private const int Longest = 10;

    private static readonly Dictionary<string, ScriptContext> s_places = new(StringComparer.Ordinal)
    {
        ["return"] = ScriptContext.Operator,
        ["typeof"] = ScriptContext.Operator,
        ["instanceof"] = ScriptContext.Operator,
        ["in"] = ScriptContext.Operator,
        ["new"] = ScriptContext.Operator,
        ["delete"] = ScriptContext.Operator,
        ["void"] = ScriptContext.Operator,
        ["throw"] = ScriptContext.Operator,
        ["case"] = ScriptContext.Operator,
        ["yield"] = ScriptContext.Operator,
        ["await"] = ScriptContext.Operator,
        ["default"] = ScriptContext.Colon,
        ["of"] = ScriptContext.Unsure,
        ["else"] = ScriptContext.BlockWord,
        ["do"] = ScriptContext.BlockWord,
        ["try"] = ScriptContext.BlockWord,
        ["finally"] = ScriptContext.BlockWord,
        ["if"] = ScriptContext.ConditionWord,
        ["for"] = ScriptContext.ConditionWord,
        ["while"] = ScriptContext.ConditionWord,
        ["with"] = ScriptContext.ConditionWord,
        ["switch"] = ScriptContext.HeadWord,
        ["catch"] = ScriptContext.HeadWord,
    };

    private static readonly Dictionary<string, ScriptContext>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_places.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Returns the context after a keyword; after any other name, returns the context after a value.</summary>
    public static ScriptContext Behind(ReadOnlySpan<byte> name)
    {
        Span<char> word = stackalloc char[Longest];
        return name.Length <= Longest && System.Text.Ascii.ToUtf16(name, word, out int length) == OperationStatus.Done
            && s_lookup.TryGetValue(word[..length], out ScriptContext place)
            ? place
            : ScriptContext.Value;
    }
}
