using System.Text;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// A topic with captures of fields, such as `devices/{device_id}/telemetry`. A capture is a whole non-empty level; `+` matches one level
/// and a final `#` the rest: `a/#` also matches `a`, as in MQTT. Immutable and thread-safe; matching allocates nothing.
/// </summary>
public sealed class TopicPattern
{
    /// <summary>The maximum number of captures.</summary>
    public const int MaxCaptures = 16;

    private readonly Part[] _parts;

    private TopicPattern(string text, Part[] parts, bool takesRest)
    {
        Text = text;
        _parts = parts;
        TakesRest = takesRest;
        CaptureCount = parts.Count(part => part.Field is not null);
    }

    /// <summary>The text of the pattern.</summary>
    public string Text { get; }

    /// <summary>The number of captured fields.</summary>
    public int CaptureCount { get; }

    /// <summary>The captured fields, in the order of the pattern.</summary>
    public IEnumerable<EsfField> Fields => _parts.Where(part => part.Field is not null).Select(part => part.Field!);

    private bool TakesRest { get; }

    /// <summary>Parses a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="schema">The schema of the fields.</param>
    /// <exception cref="FormatException">The pattern is invalid; the message has the reason and the remedy.</exception>
    public static TopicPattern Parse(string text, EsfSchema schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(schema);
        string[] levels = text.Split('/');
        bool takesRest = levels[^1] == "#";
        List<Part> parts = [];
        StringBuilder literal = new();
        for (int index = 0; index < levels.Length - (takesRest ? 1 : 0); index++)
        {
            literal.Append(index == 0 ? "" : "/");
            string level = levels[index];
            bool isCapture = level.StartsWith('{') && level.EndsWith('}');
            if (!isCapture && level != "+")
            {
                literal.Append(RequirePlain(level, text));
                continue;
            }

            AddLiteral(parts, literal);
            parts.Add(new Part(null, isCapture ? FindField(level[1..^1], schema, parts) : null));
        }

        literal.Append(takesRest && levels.Length > 1 ? "/" : "");
        AddLiteral(parts, literal);
        TopicPattern pattern = new(text, [.. parts], takesRest);
        return pattern.CaptureCount <= MaxCaptures
            ? pattern
            : throw new FormatException($"'{text}' captures more than {MaxCaptures} fields.");
    }

    /// <summary>Matches a topic and returns the captures.</summary>
    /// <param name="topic">The topic in UTF-8.</param>
    /// <param name="captures">At least <see cref="CaptureCount"/> elements; receives ranges of <paramref name="topic"/>.</param>
    public bool TryMatch(ReadOnlySpan<byte> topic, Span<FieldCapture> captures)
    {
        int position = 0;
        int captured = 0;
        foreach (Part part in _parts)
        {
            ReadOnlySpan<byte> rest = topic[position..];
            if (part.Literal is not null)
            {
                if (!rest.StartsWith(part.Literal))
                {
                    // [MQTT-4.7.1-2]: the slash before # belongs to the wildcard, so a/# also matches a.
                    return TakesRest && part == _parts[^1] && part.Literal.AsSpan(..^1).SequenceEqual(rest);
                }

                position += part.Literal.Length;
                continue;
            }

            int end = rest.IndexOf((byte)'/');
            int length = end < 0 ? rest.Length : end;
            if (part.Field is not null)
            {
                if (length == 0)
                {
                    return false;
                }

                captures[captured++] = new FieldCapture(part.Field, position, length);
            }

            position += length;
        }

        return TakesRest || position == topic.Length;
    }

    /// <summary>The text of the pattern.</summary>
    public override string ToString()
    {
        return Text;
    }

    private static void AddLiteral(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new Part(Encoding.UTF8.GetBytes(literal.ToString()), null));
            literal.Clear();
        }
    }

    private static string RequirePlain(string level, string pattern)
    {
        return level.AsSpan().ContainsAny("{}+#")
            ? throw new FormatException(
                $"'{level}' in '{pattern}' is not a level: write plain text, {{field}} for a whole level, + for any level, or # as the "
                + "last one.")
            : level;
    }

    private static EsfField FindField(string name, EsfSchema schema, List<Part> parts)
    {
        string fields = string.Join(", ", schema.Fields.Where(field => field.HasTextForm).Select(field => field.Name));
        if (!schema.TryGetField(name, out EsfField? field))
        {
            throw new FormatException($"{schema.Name} has no field '{name}'; a topic can name: {fields}.");
        }

        if (!field.HasTextForm)
        {
            throw new FormatException(
                $"Field '{name}' of {schema.Name} is a {field.TypeName}, which topics cannot contain; a topic can name: {fields}.");
        }

        return parts.Any(part => part.Field == field) ? throw new FormatException($"Field '{name}' is captured twice.") : field;
    }

    /// <summary>A literal text, a captured level, or a wildcard level.</summary>
    private readonly record struct Part(byte[]? Literal, EsfField? Field);
}
