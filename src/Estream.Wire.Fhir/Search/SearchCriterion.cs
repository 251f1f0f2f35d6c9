using System.Diagnostics.CodeAnalysis;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Search;

/// <summary>One parameter of a search, with its alternative values. Immutable.</summary>
internal sealed class SearchCriterion
{
    private readonly SearchKind _kind;
    private readonly SearchValue[] _values;
    private readonly DateCriterion[] _dates;
    private readonly HashSet<string>? _indexValues;

    private SearchCriterion(string name, SearchKind kind, SearchValue[] values, DateCriterion[] dates)
    {
        (Name, _kind, _values, _dates) = (name, kind, values, dates);
        _indexValues = kind switch
        {
            SearchKind.Reference => [.. values.Select(value => ReferenceOf(name, value.Text))],
            SearchKind.Token when !values.Any(value => value.Text.Length == 0) => [.. values.Select(value => value.Text)],
            _ => null,
        };
    }

    /// <summary>The parameter.</summary>
    public string Name { get; }

    /// <summary>The values that an index can find; null if there is a value that it cannot find.</summary>
    public IReadOnlyCollection<string>? IndexValues => _indexValues;

    /// <summary>Matches resources that refer to one of several resources.</summary>
    /// <param name="name">The reference parameter.</param>
    /// <param name="references">References, as in Patient/23; none to match no resource.</param>
    public static SearchCriterion OfReferences(string name, string[] references) =>
        new(name, SearchKind.Reference, [.. references.Select(reference => new SearchValue(null, reference))], []);

    public static bool TryParse(string name, SearchKind kind, SearchValue[] values, [NotNullWhen(true)] out SearchCriterion? criterion)
    {
        bool isDate = kind is SearchKind.Date or SearchKind.LastUpdated;
        DateCriterion[] dates = isDate ? new DateCriterion[values.Length] : [];
        bool isValid = true;
        for (int i = 0; i < dates.Length; i++)
        {
            isValid &= DateCriterion.TryParse(values[i].Text, out dates[i]);
        }

        SearchValue[] wanted = kind == SearchKind.Text ? [.. values.Select(one => one with { Text = FoldedText.Of(one.Text) })] : values;
        criterion = isValid ? new SearchCriterion(name, kind, wanted, dates) : null;
        return isValid;
    }

    public bool Matches(ResourceFacts facts, string id, long lastUpdated)
    {
        switch (_kind)
        {
            case SearchKind.Id:
                return _values.Any(value => value.Text == id);
            case SearchKind.LastUpdated:
                long tick = FhirText.ToDateTime(lastUpdated).Ticks;
                return MatchesDate(new FactPeriod(tick, tick + 1));
            case SearchKind.Date:
                return (Name == "birthdate" ? facts.BirthDate : facts.Date) is { } date && MatchesDate(date);
        }

        foreach (FactToken token in facts.Tokens)
        {
            if (token.Parameter == Name && MatchesToken(token))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesDate(FactPeriod date)
    {
        foreach (DateCriterion one in _dates)
        {
            if (one.Matches(date))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesToken(FactToken token)
    {
        if (_kind == SearchKind.Reference)
        {
            return _indexValues!.Contains(token.Value);
        }

        foreach (SearchValue value in _values)
        {
            if (_kind == SearchKind.Text ? token.Value.StartsWith(value.Text, StringComparison.Ordinal) : MatchesCode(token, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>system|code</c>, <c>|code</c> for a code without a system, <c>system|</c> for any code of a system, or
    /// <c>code</c>.</summary>
    private static bool MatchesCode(FactToken token, SearchValue value) =>
        (value.System is null || value.System == token.System) && (value.Text.Length == 0 || value.Text == token.Value);

    /// <summary>A reference with its type.</summary>
    private static string ReferenceOf(string name, string value) =>
        value.Contains('/', StringComparison.Ordinal) || value.Contains(':', StringComparison.Ordinal)
            ? value : $"{SearchParameters.TargetOf(name)}/{value}";
}
