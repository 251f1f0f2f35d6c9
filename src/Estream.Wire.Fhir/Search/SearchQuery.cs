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
    private readonly List<ChainedParameter> _chains = [];
    private SortKey[] _sorts = [];

    private readonly ServerUrls _urls;

    private SearchQuery(string type, ServerUrls urls) => (Type, _urls) = (type, urls);

    /// <summary>The resource type.</summary>
    public string Type { get; }

    /// <summary>The maximum number of matches on a page; 0 for the count only.</summary>
    public int Count { get; private set; } = DefaultCount;

    /// <summary>The position after which the page begins; null for the first page.</summary>
    public SortPosition? After { get; private set; }

    /// <summary>The references to include, as in subject.</summary>
    public IReadOnlyList<string> Includes { get; private set; } = [];

    /// <summary>The criteria.</summary>
    public IReadOnlyList<SearchCriterion> Criteria => _criteria;

    /// <summary>The chained parameters. A query matches nothing until <see cref="Resolve"/> replaces them.</summary>
    public IReadOnlyList<ChainedParameter> Chains => _chains;

    /// <summary>Reads the parameters of a search.</summary>
    /// <param name="type">The resource type.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="use">What the query is used for.</param>
    /// <param name="urls">The URLs of this server: references below them are taken as relative, as those of the resources are.</param>
    /// <param name="query">The search.</param>
    /// <param name="error">Why it is not accepted; contains no value of a parameter.</param>
    public static bool TryParse(
        string type, IReadOnlyList<KeyValuePair<string, string>> parameters, QueryUse use, ServerUrls urls,
        [NotNullWhen(true)] out SearchQuery? query, out string error)
    {
        SearchQuery parsed = new(type, urls);
        query = null;
        error = parameters.Count > QueryText.MaxParameters ? $"There are more than {QueryText.MaxParameters} parameters." : "";
        foreach ((string name, string value) in parameters)
        {
            error = error.Length > 0 ? error : parsed.Add(name, value, use);
        }

        query = error.Length == 0 ? parsed : null;
        return query is not null;
    }

    /// <summary>The same search with references in place of the chained parameters.</summary>
    /// <param name="references">A criterion for each chained parameter.</param>
    public SearchQuery Resolve(IEnumerable<SearchCriterion> references)
    {
        SearchQuery resolved = new(Type, _urls) { Count = Count, After = After, Includes = Includes, _sorts = _sorts };
        resolved._criteria.AddRange(_criteria);
        resolved._criteria.AddRange(references);
        return resolved;
    }

    /// <summary>The place of a resource in the order of the search.</summary>
    /// <param name="facts">The facts of the resource.</param>
    /// <param name="ordinal">The order of creation.</param>
    /// <param name="lastUpdated">Nanoseconds since 1970 UTC.</param>
    public SortPosition PositionOf(ResourceFacts facts, long ordinal, long lastUpdated)
    {
        long Value(int key) => key < _sorts.Length ? _sorts[key].ValueOf(facts, lastUpdated) : 0;
        return new SortPosition(Value(0), Value(1), Value(2), ordinal);
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

        return facts.Type == Type && _chains.Count == 0;
    }

    private string Add(string name, string value, QueryUse use)
    {
        switch (name)
        {
            case "_count":
                bool isCount = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
                Count = Math.Min(count, MaxCount);
                return isCount ? "" : "The value of _count is not a whole number.";
            case "_after":
                bool isAfter = SortPosition.TryParse(value, out SortPosition after);
                After = after;
                return isAfter ? "" : "The value of _after is not a page of this server. Follow the link 'next' instead.";
            case "_summary" when value == "count":
                Count = 0;
                return "";
            case "_format" or "_pretty":
                return "";
            case "_include":
                return AddInclude(value);
            case "_sort" when use != QueryUse.Filter:
                return AddSort(value, use);
        }

        int dot = use == QueryUse.Filter ? -1 : name.IndexOf('.', StringComparison.Ordinal);
        string error = dot < 0 ? AddCriterion(name, value) : AddChain(name[..dot], name[(dot + 1)..], value);
        return error.Length > 0 && use == QueryUse.LenientSearch && !IsKnown(name) ? "" : error;
    }

    private bool IsKnown(string name) => SearchParameters.TryGet(Type, name, out _);

    private string AddCriterion(string name, string value)
    {
        if (!SearchParameters.TryGet(Type, name, out SearchKind kind))
        {
            return $"The search parameter is not supported for {Type}; supported: "
                + $"{string.Join(", ", SearchParameters.Of(Type).Select(known => known.Key))}, _count, _include.";
        }

        SearchValue[] values = SearchValue.Split(value, kind == SearchKind.Token);
        if (values.Length > MaxValues || values.Any(one => one is { System: null, Text: "" }))
        {
            return $"The search parameter '{name}' has an empty value, or more than {MaxValues} values.";
        }

        if (kind == SearchKind.Reference)
        {
            values = Array.ConvertAll(values, one => one with { Text = _urls.Normalize(one.Text) });
        }

        if (!SearchCriterion.TryParse(name, kind, values, out SearchCriterion? criterion))
        {
            return $"The value of the search parameter '{name}' is not a date.";
        }

        _criteria.Add(criterion);
        return "";
    }

    // The depth is limited, because the resource types of a chain refer to each other in one direction: Observation, Encounter, Patient.
    private string AddChain(string reference, string parameter, string value)
    {
        string[] parts = reference.Split(':');
        string target = SearchParameters.TargetOf(parts[0]);
        if (!SearchParameters.TryGet(Type, parts[0], out SearchKind kind) || kind != SearchKind.Reference
            || (parts.Length > 1 && (parts.Length > 2 || parts[1] != target)))
        {
            return "The chained parameter is not supported. Write a reference parameter, a dot and a parameter of the resource that it "
                + "names, as in patient.identifier.";
        }

        SearchQuery query = new(target, _urls);
        int dot = parameter.IndexOf('.', StringComparison.Ordinal);
        string error = dot < 0 ? query.AddCriterion(parameter, value)
            : query.AddChain(parameter[..dot], parameter[(dot + 1)..], value);
        if (error.Length == 0)
        {
            _chains.Add(new ChainedParameter(parts[0], query));
        }

        return error;
    }

    private string AddSort(string value, QueryUse use)
    {
        string[] names = value.Split(',', SortKey.MaxKeys + 2);
        SortKey[] keys = new SortKey[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            if (!SortKey.TryParse(Type, names[i], out keys[i]) || names.Length > SortKey.MaxKeys || _sorts.Length > 0)
            {
                return use == QueryUse.LenientSearch ? ""
                    : $"The value of _sort is not supported: write it once, with at most {SortKey.MaxKeys} date parameters of {Type}, "
                        + "as in _sort=-_lastUpdated.";
            }
        }

        _sorts = keys;
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
