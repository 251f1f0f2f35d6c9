using System.Buffers.Binary;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>A record prepared for reading and writing at run time. Immutable.</summary>
internal sealed class RecordPlan
{
    // Where a message and an object say how long their fixed block is.
    private const int LengthAtInMessage = 12;
    private const int LengthAtInObject = 0;

    // Of a field that is not among the next ones the name is looked up.
    private const int MaxAhead = 16;

    private readonly Utf8NameTable _names;
    private readonly MemberHead[] _heads;
    private readonly int[] _earlierLengths;
    private readonly int _lengthAt;

    public RecordPlan(RecordLayout layout, PlanScope scope, string pathPrefix)
    {
        Start = layout.Start;
        FixedLength = layout.FixedLength;
        _lengthAt = layout.Start == RecordLayout.MessageStart ? LengthAtInMessage : LengthAtInObject;
        Fields = layout.Fields.Select(field => new FieldPlan(field, scope, pathPrefix)).ToArray();
        FieldSet required = default;
        foreach (FieldPlan field in Fields)
        {
            if (!field.IsOptional)
            {
                required.Add(field.Ordinal);
            }
        }

        Required = required;
        HasPrivate = Array.Exists(Fields, field => field.IsPrivate || field.Type.HasPrivate);
        int appendable = 1 + Array.FindLastIndex(Fields, field => !field.IsOptional);
        _earlierLengths = [.. Fields.Take(Fields.Length - 1).Skip(Math.Max(appendable, 1) - 1).Select(field => field.End)];
        _names = new Utf8NameTable(Fields.Select(field => field.Definition.Name).ToArray());
        _heads = Array.ConvertAll(Fields, HeadOf);
    }

    /// <summary>Offset of the first byte of the fixed block.</summary>
    public int Start { get; }

    /// <summary>Offset of the variable section.</summary>
    public int FixedLength { get; }

    public FieldPlan[] Fields { get; }

    public FieldSet Required { get; }

    /// <summary>Whether any field is private, here or in the objects inside.</summary>
    public bool HasPrivate { get; }

    /// <summary>The length of the fixed block of a record, as its writer has noted it there.</summary>
    public int FixedLengthOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16LittleEndian(record[_lengthAt..]);

    /// <summary>
    /// Whether a compatible version of this record can have a fixed block of that length: a later one is at least as long,
    /// an earlier one ends where a field ends behind which all are optional. No version is without a field.
    /// </summary>
    public bool Admits(int fixedLength) => fixedLength >= FixedLength || Array.BinarySearch(_earlierLengths, fixedLength) >= 0;

    /// <summary>The field of a name, tried first at the place where the previous one leads to expect it.</summary>
    public FieldPlan? Find(ReadOnlySpan<byte> name, int expected)
    {
        FieldPlan[] fields = Fields;
        if ((uint)expected < (uint)fields.Length && name.SequenceEqual(fields[expected].Utf8Name))
        {
            return fields[expected];
        }

        int index = _names.IndexOf(name);
        return index < 0 ? null : fields[index];
    }

    /// <summary>
    /// The field whose member begins JSON, looked for from the expected one on: nearly all who write keep the order of the schema and leave
    /// fields out. Null where it is another one, or is written with white space or escapes.
    /// </summary>
    /// <param name="json">JSON without white space before it.</param>
    /// <param name="expected">The place that the previous field leads to expect.</param>
    public FieldPlan? FindAhead(ReadOnlySpan<byte> json, int expected)
    {
        if (json.Length < sizeof(ulong))
        {
            return null;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(json);
        MemberHead[] heads = _heads;
        int end = Math.Min(heads.Length, expected + MaxAhead);
        for (int index = expected; index < end; index++)
        {
            if ((first & heads[index].Mask) == heads[index].First && json.StartsWith(Fields[index].JsonMember))
            {
                return Fields[index];
            }
        }

        return null;
    }

    // No member is shorter than a name of one letter, its quotes and the colon.
    private static MemberHead HeadOf(FieldPlan field)
    {
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        int length = Math.Min(field.JsonMember.Length, first.Length);
        field.JsonMember.AsSpan(0, length).CopyTo(first);
        return new MemberHead(BinaryPrimitives.ReadUInt64LittleEndian(first), ulong.MaxValue >> (64 - (8 * length)));
    }

    // The first eight bytes of a member, and which of them are its own.
    private readonly record struct MemberHead(ulong First, ulong Mask);
}
