using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>The kinds of values in the schema language.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The kinds are named as the schema language names them.")]
public enum EsfTypeKind
{
    /// <summary>A truth value, one byte, 0 or 1.</summary>
    Bool,
    /// <summary>An unsigned integer of 8 bits.</summary>
    U8,
    /// <summary>An unsigned integer of 16 bits.</summary>
    U16,
    /// <summary>An unsigned integer of 32 bits.</summary>
    U32,
    /// <summary>An unsigned integer of 64 bits.</summary>
    U64,
    /// <summary>A signed integer of 8 bits.</summary>
    I8,
    /// <summary>A signed integer of 16 bits.</summary>
    I16,
    /// <summary>A signed integer of 32 bits.</summary>
    I32,
    /// <summary>A signed integer of 64 bits.</summary>
    I64,
    /// <summary>An IEEE 754 binary32 number.</summary>
    F32,
    /// <summary>An IEEE 754 binary64 number.</summary>
    F64,
    /// <summary>Signed 64-bit nanoseconds, since the Unix epoch by convention; any value is accepted.</summary>
    Timestamp,
    /// <summary>A value of an enum, stored as its ordinal in 16 bits.</summary>
    Enum,
    /// <summary>Exactly 32 bytes, stored in place.</summary>
    Bytes32,
    /// <summary>UTF-8 text, with an upper limit in bytes when written <c>string(N)</c>.</summary>
    String,
    /// <summary>Any bytes.</summary>
    Bytes,
    /// <summary>An ML-DSA-87 signature: at most 4627 bytes.</summary>
    PqSignature,
    /// <summary>A nested record with its own fields.</summary>
    Object,
    /// <summary>A sequence of values of one type.</summary>
    Array,
    /// <summary>Values by distinct key, in the order in which they were written.</summary>
    Map,
}
