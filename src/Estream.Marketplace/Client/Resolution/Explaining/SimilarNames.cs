namespace Estream.Marketplace.Resolution;

/// <summary>Names that somebody may have meant: at most two letters away, or the same name in another scope.</summary>
internal static class SimilarNames
{
    private const int MaxDistance = 2;

    /// <summary>The similar ones of many, nearest first.</summary>
    public static IEnumerable<ComponentName> To(ComponentName name, IEnumerable<ComponentName> known) =>
        known.Select(other => (Name: other, Distance: Distance(name, other)))
            .Where(other => other.Distance <= MaxDistance)
            .OrderBy(other => other.Distance).ThenBy(other => other.Name)
            .Select(other => other.Name);

    private static int Distance(ComponentName a, ComponentName b) =>
        a.Name == b.Name ? 1 : Math.Abs(a.ToString().Length - b.ToString().Length) > MaxDistance ? int.MaxValue : Levenshtein(a.ToString(), b.ToString());

    private static int Levenshtein(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
