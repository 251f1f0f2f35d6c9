using System.Text;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Search;

/// <summary>A date with a prefix, as in <c>ge2026-01</c> (FHIR R4, 3.1.1.4.7). Both sides are intervals. Immutable.</summary>
/// <param name="Prefix">eq, ne, lt, gt, le, ge, sa or eb.</param>
/// <param name="Wanted">The interval of the parameter.</param>
internal readonly record struct DateCriterion(string Prefix, FactPeriod Wanted)
{
    private static readonly string[] s_prefixes = ["eq", "ne", "lt", "gt", "le", "ge", "sa", "eb"];

    public static bool TryParse(string text, out DateCriterion criterion)
    {
        string prefix = s_prefixes.FirstOrDefault(one => text.StartsWith(one, StringComparison.Ordinal)) ?? "";
        bool isDate = FhirTime.TryReadRange(Encoding.UTF8.GetBytes(text[prefix.Length..]), out long start, out long end);
        criterion = new DateCriterion(prefix.Length == 0 ? "eq" : prefix, new FactPeriod(start, end));
        return isDate;
    }

    public bool Matches(FactPeriod date) => Prefix switch
    {
        "eq" => Wanted.Contains(date),
        "ne" => !Wanted.Contains(date),
        "lt" => date.Start < Wanted.Start,
        "gt" => date.End > Wanted.End,
        "le" => date.Start < Wanted.Start || Wanted.Contains(date),
        "ge" => date.End > Wanted.End || Wanted.Contains(date),
        "sa" => date.Start >= Wanted.End,
        _ => date.End <= Wanted.Start,
    };
}
