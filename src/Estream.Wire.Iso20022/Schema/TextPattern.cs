using System.Buffers;
using System.Globalization;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>
/// A pattern of XML Schema, limited to the features that the messages use: characters and character classes with counts, and at the end an
/// optional group. Matching is one pass over the text; a pattern that would need backtracking is rejected when it is parsed.
/// </summary>
internal sealed class TextPattern
{
    private const string Operators = "[]{}()|?*+.\\^$";

    private readonly Run[] _runs;
    // The index of the first run of the optional group; the number of runs if there is none.
    private readonly int _optionalFrom;
    private readonly TextStencil? _stencil;

    private TextPattern(Run[] runs, int optionalFrom)
    {
        _runs = runs;
        _optionalFrom = optionalFrom;
        _stencil = TextStencil.Of([.. runs.Select(run => (run.All, run.Min, run.Max))], optionalFrom);
    }

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="FormatException">The pattern is not supported; no message of the standard has such a pattern.</exception>
    public static TextPattern Parse(string pattern)
    {
        List<Run> runs = [];
        int at = 0;
        int optionalFrom = -1;
        while (at < pattern.Length)
        {
            if (pattern[at] == '(' && optionalFrom < 0)
            {
                optionalFrom = runs.Count;
                at++;
            }
            else if (pattern[at] == ')' && pattern[at..] == "){0,1}" && optionalFrom >= 0 && optionalFrom < runs.Count)
            {
                Check(pattern, runs);
                return new TextPattern([.. runs], optionalFrom);
            }
            else
            {
                runs.Add(ParseRun(pattern, ref at));
            }
        }

        if (optionalFrom >= 0)
        {
            throw Unknown(pattern);
        }

        Check(pattern, runs);
        return new TextPattern([.. runs], runs.Count);
    }

    /// <summary>Whether the complete text matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text) => _stencil?.IsMatch(text) ?? IsMatchOfRuns(text);

    private bool IsMatchOfRuns(ReadOnlySpan<byte> text)
    {
        for (int index = 0; index < _runs.Length; index++)
        {
            if (index == _optionalFrom && text.IsEmpty)
            {
                return true;
            }

            Run run = _runs[index];
            ReadOnlySpan<byte> most = text.Length > run.Max ? text[..run.Max] : text;
            int length = most.IndexOfAnyExcept(run.Bytes);
            length = length < 0 ? most.Length : length;
            if (length < run.Min)
            {
                return false;
            }

            text = text[length..];
        }

        return text.IsEmpty;
    }

    private static Run ParseRun(string pattern, ref int at)
    {
        HashSet<byte> bytes = pattern[at] == '[' ? ParseClass(pattern, ref at) : [ParseCharacter(pattern, Operators, ref at)];
        int min = 1;
        int max = 1;
        if (at < pattern.Length && pattern[at] == '{')
        {
            int end = pattern.IndexOf('}', at);
            string[] counts = pattern[(at + 1)..Math.Max(end, at + 1)].Split(',');
            if (end < 0 || counts.Length > 2 || !TryCount(counts[0], out min) || !TryCount(counts[^1], out max) || max < min || max == 0)
            {
                throw Unknown(pattern);
            }

            at = end + 1;
        }

        return new Run(SearchValues.Create(bytes.ToArray()), bytes, min, max);
    }

    private static HashSet<byte> ParseClass(string pattern, ref int at)
    {
        HashSet<byte> bytes = [];
        at++;
        while (at < pattern.Length && pattern[at] != ']')
        {
            // Within a class, the characters of groups and counts are literals.
            byte first = ParseCharacter(pattern, "[^-", ref at);
            byte last = first;
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                last = ParseCharacter(pattern, "[^-", ref at);
            }

            for (int value = first; value <= last; value++)
            {
                bytes.Add((byte)value);
            }
        }

        if (at >= pattern.Length || bytes.Count == 0)
        {
            throw Unknown(pattern);
        }

        at++;
        return bytes;
    }

    private static byte ParseCharacter(string pattern, string operators, ref int at)
    {
        bool isEscaped = pattern[at] == '\\';
        at += isEscaped ? 1 : 0;
        bool isGood = at < pattern.Length && pattern[at] < 0x80
            && (isEscaped ? !char.IsAsciiLetterOrDigit(pattern[at]) : !operators.Contains(pattern[at], StringComparison.Ordinal));
        return isGood ? (byte)pattern[at++] : throw Unknown(pattern);
    }

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    // If the length of a run varies, the following runs must not share characters with it. Then greedy matching is always correct.
    private static void Check(string pattern, List<Run> runs)
    {
        for (int index = 0; index < runs.Count - 1; index++)
        {
            bool isFixed = runs[index].Min == runs[index].Max;
            for (int next = index + 1; !isFixed && next < runs.Count; next++)
            {
                if (runs[index].All.Overlaps(runs[next].All))
                {
                    throw Unknown(pattern);
                }

                isFixed = runs[next].Min > 0;
            }
        }
    }

    private static FormatException Unknown(string pattern) =>
        new($"The pattern '{pattern}' cannot be matched without backtracking: write characters and classes with counts, and at "
            + $"the end at most one optional group, (…){{0,1}}.");

    private readonly record struct Run(SearchValues<byte> Bytes, HashSet<byte> All, int Min, int Max);
}
