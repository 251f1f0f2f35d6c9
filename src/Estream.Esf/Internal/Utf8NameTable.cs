using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Estream.Esf.Internal;

/// <summary>
/// Finds a UTF-8 name among the names of one schema. Few names are compared linearly, many are hashed. The names come from the schema, so
/// an attacker cannot choose names with colliding hashes. Immutable.
/// </summary>
internal sealed class Utf8NameTable
{
    private const int LinearLimit = 8;

    private readonly byte[][] _names;
    private readonly ushort[] _slots;

    public Utf8NameTable(IReadOnlyList<string> names)
    {
        _names = names.Select(Encoding.UTF8.GetBytes).ToArray();
        _slots = _names.Length <= LinearLimit ? [] : BuildSlots(_names);
    }

    public int Count => _names.Length;

    public ReadOnlySpan<byte> this[int index] => _names[index];

    /// <summary>Returns the index of a name, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        byte[][] names = _names;
        if (_slots.Length != 0)
        {
            return IndexOfHashed(name);
        }

        for (int i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private int IndexOfHashed(ReadOnlySpan<byte> name)
    {
        int mask = _slots.Length - 1;
        for (int at = Hash(name) & mask; ; at = (at + 1) & mask)
        {
            int index = _slots[at] - 1;
            if (index < 0 || name.SequenceEqual(_names[index]))
            {
                return index;
            }
        }
    }

    /// <summary>Builds an open-addressing table with a load of at most one half, so a free slot ends every search. A slot holds
    /// index + 1.</summary>
    private static ushort[] BuildSlots(byte[][] names)
    {
        ushort[] slots = new ushort[BitOperations.RoundUpToPowerOf2((uint)names.Length * 2)];
        for (int i = 0; i < names.Length; i++)
        {
            int at = Hash(names[i]) & (slots.Length - 1);
            while (slots[at] != 0)
            {
                at = (at + 1) & (slots.Length - 1);
            }

            slots[at] = checked((ushort)(i + 1));
        }

        return slots;
    }

    /// <summary>Mixes eight bytes at a time; the last eight may overlap those before.</summary>
    private static int Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = (ulong)name.Length;
        if (name.Length < sizeof(ulong))
        {
            return Fold(Mix(hash, ReadShort(name)));
        }

        for (int at = 0; at < name.Length - sizeof(ulong); at += sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(name[at..]));
        }

        return Fold(Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(name[^sizeof(ulong)..])));
    }

    private static ulong Mix(ulong hash, ulong bytes)
    {
        hash = (hash ^ bytes) * 0x9E37_79B9_7F4A_7C15;
        return hash ^ (hash >> 32);
    }

    private static int Fold(ulong hash) => (int)hash & int.MaxValue;

    private static ulong ReadShort(ReadOnlySpan<byte> name)
    {
        if (name.Length >= sizeof(uint))
        {
            ulong last = BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]);
            return BinaryPrimitives.ReadUInt32LittleEndian(name) | (last << 32);
        }

        return name.IsEmpty ? 0 : name[0] | ((ulong)name[name.Length / 2] << 8) | ((ulong)name[^1] << 16);
    }
}
