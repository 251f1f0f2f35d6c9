using Estream.Esf.Schema;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Generation;

/// <summary>Generates schemas of every type, nested a few levels deep, with optional fields, privacy and card numbers.</summary>
public static class SchemaGen
{
    private static readonly EnumDefinition[] s_enums =
    [
        new("DoorState", ["Open", "Ajar", "Closed"]),
        new("Single", ["only_one"]),
        new("Large", [.. Enumerable.Range(0, 300).Select(i => "V" + i)]),
    ];

    private static readonly EsfTypeKind[] s_fixed =
    [
        EsfTypeKind.Bool, EsfTypeKind.U8, EsfTypeKind.U16, EsfTypeKind.U32, EsfTypeKind.U64, EsfTypeKind.I8, EsfTypeKind.I16,
        EsfTypeKind.I32, EsfTypeKind.I64, EsfTypeKind.Timestamp, EsfTypeKind.Bytes32,
    ];

    private static readonly EsfTypeKind[] s_others =
        [EsfTypeKind.F32, EsfTypeKind.F64, EsfTypeKind.Bytes, EsfTypeKind.PqSignature];

    private static readonly PrivacyRule?[] s_rules =
    [
        new(PrivacyLevel.Encrypted, []),
        new(PrivacyLevel.Encrypted, [new("auditor", PrivacyLevel.Public)]),
        new(PrivacyLevel.Encrypted, [new("auditor", PrivacyLevel.Encrypted), new("owner", PrivacyLevel.Public)]),
        new(PrivacyLevel.Encrypted, [new("owner", PrivacyLevel.Public), new("auditor", PrivacyLevel.Public)]),
    ];

    /// <summary>Types that can be map keys, path segments and captures.</summary>
    public static Gen<EsfType> KeyType { get; } = Gen.OneOf(
        Gen.Elements(s_fixed).Select(EsfType.Of),
        Gen.Elements(s_enums).Select(EsfType.EnumOf),
        Gen.Choose(1, 20).Select(EsfType.StringOf),
        Gen.Constant(EsfType.Of(EsfTypeKind.String)));

    /// <summary>A schema of one to twelve fields.</summary>
    public static Gen<MessageSchema> Schema { get; } =
        from record in Record(3, 12)
        from name in Gen.Elements("Reading", "Order", "a", "Zz_9")
        from subLexes in Gen.Elements<string?>(null, "wide", "x1").ArrayOf(4)
        select new MessageSchema("test.generated", name, WithSubLexes(record, subLexes));

    private static Gen<RecordDefinition> Record(int depth, int maxFields) =>
        from count in Gen.Choose(1, maxFields)
        from fields in Field(depth).ArrayOf(count)
        select new RecordDefinition([.. fields.Select((field, i) => Rename(field, i))]);

    /// <summary>Generates a field whose type is nested to a given depth.</summary>
    public static Gen<FieldDefinition> Field(int depth) =>
        from name in Gen.Elements("id", "value", "length", "class", "has_id", "a1", "a_1", "view", "bytes", "start", "to_string", "new")
        from type in Type(depth)
        from optional in Gen.Elements(true, false)
        from privacy in Gen.Frequency((8, Gen.Constant<PrivacyRule?>(null)), (2, Gen.Elements(s_rules)))
        from isCard in Gen.Choose(0, 9)
        select isCard == 0 ? Card(name, type.MaxLength, optional) : new FieldDefinition(name, type, optional, privacy);

    private static FieldDefinition Card(string name, int? maxLength, bool optional) =>
        new(name, maxLength is null ? EsfType.Of(EsfTypeKind.String) : EsfType.StringOf(19), optional,
            new PrivacyRule(PrivacyLevel.Tokenized, []));

    private static Gen<EsfType> Type(int depth)
    {
        Gen<EsfType> single = Gen.OneOf(KeyType, Gen.Elements(s_others).Select(EsfType.Of));
        if (depth == 0)
        {
            return single;
        }

        return Gen.Frequency(
            (6, single),
            (1, Type(depth - 1).Select(EsfType.ArrayOf)),
            (1, from key in KeyType from value in Type(depth - 1) select EsfType.MapOf(key, value)),
            (1, Record(depth - 1, 4).Select(EsfType.ObjectOf)));
    }

    /// <summary>Puts some private fields into sub-lexes, except fields nested in private fields.</summary>
    private static RecordDefinition WithSubLexes(RecordDefinition record, string?[] names) =>
        new([.. record.Fields.Select((field, i) => new FieldDefinition(
            field.Name,
            field.IsPrivate ? field.Type : WithSubLexes(field.Type, names),
            field.IsOptional,
            field.IsPrivate
                ? new PrivacyRule(field.Privacy.DefaultLevel, field.Privacy.Audiences, names[i % names.Length])
                : field.Privacy))]);

    private static EsfType WithSubLexes(EsfType type, string?[] names) => type.Kind switch
    {
        EsfTypeKind.Object => EsfType.ObjectOf(WithSubLexes(type.Record!, names)),
        EsfTypeKind.Array => EsfType.ArrayOf(WithSubLexes(type.Element!, names)),
        EsfTypeKind.Map => EsfType.MapOf(type.Key!, WithSubLexes(type.Element!, names)),
        _ => type,
    };

    /// <summary>Makes names distinct in a record: all fields but the first get a suffix.</summary>
    private static FieldDefinition Rename(FieldDefinition field, int index) =>
        index == 0 ? field : new FieldDefinition(field.Name + "_f" + index, field.Type, field.IsOptional, field.Privacy);
}
