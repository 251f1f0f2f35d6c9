namespace Estream.Wire.Fhir.Search;

/// <summary>The kind of a search parameter.</summary>
internal enum SearchKind
{
    /// <summary>A code, with or without a system.</summary>
    Token,

    /// <summary>A reference.</summary>
    Reference,

    /// <summary>A date.</summary>
    Date,

    /// <summary>The start of a text.</summary>
    Text,

    /// <summary>A logical id.</summary>
    Id,

    /// <summary>The time of the last change.</summary>
    LastUpdated,
}

/// <summary>The search parameters of each resource type (FHIR R4, 3.1.1).</summary>
internal static class SearchParameters
{
    private static readonly Dictionary<string, SearchKind> s_common = new(StringComparer.Ordinal)
    {
        ["_id"] = SearchKind.Id,
        ["_lastUpdated"] = SearchKind.LastUpdated,
        ["identifier"] = SearchKind.Token,
    };

    private static readonly Dictionary<string, Dictionary<string, SearchKind>> s_types = new(StringComparer.Ordinal)
    {
        ["Patient"] = new(s_common, StringComparer.Ordinal)
        {
            ["family"] = SearchKind.Text,
            ["given"] = SearchKind.Text,
            ["name"] = SearchKind.Text,
            ["gender"] = SearchKind.Token,
            ["birthdate"] = SearchKind.Date,
        },
        ["Observation"] = new(s_common, StringComparer.Ordinal)
        {
            ["subject"] = SearchKind.Reference,
            ["patient"] = SearchKind.Reference,
            ["encounter"] = SearchKind.Reference,
            ["code"] = SearchKind.Token,
            ["category"] = SearchKind.Token,
            ["status"] = SearchKind.Token,
            ["date"] = SearchKind.Date,
        },
        ["Encounter"] = new(s_common, StringComparer.Ordinal)
        {
            ["subject"] = SearchKind.Reference,
            ["patient"] = SearchKind.Reference,
            ["class"] = SearchKind.Token,
            ["status"] = SearchKind.Token,
            ["date"] = SearchKind.Date,
        },
        ["Consent"] = new(s_common, StringComparer.Ordinal)
        {
            ["patient"] = SearchKind.Reference,
            ["category"] = SearchKind.Token,
            ["status"] = SearchKind.Token,
            ["date"] = SearchKind.Date,
        },
        ["Subscription"] = new(s_common, StringComparer.Ordinal) { ["status"] = SearchKind.Token },
    };

    public static bool TryGet(string type, string name, out SearchKind kind)
    {
        kind = default;
        return s_types.TryGetValue(type, out Dictionary<string, SearchKind>? known) && known.TryGetValue(name, out kind);
    }

    /// <summary>The type of the resources that a reference parameter names, of the types that a server stores.</summary>
    public static string TargetOf(string parameter) => parameter == "encounter" ? "Encounter" : "Patient";

    /// <summary>The parameters of a type, in order.</summary>
    public static IEnumerable<KeyValuePair<string, SearchKind>> Of(string type) => s_types[type];
}
