using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// Checks license expressions as defined by SPDX 2.3, annex D: ids with <c>AND</c>, <c>OR</c>, <c>WITH</c> and parentheses. Only the syntax
/// is checked. Ids are not looked up in the SPDX list, which grows with every version.
/// </summary>
internal static class SpdxExpression
{
    private const int MaxDepth = 8;

    // Common ids, for hints.
    private static readonly string[] s_known =
        ["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "BUSL-1.1", "MPL-2.0", "EPL-2.0", "GPL-2.0-only", "GPL-3.0-only",
            "GPL-3.0-or-later", "LGPL-3.0-only", "AGPL-3.0-only", "ISC", "Unlicense", "CC0-1.0", "CC-BY-4.0"];

    /// <summary>Returns what is wrong with an expression; null if it is valid.</summary>
    public static ParseFault? Check(string text)
    {
        int at = 0;
        ParseFault? fault = CheckAlternatives(text, ref at, 0);
        return fault ?? (at == text.Length ? null : new ParseFault(at, "expected AND, OR or WITH here" + Hint(text)));
    }

    private static ParseFault? CheckAlternatives(string text, ref int at, int depth)
    {
        while (true)
        {
            if (CheckTerm(text, ref at, depth) is { } fault)
            {
                return fault;
            }

            int before = at;
            string joint = Word(text, ref at);
            if (joint is not ("AND" or "OR"))
            {
                at = before;
                return null;
            }
        }
    }

    private static ParseFault? CheckTerm(string text, ref int at, int depth)
    {
        SkipBlanks(text, ref at);
        if (at < text.Length && text[at] == '(')
        {
            return CheckParentheses(text, ref at, depth);
        }

        int start = at;
        string id = Word(text, ref at);
        if (!IsId(id) || id is "AND" or "OR" or "WITH")
        {
            return new ParseFault(start, "expected a license id, such as Apache-2.0" + Hint(text));
        }

        int before = at;
        if (Word(text, ref at) != "WITH")
        {
            at = before;
            return null;
        }

        SkipBlanks(text, ref at);
        start = at;
        return IsId(Word(text, ref at)) ? null : new ParseFault(start, "expected an exception id after WITH");
    }

    private static ParseFault? CheckParentheses(string text, ref int at, int depth)
    {
        int start = at++;
        if (depth == MaxDepth)
        {
            return new ParseFault(start, "the parentheses are nested too deeply");
        }

        if (CheckAlternatives(text, ref at, depth + 1) is { } fault)
        {
            return fault;
        }

        SkipBlanks(text, ref at);
        if (at >= text.Length || text[at] != ')')
        {
            return new ParseFault(at, "expected ')'");
        }

        at++;
        return null;
    }

    private static string Word(string text, ref int at)
    {
        SkipBlanks(text, ref at);
        int start = at;
        while (at < text.Length && text[at] is not (' ' or '(' or ')'))
        {
            at++;
        }

        return text[start..at];
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
    }

    private static bool IsId(string word)
    {
        string id = word.EndsWith('+') ? word[..^1] : word;
        return id.Length > 0
            && id.All(c =>
                char.IsAsciiLetterOrDigit(c) || c is '.' or '-' || (c == ':' && id.StartsWith("DocumentRef-", StringComparison.Ordinal)));
    }

    private static string Hint(string text) =>
        NearestName.Hint(text.Replace(' ', '-'), s_known).Replace(" Did", ". Did", StringComparison.Ordinal);
}
