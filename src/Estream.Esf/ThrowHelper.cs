using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf;

/// <summary>Throws out of line, so that the methods that may throw stay small enough to inline.</summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    public static void ThrowBadCapture(EsfSchema schema, EsfField field) =>
        throw new ArgumentException(field.HasTextForm
            ? $"Field '{field.Name}' is not a field of schema {schema.QualifiedName}: look it up in the schema that is encoded."
            : $"Field '{field.Name}' is of type {field.TypeName}, which a topic cannot spell: capture a string, integer, bool, timestamp, bytes32 or enum.");
}
