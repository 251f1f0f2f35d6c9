namespace Estream.Streams.Pipelines;

/// <summary>The codes of errors in pipeline files. A code never changes its meaning; retired codes are not reused.</summary>
public static class PipelineCodes
{
    /// <summary>The file is not valid YAML.</summary>
    public const string Syntax = "EPL001";
    /// <summary>Unsupported YAML: anchors, aliases, tags, or several documents.</summary>
    public const string UnsupportedYaml = "EPL002";
    /// <summary>A key occurs twice.</summary>
    public const string DuplicateKey = "EPL003";
    /// <summary>A required key is missing.</summary>
    public const string MissingKey = "EPL004";
    /// <summary>A key is unknown at this position.</summary>
    public const string UnknownKey = "EPL005";
    /// <summary>A node has the wrong shape, such as a list instead of a mapping.</summary>
    public const string WrongShape = "EPL006";
    /// <summary>An unsupported version of the language.</summary>
    public const string Version = "EPL007";
    /// <summary>A limit for number, length or depth is exceeded.</summary>
    public const string Limit = "EPL008";
    /// <summary>An empty list or mapping.</summary>
    public const string Empty = "EPL009";
    /// <summary>An invalid name.</summary>
    public const string Name = "EPL010";
    /// <summary>An unknown schema, or a schema file with an error.</summary>
    public const string Schema = "EPL011";
    /// <summary>An expression with an error.</summary>
    public const string Expression = "EPL012";
    /// <summary>An expression whose value is of the wrong kind.</summary>
    public const string Kind = "EPL013";
    /// <summary>A field that does not exist, is set twice or cannot be set.</summary>
    public const string Field = "EPL014";
    /// <summary>A required field that is not set.</summary>
    public const string RequiredField = "EPL015";
    /// <summary>A duration or number that is invalid or out of range.</summary>
    public const string Number = "EPL016";
    /// <summary>An unknown stage, or a stage at a position where it is not allowed.</summary>
    public const string Stage = "EPL017";
    /// <summary>A word that is not one of the allowed words.</summary>
    public const string Word = "EPL018";
    /// <summary>A schema that does not extend the previous one.</summary>
    public const string Extends = "EPL019";
    /// <summary>A schema with private fields at a position where messages cannot be sealed.</summary>
    public const string Private = "EPL020";
    /// <summary>Two pipelines that have the same name, or write a resource that only one of them may write.</summary>
    public const string Conflict = "EPL021";
    /// <summary>An unknown queue or map.</summary>
    public const string Place = "EPL022";
    /// <summary>An audience for which the schema has no private field.</summary>
    public const string Audience = "EPL023";
    /// <summary>A lattice or address pattern that is invalid, or that matches no message of the schema.</summary>
    public const string Pattern = "EPL024";
}
