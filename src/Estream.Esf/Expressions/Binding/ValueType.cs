using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Binding;

/// <summary>The type of a subexpression.</summary>
internal readonly record struct ValueType(EsfValueKind Kind, EnumDefinition? Enum = null)
{
    public bool IsNumeric => Kind is EsfValueKind.Integer or EsfValueKind.Number;

    public static ValueType Of(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Bool => new ValueType(EsfValueKind.Boolean),
        EsfTypeKind.F32 or EsfTypeKind.F64 => new ValueType(EsfValueKind.Number),
        EsfTypeKind.String => new ValueType(EsfValueKind.Text),
        EsfTypeKind.Bytes or EsfTypeKind.Bytes32 or EsfTypeKind.PqSignature => new ValueType(EsfValueKind.Bytes),
        EsfTypeKind.Enum => new ValueType(EsfValueKind.Enum, type.Enumeration),
        EsfTypeKind.Object => new ValueType(EsfValueKind.Object),
        EsfTypeKind.Array or EsfTypeKind.Map => new ValueType(EsfValueKind.Sequence),
        _ => new ValueType(EsfValueKind.Integer),
    };

    /// <summary>Whether two types are interchangeable. Two enums are interchangeable if they have the same name and values.</summary>
    public bool IsSame(ValueType other) => Kind == other.Kind && (Kind != EsfValueKind.Enum || IsSame(Enum!, other.Enum!));

    public static bool IsSame(EnumDefinition one, EnumDefinition other) =>
        ReferenceEquals(one, other) || (one.Name == other.Name && one.Values.SequenceEqual(other.Values));

    /// <summary>The type in words, for error messages.</summary>
    public string InWords => Enum is null ? Words.Of(Kind) : $"a value of {Enum.Name}";
}
