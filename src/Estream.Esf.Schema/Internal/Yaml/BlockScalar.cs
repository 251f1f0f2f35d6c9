using System.Text;

namespace Estream.Esf.Schema.Internal;

/// <summary>Reads the indented text after <c>|</c>, which keeps its line ends, or <c>&gt;</c>, which folds them.</summary>
internal static class BlockScalar
{
    /// <param name="text">The text, at the indicator. Afterwards it is at the start of the line that follows the scalar.</param>
    /// <param name="parentIndent">The indentation of the parent. Lines of the scalar are indented more.</param>
    public static string Read(YamlText text, int parentIndent)
    {
        bool isFolded = text.Current == '>';
        text.Advance();
        (char chomping, int indicator) = ReadHeader(text);
        int indent = indicator > 0 ? Math.Max(parentIndent, 0) + indicator : FindIndent(text, parentIndent);
        StringBuilder value = new();
        int breaks = ReadLines(text, value, indent, isFolded);
        return chomping switch
        {
            '-' => value.ToString(),
            '+' => value.Append('\n', breaks).ToString(),
            _ => (value.Length > 0 && breaks > 0 ? value.Append('\n') : value).ToString(),
        };
    }

    /// <summary>Reads <c>-</c> or <c>+</c> and the digit of the indentation, in any order. Ends at the start of the next line.</summary>
    private static (char Chomping, int Indicator) ReadHeader(YamlText text)
    {
        char chomping = '\0';
        int indicator = 0;
        while (true)
        {
            char c = text.Current;
            if (c is '-' or '+' && chomping == '\0')
            {
                chomping = c;
            }
            else if (c is >= '1' and <= '9' && indicator == 0)
            {
                indicator = c - '0';
            }
            else
            {
                break;
            }

            text.Advance();
        }

        text.SkipBlanks();
        if (text.IsAtComment)
        {
            text.SkipLine();
        }

        if (text.Current == '\n')
        {
            text.AdvanceLine();
        }
        else if (!text.IsAtEnd)
        {
            throw text.Error("the text of a '|' or '>' begins in the next line.");
        }

        return (chomping, indicator);
    }

    /// <summary>Returns the indentation of the first line with text; of blank lines before it, if they are longer.</summary>
    private static int FindIndent(YamlText text, int parentIndent)
    {
        (int At, int Line, int LineStart) start = text.Remember();
        int indent = parentIndent + 1;
        while (true)
        {
            int spaces = text.CountSpaces();
            indent = Math.Max(indent, spaces);
            text.Advance(spaces);
            if (text.Current != '\n')
            {
                text.GoBack(start);
                return indent;
            }

            text.AdvanceLine();
        }
    }

    /// <returns>The number of line ends after the last line with text.</returns>
    private static int ReadLines(YamlText text, StringBuilder value, int indent, bool isFolded)
    {
        int breaks = 0;
        bool hasText = false, wasDeeper = false;
        while (!text.IsAtEnd)
        {
            int spaces = text.CountSpaces(indent);
            if (text.At(spaces) is '\n' or '\0')
            {
                text.Advance(spaces);
            }
            else if (spaces < indent || text.IsAtMarker)
            {
                break;
            }
            else
            {
                text.Advance(spaces);
                bool isDeeper = YamlText.IsBlank(text.Current);
                if (isFolded && hasText && !wasDeeper && !isDeeper)
                {
                    PlainScalar.AppendFold(value, breaks);
                }
                else
                {
                    value.Append('\n', breaks);
                }

                int start = text.Index;
                text.SkipLine();
                value.Append(text.From(start, text.Index));
                (hasText, wasDeeper, breaks) = (true, isDeeper, 0);
            }

            if (text.Current == '\n')
            {
                breaks++;
                text.AdvanceLine();
            }
        }

        return breaks;
    }
}
