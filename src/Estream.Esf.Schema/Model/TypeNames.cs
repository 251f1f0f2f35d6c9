namespace Estream.Esf.Schema;

/// <summary>The names of the kinds of values in the schema language: one table for the reader, the canonical form and messages.</summary>
internal static class TypeNames
{
    private static readonly KeyValuePair<string, EsfTypeKind>[] s_simple =
    [
        new("bool", EsfTypeKind.Bool),
        new("u8", EsfTypeKind.U8),
        new("u16", EsfTypeKind.U16),
        new("u32", EsfTypeKind.U32),
        new("u64", EsfTypeKind.U64),
        new("i8", EsfTypeKind.I8),
        new("i16", EsfTypeKind.I16),
        new("i32", EsfTypeKind.I32),
        new("i64", EsfTypeKind.I64),
        new("f32", EsfTypeKind.F32),
        new("f64", EsfTypeKind.F64),
        new("timestamp", EsfTypeKind.Timestamp),
        new("bytes32", EsfTypeKind.Bytes32),
        new("string", EsfTypeKind.String),
        new("bytes", EsfTypeKind.Bytes),
        new("pq_signature", EsfTypeKind.PqSignature),
    ];

    /// <summary>Every word that a type can start with, including words that take arguments.</summary>
    public static IEnumerable<string> All => s_simple.Select(pair => pair.Key).Concat(["object", "array", "map", "enum"]);

    /// <summary>Gets the kind for a word that takes no argument.</summary>
    public static bool TryGetSimple(string name, out EsfTypeKind kind)
    {
        foreach (KeyValuePair<string, EsfTypeKind> pair in s_simple)
        {
            if (pair.Key == name)
            {
                kind = pair.Value;
                return true;
            }
        }

        kind = default;
        return false;
    }

    public static string NameOf(EsfTypeKind kind)
    {
        foreach (KeyValuePair<string, EsfTypeKind> pair in s_simple)
        {
            if (pair.Value == kind)
            {
                return pair.Key;
            }
        }

        return kind.ToString().ToLowerInvariant();
    }
}
