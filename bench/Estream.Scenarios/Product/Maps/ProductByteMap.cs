using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> rows of the maps of bytes: a <see cref="ByteMap"/> in files, grown from its default size, that a second process has
/// open; with keys, encrypted. Keys and values are those of <see cref="ByteEntry"/>.
/// </summary>
internal readonly struct ProductByteMap : IMapStore
{
    private readonly ByteMap _map;
    private readonly IDisposable _holder;
    private readonly byte[] _key = ByteEntry.NewKey();
    private readonly byte[] _value = new byte[ByteEntry.ValueBytes];
    private readonly byte[] _other = new byte[ByteEntry.ValueBytes];

    public ProductByteMap(ContenderContext context, MapWorkload workload, QueueKeyRing? keys = null)
    {
        _map = ByteMap.Open(context.Directory, new ByteMapOptions { Keys = keys });
        _holder = Holder.Start(keys is null ? HeldStorage.ByteMap : HeldStorage.ByteMapIndex, context.Directory);
        for (ulong i = 0; i < workload.Entries; i++)
        {
            Put(KeySequence.KeyOf(i), i);
        }
    }

    public ByteMap Map => _map;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value)
    {
        bool isThere = _map.TryGet(ByteEntry.Key(_key, key), _value, out _) == Status.Ok;
        value = BinaryPrimitives.ReadUInt64LittleEndian(_value);
        return isThere;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _map.Put(ByteEntry.Key(_key, key), ByteEntry.Value(_value, value));

    public bool CompareExchange(ulong key, ulong expected, ulong replacement) =>
        _map.CompareExchange(ByteEntry.Key(_key, key), ByteEntry.Value(_value, expected), ByteEntry.Value(_other, replacement));

    public ulong Sum()
    {
        ulong sum = 0;
        foreach (ByteMapEntry entry in _map)
        {
            sum += BinaryPrimitives.ReadUInt64LittleEndian(entry.Value);
        }

        return sum;
    }

    public void Dispose()
    {
        _holder.Dispose();
        _map.Dispose();
    }
}
