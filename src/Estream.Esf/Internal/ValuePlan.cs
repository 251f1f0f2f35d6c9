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

    /// <summary>The size in bytes of a value stored in place; 0 for a value in the variable section.</summary>
    public int Size { get; }

    public int MaxLength { get; }

    public string Name { get; }

    public Utf8NameTable? EnumNames { get; }

    public RecordPlan? Record { get; }

    public ValuePlan? Key { get; }

    public ValuePlan? Element { get; }

    /// <summary>Whether values of this type are records or contain records.</summary>
    public bool HasRecords { get; }

    /// <summary>Whether values of this type contain private fields.</summary>
    public bool HasPrivate => Definition.HasPrivateFields;

    /// <summary>Whether values of this type contain tokenized fields.</summary>
    public bool HasTokenized => Definition.HasTokenizedFields;

    /// <summary>Whether the ordinal of an enum has a name in this version of the schema. A later version may have appended
    /// values.</summary>
    public bool HasName(ReadOnlySpan<byte> ordinal) => BinaryPrimitives.ReadUInt16LittleEndian(ordinal) < EnumNames!.Count;

    /// <summary>The minimum size of an item in a sequence. It limits the item count before any item is read.</summary>
    public int MinItemSize => Size != 0 ? Size : sizeof(uint);
}

/// <summary>Properties of a whole schema that its fields and types need.</summary>
/// <param name="SchemaName">The qualified name of the schema.</param>
/// <param name="Audiences">The audiences of its private fields.</param>
internal sealed record PlanScope(string SchemaName, AudienceGroups Audiences);
