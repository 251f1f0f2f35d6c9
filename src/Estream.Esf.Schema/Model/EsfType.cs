using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>The type of a field, an array element, a map key or a map value. Immutable.</summary>
public sealed class EsfType
{
    private EsfType(
        EsfTypeKind kind,
        int? maxLength = null,
        EnumDefinition? enumeration = null,
        RecordDefinition? record = null,
        EsfType? key = null,
        EsfType? element = null)
    {
        Kind = kind;
        MaxLength = maxLength;
        Enumeration = enumeration;
        Record = record;
        Key = key;
        Element = element;
    }

    /// <summary>The kind of value.</summary>
    public EsfTypeKind Kind { get; }

    /// <summary>The maximum length in bytes of a string, bytes or signature; null if only the maximum length of a message limits the
    /// value.</summary>
    public int? MaxLength { get; }

    /// <summary>The definition of an enum; null for other kinds.</summary>
    public EnumDefinition? Enumeration { get; }

    /// <summary>The fields of an object; null for other kinds.</summary>
    public RecordDefinition? Record { get; }

    /// <summary>The type of a map's keys; null for other kinds.</summary>
    public EsfType? Key { get; }

    /// <summary>The type of an array's elements or a map's values; null for other kinds.</summary>
    public EsfType? Element { get; }

    /// <summary>Whether values of this type contain tokenized fields.</summary>
    public bool HasTokenizedFields => (Record?.HasTokenizedFields ?? false) || (Element?.HasTokenizedFields ?? false);

    /// <summary>Whether values of this type contain private fields: in an object, or in the objects of an array or a map.</summary>
    public bool HasPrivateFields => (Record?.HasPrivateFields ?? false) || (Element?.HasPrivateFields ?? false);

    /// <summary>True if every value has the same size and can be stored in place.</summary>
    public bool IsFixedSize => FixedSize != 0;

    /// <summary>The size in bytes of a value stored in place; 0 if values vary in size.</summary>
    public int FixedSize => Kind switch
    {
        EsfTypeKind.Bool or EsfTypeKind.U8 or EsfTypeKind.I8 => 1,
        EsfTypeKind.U16 or EsfTypeKind.I16 or EsfTypeKind.Enum => 2,
        EsfTypeKind.U32 or EsfTypeKind.I32 or EsfTypeKind.F32 => 4,
        EsfTypeKind.U64 or EsfTypeKind.I64 or EsfTypeKind.F64 or EsfTypeKind.Timestamp => 8,
        EsfTypeKind.Bytes32 => 32,
        _ => 0,
    };

    /// <summary>True if a path, a topic or a map key can contain the value: text, integer, enum, bool, bytes32.</summary>
    public bool HasTextForm => Kind is EsfTypeKind.String || (IsFixedSize && Kind is not (EsfTypeKind.F32 or EsfTypeKind.F64));

    /// <summary>Returns a type that needs no arguments.</summary>
    /// <exception cref="ArgumentException">The kind needs an argument: use the method named after the kind.</exception>
    public static EsfType Of(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.Enum or EsfTypeKind.Object or EsfTypeKind.Array or EsfTypeKind.Map =>
            throw new ArgumentException($"{kind} requires an argument: use {nameof(EsfType)}.{kind}Of.", nameof(kind)),
        EsfTypeKind.PqSignature => new EsfType(kind, EsfLimits.PqSignatureBytes),
        _ => new EsfType(kind),
    };

    /// <summary>Returns the type of text with at most <paramref name="maxBytes"/> UTF-8 bytes.</summary>
    public static EsfType StringOf(int maxBytes) => new(EsfTypeKind.String, maxBytes);

    /// <summary>Returns the type of an enum.</summary>
    public static EsfType EnumOf(EnumDefinition enumeration) => new(EsfTypeKind.Enum, enumeration: enumeration);

    /// <summary>Returns the type of an object with the fields of a record.</summary>
    public static EsfType ObjectOf(RecordDefinition record) => new(EsfTypeKind.Object, record: record);

    /// <summary>Returns the type of an array.</summary>
    public static EsfType ArrayOf(EsfType element) => new(EsfTypeKind.Array, element: element);

    /// <summary>Returns the type of a map.</summary>
    public static EsfType MapOf(EsfType key, EsfType value) => new(EsfTypeKind.Map, key: key, element: value);

    /// <summary>Returns the type as written in a schema file: <c>string(64)</c>, <c>map(string, u32)</c>, <c>OrderSide</c>.</summary>
    public override string ToString() => Kind switch
    {
        EsfTypeKind.String when MaxLength is int limit => "string(" + limit.ToString(CultureInfo.InvariantCulture) + ")",
        EsfTypeKind.Enum => Enumeration!.Name,
        EsfTypeKind.Array => "array(" + Element + ")",
        EsfTypeKind.Map => "map(" + Key + ", " + Element + ")",
        _ => TypeNames.NameOf(Kind),
    };
}
