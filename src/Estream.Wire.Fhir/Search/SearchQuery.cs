using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Search;

/// <summary>A search of one resource type. All criteria must match; the values of one criterion are alternatives. Immutable.</summary>
internal sealed class SearchQuery
{
    private const int DefaultCount = 50;
    private const int MaxCount = 1_000;
    private const int MaxValues = 100;

    private readonly List<SearchCriterion> _criteria = [];

    private SearchQuery(string type) => Type = type;

    /// <summary>The resource type.</summary>
    public string Type { get; }

    /// <summary>The maximum number of matches on a page; 0 for the count only.</summary>
    public int Count { get; private set; } = DefaultCount;

    /// <summary>The ordinal after which the page begins; 0 for the first page.</summary>
    public long After { get; private set; }

    /// <summary>The references to include, as in subject.</summary>
    public IReadOnlyList<string> Includes { get; private set; } = [];

    /// <summary>The criteria.</summary>
    public IReadOnlyList<SearchCriterion> Criteria => _criteria;

    /// <summary>Reads the parameters of a search.</summary>
    /// <param name="type">The resource type.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="query">The search.</param>
    /// <param name="error">Why it is not accepted; contains no value of a parameter.</param>
    /// <param name="isLenient">Whether unknown parameters are ignored (FHIR R4, 3.1.1.3).</param>
    public static bool TryParse(
        string type, IReadOnlyList<KeyValuePair<string, string>> parameters, [NotNullWhen(true)] out SearchQuery? query, out string error,
        bool isLenient = false)
    {
        SearchQuery parsed = new(type);
        query = null;
        error = parameters.Count > QueryText.MaxParameters ? $"There are more than {QueryText.MaxParameters} parameters." : "";
        foreach ((string name, string value) in parameters)
        {
            error = error.Length > 0 ? error : parsed.Add(name, value, isLenient);
        }

        query = error.Length == 0 ? parsed : null;
        return query is not null;
    }

    /// <summary>Whether a resource matches.</summary>
    /// <param name="facts">The facts of the resource.</param>
    /// <param name="id">The logical id.</param>
    /// <param name="lastUpdated">Nanoseconds since 1970 UTC.</param>
    public bool Matches(ResourceFacts facts, string id, long lastUpdated)
    {
        foreach (SearchCriterion criterion in _criteria)
        {
            if (!criterion.Matches(facts, id, lastUpdated))
            {
                return false;
            }
        }

        return facts.Type == Type;
    }

    private string Add(string name, string value, bool isLenient)
    {
        switch (name)
        {
            case "_count":
                bool isCount = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
                Count = Math.Min(count, MaxCount);
                return isCount ? "" : "The value of _count is not a whole number.";
            case "_after":
                bool isAfter = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long after);
                After = after;
                return isAfter ? "" : "The value of _after is not a page of this server. Follow the link 'next' instead.";
            case "_summary" when value == "count":
                Count = 0;
                return "";
            case "_format" or "_pretty":
                return "";
            case "_include":
                return AddInclude(value);
        }

        if (!SearchParameters.TryGet(Type, name, out SearchKind kind))
        {
            return isLenient ? "" : $"The search parameter is not supported for {Type}; supported: "
                + $"{string.Join(", ", SearchParameters.Of(Type).Select(known => known.Key))}, _count, _include.";
        }

        string[] values = value.Split(',');
        if (values.Length > MaxValues || values.Contains(""))
        {
            return $"The search parameter '{name}' has an empty value, or more than {MaxValues} values.";
        }

        if (!SearchCriterion.TryParse(name, kind, values, out SearchCriterion? criterion))
        {
            return $"The value of the search parameter '{name}' is not a date.";
        }

        _criteria.Add(criterion);
        return "";
    }

    private string AddInclude(string value)
    {
        string[] parts = value.Split(':');
        bool isKnown = parts.Length is 2 or 3 && parts[0] == Type && SearchParameters.TryGet(Type, parts[1], out SearchKind kind)
            && kind == SearchKind.Reference;
        Includes = isKnown ? [.. Includes, parts[1]] : Includes;
        return isKnown ? "" : "The value of _include is not supported. Write the type and a reference parameter, as in "
            + "Observation:subject.";
    }
}
