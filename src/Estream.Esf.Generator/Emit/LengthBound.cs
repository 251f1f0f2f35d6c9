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
            if (VariablePart(field.Type) is not int part)
            {
                return null;
            }

            total += part;
        }

        return total <= EsfLimits.MaxMessageBytes ? (int)total : null;
    }

    /// <summary>Most bytes of the variable section a field takes; null when nothing limits it.</summary>
    private static int? VariablePart(EsfType type) => type.Kind switch
    {
        _ when type.IsFixedSize => 0,
        EsfTypeKind.Object => Of(type.Record!, RecordLayout.OfObject(type.Record!).FixedLength),
        _ => type.MaxLength,
    };
}
