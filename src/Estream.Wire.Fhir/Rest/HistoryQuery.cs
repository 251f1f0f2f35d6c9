using System.Globalization;
using System.Text;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Rest;

/// <summary>The parameters of a history. Immutable.</summary>
/// <param name="Count">The maximum number of versions on a page.</param>
/// <param name="Before">The number of the version before which the page begins; 0 for the newest.</param>
/// <param name="Since">The earliest time, nanoseconds since 1970 UTC.</param>
internal readonly record struct HistoryQuery(int Count, long Before, long Since)
{
    private const int DefaultCount = 50;
    private const int MaxCount = 1_000;

    public static bool TryParse(IReadOnlyList<KeyValuePair<string, string>> parameters, out HistoryQuery query, out string error)
    {
        query = new HistoryQuery(DefaultCount, 0, long.MinValue);
        error = "";
        foreach ((string name, string value) in parameters)
        {
            bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            bool isInstant = FhirTime.TryReadInstant(Encoding.UTF8.GetBytes(value), out long since);
            switch (name)
            {
                case "_count" when isNumber && number > 0:
                    query = query with { Count = (int)Math.Min(number, MaxCount) };
                    break;
                case "_after" when isNumber:
                    query = query with { Before = number };
                    break;
                case "_since" when isInstant:
                    query = query with { Since = since };
                    break;
                case "_format" or "_pretty":
                    break;
                default:
                    error = "A history accepts _count (at least 1), _since (an instant) and the link 'next'.";
                    break;
            }
        }

        return error.Length == 0;
    }
}
