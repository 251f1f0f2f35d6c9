using System.Text.Json;

namespace Estream.Cli.Output;

/// <summary>Writes JSON output: one object per line.</summary>
internal static class JsonLines
{
    /// <summary>Writes one object and ends the line.</summary>
    public static void WriteObject(this LineWriter lines, Action<Utf8JsonWriter> members)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        lines.EndLine();
    }

    /// <summary>Writes a member with an array of strings.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
