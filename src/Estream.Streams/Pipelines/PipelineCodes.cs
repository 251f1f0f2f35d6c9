namespace Estream.Streams.Pipelines;

/// <summary>The codes of mistakes in pipeline files. A code keeps its meaning for ever; unused ones are not given again.</summary>
public static class PipelineCodes
{
    /// <summary>The file is not readable YAML.</summary>
    public const string Syntax = "EPL001";
    /// <summary>YAML that the language leaves out: anchors, aliases, tags, several documents.</summary>
    public const string UnsupportedYaml = "EPL002";
    /// <summary>A key stands twice.</summary>
    public const string DuplicateKey = "EPL003";
    /// <summary>A key is missing.</summary>
    public const string MissingKey = "EPL004";
    /// <summary>A key means nothing here.</summary>
    public const string UnknownKey = "EPL005";
    /// <summary>A list where a mapping belongs, and the like.</summary>
    public const string WrongShape = "EPL006";
    /// <summary>A language version this reader does not know.</summary>
    public const string Version = "EPL007";
    /// <summary>More, longer or deeper than a limit allows.</summary>
    public const string Limit = "EPL008";
    /// <summary>A list or mapping with nothing in it.</summary>
    public const string Empty = "EPL009";
    /// <summary>A name that breaks the rule for names.</summary>
    public const string Name = "EPL010";
    /// <summary>A schema that there is not, or a schema file with a mistake.</summary>
    public const string Schema = "EPL011";
    /// <summary>An expression with a mistake.</summary>
    public const string Expression = "EPL012";
    /// <summary>An expression whose values are of another kind than is needed.</summary>
    public const string Kind = "EPL013";
    /// <summary>A field that there is not, that is set twice or cannot be set.</summary>
    public const string Field = "EPL014";
    /// <summary>A required field that is not set.</summary>
    public const string RequiredField = "EPL015";
    /// <summary>A time or a number that cannot be read or is out of bounds.</summary>
    public const string Number = "EPL016";
    /// <summary>A stage that there is not, or that cannot stand where it is.</summary>
    public const string Stage = "EPL017";
    /// <summary>A word that is none of those that are meant.</summary>
    public const string Word = "EPL018";
    /// <summary>A schema that does not extend the one before it.</summary>
    public const string Extends = "EPL019";
    /// <summary>A schema with private fields where messages cannot be sealed.</summary>
    public const string Private = "EPL020";
    /// <summary>Two pipelines of one name, or that write what has to be one's alone.</summary>
    public const string Conflict = "EPL021";
    /// <summary>A queue or a map that there is not.</summary>
    public const string Place = "EPL022";
    /// <summary>An audience for which the schema has no private field.</summary>
    public const string Audience = "EPL023";
    /// <summary>A pattern of lattices or addresses that is none, or that means no message of the schema.</summary>
    public const string Pattern = "EPL024";
}
