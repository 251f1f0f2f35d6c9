using System.Buffers;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>What came last, as far as it says how the next slash and the next brace are read.</summary>
internal enum ScriptPlace : byte
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

    private static readonly Dictionary<string, ScriptPlace> s_places = new(StringComparer.Ordinal)
    {
        ["return"] = ScriptPlace.Operator,
        ["typeof"] = ScriptPlace.Operator,
        ["instanceof"] = ScriptPlace.Operator,
        ["in"] = ScriptPlace.Operator,
        ["new"] = ScriptPlace.Operator,
        ["delete"] = ScriptPlace.Operator,
        ["void"] = ScriptPlace.Operator,
        ["throw"] = ScriptPlace.Operator,
        ["case"] = ScriptPlace.Operator,
        ["yield"] = ScriptPlace.Operator,
        ["await"] = ScriptPlace.Operator,
        ["default"] = ScriptPlace.Colon,
        ["of"] = ScriptPlace.Unsure,
        ["else"] = ScriptPlace.BlockWord,
        ["do"] = ScriptPlace.BlockWord,
        ["try"] = ScriptPlace.BlockWord,
        ["finally"] = ScriptPlace.BlockWord,
        ["if"] = ScriptPlace.ConditionWord,
        ["for"] = ScriptPlace.ConditionWord,
        ["while"] = ScriptPlace.ConditionWord,
        ["with"] = ScriptPlace.ConditionWord,
        ["switch"] = ScriptPlace.HeadWord,
        ["catch"] = ScriptPlace.HeadWord,
    };

    private static readonly Dictionary<string, ScriptPlace>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_places.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Where a script is behind a word; behind any other name it is behind a value.</summary>
    public static ScriptPlace Behind(ReadOnlySpan<byte> name)
    {
        Span<char> word = stackalloc char[Longest];
        return name.Length <= Longest && System.Text.Ascii.ToUtf16(name, word, out int length) == OperationStatus.Done
            && s_lookup.TryGetValue(word[..length], out ScriptPlace place)
            ? place
            : ScriptPlace.Value;
    }
}
