using System.Buffers;
using System.Text;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// A topic with levels from the fields of a message, such as `devices/{device_id}/commands`; the opposite of a <see cref="TopicPattern"/>.
/// Immutable and thread-safe; formatting allocates nothing.
/// </summary>
public sealed class TopicTemplate
{
    private const int MaxValueBytes = 1_024;

    private readonly Part[] _parts;

    private TopicTemplate(string text, EsfSchema schema, Part[] parts)
    {
        Text = text;
        Schema = schema;
        _parts = parts;
    }

    /// <summary>The text of the template.</summary>
    public string Text { get; }

    /// <summary>The schema of the fields.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="FormatException">The template is invalid, or contains a field that is private or has no text form.</exception>
    public static TopicTemplate Parse(string text, EsfSchema schema)
    {
        // The template has the syntax of a pattern without wildcards.
        TopicPattern.Parse(text, schema);
        if (text.AsSpan().ContainsAny('+', '#'))
        {
            throw new FormatException($"'{text}' contains a wildcard; a message goes to one topic.");
        }

        List<Part> parts = [];
        foreach (string level in text.Split('/'))
        {
            string before = parts.Count == 0 ? "" : "/";
            bool isField = level.StartsWith('{');
            schema.TryGetField(isField ? level[1..^1] : "", out EsfField? field);
            if (field is { IsProtected: true })
            {
                throw new FormatException(
                    $"'{text}' names the field '{field.Name}', which is private in {schema.Name}, but topics are public. Use a "
                    + "public field.");
            }

            parts.Add(new Part(Encoding.UTF8.GetBytes(isField ? before : before + level), field));
        }

        return new TopicTemplate(text, schema, [.. parts]);
    }

    /// <summary>Writes the topic of a message.</summary>
    /// <returns>An error if a value is absent or empty, or would change the number of levels.</returns>
    public TranslateStatus Format(ReadOnlySpan<byte> message, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        foreach (Part part in _parts)
        {
            destination.Write(part.Literal);
            if (part.Field is null)
            {
                continue;
            }

            Span<byte> value = destination.GetSpan(MaxValueBytes);
            if (!part.Field.TryFormat(message, value, out int length) || length == 0)
            {
                return TranslateStatus.Unfit("a field the topic needs is absent, empty or longer than 1,024 bytes");
            }

            if (value[..length].ContainsAny("/+#\0"u8))
            {
                return TranslateStatus.Unfit("a field of the topic contains '/', '+', '#' or U+0000, which a topic level must not contain");
            }

            destination.Advance(length);
        }

        return TranslateStatus.Ok;
    }

    private readonly record struct Part(byte[] Literal, EsfField? Field);
}
