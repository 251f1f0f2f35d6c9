using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>A <see cref="Dictionary{TKey,TValue}"/> of arrays, which each put copies, with the keys and values of
/// <see cref="ByteEntry"/>; heap only, one thread only.</summary>
internal readonly struct ByteDictionaryStore : IMapStore
{
    private readonly Dictionary<byte[], byte[]> _map = new(new SameBytes());
    private readonly byte[] _key = ByteEntry.NewKey();
    private readonly byte[] _value = new byte[ByteEntry.ValueBytes];

    public ByteDictionaryStore()
    {
    }

    public bool TryGet(ulong key, out ulong value)
    {
        ByteEntry.Key(_key, key);
        bool isThere = _map.TryGetValue(_key, out byte[]? found);
        value = isThere ? BinaryPrimitives.ReadUInt64LittleEndian(found) : 0;
        return isThere;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _map[ByteEntry.Key(_key, key).ToArray()] = ByteEntry.Value(_value, value).ToArray();

    public bool CompareExchange(ulong key, ulong expected, ulong replacement)
    {
        bool isExpected = TryGet(key, out ulong value) && value == expected;
        if (isExpected)
        {
            Put(key, replacement);
        }

        return isExpected;
    }

    public ulong Sum()
    {
        ulong sum = 0;
        foreach (byte[] value in _map.Values)
        {
            sum += BinaryPrimitives.ReadUInt64LittleEndian(value);
        }

        return sum;
    }

    public void Dispose()
    {
    }

    private sealed class SameBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y.AsSpan());

        public int GetHashCode([DisallowNull] byte[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}
