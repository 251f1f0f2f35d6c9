using System.Diagnostics.CodeAnalysis;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Search;

/// <summary>One parameter of a search, with its alternative values. Immutable.</summary>
internal sealed class SearchCriterion
{
    private readonly SearchKind _kind;
    private readonly string[] _values;
    private readonly DateCriterion[] _dates;
    private readonly HashSet<string>? _indexValues;

    private SearchCriterion(string name, SearchKind kind, string[] values, DateCriterion[] dates)
    {
        (Name, _kind, _values, _dates) = (name, kind, values, dates);
        _indexValues = kind is SearchKind.Token or SearchKind.Reference && !values.Any(value => ValueOf(value) is null)
            ? [.. values.Select(value => ValueOf(value)!)] : null;
    }

    /// <summary>The parameter.</summary>
    public string Name { get; }

    /// <summary>The values that an index can find; null if there is a value that it cannot find.</summary>
    public IReadOnlyCollection<string>? IndexValues => _indexValues;

    /// <summary>Matches resources that refer to one of several resources.</summary>
    /// <param name="name">The reference parameter.</param>
    /// <param name="references">References, as in Patient/23; none to match no resource.</param>
    public static SearchCriterion OfReferences(string name, string[] references) => new(name, SearchKind.Reference, references, []);

    public static bool TryParse(string name, SearchKind kind, string[] values, [NotNullWhen(true)] out SearchCriterion? criterion)
    {
        bool isDate = kind is SearchKind.Date or SearchKind.LastUpdated;
        DateCriterion[] dates = isDate ? new DateCriterion[values.Length] : [];
        bool isValid = true;
        for (int i = 0; i < dates.Length; i++)
        {
            isValid &= DateCriterion.TryParse(values[i], out dates[i]);
        }

        criterion = isValid ? new SearchCriterion(name, kind, values, dates) : null;
        return isValid;
    }

    public bool Matches(ResourceFacts facts, string id, long lastUpdated)
    {
        switch (_kind)
        {
            case SearchKind.Id:
                return _values.Contains(id);
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

        foreach (string value in _values)
        {
            if (_kind == SearchKind.Text ? token.Value.StartsWith(value, StringComparison.OrdinalIgnoreCase) : MatchesCode(token, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>system|code</c>, <c>|code</c> for a code without a system, <c>system|</c> for any code of a system, or
    /// <c>code</c>.</summary>
    private static bool MatchesCode(FactToken token, string value)
    {
        int bar = value.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 ? token.Value == value
            : token.System == value[..bar] && (bar == value.Length - 1 || token.Value == value[(bar + 1)..]);
    }

    /// <summary>The part of a value that an index has: the code, or the reference with its type.</summary>
    private string? ValueOf(string value)
    {
        if (_kind == SearchKind.Reference)
        {
            return value.Contains('/', StringComparison.Ordinal) || value.Contains(':', StringComparison.Ordinal)
                ? value : $"{SearchParameters.TargetOf(Name)}/{value}";
        }

        string code = value[(value.IndexOf('|', StringComparison.Ordinal) + 1)..];
        return code.Length == 0 ? null : code;
    }
}
