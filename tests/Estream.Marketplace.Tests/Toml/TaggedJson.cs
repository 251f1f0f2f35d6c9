using System.Globalization;
using System.Text.Json;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>Converts parsed values to the tagged JSON of the test suite.</summary>
internal static class TaggedJson
{
    public static JsonElement Of(TomlValue value) => JsonSerializer.SerializeToElement(Tree(value));

    private static object Tree(TomlValue value) => value switch
    {
        TomlTable table => table.Entries.ToDictionary(entry => entry.Key, entry => Tree(entry.Value)),
        TomlArray array => array.Items.Select(Tree).ToArray(),
        TomlString text => Tagged("string", text.Value),
        TomlInteger number => Tagged("integer", number.Value.ToString(CultureInfo.InvariantCulture)),
        TomlFloat number =>
            Tagged("float",
                double.IsFinite(number.Value) ? number.Value.ToString("R", CultureInfo.InvariantCulture) : double.IsNaN(number.Value)
                    ? "nan"
                    : number.Value > 0 ? "inf" : "-inf"),
        TomlBoolean boolean => Tagged("bool", boolean.Value ? "true" : "false"),
        TomlDateTime { Kind: TomlKind.OffsetDateTime } moment => Tagged("datetime", moment.Text),
        TomlDateTime { Kind: TomlKind.LocalDateTime } moment => Tagged("datetime-local", moment.Text),
        TomlDateTime { Kind: TomlKind.LocalDate } moment => Tagged("date-local", moment.Text),
        TomlDateTime moment => Tagged("time-local", moment.Text),
        _ => throw new InvalidOperationException($"{value.Kind}"),
    };

    private static Dictionary<string, string> Tagged(string type, string value) => new() { ["type"] = type, ["value"] = value };
}
