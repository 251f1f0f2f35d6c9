using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Parses the canonical text of a schema. Generated code and published locks carry this one-line text instead of the YAML file.
/// Thread-safe; holds no state.
/// </summary>
public static class CanonicalSchema
{
    /// <summary>Parses the canonical text.</summary>
    /// <param name="text">A line as returned by <see cref="MessageSchema.CanonicalText"/>.</param>
    /// <exception cref="FormatException">The text is not canonical; the message gives the column or the expected text.</exception>
    public static MessageSchema Parse(string text)
    {
        MessageSchema schema = new CanonicalReader(text).ReadSchema();
        return schema.CanonicalText == text
            ? schema
            : throw new FormatException(
                $"Canonical schema '{schema.QualifiedName}' is not in canonical order or spelling. Expected: {schema.CanonicalText}");
    }
}
