using System.Diagnostics.CodeAnalysis;

namespace Estream.Esf.Schema;

/// <summary>The kinds of value the schema language knows.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The kinds are named as the schema language names them.")]
public enum EsfTypeKind
{
    /// <summary>A truth value, one byte, 0 or 1.</summary>
    Bool,
    /// <summary>Unsigned integer of 8 bits.</summary>
    U8,
    /// <summary>Unsigned integer of 16 bits.</summary>
    U16,
    /// <summary>Unsigned integer of 32 bits.</summary>
    U32,
    /// <summary>Unsigned integer of 64 bits.</summary>
    U64,
    /// <summary>Signed integer of 8 bits.</summary>
    I8,
    /// <summary>Signed integer of 16 bits.</summary>
    I16,
    /// <summary>Signed integer of 32 bits.</summary>
    I32,
    /// <summary>Signed integer of 64 bits.</summary>
    I64,
    /// <summary>IEEE 754 binary32.</summary>
    F32,
    /// <summary>IEEE 754 binary64.</summary>
    F64,
    /// <summary>Signed 64-bit nanoseconds, since the Unix epoch by convention; any value is accepted.</summary>
    Timestamp,
    /// <summary>One of the names of an enum, stored as its ordinal in 16 bits.</summary>
    Enum,
    /// <summary>Exactly 32 bytes, stored in place.</summary>
    Bytes32,
    /// <summary>UTF-8 text, with an upper limit in bytes when written <c>string(N)</c>.</summary>
    String,
    /// <summary>Any bytes.</summary>
    Bytes,
    /// <summary>An ML-DSA-87 signature: at most 4627 bytes.</summary>
    PqSignature,
    /// <summary>A record inside the record, with fields of its own.</summary>
    Object,
    /// <summary>Values of one type in order.</summary>
    Array,
    /// <summary>Values by distinct key, in the order written.</summary>
    Map,
}
