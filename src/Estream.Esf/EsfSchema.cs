using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>A schema prepared for use at run time: field places and names worked out once. Immutable and thread-safe.</summary>
public sealed class EsfSchema
{
    private readonly EsfField[] _fields;

    /// <summary>Prepares a schema. Costs microseconds: do it once and keep the result.</summary>
    /// <exception cref="ArgumentException">Its private fields are for more audiences than <see cref="EsfLimits.MaxAudiences"/>, or name
    /// sub-lexes that cannot be.</exception>
    public EsfSchema(MessageSchema definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        Audiences = AudienceGroups.Of(definition.Record);
        if (!Audiences.AreWithinLimits)
        {
            throw new ArgumentException(
                $"The private fields of {definition.QualifiedName} are for more than {EsfLimits.MaxAudiences} audiences or groups of "
                + "them: merge audiences, or split the schema.", nameof(definition));
        }

        SubLexes subLexes = Schema.SubLexes.Of(definition.Record);
        if (subLexes.Misplaced is not null || !subLexes.AreWithinLimits)
        {
            throw new ArgumentException(
                $"{definition.QualifiedName} names more than {EsfLimits.MaxSubLexes} sub-lexes, or one inside a private field: give the "
                + "field around it the sub-lex.", nameof(definition));
        }

        SubLexes = subLexes.Names;
        Parts = [new PartValues(null), .. SubLexes.Select(name => new PartValues(name))];
        Plan = new RecordPlan(RecordLayout.OfMessage(definition.Record), new PlanScope(definition.QualifiedName, Audiences), "");
        Shape = EsfMessageHeader.ShapeOf(definition.NameId, Plan.FixedLength);
        _fields = Plan.Fields.Select(field => new EsfField(this, field)).ToArray();
        Address = definition.Traits.Path is { } path ? new EsfAddress(this, path) : null;
    }

    /// <summary>Namespace, for example <c>estream.iot</c>.</summary>
    public string Namespace => Definition.Namespace;

    /// <summary>Name, for example <c>IoTTelemetry</c>.</summary>
    public string Name => Definition.Name;

    /// <summary>Namespace and name.</summary>
    public string QualifiedName => Definition.QualifiedName;

    /// <summary>The 64-bit hash of the canonical schema: the first eight bytes of every message.</summary>
    public ulong Id => Definition.Id;

    /// <summary>The schema as it was written.</summary>
    public MessageSchema Definition { get; }

    /// <summary>The fields of the message in order.</summary>
    public IReadOnlyList<EsfField> Fields => _fields;

    /// <summary>How its messages are addressed; <see langword="null"/> where the schema has no path.</summary>
    public EsfAddress? Address { get; }

    /// <summary>What its messages are to each other, as the schema declares it; <see langword="null"/> where it says nothing.</summary>
    public StreamPattern? Pattern => Definition.Traits.Pattern;

    /// <summary>
    /// Whether its messages stand in a queue as they are, by the pattern it declares or because it declares none: not those of signals,
    /// which are in maps, nor what is written in parts or rounds of a pattern's own.
    /// </summary>
    public bool StandsInQueues =>
        Pattern is not (StreamPattern.Signal or StreamPattern.Media or StreamPattern.Transaction or StreamPattern.MpcSession);

    /// <summary>Whether any field is private, also in objects inside: messages are stored sealed then.</summary>
    public bool HasPrivateFields => Plan.HasPrivate;

    /// <summary>Whether any field holds numbers of cards, also in objects inside: messages are stored with tokens in their places
    /// then.</summary>
    public bool HasTokenizedFields => Definition.Record.HasTokenizedFields;

    /// <summary>Whether messages have to pass an <see cref="EsfSealer"/> before they are stored, because private or tokenized fields are in
    /// them.</summary>
    public bool IsProtected => HasPrivateFields || HasTokenizedFields;

    /// <summary>The audiences that read its private fields.</summary>
    public AudienceGroups Audiences { get; }

    /// <summary>The sub-lexes that private fields name: their values are kept in queues of their own, see
    /// <see cref="EsfSubLex"/>.</summary>
    public IReadOnlyList<string> SubLexes { get; }

    /// <summary>What becomes of private values in each part of a message: in its main part first, then in that of each sub-lex.</summary>
    internal IReadOnlyList<PartValues> Parts { get; }

    internal RecordPlan Plan { get; }

    internal ulong Shape { get; }

    /// <summary>Prepares a schema given by its canonical text, as generated code carries it.</summary>
    /// <exception cref="FormatException">The text is not canonical.</exception>
    public static EsfSchema FromCanonicalText(string canonicalText) => new(CanonicalSchema.Parse(canonicalText));

    /// <summary>The same for a schema that says more than its fields, which the canonical text does not hold.</summary>
    /// <param name="canonicalText">The text.</param>
    /// <param name="traits">What it says: its path names fields of the text.</param>
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
    /// Whether a message belongs to this schema, in this version or another one that is compatible by its header, and holds
    /// its whole fixed block. Two loads and compares for a message of this version. Says nothing of what it refers to.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> message) => FixedLengthOf(message) != 0;

    /// <summary>The length of the fixed block of a message that <see cref="Matches"/>; 0 for any other.</summary>
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

    /// <summary>Whether a message says that this very version wrote it.</summary>
    internal bool IsOwn(ReadOnlySpan<byte> message) => EsfMessageHeader.TryReadSchemaId(message, out ulong id) && id == Id;

    /// <summary>Whether the rest of a header is right that has the id of this version.</summary>
    internal bool IsOwnType(in EsfMessageHeader header) =>
        header.Shape == Shape || (header.Shape == (Shape | EsfMessageHeader.SealedBit) && HasPrivateFields);

    /// <summary>Whether a message is of this schema in another version, as far as this format can read it.</summary>
    internal bool IsRelative(in EsfMessageHeader header) => header.IsRelativeOf(Id, Shape);

    private int FixedLengthOfRelative(in EsfMessageHeader header) =>
        IsRelative(header) && Plan.Admits(header.FixedLength) ? header.FixedLength : 0;

    /// <summary>The qualified name.</summary>
    public override string ToString() => QualifiedName;
}
