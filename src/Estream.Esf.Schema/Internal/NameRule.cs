namespace Estream.Esf.Schema.Internal;

/// <summary>The three rules for names. Only ASCII is allowed, so that a name is the same in every generated language.</summary>
internal static class NameRule
{
    /// <summary>Whether a name is valid for a schema, an enum or an enum value: a letter, then letters, digits and underscores.</summary>
    public static bool IsTypeName(string name) =>
        IsIdentifier(name) && IsLetter(name[0]);

    /// <summary>Whether a name is valid for a field or an audience: lower-case letters, digits, and single underscores inside.</summary>
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

    /// <summary>Whether a name is valid for a namespace or a lattice: field names joined by dots.</summary>
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

    /// <summary>Derives a valid field name from the written text, as a suggestion in a message.</summary>
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
