using System.Buffers;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>What came last, as far as it says how the next slash and the next brace are read.</summary>
internal enum ScriptContext : byte
{
    /// <summary>The beginning of a statement: the file's, or behind a semicolon, a block or the end of one.</summary>
    Statement,

    /// <summary>A value: a slash divides.</summary>
    Value,

    /// <summary>An operator: a value follows.</summary>
    Operator,

    /// <summary>A word behind which both a value and a block may follow, such as <c>else</c>; and an arrow.</summary>
    BlockWord,

    /// <summary>The word of a condition.</summary>
    ConditionWord,

    /// <summary>The word <c>switch</c> or <c>catch</c>.</summary>
    HeadWord,

    /// <summary>Parentheses of parameters or around a value have ended.</summary>
    EndOfParentheses,

    /// <summary>The parentheses of a condition have ended.</summary>
    EndOfCondition,

    /// <summary>The parentheses of <c>switch</c> or <c>catch</c> have ended.</summary>
    EndOfHead,

    /// <summary>A colon: of a label, a case, a property or a choice.</summary>
    Colon,

    /// <summary>It cannot be told: neither how a slash is read nor how a brace is.</summary>
    Unsure,
}

/// <summary>The words of the language that matter to what follows them.</summary>
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

    /// <summary>Where a script is behind a word; behind any other name it is behind a value.</summary>
    public static ScriptContext Behind(ReadOnlySpan<byte> name)
    {
        Span<char> word = stackalloc char[Longest];
        return name.Length <= Longest && System.Text.Ascii.ToUtf16(name, word, out int length) == OperationStatus.Done
            && s_lookup.TryGetValue(word[..length], out ScriptContext place)
            ? place
            : ScriptContext.Value;
    }
}
