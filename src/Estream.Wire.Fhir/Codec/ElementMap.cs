using Estream.Esf.Internal;

namespace Estream.Wire.Fhir.Codec;

/// <summary>How the value of a JSON member becomes the value of a field.</summary>
internal enum ElementKind
{
    /// <summary>The member <c>resourceType</c>, which is compared.</summary>
    ResourceType,

    /// <summary>A string, or an array of strings.</summary>
    Text,

    /// <summary>A logical id, replaced by its pseudonym.</summary>
    Id,

    /// <summary>A reference, whose id is replaced by its pseudonym.</summary>
    Reference,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>An instant.</summary>
    Instant,

    /// <summary>A code of a closed value set.</summary>
    Code,

    /// <summary>An object, or an array of objects.</summary>
    Object,

    /// <summary>A decimal whose digits and scale are two fields of the record.</summary>
    Decimal,

    /// <summary>A decimal whose digits and scale are an object of their own.</summary>
    DecimalObject,

    /// <summary>One type of a choice, such as <c>valueQuantity</c>: a field inside an object that has one field for each type.</summary>
    Choice,

    /// <summary>An object whose members become fields of the enclosing record.</summary>
    Flatten,

    /// <summary>An array that becomes a field of the message, and is read after its object.</summary>
    Deferred,
}

/// <summary>The format of a string.</summary>
internal enum TextFormat
{
    /// <summary>Any text that is not empty.</summary>
    String,

    /// <summary>An id.</summary>
    Id,

    /// <summary>A code.</summary>
    Code,

    /// <summary>A date.</summary>
    Date,

    /// <summary>A dateTime or an instant.</summary>
    DateTime,

    /// <summary>A time of day.</summary>
    Time,
}

/// <summary>Maps one JSON member to a field. Immutable.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Kind">How the value is read.</param>
internal sealed record ElementMap(string Name, ElementKind Kind)
{
    /// <summary>The field; null for members that have none.</summary>
    public FieldPlan? Field { get; init; }

    /// <summary>The field with the scale of a decimal.</summary>
    public FieldPlan? Scale { get; init; }

    /// <summary>The members of an object, of the items of an array, or of a flattened object.</summary>
    public RecordMap? Record { get; init; }

    /// <summary>The member inside the object of a choice.</summary>
    public ElementMap? Inner { get; init; }

    /// <summary>The codes of an enum, in the order of its values.</summary>
    public Utf8NameTable? Codes { get; init; }

    /// <summary>The format of a string.</summary>
    public TextFormat Format { get; init; }

    /// <summary>Whether the value is an array.</summary>
    public bool IsArray { get; init; }

    /// <summary>When the value must not become plaintext.</summary>
    public Withholding Withholding { get; init; }
}

/// <summary>When a string that is not private is withheld from its field.</summary>
internal enum Withholding
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>If the code of the record is not a code of a published terminology.</summary>
    UnlessPublished,

    /// <summary>If the code of the record is not a code of a published terminology, or the value is not a unit.</summary>
    UnlessUnit,

    /// <summary>If the value is not a resource type.</summary>
    UnlessResourceType,

    /// <summary>If the value is not a system of identifiers that names no organization.</summary>
    UnlessIdentifierSystem,

    /// <summary>If the value is not the data of a SampledData.</summary>
    UnlessSamples,

    /// <summary>Always: the value is text.</summary>
    Always,
}

/// <summary>Maps the members of a JSON object to the fields of a record. Immutable and thread-safe.</summary>
internal sealed class RecordMap
{
    private readonly ElementMap[] _elements;
    private readonly Utf8NameTable _names;

    public RecordMap(RecordPlan plan, IEnumerable<ElementMap> elements)
    {
        Plan = plan;
        _elements = [.. elements];
        _names = new Utf8NameTable([.. _elements.Select(element => element.Name)]);
    }

    /// <summary>The record.</summary>
    public RecordPlan Plan { get; }

    /// <summary>Whether members are withheld, so that the system is read first.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>The private text that receives the withheld values of the record and of the records inside; null for none.</summary>
    public ElementMap? Words { get; init; }

    /// <summary>The members.</summary>
    public IReadOnlyList<ElementMap> Elements => _elements;

    /// <summary>Finds a member. Tries the expected index first, because most writers keep the order of the standard.</summary>
    /// <returns>The index; less than 0 for a member that no field holds.</returns>
    public int Find(ReadOnlySpan<byte> name, int expected) =>
        (uint)expected < (uint)_elements.Length && name.SequenceEqual(_names[expected]) ? expected : _names.IndexOf(name);

    /// <summary>The member at an index.</summary>
    public ElementMap this[int index] => _elements[index];
}
