using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>Finds words with letters of several scripts, a common way to imitate another word (UTS #39, section 5.2, "highly restrictive").
/// Thread-safe; holds no state.</summary>
internal static class MixedScripts
{
    // Japanese, Chinese and Korean each use several scripts, mixed with Latin letters.
    private static readonly string[][] s_together = [["Latn", "Hani", "Hira", "Kana"], ["Latn", "Hani", "Bopo"], ["Latn", "Hani", "Hang"]];

    /// <summary>Returns the first word whose letters belong to scripts that are not written together; null if there is none.</summary>
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
