using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Computes a short text from everything that affects the results of a pipeline. A pipeline whose fingerprint changes
/// starts with a new state.</summary>
internal static class Fingerprint
{
    private const int Digits = 16;

    // Keys that do not affect results.
    private static readonly string[] s_free = ["description", "rejected", "to", "max_bytes"];

    public static string Of(MapNode declaration, IEnumerable<ulong> schemas)
    {
        StringBuilder text = new();
        AppendMap(text, declaration, s_free);
        text.AppendJoin(' ', schemas);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..Digits];
    }

    private static void Append(StringBuilder text, SourceNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                text.Append(CultureInfo.InvariantCulture, $"{scalar.Value.Length}:{scalar.Value}");
                break;
            case ListNode list:
                text.Append('[');
                foreach (SourceNode item in list.Items)
                {
                    Append(text, item);
                }

                text.Append(']');
                break;
            case MapNode map:
                AppendMap(text, map, []);
                break;
            default:
                break;
        }
    }

    private static void AppendMap(StringBuilder text, MapNode map, string[] without)
    {
        text.Append('{');
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries.Where(entry => !without.Contains(entry.Key.Value))
            .OrderBy(entry => entry.Key.Value, StringComparer.Ordinal))
        {
            Append(text, entry.Key);
            Append(text, entry.Value);
        }

        text.Append('}');
    }
}
