using System.Text.Json;

namespace Estream.Wire.Fhir.Resources;

/// <summary>Finds the codes of a resource, also in elements that no search parameter covers. Stateless and thread-safe.</summary>
internal static class ResourceCodes
{
    /// <summary>Returns each coding once: any object with a text <c>code</c>, and each <c>valueCode</c> of an extension.</summary>
    public static IReadOnlyList<FactToken> Of(JsonElement resource)
    {
        HashSet<FactToken> codes = [];
        Collect(resource, codes);
        return [.. codes];
    }

    // The depth is limited by the options of the parser.
    private static void Collect(JsonElement element, HashSet<FactToken> codes)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Collect(item, codes);
                }

                break;
            case JsonValueKind.Object:
                Add(element.Text("system"), element.Text("code"), codes);
                Add("", element.Text("valueCode"), codes);
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    Collect(member.Value, codes);
                }

                break;
        }
    }

    private static void Add(string system, string code, HashSet<FactToken> codes)
    {
        if (code.Length > 0)
        {
            codes.Add(new FactToken("code", system, code));
        }
    }
}
