using System.Globalization;
using System.Text.Json;
using Estream.Marketplace.Toml;

// The program that the TOML conformance suite calls: TOML on standard input, tagged JSON on standard output, or exit code 1.
using MemoryStream input = new();
await Console.OpenStandardInput().CopyToAsync(input);
TomlReadResult result = TomlReader.Read(input.GetBuffer().AsSpan(0, (int)input.Length));
if (result.Root is null)
{
    await Console.Error.WriteLineAsync(result.Error!.ToString());
    return 1;
}

using Utf8JsonWriter json = new(Console.OpenStandardOutput());
Write(json, result.Root);
json.Flush();
return 0;

static void Write(Utf8JsonWriter json, TomlValue value)
{
    switch (value)
    {
        case TomlTable table:
            json.WriteStartObject();
            foreach (TomlEntry entry in table.Entries)
            {
                json.WritePropertyName(entry.Key);
                Write(json, entry.Value);
            }

            json.WriteEndObject();
            break;

        case TomlArray array:
            json.WriteStartArray();
            foreach (TomlValue item in array.Items)
            {
                Write(json, item);
            }

            json.WriteEndArray();
            break;

        default:
            (string type, string text) = Tag(value);
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("value", text);
            json.WriteEndObject();
            break;
    }
}

static (string Type, string Text) Tag(TomlValue value) => value switch
{
    TomlString text => ("string", text.Value),
    TomlInteger number => ("integer", number.Value.ToString(CultureInfo.InvariantCulture)),
    TomlFloat number => ("float", NameOf(number.Value)),
    TomlBoolean boolean => ("bool", boolean.Value ? "true" : "false"),
    TomlDateTime moment => (moment.Kind switch
    {
        TomlKind.OffsetDateTime => "datetime",
        TomlKind.LocalDateTime => "datetime-local",
        TomlKind.LocalDate => "date-local",
        _ => "time-local",
    }, moment.Text),
    _ => throw new InvalidOperationException($"a value of kind {value.Kind} has no tag"),
};

static string NameOf(double number) =>
    double.IsNaN(number) ? "nan"
    : double.IsPositiveInfinity(number) ? "inf"
    : double.IsNegativeInfinity(number) ? "-inf"
    : number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
