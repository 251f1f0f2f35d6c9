using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Computes the maximum message length of a schema, if the length of every field is limited.</summary>
internal static class LengthBound
{
    public static int? Of(RecordDefinition record, int fixedLength)
    {
        long total = fixedLength;
        foreach (FieldDefinition field in record.Fields)
        {
            if (VariablePart(field) is not int part)
            {
                return null;
            }

            total += part;
        }

        return total <= EsfLimits.MaxMessageBytes ? (int)total : null;
    }

    /// <summary>Returns the maximum length of a field in the variable section; null if it has no limit.</summary>
    private static int? VariablePart(FieldDefinition field) => field.Type.Kind switch
    {
        _ when field.Type.IsFixedSize => field.IsPrivate ? field.Type.FixedSize : 0,
        EsfTypeKind.Object => Of(field.Type.Record!, RecordLayout.OfObject(field.Type.Record!).FixedLength),
        _ => field.Type.MaxLength,
    };
}
