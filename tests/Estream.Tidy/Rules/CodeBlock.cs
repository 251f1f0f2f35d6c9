using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>A C# block of a document, with the instructions of the comment before it.</summary>
/// <remarks>
/// By default a block is a separate program. Three comments before the block change that:
/// <c>&lt;!-- given: EstreamQueue queue, int x --&gt;</c> makes it the body of a method with these parameters,
/// <c>&lt;!-- continues --&gt;</c> appends it to the block before it, and <c>&lt;!-- not compiled: reason --&gt;</c> leaves it out.
/// </remarks>
internal sealed partial record CodeBlock(SourceFile Page, int Line, string Code, string? Given, string? Excuse)
{
    public static IEnumerable<CodeBlock> In(SourceFile page)
    {
        string note = "";
        CodeBlock? before = null;
        for (int index = 0; index < page.Lines.Count; index++)
        {
            string line = page.Lines[index];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                int end = EndOf(page, index);
                if (line.TrimStart() is "```csharp" or "```cs" or "```c#")
                {
                    string code = string.Join('\n', page.Lines.Skip(index + 1).Take(end - index - 1));
                    before = before is not null && note == "<!-- continues -->"
                        ? before.With(index + 1, code)
                        : new CodeBlock(page, index + 1, code, Value(GivenNote(), note), Value(ExcuseNote(), note));
                    yield return before;
                }

                index = end;
                note = "";
            }
            else if (line.Trim().Length > 0)
            {
                note = line;
            }
        }
    }

    // Blank lines between the blocks keep the line numbers of errors equal to those of the page.
    private CodeBlock With(int line, string code) =>
        this with { Code = Code + new string('\n', line - Line - Code.Count(c => c == '\n')) + code };

    private static int EndOf(SourceFile page, int start)
    {
        int index = start + 1;
        while (index < page.Lines.Count && !page.Lines[index].TrimStart().StartsWith("```", StringComparison.Ordinal))
        {
            index++;
        }

        return index;
    }

    private static string? Value(Regex pattern, string note)
    {
        Match match = pattern.Match(note);
        return match.Success ? match.Groups[1].Value.Trim() : null;
    }

    [GeneratedRegex("^<!-- given: (.+) -->$")]
    private static partial Regex GivenNote();

    [GeneratedRegex("^<!-- not compiled: (.+) -->$")]
    private static partial Regex ExcuseNote();
}
