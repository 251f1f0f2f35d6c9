using System.Buffers.Binary;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>A type prepared for reading and writing values at run time. Immutable.</summary>
internal sealed class ValuePlan
{
    public ValuePlan(EsfType type, PlanScope scope, string path)
    {
        Definition = type;
        Kind = type.Kind;
        Size = type.FixedSize;
        MaxLength = type.MaxLength ?? int.MaxValue;
        Name = type.ToString();
        EnumNames = type.Enumeration is null ? null : new Utf8NameTable(type.Enumeration.Values);
        Record = type.Record is null ? null : new RecordPlan(RecordLayout.OfObject(type.Record), scope, path + ".");
        Key = type.Key is null ? null : new ValuePlan(type.Key, scope, path);
        Element = type.Element is null ? null : new ValuePlan(type.Element, scope, path);
        HasRecords = Record is not null || Element is { HasRecords: true };
    }

    public EsfType Definition { get; }

    public EsfTypeKind Kind { get; }

    /// <summary>Bytes of a value in place; 0 for a value that lives in the variable section.</summary>
    public int Size { get; }

    public int MaxLength { get; }

    public string Name { get; }

    public Utf8NameTable? EnumNames { get; }

    public RecordPlan? Record { get; }

    public ValuePlan? Key { get; }

    public ValuePlan? Element { get; }

    /// <summary>Whether values of this type are records, or hold some.</summary>
    public bool HasRecords { get; }

    /// <summary>Whether private fields stand in values of this type.</summary>
    public bool HasPrivate => Definition.HasPrivateFields;

    /// <summary>Whether tokenized fields stand in values of this type.</summary>
    public bool HasTokenized => Definition.HasTokenizedFields;

    /// <summary>Whether the ordinal of an enum has a name in this version of the schema. A later one may have appended values.</summary>
    public bool HasName(ReadOnlySpan<byte> ordinal) => BinaryPrimitives.ReadUInt16LittleEndian(ordinal) < EnumNames!.Count;

    /// <summary>Fewest bytes one item takes in a sequence: bounds a count before anything is read.</summary>
    public int MinItemSize => Size != 0 ? Size : sizeof(uint);
}

/// <summary>What the parts of a schema need to know of the whole of it.</summary>
/// <param name="SchemaName">Its qualified name.</param>
/// <param name="Audiences">Who reads its private fields.</param>
internal sealed record PlanScope(string SchemaName, AudienceGroups Audiences);
