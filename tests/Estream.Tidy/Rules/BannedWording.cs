using System.Text.RegularExpressions;
using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.Rules;

/// <summary>
/// Words that make a reader guess: a person or thing without a name, and phrases for which the field has a term. They are refused in
/// documents, XML docs, comments and messages; code and quoted code may contain them.
/// </summary>
internal static partial class BannedWording
{
    private static readonly Dictionary<string, string> s_better = new(StringComparer.OrdinalIgnoreCase)
    {
        ["anew"] = "write 'again'",
        ["by now"] = "leave it out, or say since when",
        ["everybody"] = "name them: all users, every caller",
        ["for good"] = "write 'permanently'",
        ["in clear"] = "write 'plaintext' or 'unencrypted'",
        ["nobody"] = "name them: no user, no reader",
        ["somebody"] = "name them: a user, another process, an attacker",
        ["whoever"] = "name them: the caller, the holder of the lock",
    };

    public static IEnumerable<Violation> Check(Repository repository)
    {
        return from file in repository.Files
               from passage in file.Extension == ".md" ? Prose(file) : file.IsCSharp ? ProseOfCode(file) : []
               from Match match in Banned().Matches(passage.Text)
               select new Violation(file.Path, passage.Line,
                   $"'{match.Value}': {s_better.GetValueOrDefault(match.Value, "write 'crash'")}");
    }

    // Returns the lines outside code blocks, without inline `code`.
    private static IEnumerable<(int Line, string Text)> Prose(SourceFile file)
    {
        bool isCode = false;
        for (int line = 0; line < file.Lines.Count; line++)
        {
            if (file.Lines[line].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode)
            {
                yield return (line + 1, QuotedCode().Replace(file.Lines[line], ""));
            }
        }
    }

    // Returns all comments and, in the product, the string literals of several words.
    private static IEnumerable<(int Line, string Text)> ProseOfCode(SourceFile file)
    {
        IEnumerable<(int Line, string Text)> comments =
            from trivia in file.Syntax.DescendantTrivia()
            where trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
            let first = trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1
            from numbered in Reference().Replace(trivia.ToFullString(), "").Split('\n').Select((text, index) => (first + index, text))
            select numbered;
        IEnumerable<(int Line, string Text)> messages =
            from token in file.Syntax.DescendantTokens()
            where token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.InterpolatedStringTextToken)
            where token.Text.Contains(' ', StringComparison.Ordinal)
            select (SourceFile.LineOf(token), token.Text);
        return file.IsUnder("src") ? comments.Concat(messages) : comments;
    }

    [GeneratedRegex(@"\b(anew|by now|everybody|for good|in clear|nobody|somebody|whoever|(?:a|the|each|every|across) kills?(?! switch))\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Banned();

    [GeneratedRegex("(?:cref|name)=\"[^\"]*\"")]
    private static partial Regex Reference();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex QuotedCode();
}
