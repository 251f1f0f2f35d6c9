using Estream.Esf.Schema;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Generation;

/// <summary>
/// Generates the history of a schema: a first version, and later versions with fields appended to the message and to nested objects at any
/// depth, and values appended to enums.
/// </summary>
public static class HistoryGen
{
    private const int DeepestGrowth = 4;

    /// <summary>Generates the versions of a schema, oldest first; consecutive versions may be equal.</summary>
    /// <param name="versions">The number of versions.</param>
    public static Gen<MessageSchema[]> Versions(int versions)
    {
        Gen<MessageSchema[]> history = SchemaGen.Schema.Select(first => new[] { first });
        for (int i = 1; i < versions; i++)
        {
            history = from earlier in history from next in Next(earlier[^1]) select (MessageSchema[])[.. earlier, next];
        }

        return history;
    }

    /// <summary>A version that extends a schema.</summary>
    public static Gen<MessageSchema> Next(MessageSchema schema) =>
        from record in Grown(schema.Record, 0)
        from values in Gen.Choose(0, 2)
        select new MessageSchema(schema.Namespace, schema.Name, WithLongerEnums(record, values, schema.Record));

    private static Gen<RecordDefinition> Grown(RecordDefinition record, int level) =>
        from kept in All(record.Fields.Select(field => GrownType(field.Type, level).Select(type => With(field, type))))
        from count in Gen.Choose(0, 2)
        from added in SchemaGen.Field(level < DeepestGrowth ? 1 : 0).ArrayOf(count)
        select new RecordDefinition([.. kept, .. added.Select((field, i) => Appended(field, kept.Length + i))]);

    private static Gen<EsfType> GrownType(EsfType type, int level) => type.Kind switch
    {
        EsfTypeKind.Object => Grown(type.Record!, level + 1).Select(EsfType.ObjectOf),
        EsfTypeKind.Array => GrownType(type.Element!, level + 1).Select(EsfType.ArrayOf),
        EsfTypeKind.Map => GrownType(type.Element!, level + 1).Select(value => EsfType.MapOf(type.Key!, value)),
        _ => Gen.Constant(type),
    };

    private static Gen<T[]> All<T>(IEnumerable<Gen<T>> each)
    {
        Gen<T[]> all = Gen.Constant(Array.Empty<T>());
        foreach (Gen<T> one in each)
        {
            all = from before in all from next in one select (T[])[.. before, next];
        }

        return all;
    }

    private static FieldDefinition Appended(FieldDefinition field, int index) =>
        new(field.Name + "_g" + index, field.Type, isOptional: true, field.Privacy);

    private static FieldDefinition With(FieldDefinition field, EsfType type) => new(field.Name, type, field.IsOptional, field.Privacy);

    /// <summary>Appends values to enums. An enum has one definition per file, so it grows wherever it is used, also in a new
    /// field.</summary>
    private static RecordDefinition WithLongerEnums(RecordDefinition record, int more, RecordDefinition earlier)
    {
        Dictionary<string, EnumDefinition> enums = [];
        foreach (RecordDefinition source in new[] { earlier, record })
        {
            foreach (EnumDefinition found in EnumsOf(source))
            {
                enums.TryAdd(found.Name,
                    new EnumDefinition(found.Name,
                        [.. found.Values, .. Enumerable.Range(0, more).Select(i => $"More{found.Values.Count + i}")]));
            }
        }

        return Replaced(record, enums);
    }

    private static IEnumerable<EnumDefinition> EnumsOf(RecordDefinition record) => record.Fields.SelectMany(field => EnumsOf(field.Type));

    private static IEnumerable<EnumDefinition> EnumsOf(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Enum => [type.Enumeration!],
        EsfTypeKind.Object => EnumsOf(type.Record!),
        EsfTypeKind.Array => EnumsOf(type.Element!),
        EsfTypeKind.Map => EnumsOf(type.Key!).Concat(EnumsOf(type.Element!)),
        _ => [],
    };

    private static RecordDefinition Replaced(RecordDefinition record, Dictionary<string, EnumDefinition> enums) =>
        new([.. record.Fields.Select(field => With(field, Replaced(field.Type, enums)))]);

    private static EsfType Replaced(EsfType type, Dictionary<string, EnumDefinition> enums) => type.Kind switch
    {
        EsfTypeKind.Enum => EsfType.EnumOf(enums[type.Enumeration!.Name]),
        EsfTypeKind.Object => EsfType.ObjectOf(Replaced(type.Record!, enums)),
        EsfTypeKind.Array => EsfType.ArrayOf(Replaced(type.Element!, enums)),
        EsfTypeKind.Map => EsfType.MapOf(Replaced(type.Key!, enums), Replaced(type.Element!, enums)),
        _ => type,
    };
}
