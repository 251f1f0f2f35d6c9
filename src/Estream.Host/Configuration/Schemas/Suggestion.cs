namespace Estream.Host.Configuration;

/// <summary>Finds the accepted word that is closest to a misspelled word.</summary>
internal static class Suggestion
{
    private const int MaxLength = 64;

    /// <summary>Returns <c> Did you mean "Port"?</c>, or an empty string if no candidate is close.</summary>
    public static string For(string text, IEnumerable<string> candidates)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return "";
        }

        string? best = null;
        int bestDistance = Math.Max(1, text.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (candidate.Length > MaxLength)
            {
                continue;
            }

            int distance = Distance(text, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best is null ? "" : $" Did you mean \"{best}\"?";
    }

    /// <summary>
    /// Returns the number of edits (insertion, deletion, replacement, swap of neighbours) between two words, ignoring case. Both words are
    /// at most <see cref="MaxLength"/> long, so three rows on the stack suffice.
    /// </summary>
    internal static int Distance(string a, string b)
    {
        Span<int> beforePrevious = stackalloc int[MaxLength + 1];
        Span<int> previous = stackalloc int[MaxLength + 1];
        Span<int> current = stackalloc int[MaxLength + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                int edits = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                {
                    edits = Math.Min(edits, beforePrevious[j - 2] + 1);
                }

                current[j] = edits;
            }

            Span<int> recycled = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = recycled;
        }

        return previous[b.Length];
    }

    private static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
}
