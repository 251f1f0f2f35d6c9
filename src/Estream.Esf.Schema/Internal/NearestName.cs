namespace Estream.Esf.Schema.Internal;

/// <summary>Finds the name somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>" Did you mean 'x'?" for a candidate at most a third of the word away; otherwise nothing.</summary>
    public static string Hint(string written, IEnumerable<string> candidates)
    {
        if (written.Length > EsfLimits.MaxNameLength)
        {
            return "";
        }

        string? best = null;
        int bestDistance = (written.Length / 3) + 2;
        foreach (string candidate in candidates)
        {
            int distance = Distance(written.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Edit distance in which a swap of neighbours counts as one edit.</summary>
    private static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
