using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Pieces of C# that views and writers share.</summary>
internal static class RecordText
{
    public const string Inline = "[MethodImpl(MethodImplOptions.AggressiveInlining)]";

    public const string Get = "EsfGet.";
    public const string Put = "EsfPut.";
    public const string ReadOnlyBytes = "ReadOnlySpan<byte>";
    public const string WritableBytes = "Span<byte>";

    private const string Binary = "BinaryPrimitives.";

    /// <summary>The expression that reads a value of fixed size from its slot.</summary>
    public static string Read(FieldModel field) => Read(field, field.Block, field.Layout.Offset, field.ViewSlot);

    /// <summary>The expression that reads a value of fixed size from a region of its own.</summary>
    public static string ReadFrom(FieldModel field, string region) => Read(field, region, 0, region);

    /// <summary>The statement that stores a value of fixed size in its slot.</summary>
    public static string Store(FieldModel field) => Store(field, "_fixed", field.Layout.Offset, field.Slot);

    /// <summary>The statement that stores a value of fixed size in a region of its own.</summary>
    public static string StoreIn(FieldModel field, string region) => Store(field, region, 0, region);

    private static string Read(FieldModel field, string bytes, int at, string slot) => field.Kind switch
    {
        EsfTypeKind.Bool => $"{bytes}[{at}] != 0",
        EsfTypeKind.U8 => $"{bytes}[{at}]",
        EsfTypeKind.I8 => $"(sbyte){bytes}[{at}]",
        EsfTypeKind.Bytes32 => slot,
        EsfTypeKind.Enum => $"({field.Shape.View}){Binary}ReadUInt16LittleEndian({slot})",
        _ => $"{Binary}Read{WordOf(field.Kind)}LittleEndian({slot})",
    };

    private static string Store(FieldModel field, string bytes, int at, string slot) => field.Kind switch
    {
        EsfTypeKind.Bool => $"{bytes}[{at}] = value ? (byte)1 : (byte)0;",
        EsfTypeKind.U8 => $"{bytes}[{at}] = value;",
        EsfTypeKind.I8 => $"{bytes}[{at}] = (byte)value;",
        EsfTypeKind.Bytes32 => $"{Put}Bytes32({slot}, value, {field.Quoted});",
        EsfTypeKind.Enum => $"{Binary}WriteUInt16LittleEndian({slot}, (ushort)value);",
        _ => $"{Binary}Write{WordOf(field.Kind)}LittleEndian({slot}, value);",
    };

    /// <summary>What a field is, in one line.</summary>
    public static string Describe(FieldModel field)
    {
        string unit = field.Kind switch
        {
            EsfTypeKind.Timestamp => " Nanoseconds, since the Unix epoch by convention.",
            EsfTypeKind.String => field.Definition.Type.MaxLength is int max ? $" UTF-8, at most {max} bytes." : " UTF-8.",
            EsfTypeKind.Bytes32 => " Exactly 32 bytes.",
            EsfTypeKind.PqSignature => $" At most {EsfLimits.PqSignatureBytes} bytes.",
            _ => "",
        };
        return $"{(field.Definition.Description ?? $"Field {field.Definition.Name}").TrimEnd('.')}.{unit}";
    }

    private static string WordOf(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.U16 => "UInt16",
        EsfTypeKind.U32 => "UInt32",
        EsfTypeKind.U64 => "UInt64",
        EsfTypeKind.I16 => "Int16",
        EsfTypeKind.I32 => "Int32",
        EsfTypeKind.F32 => "Single",
        EsfTypeKind.F64 => "Double",
        _ => "Int64",
    };
}
