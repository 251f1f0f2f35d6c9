namespace Estream.Wire.Fhir.Search;

/// <summary>Reads query strings and form bodies.</summary>
internal static class QueryText
{
    /// <summary>The maximum number of parameters; further parameters make a search invalid.</summary>
    public const int MaxParameters = 64;

    /// <summary>Splits a query string without its '?'. Does not throw.</summary>
    public static List<KeyValuePair<string, string>> Parse(string query)
    {
        List<KeyValuePair<string, string>> parameters = [];
        foreach (Range range in query.AsSpan().Split('&'))
        {
            ReadOnlySpan<char> part = query.AsSpan()[range];
            if (part.IsEmpty || parameters.Count > MaxParameters)
            {
                continue;
            }

            int equals = part.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? part : part[..equals];
            ReadOnlySpan<char> value = equals < 0 ? [] : part[(equals + 1)..];
            parameters.Add(new(Decode(name), Decode(value)));
        }

        return parameters;
    }

    private static string Decode(ReadOnlySpan<char> text) => Uri.UnescapeDataString(text.ToString().Replace('+', ' '));
}
