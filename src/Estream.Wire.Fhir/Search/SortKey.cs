using System.Globalization;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Search;

/// <summary>A key of <c>_sort</c>, as in <c>-date</c> (FHIR R4, 3.1.1.5.1). Immutable.</summary>
/// <param name="Parameter">A search parameter for dates.</param>
/// <param name="IsDescending">Whether the latest date is first.</param>
internal readonly record struct SortKey(string Parameter, bool IsDescending)
{
    /// <summary>The maximum number of keys of a search.</summary>
    public const int MaxKeys = 3;

    public static bool TryParse(string type, string text, out SortKey key)
    {
        bool isDescending = text.StartsWith('-');
        key = new SortKey(isDescending ? text[1..] : text, isDescending);
        return SearchParameters.TryGet(type, key.Parameter, out SearchKind kind) && kind is SearchKind.Date or SearchKind.LastUpdated;
    }

    /// <summary>A number that is lower for a resource that is earlier in the order. An interval counts by its start, or by its end if the
    /// latest date is first. Resources without the date are last.</summary>
    public long ValueOf(ResourceFacts facts, long lastUpdated)
    {
        if (Parameter == "_lastUpdated")
        {
            return IsDescending ? -lastUpdated : lastUpdated;
        }

        return (Parameter == "birthdate" ? facts.BirthDate : facts.Date) is not { } date ? long.MaxValue
            : IsDescending ? -date.End
            : date.Start;
    }
}

/// <summary>The place of a resource in the order of a search. Resources with equal keys are in the order of creation.</summary>
/// <param name="First">The value of the first key; 0 without keys.</param>
/// <param name="Second">The value of the second key; 0 for none.</param>
/// <param name="Third">The value of the third key; 0 for none.</param>
/// <param name="Ordinal">The order of creation.</param>
internal readonly record struct SortPosition(long First, long Second, long Third, long Ordinal) : IComparable<SortPosition>
{
    /// <summary>The greatest position first.</summary>
    public static IComparer<SortPosition> Descending { get; } =
        Comparer<SortPosition>.Create(static (one, other) => other.CompareTo(one));

    /// <summary>Reads the text of a position.</summary>
    public static bool TryParse(string text, out SortPosition position)
    {
        string[] parts = text.Split(',');
        Span<long> numbers = stackalloc long[SortKey.MaxKeys + 1];
        bool isValid = parts.Length == numbers.Length;
        for (int i = 0; i < numbers.Length && isValid; i++)
        {
            isValid = long.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]);
        }

        position = new SortPosition(numbers[0], numbers[1], numbers[2], numbers[3]);
        return isValid;
    }

    public int CompareTo(SortPosition other) =>
        First != other.First ? First.CompareTo(other.First)
        : Second != other.Second ? Second.CompareTo(other.Second)
        : Third != other.Third ? Third.CompareTo(other.Third)
        : Ordinal.CompareTo(other.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First},{Second},{Third},{Ordinal}");
}
