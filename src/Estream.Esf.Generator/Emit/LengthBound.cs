using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Works out the longest message of a schema, when every field of it has a limit.</summary>
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

    /// <summary>Most bytes of the variable section a field takes; null when nothing limits it.</summary>
    private static int? VariablePart(FieldDefinition field) => field.Type.Kind switch
    {
        _ when field.Type.IsFixedSize => field.IsPrivate ? field.Type.FixedSize : 0,
        EsfTypeKind.Object => Of(field.Type.Record!, RecordLayout.OfObject(field.Type.Record!).FixedLength),
        _ => field.Type.MaxLength,
    };
}
