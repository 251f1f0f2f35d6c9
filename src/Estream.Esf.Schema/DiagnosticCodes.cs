namespace Estream.Esf.Schema;

/// <summary>The codes of <see cref="SchemaDiagnostic.Code"/>. A code never changes its meaning, and a retired code is never
/// reused.</summary>
public static class DiagnosticCodes
{
    /// <summary>The file is not readable YAML.</summary>
    public const string Syntax = "ESF001";
    /// <summary>The file uses YAML that the schema language does not support: anchors, aliases, tags, several documents.</summary>
    public const string UnsupportedYaml = "ESF002";
    /// <summary>A key occurs twice.</summary>
    public const string DuplicateKey = "ESF003";
    /// <summary>A key is missing.</summary>
    public const string MissingKey = "ESF004";
    /// <summary>A key is not valid here.</summary>
    public const string UnknownKey = "ESF005";
    /// <summary>A node has the wrong kind, for example a list instead of a mapping.</summary>
    public const string WrongShape = "ESF006";
    /// <summary>The version of the schema language is not supported.</summary>
    public const string Version = "ESF007";
    /// <summary>A name violates the naming rules.</summary>
    public const string Name = "ESF008";
    /// <summary>A type is not defined.</summary>
    public const string UnknownType = "ESF009";
    /// <summary>A type cannot be parsed.</summary>
    public const string TypeSyntax = "ESF010";
    /// <summary>A string length is outside its limits.</summary>
    public const string StringLength = "ESF011";
    /// <summary>The type of a map key has no text form.</summary>
    public const string MapKey = "ESF012";
    /// <summary>An object has no fields, or a field has fields but is not an object.</summary>
    public const string ObjectFields = "ESF013";
    /// <summary>A value is neither true nor false.</summary>
    public const string Boolean = "ESF014";
    /// <summary>A list or mapping is empty.</summary>
    public const string Empty = "ESF015";
    /// <summary>A privacy rule is invalid.</summary>
    public const string Privacy = "ESF016";
    /// <summary>A retention is invalid.</summary>
    public const string Retention = "ESF017";
    /// <summary>A path or lattice is invalid.</summary>
    public const string Address = "ESF018";
    /// <summary>A limit is exceeded: too many items, too long or too deep.</summary>
    public const string Limit = "ESF019";
    /// <summary>Two definitions have the same name.</summary>
    public const string NameConflict = "ESF020";
    /// <summary>A published field was removed.</summary>
    public const string FieldGone = "ESF021";
    /// <summary>A published field has another position, because a field was inserted before it or fields were reordered.</summary>
    public const string FieldMoved = "ESF022";
    /// <summary>A published field has another type.</summary>
    public const string FieldType = "ESF023";
    /// <summary>A published field became optional or required.</summary>
    public const string FieldPresence = "ESF024";
    /// <summary>A published field has another privacy rule.</summary>
    public const string FieldPrivacy = "ESF025";
    /// <summary>A field appended to a published record is required.</summary>
    public const string AppendedRequired = "ESF026";
    /// <summary>The first values of an enum are not its published values.</summary>
    public const string EnumValues = "ESF027";
    /// <summary>A published schema was removed.</summary>
    public const string SchemaGone = "ESF028";
    /// <summary>A lock cannot be read.</summary>
    public const string Lock = "ESF029";
    /// <summary>The id of a line in a lock is not the id of its text.</summary>
    public const string LockId = "ESF030";
    /// <summary>The versions of a schema in a lock do not extend each other.</summary>
    public const string LockHistory = "ESF031";
    /// <summary>An object contains itself.</summary>
    public const string ObjectCycle = "ESF040";
    /// <summary>A pack was not found.</summary>
    public const string UnknownPack = "ESF041";
    /// <summary>A pack has a version that does not satisfy a requirement.</summary>
    public const string PackVersion = "ESF042";
    /// <summary>Packs depend on each other in a cycle.</summary>
    public const string PackCycle = "ESF043";
    /// <summary>Two packs have the same name, or define the same schema.</summary>
    public const string PackConflict = "ESF044";
    /// <summary>A pack is imported but not declared as a requirement.</summary>
    public const string Undeclared = "ESF045";
    /// <summary>The schemas listed in a manifest differ from the schemas in the pack's files.</summary>
    public const string Provides = "ESF046";
    /// <summary>A manifest cannot be read.</summary>
    public const string Manifest = "ESF047";
    /// <summary>A version or a range of versions cannot be parsed.</summary>
    public const string VersionSyntax = "ESF048";
    /// <summary>A stream pattern is unknown, or conflicts with another setting.</summary>
    public const string Pattern = "ESF050";
    /// <summary>The schema to extend does not exist, or extends itself.</summary>
    public const string Base = "ESF060";
    /// <summary>A field has the name of a field of the extended schema.</summary>
    public const string BaseField = "ESF061";
}
