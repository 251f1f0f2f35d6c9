using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Reads the canonical text of a schema back into a schema. Generated code and published locks carry that one line
/// in place of the YAML file. Thread-safe; holds no state.
/// </summary>
public static class CanonicalSchema
{
    /// <summary>Reads the canonical text.</summary>
    /// <param name="text">A line as <see cref="MessageSchema.CanonicalText"/> gives it.</param>
    /// <exception cref="FormatException">The text is not canonical; the message names the column.</exception>
    public static MessageSchema Parse(string text)
    {
        MessageSchema schema = new CanonicalReader(text).ReadSchema();
        return schema.CanonicalText == text
            ? schema
            : throw new FormatException(
                $"Canonical schema '{schema.QualifiedName}' is not in canonical order or spelling; expected: {schema.CanonicalText}");
    }
}
