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

    /// <summary>What kind of value it is.</summary>
    public EsfTypeKind Kind { get; }

    /// <summary>Longest value in bytes of a string, bytes or signature; null when only the message limits it.</summary>
    public int? MaxLength { get; }

    /// <summary>The enum's definition; null for other kinds.</summary>
    public EnumDefinition? Enumeration { get; }

    /// <summary>The object's fields; null for other kinds.</summary>
    public RecordDefinition? Record { get; }

    /// <summary>Type of a map's keys; null for other kinds.</summary>
    public EsfType? Key { get; }

    /// <summary>Type of an array's elements or a map's values; null for other kinds.</summary>
    public EsfType? Element { get; }

    /// <summary>Whether tokenized fields stand in values of this type.</summary>
    public bool HasTokenizedFields => (Record?.HasTokenizedFields ?? false) || (Element?.HasTokenizedFields ?? false);

    /// <summary>Whether private fields stand in values of this type: in an object, or in the objects of an array or a map.</summary>
    public bool HasPrivateFields => (Record?.HasPrivateFields ?? false) || (Element?.HasPrivateFields ?? false);

    /// <summary>True when every value has the same size and can be stored in place.</summary>
    public bool IsFixedSize => FixedSize != 0;

    /// <summary>Size in bytes of a value stored in place; 0 when values vary in size.</summary>
    public int FixedSize => Kind switch
    {
        EsfTypeKind.Bool or EsfTypeKind.U8 or EsfTypeKind.I8 => 1,
        EsfTypeKind.U16 or EsfTypeKind.I16 or EsfTypeKind.Enum => 2,
        EsfTypeKind.U32 or EsfTypeKind.I32 or EsfTypeKind.F32 => 4,
        EsfTypeKind.U64 or EsfTypeKind.I64 or EsfTypeKind.F64 or EsfTypeKind.Timestamp => 8,
        EsfTypeKind.Bytes32 => 32,
        _ => 0,
    };

    /// <summary>True for a value that a path, a topic or a map key can spell: text, number, enum, bool, bytes32.</summary>
    public bool HasTextForm => Kind is EsfTypeKind.String || (IsFixedSize && Kind is not (EsfTypeKind.F32 or EsfTypeKind.F64));

    /// <summary>A type that needs no more than its kind.</summary>
    /// <exception cref="ArgumentException">The kind needs an argument: use the method named after it.</exception>
    public static EsfType Of(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.Enum or EsfTypeKind.Object or EsfTypeKind.Array or EsfTypeKind.Map =>
            throw new ArgumentException($"{kind} needs a definition: use the method named after it.", nameof(kind)),
        EsfTypeKind.PqSignature => new EsfType(kind, EsfLimits.PqSignatureBytes),
        _ => new EsfType(kind),
    };

    /// <summary>Text of at most <paramref name="maxBytes"/> UTF-8 bytes.</summary>
    public static EsfType StringOf(int maxBytes) => new(EsfTypeKind.String, maxBytes);

    /// <summary>One of the names of an enum.</summary>
    public static EsfType EnumOf(EnumDefinition enumeration) => new(EsfTypeKind.Enum, enumeration: enumeration);

    /// <summary>A record with fields of its own.</summary>
    public static EsfType ObjectOf(RecordDefinition record) => new(EsfTypeKind.Object, record: record);

    /// <summary>Values of one type in order.</summary>
    public static EsfType ArrayOf(EsfType element) => new(EsfTypeKind.Array, element: element);

    /// <summary>Values by key.</summary>
    public static EsfType MapOf(EsfType key, EsfType value) => new(EsfTypeKind.Map, key: key, element: value);

    /// <summary>The type as a schema file writes it: <c>string(64)</c>, <c>map(string, u32)</c>, <c>OrderSide</c>.</summary>
    public override string ToString() => Kind switch
    {
        EsfTypeKind.String when MaxLength is int limit => "string(" + limit.ToString(CultureInfo.InvariantCulture) + ")",
        EsfTypeKind.Enum => Enumeration!.Name,
        EsfTypeKind.Array => "array(" + Element + ")",
        EsfTypeKind.Map => "map(" + Key + ", " + Element + ")",
        _ => TypeNames.NameOf(Kind),
    };
}
