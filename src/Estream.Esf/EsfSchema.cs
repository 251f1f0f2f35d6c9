using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>A schema prepared for use at run time, with field offsets and names computed once. Immutable and thread-safe.</summary>
public sealed class EsfSchema
{
    private readonly EsfField[] _fields;

    /// <summary>Prepares a schema. Takes microseconds: create it once and keep the result.</summary>
    /// <exception cref="ArgumentException">The private fields name more audiences than <see cref="EsfLimits.MaxAudiences"/>, or name
    /// too many or misplaced sub-lexes.</exception>
    public EsfSchema(MessageSchema definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        Audiences = AudienceGroups.Of(definition.Record);
        if (!Audiences.AreWithinLimits)
        {
            throw new ArgumentException(
                $"The private fields of {definition.QualifiedName} are for more than {EsfLimits.MaxAudiences} audiences or groups of "
                + "audiences. Merge audiences, or split the schema.", nameof(definition));
        }

        SubLexes subLexes = Schema.SubLexes.Of(definition.Record);
        if (subLexes.Misplaced is not null || !subLexes.AreWithinLimits)
        {
            throw new ArgumentException(
                $"{definition.QualifiedName} names more than {EsfLimits.MaxSubLexes} sub-lexes, or one inside a private field. Merge "
                + "sub-lexes, or move the sub-lex to the enclosing private field.", nameof(definition));
        }

        SubLexes = subLexes.Names;
        Parts = [new PartValues(null), .. SubLexes.Select(name => new PartValues(name))];
        Plan = new RecordPlan(RecordLayout.OfMessage(definition.Record), new PlanScope(definition.QualifiedName, Audiences), "");
        Shape = EsfMessageHeader.ShapeOf(definition.NameId, Plan.FixedLength);
        _fields = Plan.Fields.Select(field => new EsfField(this, field)).ToArray();
        Address = definition.Traits.Path is { } path ? new EsfAddress(this, path) : null;
    }

    /// <summary>The namespace, for example <c>estream.iot</c>.</summary>
    public string Namespace => Definition.Namespace;

    /// <summary>The name, for example <c>IoTTelemetry</c>.</summary>
    public string Name => Definition.Name;

    /// <summary>The namespace and name.</summary>
    public string QualifiedName => Definition.QualifiedName;

    /// <summary>The 64-bit hash of the canonical schema. It is the first eight bytes of every message.</summary>
    public ulong Id => Definition.Id;

    /// <summary>The schema definition.</summary>
    public MessageSchema Definition { get; }

    /// <summary>The fields of the message in order.</summary>
    public IReadOnlyList<EsfField> Fields => _fields;

    /// <summary>The address of messages; <see langword="null"/> if the schema has no path.</summary>
    public EsfAddress? Address { get; }

    /// <summary>The stream pattern that the schema declares; <see langword="null"/> if it declares none.</summary>
    public StreamPattern? Pattern => Definition.Traits.Pattern;

    /// <summary>
    /// Whether messages are appended to a queue unchanged. False for signals, which are stored in maps, and for patterns that write
    /// messages in parts or rounds (media, transactions, MPC sessions). True for all other patterns, and for a schema without a pattern.
    /// </summary>
    public bool StandsInQueues =>
        Pattern is not (StreamPattern.Signal or StreamPattern.Media or StreamPattern.Transaction or StreamPattern.MpcSession);

    /// <summary>Whether any field is private, including fields of nested objects. Such messages are stored sealed.</summary>
    public bool HasPrivateFields => Plan.HasPrivate;

    /// <summary>Whether any field holds card numbers, including fields of nested objects. Such messages are stored with tokens in place of
    /// the numbers.</summary>
    public bool HasTokenizedFields => Definition.Record.HasTokenizedFields;

    /// <summary>Whether messages must pass an <see cref="EsfSealer"/> before they are stored, because they have private or tokenized
    /// fields.</summary>
    public bool IsProtected => HasPrivateFields || HasTokenizedFields;

    /// <summary>The audiences that may read private fields.</summary>
    public AudienceGroups Audiences { get; }

    /// <summary>The sub-lexes that private fields name. Their values are kept in separate queues, see <see cref="EsfSubLex"/>.</summary>
    public IReadOnlyList<string> SubLexes { get; }

    /// <summary>The private values of each part of a message: the main part first, then the part of each sub-lex.</summary>
    internal IReadOnlyList<PartValues> Parts { get; }

    internal RecordPlan Plan { get; }

    internal ulong Shape { get; }

    /// <summary>Prepares a schema from its canonical text, which generated code carries.</summary>
    /// <exception cref="FormatException">The text is not canonical.</exception>
    public static EsfSchema FromCanonicalText(string canonicalText) => new(CanonicalSchema.Parse(canonicalText));

    /// <summary>Prepares a schema from its canonical text and traits, which the canonical text does not contain.</summary>
    /// <param name="canonicalText">The canonical text.</param>
    /// <param name="traits">The traits. A path must name fields of the text.</param>
    /// <exception cref="FormatException">The text is not canonical.</exception>
    public static EsfSchema FromCanonicalText(string canonicalText, SchemaTraits traits)
    {
        MessageSchema schema = CanonicalSchema.Parse(canonicalText);
        return new EsfSchema(new MessageSchema(schema.Namespace, schema.Name, schema.Record, traits));
    }

    /// <summary>Finds a field of the message by name.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out EsfField? field)
    {
        field = Plan.Find(Encoding.UTF8.GetBytes(name), 0) is FieldPlan plan ? _fields[plan.Ordinal] : null;
        return field is not null;
    }

    /// <summary>
    /// Whether a message belongs to this schema and contains the whole fixed block. Accepts this version of the schema, and any other
    /// version whose fixed block has a length that a compatible version can have. Costs two loads and compares for a message of this
    /// version. References in the message are not checked.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> message) => FixedLengthOf(message) != 0;

    /// <summary>The length of the fixed block of a message that <see cref="Matches"/>; otherwise 0.</summary>
    internal int FixedLengthOf(ReadOnlySpan<byte> message)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header))
        {
            return 0;
        }

        int length = header.SchemaId != Id ? FixedLengthOfRelative(header)
            : IsOwnType(header) ? Plan.FixedLength
            : 0;
        return message.Length >= length ? length : 0;
    }

    /// <summary>Whether the header of a message has the id of this version.</summary>
    internal bool IsOwn(ReadOnlySpan<byte> message) => EsfMessageHeader.TryReadSchemaId(message, out ulong id) && id == Id;

    /// <summary>Whether the last eight bytes of a header are valid, given that the header has the id of this version.</summary>
    internal bool IsOwnType(in EsfMessageHeader header) =>
        header.Shape == Shape || (header.Shape == (Shape | EsfMessageHeader.SealedBit) && HasPrivateFields);

    /// <summary>Whether a message belongs to another version of this schema, in a format that this library reads.</summary>
    internal bool IsRelative(in EsfMessageHeader header) => header.IsRelativeOf(Id, Shape);

    private int FixedLengthOfRelative(in EsfMessageHeader header) =>
        IsRelative(header) && Plan.Admits(header.FixedLength) ? header.FixedLength : 0;

    /// <summary>Returns the qualified name.</summary>
    public override string ToString() => QualifiedName;
}
