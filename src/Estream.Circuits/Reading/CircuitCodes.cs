namespace Estream.Circuits;

/// <summary>
/// The codes of mistakes in circuit files. A code keeps its meaning for ever; unused ones are not given again. Up to 23 they are those of
/// declared pipelines, since the parts of nodes are written alike; a mistake in a type has the code of the schema language, <c>ESF</c> and
/// a number.
/// </summary>
public static class CircuitCodes
{
    /// <summary>The file is not readable YAML.</summary>
    public const string Syntax = "ECR001";
    /// <summary>YAML that the language leaves out: anchors, aliases, tags, several documents.</summary>
    public const string UnsupportedYaml = "ECR002";
    /// <summary>A key stands twice.</summary>
    public const string DuplicateKey = "ECR003";
    /// <summary>A key is missing.</summary>
    public const string MissingKey = "ECR004";
    /// <summary>A key means nothing here.</summary>
    public const string UnknownKey = "ECR005";
    /// <summary>A list where a mapping belongs, and the like.</summary>
    public const string WrongShape = "ECR006";
    /// <summary>A version of the language this reader does not know, or what is no version.</summary>
    public const string Version = "ECR007";
    /// <summary>More, longer or deeper than a limit allows.</summary>
    public const string Limit = "ECR008";
    /// <summary>A list or mapping with nothing in it.</summary>
    public const string Empty = "ECR009";
    /// <summary>A name that breaks the rule for names.</summary>
    public const string Name = "ECR010";
    /// <summary>A type that there is not, or a schema file with a mistake.</summary>
    public const string Schema = "ECR011";
    /// <summary>An expression with a mistake.</summary>
    public const string Expression = "ECR012";
    /// <summary>An expression whose values are of another kind than is needed.</summary>
    public const string Kind = "ECR013";
    /// <summary>A field that there is not, that is set twice or cannot be set.</summary>
    public const string Field = "ECR014";
    /// <summary>A required field that is not set.</summary>
    public const string RequiredField = "ECR015";
    /// <summary>A time or a number that cannot be read or is out of bounds.</summary>
    public const string Number = "ECR016";
    /// <summary>A kind of node that there is not, or that cannot stand where it is.</summary>
    public const string Node = "ECR017";
    /// <summary>A word that is none of those that are meant.</summary>
    public const string Word = "ECR018";
    /// <summary>A type that does not extend the one before it.</summary>
    public const string Extends = "ECR019";
    /// <summary>A type with private fields where messages cannot be sealed.</summary>
    public const string Private = "ECR020";
    /// <summary>Two things that cannot be together: two outputs in one place, or an input in the place of an output.</summary>
    public const string Conflict = "ECR021";
    /// <summary>Two inputs, nodes or outputs of one name, or two types.</summary>
    public const string NameTwice = "ECR030";
    /// <summary>A flow that cannot be read.</summary>
    public const string Flow = "ECR031";
    /// <summary>A flow that names what there is not.</summary>
    public const string UnknownName = "ECR032";
    /// <summary>A flow into an input, or out of an output.</summary>
    public const string Direction = "ECR033";
    /// <summary>A node or an output that nothing flows to, or whose results flow nowhere.</summary>
    public const string Loose = "ECR034";
    /// <summary>Flows that go round.</summary>
    public const string Cycle = "ECR035";
    /// <summary>Messages of one type where those of another are taken.</summary>
    public const string TypeMismatch = "ECR036";
    /// <summary>Messages of several inputs that come together without a join.</summary>
    public const string SeveralInputs = "ECR037";
    /// <summary>An invariant that cannot be read or checked.</summary>
    public const string Invariant = "ECR038";
    /// <summary>A place that more ways lead to than there may be: a message would be there as often.</summary>
    public const string Routes = "ECR039";
    /// <summary>A timer that says what only messages from elsewhere have, or whose interval is too short.</summary>
    public const string Timer = "ECR040";
    /// <summary>An annotation that says something of the circuit which is not so.</summary>
    public const string Annotation = "ECR050";
    /// <summary>A service level that promises nothing, or what is not measured.</summary>
    public const string ServiceLevel = "ECR051";
    /// <summary>A circuit that is to be approved of, and is more than its file.</summary>
    public const string Governance = "ECR052";
    /// <summary>An operation that there is not.</summary>
    public const string Operation = "ECR060";
    /// <summary>An operation that does not stand alone between one input and one output.</summary>
    public const string OperationAlone = "ECR061";
    /// <summary>A type that an operation does not take or give.</summary>
    public const string OperationType = "ECR062";
    /// <summary>An address that is none, or that stands where there is another.</summary>
    public const string Address = "ECR070";
}
