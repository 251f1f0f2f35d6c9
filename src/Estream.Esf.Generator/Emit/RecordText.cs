using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>C# fragments shared by views and writers.</summary>
internal static class RecordText
{
    public const string Inline = "[MethodImpl(MethodImplOptions.AggressiveInlining)]";

    public const string Get = "EsfGet.";
    public const string Put = "EsfPut.";
    public const string ReadOnlyBytes = "ReadOnlySpan<byte>";
    public const string WritableBytes = "Span<byte>";

    /// <summary>Returns the expression that reads a value of fixed size from its slot.</summary>
    public static string Read(FieldModel field) => Read(field, field.Block, field.Layout.Offset);

    /// <summary>Returns the expression that reads a value of fixed size from a separate region.</summary>
    public static string ReadFrom(FieldModel field, string region) => field.Kind == EsfTypeKind.Bytes32 ? region : Read(field, region, 0);

    /// <summary>Returns the statement that stores a value of fixed size in a block.</summary>
    public static string Store(FieldModel field, string block) => Store(field, block, field.Layout.Offset);

    /// <summary>Returns the statement that stores a value of fixed size in a separate region.</summary>
    public static string StoreIn(FieldModel field, string region) => Store(field, region, 0);

    private static string Read(FieldModel field, string bytes, int at) => field.Kind switch
    {
        EsfTypeKind.Bool => $"{bytes}[{at}] != 0",
        EsfTypeKind.U8 => $"{bytes}[{at}]",
        EsfTypeKind.I8 => $"(sbyte){bytes}[{at}]",
        EsfTypeKind.Bytes32 => $"{bytes}.Slice({at}, 32)",
        EsfTypeKind.Enum => $"({field.Shape.View}){Get}Value<ushort>({bytes}, {at})",
        _ => $"{Get}Value<{field.Shape.View}>({bytes}, {at})",
    };

    private static string Store(FieldModel field, string bytes, int at) => field.Kind switch
    {
        EsfTypeKind.Bool => $"{bytes}[{at}] = value ? (byte)1 : (byte)0;",
        EsfTypeKind.U8 => $"{bytes}[{at}] = value;",
        EsfTypeKind.I8 => $"{bytes}[{at}] = (byte)value;",
        EsfTypeKind.Bytes32 => $"{Put}Bytes32({bytes}.Slice({at}, 32), value, {field.Quoted});",
        EsfTypeKind.Enum => $"{Put}Value({bytes}, {at}, (ushort)value);",
        _ => $"{Put}Value({bytes}, {at}, value);",
    };

    /// <summary>Returns a description of a field in one line.</summary>
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
}
