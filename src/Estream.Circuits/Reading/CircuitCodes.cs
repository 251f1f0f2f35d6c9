namespace Estream.Circuits;

/// <summary>
/// The codes of errors in circuit files. The meaning of a code never changes, and retired codes are not reused. Codes up to 23 match the
/// codes of declared pipelines, since the parts of nodes have the same syntax. An error in a type has a code of the schema language,
/// <c>ESF</c> and a number.
/// </summary>
public static class CircuitCodes
{
    /// <summary>The file is not valid YAML.</summary>
    public const string Syntax = "ECR001";
    /// <summary>YAML features the language does not support: anchors, aliases, tags, several documents.</summary>
    public const string UnsupportedYaml = "ECR002";
    /// <summary>A key occurs twice.</summary>
    public const string DuplicateKey = "ECR003";
    /// <summary>A key is missing.</summary>
    public const string MissingKey = "ECR004";
    /// <summary>A key is unknown at this position.</summary>
    public const string UnknownKey = "ECR005";
    /// <summary>A value of the wrong kind, such as a list where a mapping is required.</summary>
    public const string WrongShape = "ECR006";
    /// <summary>An unknown version of the language, or a value that is not a version.</summary>
    public const string Version = "ECR007";
    /// <summary>A limit on count, length or depth is exceeded.</summary>
    public const string Limit = "ECR008";
    /// <summary>A list or mapping is empty.</summary>
    public const string Empty = "ECR009";
    /// <summary>A name violates the rule for names.</summary>
    public const string Name = "ECR010";
    /// <summary>An unknown type, or a schema file with an error.</summary>
    public const string Schema = "ECR011";
    /// <summary>An expression with an error.</summary>
    public const string Expression = "ECR012";
    /// <summary>An expression whose values are of the wrong kind.</summary>
    public const string Kind = "ECR013";
    /// <summary>A field that does not exist, is set twice, or cannot be set.</summary>
    public const string Field = "ECR014";
    /// <summary>A required field that is not set.</summary>
    public const string RequiredField = "ECR015";
    /// <summary>A duration or number that cannot be read or is out of range.</summary>
    public const string Number = "ECR016";
    /// <summary>An unknown kind of node, or a node that is not allowed in this position.</summary>
    public const string Node = "ECR017";
    /// <summary>A word that is not one of the allowed words.</summary>
    public const string Word = "ECR018";
    /// <summary>A type that does not extend the type before it.</summary>
    public const string Extends = "ECR019";
    /// <summary>A type with private fields in a position where messages cannot be sealed.</summary>
    public const string Private = "ECR020";
    /// <summary>Two declarations that exclude each other: two outputs with the same target, or an input that reads an output.</summary>
    public const string Conflict = "ECR021";
    /// <summary>Two inputs, nodes or outputs with the same name, or two types with the same name.</summary>
    public const string NameTwice = "ECR030";
    /// <summary>A flow with a syntax error.</summary>
    public const string Flow = "ECR031";
    /// <summary>A flow that refers to an unknown name.</summary>
    public const string UnknownName = "ECR032";
    /// <summary>A flow into an input or out of an output.</summary>
    public const string Direction = "ECR033";
    /// <summary>A node or output without incoming flow, or a node without outgoing flow.</summary>
    public const string Loose = "ECR034";
    /// <summary>Flows that form a cycle.</summary>
    public const string Cycle = "ECR035";
    /// <summary>Messages of one type flow where another type is required.</summary>
    public const string TypeMismatch = "ECR036";
    /// <summary>Messages of several inputs meet without a join.</summary>
    public const string SeveralInputs = "ECR037";
    /// <summary>An invariant that cannot be read or checked.</summary>
    public const string Invariant = "ECR038";
    /// <summary>A node or output that too many paths lead to: a message would arrive once for each path.</summary>
    public const string Routes = "ECR039";
    /// <summary>A timer with a key that timers do not have, or with too short an interval.</summary>
    public const string Timer = "ECR040";
    /// <summary>An annotation that does not match the circuit.</summary>
    public const string Annotation = "ECR050";
    /// <summary>A service level that promises nothing, or something that is not measured.</summary>
    public const string ServiceLevel = "ECR051";
    /// <summary>A circuit that requires approval but does not consist of its file alone.</summary>
    public const string Governance = "ECR052";
    /// <summary>An unknown operation.</summary>
    public const string Operation = "ECR060";
    /// <summary>An operation that is not the last node between one input and one output.</summary>
    public const string OperationAlone = "ECR061";
    /// <summary>A type that an operation does not accept or return.</summary>
    public const string OperationType = "ECR062";
    /// <summary>An invalid address, or an address that is already used.</summary>
    public const string Address = "ECR070";
}
