namespace Estream.Esf.Schema;

/// <summary>
/// The limits of the format. Each bounds a length, a loop or a depth that comes from outside, from a schema file
/// as much as from a message.
/// </summary>
public static class EsfLimits
{
    /// <summary>Longest schema file in UTF-16 code units.</summary>
    public const int MaxSchemaFileChars = 1 << 20;

    /// <summary>Longest lock in UTF-16 code units: a lock holds every version ever published.</summary>
    public const int MaxLockFileChars = 1 << 24;

    /// <summary>Most schemas, and most enums, in one file.</summary>
    public const int MaxDefinitionsPerFile = 1024;

    /// <summary>Most fields in one record.</summary>
    public const int MaxFields = 256;

    /// <summary>Most fields of a schema or a named object in all, every object in it written out.</summary>
    public const int MaxFieldsInAll = 4096;

    /// <summary>Most packs that are composed.</summary>
    public const int MaxPacks = 1024;

    /// <summary>Most values of one enum: what 16 bits can number.</summary>
    public const int MaxEnumValues = 65_536;

    /// <summary>Deepest nesting of objects, arrays and maps below a record.</summary>
    public const int MaxDepth = 8;

    /// <summary>Most schemas that a schema extends, one behind the other.</summary>
    public const int MaxExtended = 32;

    /// <summary>Most audiences that read private fields of one schema, and most different groups of them: what a recipient's mask can
    /// name.</summary>
    public const int MaxAudiences = 32;

    /// <summary>Most recipients of one message: one for each key of an audience.</summary>
    public const int MaxRecipients = 64;

    /// <summary>Most sub-lexes of one schema.</summary>
    public const int MaxSubLexes = 8;

    /// <summary>Longest name in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>Longest message in bytes, and therefore the largest N of <c>string(N)</c>: 64 MiB.</summary>
    public const int MaxMessageBytes = 1 << 26;

    /// <summary>Length in bytes of an ML-DSA-87 signature, the longest value of <c>pq_signature</c>.</summary>
    public const int PqSignatureBytes = 4627;
}
