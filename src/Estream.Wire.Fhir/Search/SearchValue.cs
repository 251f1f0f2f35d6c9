using System.Text;

namespace Estream.Wire.Fhir.Search;

/// <summary>A value of a search parameter without its escapes (FHIR R4, 3.1.1.4.0). Immutable.</summary>
/// <param name="System">The text before '|'; null if there is no '|'.</param>
/// <param name="Text">The text, or the code after '|'.</param>
internal readonly record struct SearchValue(string? System, string Text)
{
    /// <summary>Splits alternative values at ','. A backslash escapes the special characters.</summary>
    /// <param name="values">The values, as in <c>http://loinc.org|1234-5,final</c>.</param>
    /// <param name="isToken">Whether '|' ends a system; otherwise it is an ordinary character.</param>
    public static SearchValue[] Split(string values, bool isToken)
    {
        List<SearchValue> all = [];
        StringBuilder text = new();
        string? system = null;
        for (int at = 0; at < values.Length; at++)
        {
            char one = values[at];
            if (one == '\\' && at + 1 < values.Length && values[at + 1] is '\\' or ',' or '|' or '$')
            {
                text.Append(values[++at]);
            }
            else if (one == ',')
            {
                all.Add(new SearchValue(system, text.ToString()));
                text.Clear();
                system = null;
            }
            else if (one == '|' && isToken && system is null)
            {
                system = text.ToString();
                text.Clear();
            }
            else
            {
                text.Append(one);
            }
        }

        all.Add(new SearchValue(system, text.ToString()));
        return [.. all];
    }
}
