namespace Estream.Esf.Schema;

/// <summary>
/// The limits of the format. Each limit bounds a length, a loop or a depth that depends on outside input: on a schema file or on a message.
/// </summary>
public static class EsfLimits
{
    /// <summary>The maximum length of a schema file in UTF-16 code units.</summary>
    public const int MaxSchemaFileChars = 1 << 20;

    /// <summary>The maximum length of a lock in UTF-16 code units. A lock contains every published version.</summary>
    public const int MaxLockFileChars = 1 << 24;

    /// <summary>The maximum number of schemas, and of enums, in one file.</summary>
    public const int MaxDefinitionsPerFile = 1024;

    /// <summary>The maximum number of fields in one record.</summary>
    public const int MaxFields = 256;

    /// <summary>The maximum total number of fields of a schema or a named object, including the fields of all objects in it.</summary>
    public const int MaxFieldsInAll = 4096;

    /// <summary>The maximum number of packs in a composition.</summary>
    public const int MaxPacks = 1024;

    /// <summary>The maximum number of values of one enum: the range of 16 bits.</summary>
    public const int MaxEnumValues = 65_536;

    /// <summary>The maximum nesting of objects, arrays and maps in a record.</summary>
    public const int MaxDepth = 8;

    /// <summary>The maximum length of a chain of schemas that extend each other.</summary>
    public const int MaxExtended = 32;

    /// <summary>The maximum number of audiences of the private fields of one schema, and the maximum number of groups of audiences: the
    /// number of bits in a recipient's mask.</summary>
    public const int MaxAudiences = 32;

    /// <summary>The maximum number of recipients of one message: one per key of an audience.</summary>
    public const int MaxRecipients = 64;

    /// <summary>The maximum number of sub-lexes of one schema.</summary>
    public const int MaxSubLexes = 8;

    /// <summary>The maximum length of a name in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>The maximum length of a message in bytes, and therefore the largest N of <c>string(N)</c>: 64 MiB.</summary>
    public const int MaxMessageBytes = 1 << 26;

    /// <summary>The length in bytes of an ML-DSA-87 signature, the longest value of <c>pq_signature</c>.</summary>
    public const int PqSignatureBytes = 4627;
}
