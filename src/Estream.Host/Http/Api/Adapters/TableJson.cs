using System.Text.Json;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>Writes a page of an adapter's table. Shortens long texts and lists, so that a peer with long names cannot make an answer
/// large.</summary>
internal static class TableJson
{
    private const int MaxTextChars = 1_024;
    private const int MaxListItems = 100;

    public static void Write(AdapterTable table, AdapterTablePage page, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("columns");
        foreach (AdapterColumn column in table.Columns)
        {
            Write(column, writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        foreach (IReadOnlyList<AdapterCell> row in page.Rows)
        {
            writer.WriteStartArray();
            foreach (AdapterCell cell in row)
            {
                Write(cell, writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("total", page.Total);
        writer.WriteString("next", page.Next);
        writer.WriteEndObject();
    }

    private static void Write(AdapterColumn column, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", column.Name);
        writer.WriteString("title", column.Title);
        writer.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(column.Kind.ToString()));
        if (column.Unit is { } unit)
        {
            writer.WriteString("unit", unit);
        }

        writer.WriteEndObject();
    }

    private static void Write(AdapterCell cell, Utf8JsonWriter writer)
    {
        if (cell.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else if (cell.Text is { } text)
        {
            writer.WriteStringValue(Shorten(text));
        }
        else if (cell.List is { } list)
        {
            writer.WriteStartArray();
            foreach (string item in list.Take(MaxListItems))
            {
                writer.WriteStringValue(Shorten(item));
            }

            if (list.Count > MaxListItems)
            {
                writer.WriteStringValue($"… and {list.Count - MaxListItems} more");
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static string Shorten(string text)
    {
        if (text.Length <= MaxTextChars)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[MaxTextChars - 1]) ? MaxTextChars - 1 : MaxTextChars;
        return $"{text.AsSpan(0, end)}…";
    }
}
