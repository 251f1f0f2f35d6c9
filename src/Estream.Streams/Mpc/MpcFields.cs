using Estream.Esf;
using Estream.Streams.Media;

namespace Estream.Streams.Mpc;

/// <summary>The fields of a message with the number of a party for a session.</summary>
/// <param name="Session">The position of the session in its transcript.</param>
/// <param name="Number">The secret number of the party.</param>
internal sealed record MpcFields(EsfField Session, EsfField Number)
{
    private const string SessionOf = "session";
    private const string NumberOf = "number";

    /// <summary>Returns the reason why messages of a schema are not numbers of a party; null if they are.</summary>
    public static string? WhyNot(EsfSchema schema)
    {
        foreach (EsfField field in schema.Fields)
        {
            string? other = field.Name is not SessionOf and not NumberOf ? $"it has the further field '{field.Name}'"
                : !MediaFields.IsInteger(field) ? $"its field '{field.Name}' is of the type {field.TypeName}"
                : field.IsProtected ? $"its field '{field.Name}' is private"
                : null;
            if (other is not null)
            {
                return other;
            }
        }

        return schema.Fields.Count == 2 ? null : $"it has no field '{(schema.TryGetField(SessionOf, out _) ? NumberOf : SessionOf)}'";
    }

    /// <summary>Returns the fields of a schema that <see cref="WhyNot"/> accepts.</summary>
    public static MpcFields Of(EsfSchema schema) =>
        schema.TryGetField(SessionOf, out EsfField? session) && schema.TryGetField(NumberOf, out EsfField? number)
            ? new MpcFields(session, number)
            : throw new ArgumentException($"{schema} lacks the field '{SessionOf}' or '{NumberOf}'.", nameof(schema));
}
