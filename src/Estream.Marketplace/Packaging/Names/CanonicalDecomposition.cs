using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>Computes the normal form NFD (Unicode Standard, section 3.11) with built-in tables. Thread-safe; holds no state.</summary>
internal static class CanonicalDecomposition
{
    // The arithmetic of Hangul syllables (section 3.12).
    private const int SyllablesFrom = 0xAC00;
    private const int LeadingFrom = 0x1100;
    private const int VowelsFrom = 0x1161;
    private const int TrailingFrom = 0x11A7;
    private const int TrailingCount = 28;
    private const int VowelsTimesTrailing = 21 * TrailingCount;
    private const int SyllableCount = 19 * VowelsTimesTrailing;

    /// <summary>Returns a text with every character decomposed and its combining marks in canonical order. A lone surrogate becomes
    /// U+FFFD.</summary>
    public static string Of(string text)
    {
        UnicodeTables tables = UnicodeTables.Instance;
        List<(Rune Rune, int Class)> whole = [];
        foreach (Rune rune in text.EnumerateRunes())
        {
            foreach (Rune part in Parts(rune, tables).EnumerateRunes())
            {
                whole.Add((part, tables.CombiningClass(part)));
            }
        }

        StringBuilder decomposed = new(text.Length);
        for (int at = 0; at < whole.Count;)
        {
            int end = at + 1;
            while (whole[at].Class != 0 && end < whole.Count && whole[end].Class != 0)
            {
                end++;
            }

            // A stable sort: marks of the same class keep their order, which is visible.
            foreach ((Rune rune, _) in whole[at..end].OrderBy(mark => mark.Class))
            {
                decomposed.Append(rune);
            }

            at = end;
        }

        return decomposed.ToString();
    }

    private static string Parts(Rune rune, UnicodeTables tables)
    {
        int syllable = rune.Value - SyllablesFrom;
        if (syllable is < 0 or >= SyllableCount)
        {
            return tables.Decomposition(rune) ?? rune.ToString();
        }

        char leading = (char)(LeadingFrom + (syllable / VowelsTimesTrailing));
        char vowel = (char)(VowelsFrom + (syllable % VowelsTimesTrailing / TrailingCount));
        string open = $"{leading}{vowel}";
        return syllable % TrailingCount == 0 ? open : open + (char)(TrailingFrom + (syllable % TrailingCount));
    }
}
