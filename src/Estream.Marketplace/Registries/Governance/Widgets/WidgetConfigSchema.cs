using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Converts <c>config_schema</c> of a widget manifest to JSON. Scalars in a manifest have no type, so a value is written with the type that
/// its property declares. Accepts only the keywords of a settings form; records a fault for each other keyword.
/// </summary>
internal sealed class WidgetConfigSchema
{
    private static readonly string[] s_types = ["string", "integer", "number", "boolean"];

    private readonly Findings _faults;
    private readonly Utf8JsonWriter _json;

    private WidgetConfigSchema(Findings faults, Utf8JsonWriter json) => (_faults, _json) = (faults, json);

    /// <summary>Returns the JSON text of a schema, or null if it has faults.</summary>
    /// <param name="widget">The mapping that has <c>config_schema</c>.</param>
    /// <param name="faults">Receives the faults.</param>
    public static string? Read(ManifestPart widget, Findings faults)
    {
        ArrayBufferWriter<byte> text = new();
        Findings own = new();
        using (Utf8JsonWriter json = new(text))
        {
            new WidgetConfigSchema(own, json).Write(widget);
        }

        foreach (string fault in own.Texts)
        {
            faults.Add(fault);
        }

        return own.IsEmpty ? Encoding.UTF8.GetString(text.WrittenSpan) : null;
    }

    private void Write(ManifestPart widget)
    {
        if (widget.Map("config_schema", _faults) is not { } schema)
        {
            return;
        }

        _json.WriteStartObject();
        _json.WriteString("type", "object");
        foreach ((ScalarNode key, _) in schema.Entries.Where(entry => entry.Key.Value is not ("type" or "properties")))
        {
            Refuse(key, $"'{key.Value}' is not supported in config_schema: only type and properties are");
        }

        if (schema.Has("type"))
        {
            _ = schema.Word("type", "object");
        }

        _json.WriteStartObject("properties");
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((ScalarNode name, SourceNode property) in schema.Map("properties")?.Entries ?? [])
        {
            if (name.Value.Length is 0 or > 64 || !names.Add(name.Value))
            {
                Refuse(name, $"'{name.Value}' must be a name of 1 to 64 characters that no other setting has");
                continue;
            }

            _json.WriteStartObject(name.Value);
            WriteProperty(new ManifestPart(property, $"'{name.Value}'", _faults));
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteProperty(ManifestPart property)
    {
        if (property.Word("type", s_types) is not { } type)
        {
            return;
        }

        _json.WriteString("type", type);
        foreach ((ScalarNode key, SourceNode value) in property.Entries.DistinctBy(entry => entry.Key.Value))
        {
            switch (key.Value, value)
            {
                case ("type", _):
                    break;
                case ("title" or "description", ScalarNode text):
                    _json.WriteString(key.Value, text.Value);
                    break;
                case ("default", ScalarNode one):
                    _json.WritePropertyName(key.Value);
                    WriteValue(type, one);
                    break;
                case ("minimum" or "maximum", ScalarNode bound) when type is "integer" or "number":
                    _json.WritePropertyName(key.Value);
                    WriteValue(type, bound);
                    break;
                case ("enum", ListNode { Items: { Count: >= 1 and <= 64 } items }) when items.All(item => item is ScalarNode):
                    _json.WriteStartArray(key.Value);
                    foreach (ScalarNode item in items.Cast<ScalarNode>())
                    {
                        WriteValue(type, item);
                    }

                    _json.WriteEndArray();
                    break;
                default:
                    Refuse(key, $"'{key.Value}' is not a keyword of a setting of type {type}, or has another kind of value. Use title, "
                        + "description, default, enum, and for numbers minimum and maximum");
                    break;
            }
        }
    }

    private void WriteValue(string type, ScalarNode node)
    {
        const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        switch (type)
        {
            case "integer" when long.TryParse(node.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole):
                _json.WriteNumberValue(whole);
                return;
            case "number" when decimal.TryParse(node.Value, Decimal, CultureInfo.InvariantCulture, out decimal number):
                _json.WriteNumberValue(number);
                return;
            case "boolean" when node.Value is "true" or "false":
                _json.WriteBooleanValue(node.Value == "true");
                return;
            case "string":
                _json.WriteStringValue(node.Value);
                return;
            default:
                Refuse(node, $"'{node.Value}' is not a value of type {type}");
                _json.WriteNullValue();
                return;
        }
    }

    private void Refuse(SourceNode node, string message) =>
        _faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {node.Position.Line}: {message}"));
}
