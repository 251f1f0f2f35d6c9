using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>A C# block of a document, with what the comment before it says about it.</summary>
/// <remarks>
/// A block is a program of its own. Two comments in front of it change that:
/// <c>&lt;!-- given: EstreamQueue queue, int x --&gt;</c> makes it the body of a method with these parameters, and
/// <c>&lt;!-- not compiled: reason --&gt;</c> leaves it out.
/// </remarks>
internal sealed partial record CodeBlock(SourceFile Page, int Line, string Code, string? Given, string? Excuse)
{
    public static IEnumerable<CodeBlock> In(SourceFile page)
    {
        string note = "";
        for (int index = 0; index < page.Lines.Count; index++)
        {
            string line = page.Lines[index];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                int end = EndOf(page, index);
                if (line.TrimStart() is "```csharp" or "```cs" or "```c#")
                {
                    string code = string.Join('\n', page.Lines.Skip(index + 1).Take(end - index - 1));
                    yield return new CodeBlock(page, index + 1, code, Value(GivenNote(), note), Value(ExcuseNote(), note));
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
