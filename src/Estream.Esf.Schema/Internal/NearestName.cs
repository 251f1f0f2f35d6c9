namespace Estream.Esf.Schema.Internal;

/// <summary>Finds the known name that is nearest to an unknown name, for a hint in an error message.</summary>
internal static class NearestName
{
    /// <summary>Returns " Did you mean 'x'?" for the nearest candidate within about a third of the word's length; otherwise an empty
    /// string.</summary>
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
            int distance = candidate.StartsWith(written, StringComparison.OrdinalIgnoreCase) && written.Length > 2
                ? 1
                : Distance(written.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Returns the hint for a type: type names of other languages first, then similar names.</summary>
    public static string TypeHint(string written, IEnumerable<string> candidates)
    {
        string? known = written.ToLowerInvariant() switch
        {
            "int" or "integer" or "long" or "int64" => "i64",
            "int32" => "i32",
            "int16" or "short" => "i16",
            "int8" or "sbyte" => "i8",
            "uint" or "uint64" or "ulong" => "u64",
            "uint32" => "u32",
            "uint16" or "ushort" => "u16",
            "uint8" or "byte" => "u8",
            "float" or "float32" or "single" => "f32",
            "double" or "float64" or "number" => "f64",
            "boolean" => "bool",
            "text" or "str" or "uuid" or "varchar" or "char" => "string(64)",
            "time" or "date" or "datetime" => "timestamp",
            "binary" or "blob" => "bytes",
            "list" or "sequence" => "array(f64)",
            "dict" or "dictionary" => "map(string, string)",
            "struct" or "record" => "object",
            "signature" => "pq_signature",
            _ => null,
        };
        return known is null ? Hint(written, candidates) : $" Did you mean '{known}'?";
    }

    /// <summary>Returns the edit distance, in which a swap of adjacent characters counts as one edit.</summary>
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
