using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>Writes the types of a circuit as the text of a schema file, so that programs without the circuit can read the messages. It
/// writes JSON, which is YAML.</summary>
internal static class SchemaText
{
    private static readonly JavaScriptEncoder s_encoder = JavaScriptEncoder.Default;

    public static string Of(MapNode file)
    {
        StringBuilder text = new();
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in file.Entries)
        {
            Append(text, entry.Key);
            text.Append(": ");
            Append(text, entry.Value);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, SourceNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                text.Append('"').Append(JsonEncodedText.Encode(scalar.Value, s_encoder)).Append('"');
                break;
            case ListNode list:
                AppendAll(text, '[', list.Items, item => Append(text, item), ']');
                break;
            case MapNode map:
                AppendAll(text, '{', map.Entries, entry => AppendEntry(text, entry), '}');
                break;
            default:
                break;
        }
    }

    private static void AppendEntry(StringBuilder text, KeyValuePair<ScalarNode, SourceNode> entry)
    {
        Append(text, entry.Key);
        text.Append(": ");
        Append(text, entry.Value);
    }

    private static void AppendAll<T>(StringBuilder text, char begin, IReadOnlyList<T> items, Action<T> append, char end)
    {
        text.Append(begin);
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            append(items[i]);
        }

        text.Append(end);
    }
}
