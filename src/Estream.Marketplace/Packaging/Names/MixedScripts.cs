using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>Words with letters of several scripts, which nobody writes but to look like another word (UTS #39, section 5.2, "highly
/// restrictive"). Thread-safe; holds no state.</summary>
internal static class MixedScripts
{
    // Japanese, Chinese and Korean are each written with several scripts, and with Latin letters between.
    private static readonly string[][] s_together = [["Latn", "Hani", "Hira", "Kana"], ["Latn", "Hani", "Bopo"], ["Latn", "Hani", "Hang"]];

    /// <summary>The first word of a text whose letters are of scripts that are not written together; null where there is none.</summary>
    public static string? FirstWordOf(string text)
    {
        foreach (string word in Words(text))
        {
            HashSet<string> scripts =
                [.. word.EnumerateRunes().Where(Rune.IsLetter).Select(UnicodeTables.Instance.Script).OfType<string>()];
            if (scripts.Count > 1 && !s_together.Any(scripts.IsSubsetOf))
            {
                return word;
            }
        }

        return null;
    }

    private static IEnumerable<string> Words(string text)
    {
        StringBuilder word = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || IsMark(rune))
            {
                word.Append(rune);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        yield return word.ToString();
    }

    private static bool IsMark(Rune rune) => UnicodeTables.Instance.CombiningClass(rune) != 0;
}
