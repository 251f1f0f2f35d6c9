using System.Buffers;
using System.Text;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// A topic that takes levels from a message's fields: `devices/{device_id}/commands`, the opposite of a <see cref="TopicPattern"/>.
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

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>The schema whose fields it names.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">It is not one, or names a field that no topic can spell or that is private.</exception>
    public static TopicTemplate Parse(string text, EsfSchema schema)
    {
        // A pattern says the same with the same words; only wildcards have no meaning when a topic is made.
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
                    $"'{text}' names the field '{field.Name}', which is private in {schema.Name}, and everybody sees a topic. Use a "
                    + "public field.");
            }

            parts.Add(new Part(Encoding.UTF8.GetBytes(isField ? before : before + level), field));
        }

        return new TopicTemplate(text, schema, [.. parts]);
    }

    /// <summary>Writes the topic of a message.</summary>
    /// <returns>A value that is absent, empty, or would change the number of levels is refused.</returns>
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
                return TranslateStatus.Unfit("a field the topic needs contains one of / + # or U+0000");
            }

            destination.Advance(length);
        }

        return TranslateStatus.Ok;
    }

    private readonly record struct Part(byte[] Literal, EsfField? Field);
}
