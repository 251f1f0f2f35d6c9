namespace Estream.Esf.Schema;

/// <summary>The codes of <see cref="SchemaDiagnostic.Code"/>. A code keeps its meaning for ever; unused ones are not given again.</summary>
public static class DiagnosticCodes
{
    /// <summary>The file is not readable YAML.</summary>
    public const string Syntax = "ESF001";
    /// <summary>YAML that the language leaves out: anchors, aliases, tags, several documents.</summary>
    public const string UnsupportedYaml = "ESF002";
    /// <summary>A key stands twice.</summary>
    public const string DuplicateKey = "ESF003";
    /// <summary>A key is missing.</summary>
    public const string MissingKey = "ESF004";
    /// <summary>A key means nothing here.</summary>
    public const string UnknownKey = "ESF005";
    /// <summary>A list where a mapping belongs, and the like.</summary>
    public const string WrongShape = "ESF006";
    /// <summary>A language version this reader does not know.</summary>
    public const string Version = "ESF007";
    /// <summary>A name that breaks the rule for names.</summary>
    public const string Name = "ESF008";
    /// <summary>A type nobody defined.</summary>
    public const string UnknownType = "ESF009";
    /// <summary>A type that cannot be parsed.</summary>
    public const string TypeSyntax = "ESF010";
    /// <summary>A string length outside its limits.</summary>
    public const string StringLength = "ESF011";
    /// <summary>A map key of a type without a text form.</summary>
    public const string MapKey = "ESF012";
    /// <summary>An object without fields, or fields without an object.</summary>
    public const string ObjectFields = "ESF013";
    /// <summary>A value that is neither true nor false.</summary>
    public const string Boolean = "ESF014";
    /// <summary>A list or mapping with nothing in it.</summary>
    public const string Empty = "ESF015";
    /// <summary>A privacy rule that cannot be read.</summary>
    public const string Privacy = "ESF016";
    /// <summary>A retention that cannot be read.</summary>
    public const string Retention = "ESF017";
    /// <summary>A path or lattice that cannot be read.</summary>
    public const string Address = "ESF018";
    /// <summary>More, longer or deeper than a limit allows.</summary>
    public const string Limit = "ESF019";
    /// <summary>Two things of one name.</summary>
    public const string NameConflict = "ESF020";
    /// <summary>A published field is gone.</summary>
    public const string FieldGone = "ESF021";
    /// <summary>A published field stands at another place: something was put before it.</summary>
    public const string FieldMoved = "ESF022";
    /// <summary>A published field has another type.</summary>
    public const string FieldType = "ESF023";
    /// <summary>A published field became optional or required.</summary>
    public const string FieldPresence = "ESF024";
    /// <summary>A published field has another privacy rule.</summary>
    public const string FieldPrivacy = "ESF025";
    /// <summary>A field appended to a published record is required.</summary>
    public const string AppendedRequired = "ESF026";
    /// <summary>The published values of an enum are not its first ones.</summary>
    public const string EnumValues = "ESF027";
    /// <summary>A published schema is gone.</summary>
    public const string SchemaGone = "ESF028";
    /// <summary>A lock that cannot be read.</summary>
    public const string Lock = "ESF029";
    /// <summary>A lock whose line does not have the id of its text.</summary>
    public const string LockId = "ESF030";
    /// <summary>A lock whose versions are not versions of each other.</summary>
    public const string LockHistory = "ESF031";
    /// <summary>An object that holds itself.</summary>
    public const string ObjectCycle = "ESF040";
    /// <summary>A pack that is not here.</summary>
    public const string UnknownPack = "ESF041";
    /// <summary>A pack of a version that somebody cannot use.</summary>
    public const string PackVersion = "ESF042";
    /// <summary>Packs that need each other.</summary>
    public const string PackCycle = "ESF043";
    /// <summary>Two packs of one name, or of one schema.</summary>
    public const string PackConflict = "ESF044";
    /// <summary>A pack that is imported and not required.</summary>
    public const string Undeclared = "ESF045";
    /// <summary>A manifest that lists other schemas than the files hold.</summary>
    public const string Provides = "ESF046";
    /// <summary>A manifest that cannot be read.</summary>
    public const string Manifest = "ESF047";
    /// <summary>A version or a range of versions that cannot be read.</summary>
    public const string VersionSyntax = "ESF048";
    /// <summary>A stream pattern that there is not, or that does not go with something else.</summary>
    public const string Pattern = "ESF050";
    /// <summary>A schema to extend that there is not, or that extends itself.</summary>
    public const string Base = "ESF060";
    /// <summary>A field that the extended schema has already.</summary>
    public const string BaseField = "ESF061";
}
