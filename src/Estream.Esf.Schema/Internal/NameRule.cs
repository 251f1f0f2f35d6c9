namespace Estream.Esf.Schema.Internal;

/// <summary>The three rules for names. ASCII only, so that a name is the same in every language generated.</summary>
internal static class NameRule
{
    /// <summary>Schemas, enums and their values: a letter, then letters, digits and underscores.</summary>
    public static bool IsTypeName(string name) =>
        IsIdentifier(name) && IsLetter(name[0]);

    /// <summary>Fields and audiences: lower case with single underscores inside.</summary>
    public static bool IsFieldName(string name)
    {
        if (!IsIdentifier(name) || name[0] is < 'a' or > 'z' || name[name.Length - 1] == '_'
            || name.IndexOf("__", StringComparison.Ordinal) >= 0)
        {
            return false;
        }

        foreach (char c in name)
        {
            if (c is >= 'A' and <= 'Z')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Namespaces and lattices: field names joined by dots.</summary>
    public static bool IsDottedName(string name)
    {
        if (name.Length > EsfLimits.MaxNameLength)
        {
            return false;
        }

        foreach (string part in name.Split('.'))
        {
            if (!IsFieldName(part))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A field name made of what was written, to be offered in a message.</summary>
    public static string SuggestFieldName(string written)
    {
        System.Text.StringBuilder text = new();
        foreach (char c in written)
        {
            bool upper = c is >= 'A' and <= 'Z';
            bool word = upper || c is (>= 'a' and <= 'z') or (>= '0' and <= '9');
            if ((upper || !word) && text.Length > 0 && text[text.Length - 1] != '_')
            {
                text.Append('_');
            }

            if (word)
            {
                text.Append(char.ToLowerInvariant(c));
            }
        }

        string name = text.ToString().Trim('_');
        return IsFieldName(name) ? name : "device_id";
    }

    private static bool IsIdentifier(string name)
    {
        if (name.Length is 0 or > EsfLimits.MaxNameLength)
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!IsLetter(c) && c is not ((>= '0' and <= '9') or '_'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLetter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
}
