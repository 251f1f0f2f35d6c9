using Estream.Scenarios.Workloads;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>
/// The code that flatc generates for a table, by field number. The builder and the buffer are reused; texts are read as UTF-8 bytes
/// without a string.
/// </summary>
internal static class FlatTable
{
    private const int FirstSlot = 4;
    private const int SlotBytes = 2;
    private const int MostItems = 16;

    private static readonly byte[] s_message = new byte[8192];
    private static readonly ByteBuffer s_buffer = new(s_message);

    private static readonly FlatBufferBuilder s_builder = new(8192);

    /// <summary>Returns the builder without its last message.</summary>
    public static FlatBufferBuilder Start()
    {
        s_builder.Clear();
        return s_builder;
    }

    /// <summary>Writes a text; returns its offset, or 0 for an absent text.</summary>
    public static int Put(FlatBufferBuilder builder, Text text) => text.IsThere ? builder.CreateString(text.Chars).Value : 0;

    /// <summary>Writes a vector of numbers; returns its offset, or 0 for an absent vector.</summary>
    public static int Put<T>(FlatBufferBuilder builder, T[]? items, int itemBytes)
        where T : struct
    {
        if (items is null)
        {
            return 0;
        }

        builder.StartVector(itemBytes, items.Length, itemBytes);
        builder.Add(items);
        return builder.EndVector().Value;
    }

    /// <summary>Writes a vector of structs that each hold an array of bytes, because FlatBuffers has no vector of vectors. Returns its
    /// offset.</summary>
    public static int Put(FlatBufferBuilder builder, byte[][] structs, int structBytes)
    {
        builder.StartVector(structBytes, structs.Length, sizeof(byte));
        for (int i = structs.Length - 1; i >= 0; i--)
        {
            builder.Put(structs[i]);
        }

        return builder.EndVector().Value;
    }

    /// <summary>Writes the items of a vector of texts or tables, then the vector; returns the offset of the vector.</summary>
    public static int Put<T>(FlatBufferBuilder builder, T[] items, Func<FlatBufferBuilder, T, int> put)
    {
        Span<int> offsets = stackalloc int[MostItems];
        offsets = offsets[..items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            offsets[i] = put(builder, items[i]);
        }

        builder.StartVector(sizeof(int), items.Length, sizeof(int));
        for (int i = items.Length - 1; i >= 0; i--)
        {
            builder.AddOffset(offsets[i]);
        }

        return builder.EndVector().Value;
    }

    /// <summary>Finishes the message and copies it to its slot. Returns its length in bytes.</summary>
    public static int Finish(FlatBufferBuilder builder, Span<byte> destination)
    {
        builder.Finish(builder.EndTable());
        ByteBuffer buffer = builder.DataBuffer;
        ArraySegment<byte> message = buffer.ToArraySegment(buffer.Position, buffer.Length - buffer.Position);
        message.AsSpan().CopyTo(destination);
        return message.Count;
    }

    /// <summary>Returns the root table of a message. The message is copied to the managed heap, because the package reads only from
    /// arrays.</summary>
    public static Table Root(ReadOnlySpan<byte> message)
    {
        message.CopyTo(s_message);
        s_buffer.Position = 0;
        return new Table(s_buffer.GetInt(0), s_buffer);
    }

    public static ulong DigestOf(Table table, int field)
    {
        // Null if the field is absent. The method takes the vtable slot, not the offset stored there.
        return Digests.Of(table.__vector_as_arraysegment(FirstSlot + (SlotBytes * field)).GetValueOrDefault());
    }

    /// <summary>Returns the digest of a table in a field; 0 if it is absent.</summary>
    public static ulong DigestOf(Table table, int field, Func<Table, ulong> take)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? take(new Table(table.__indirect(offset + table.bb_pos), table.bb)) : 0;
    }

    /// <summary>Returns the sum of a vector of tables.</summary>
    public static ulong SumOf(Table table, int field, Func<Table, ulong> take)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        ulong sum = 0;
        if (offset != 0)
        {
            int first = table.__vector(offset);
            int count = table.__vector_len(offset);
            for (int i = 0; i < count; i++)
            {
                sum += take(new Table(table.__indirect(first + (i * sizeof(int))), table.bb));
            }
        }

        return sum;
    }

    /// <summary>Returns the sum of a vector of texts.</summary>
    public static ulong SumOfTexts(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        ulong sum = 0;
        if (offset != 0)
        {
            int first = table.__vector(offset);
            int count = table.__vector_len(offset);
            for (int i = 0; i < count; i++)
            {
                int text = table.__indirect(first + (i * sizeof(int)));
                sum += Digests.Of(table.bb.ToArraySegment(text + sizeof(int), table.bb.GetInt(text)));
            }
        }

        return sum;
    }

    /// <summary>Returns the sum of a vector of structs that each hold an array of bytes.</summary>
    public static ulong SumOfStructs(Table table, int field, int structBytes)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        ulong sum = 0;
        if (offset != 0)
        {
            int first = table.__vector(offset);
            int count = table.__vector_len(offset);
            for (int i = 0; i < count; i++)
            {
                sum += Digests.Of(table.bb.ToArraySegment(first + (i * structBytes), structBytes));
            }
        }

        return sum;
    }

    public static byte Byte(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? table.bb.Get(offset + table.bb_pos) : (byte)0;
    }

    public static ushort UShort(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? table.bb.GetUshort(offset + table.bb_pos) : (ushort)0;
    }

    public static uint UInt(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? table.bb.GetUint(offset + table.bb_pos) : 0;
    }

    public static ulong ULong(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? table.bb.GetUlong(offset + table.bb_pos) : 0;
    }

    public static double Double(Table table, int field)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        return offset != 0 ? table.bb.GetDouble(offset + table.bb_pos) : 0;
    }

    /// <summary>Returns the sum of a vector of numbers of one, two or four bytes.</summary>
    public static ulong SumOf(Table table, int field, int itemBytes)
    {
        int offset = table.__offset(FirstSlot + (SlotBytes * field));
        ulong sum = 0;
        if (offset != 0)
        {
            int first = table.__vector(offset);
            int count = table.__vector_len(offset);
            for (int i = 0; i < count; i++)
            {
                int at = first + (i * itemBytes);
                sum += itemBytes switch
                {
                    sizeof(byte) => table.bb.Get(at),
                    sizeof(ushort) => table.bb.GetUshort(at),
                    _ => table.bb.GetUint(at),
                };
            }
        }

        return sum;
    }
}
