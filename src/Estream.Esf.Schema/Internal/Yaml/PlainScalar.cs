using System.Text;

namespace Estream.Esf.Schema.Internal;

/// <summary>Reads scalars without quotes. Line ends inside them become spaces.</summary>
internal static class PlainScalar
{
    private const string NeverFirst = ",[]{}#&*!|>'\"%@`";

    private static bool IsFlowMark(char c) => c is ',' or '[' or ']' or '{' or '}';

    /// <summary>Whether a plain scalar can begin here.</summary>
    public static bool CanStart(YamlText text, bool isInFlow) =>
        text.Current switch
        {
            '-' => !text.IsBlankAt(1) && !(isInFlow && IsFlowMark(text.At(1))),
            '?' or ':' => !text.IsBlankAt(1) && !isInFlow,
            _ => !text.IsBlankAt(0) && NeverFirst.IndexOf(text.Current) < 0,
        };

    /// <summary>Reads the part of the scalar that is in this line. Stops at the end of the line, at a comment, and at a colon that ends a
    /// key.</summary>
    public static string ReadLine(YamlText text, bool isInFlow)
    {
        int start = text.Index, end = start;
        for (; text.Current is not ('\n' or '\0') && !EndsHere(text, isInFlow); text.Advance())
        {
            if (!YamlText.IsBlank(text.Current))
            {
                end = text.Index + 1;
            }
        }

        return text.From(start, end);
    }

    /// <summary>Reads the further lines of the scalar.</summary>
    /// <param name="text">The text, at the end of the first line.</param>
    /// <param name="first">The first line.</param>
    /// <param name="parentIndent">A line with this indentation or less belongs to the parent.</param>
    /// <param name="isInFlow">Whether the scalar is inside brackets.</param>
    public static string ReadRest(YamlText text, string first, int parentIndent, bool isInFlow)
    {
        StringBuilder? value = null;
        while (text.Current == '\n')
        {
            (int At, int Line, int LineStart) end = text.Remember();
            int breaks = text.SkipBlankLines();
            if (text.IsAtEnd || text.CountSpaces() <= parentIndent || text.IsAtComment || text.IsAtMarker
                || (isInFlow && EndsHere(text, isInFlow)))
            {
                text.GoBack(end);
                break;
            }

            string line = ReadLine(text, isInFlow);
            if (!isInFlow && text.Current == ':')
            {
                throw text.Error("a key must be in one line. Indent it like the keys before it, or put the value in quotes.");
            }

            value ??= new StringBuilder(first);
            AppendFold(value, breaks).Append(line);
        }

        return value?.ToString() ?? first;
    }

    /// <summary>Appends line ends as YAML folds them: one becomes a space, and of several the first is omitted.</summary>
    public static StringBuilder AppendFold(StringBuilder value, int breaks) =>
        breaks == 1 ? value.Append(' ') : value.Append('\n', breaks - 1);

    private static bool EndsHere(YamlText text, bool isInFlow) =>
        text.Current switch
        {
            ':' when isInFlow && IsFlowMark(text.At(1)) => throw text.Error("after a ':' that ends a key, a space is missing."),
            ':' => text.IsBlankAt(1),
            '#' => text.IsAtComment,
            _ => isInFlow && IsFlowMark(text.Current),
        };
}
