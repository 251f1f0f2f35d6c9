using Estream.Core;
using Estream.Map;

namespace Estream.Circuits.Operations.Fixed;

/// <summary>A map of fixed-size keys and values, as operations see it: keys and values are their bytes in memory. One thread.</summary>
internal abstract class FixedStore
{
    public abstract int KeyBytes { get; }

    public abstract int ValueBytes { get; }

    public abstract bool HasVersions { get; }

    public abstract string? Directory { get; }

    public abstract long Count { get; }

    /// <summary>Copies the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Receives the value.</param>
    /// <param name="version">The version of the entry; 0 if the map has none.</param>
    public abstract bool TryGet(ReadOnlySpan<byte> key, Span<byte> value, out long version);

    /// <summary>Stores a value.</summary>
    /// <returns>The version of the entry; 0 if the map has none.</returns>
    public abstract long Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time);

    /// <summary>Stores a value if the entry has a version; 0 for an absent key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The expected version.</param>
    /// <param name="value">The value.</param>
    /// <param name="time">The time to live.</param>
    /// <param name="version">The version afterwards, or the other version.</param>
    public abstract bool Exchange(ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value, TimeSpan? time, out long version);

    public abstract bool Remove(ReadOnlySpan<byte> key);

    /// <summary>Removes a key if its entry has a version.</summary>
    public abstract bool Remove(ReadOnlySpan<byte> key, long expected);

    public abstract bool Touch(ReadOnlySpan<byte> key, TimeSpan? time);

    public abstract void RemoveExpired();

    public abstract void Clear();
}

/// <summary>A map without versions.</summary>
internal sealed class PlainFixedStore<TKey, TValue>(StateMap<TKey, TValue> map) : FixedStore
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override int KeyBytes { get; } = RawValue.SizeOf<TKey>();

    public override int ValueBytes { get; } = RawValue.SizeOf<TValue>();

    public override bool HasVersions => false;

    public override string? Directory => map.Directory;

    public override long Count => map.Count;

    public override bool TryGet(ReadOnlySpan<byte> key, Span<byte> value, out long version)
    {
        version = 0;
        if (!map.TryGet(RawValue.Read<TKey>(key), out TValue found))
        {
            return false;
        }

        RawValue.AsBytes(in found).CopyTo(value);
        return true;
    }

    public override long Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time)
    {
        _ = map.Put(RawValue.Read<TKey>(key), RawValue.Read<TValue>(value));
        return 0;
    }

    public override bool Exchange(ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value, TimeSpan? time, out long version) =>
        throw new NotSupportedException();

    public override bool Remove(ReadOnlySpan<byte> key) => map.Remove(RawValue.Read<TKey>(key));

    public override bool Remove(ReadOnlySpan<byte> key, long expected) => throw new NotSupportedException();

    public override bool Touch(ReadOnlySpan<byte> key, TimeSpan? time) => throw new NotSupportedException();

    public override void RemoveExpired()
    {
    }

    public override void Clear() => map.Clear();
}

/// <summary>A map with versions.</summary>
internal sealed class VersionedFixedStore<TKey, TValue>(VersionedMap<TKey, TValue> map) : FixedStore
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override int KeyBytes { get; } = RawValue.SizeOf<TKey>();

    public override int ValueBytes { get; } = RawValue.SizeOf<TValue>();

    public override bool HasVersions => true;

    public override string? Directory => map.Directory;

    public override long Count => map.Count;

    public override bool TryGet(ReadOnlySpan<byte> key, Span<byte> value, out long version)
    {
        if (!map.TryGet(RawValue.Read<TKey>(key), out TValue found, out version))
        {
            return false;
        }

        RawValue.AsBytes(in found).CopyTo(value);
        return true;
    }

    public override long Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time) =>
        map.Put(RawValue.Read<TKey>(key), RawValue.Read<TValue>(value), time);

    public override bool Exchange(ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value, TimeSpan? time, out long version) =>
        map.CompareExchange(RawValue.Read<TKey>(key), expected, RawValue.Read<TValue>(value), out version, time);

    public override bool Remove(ReadOnlySpan<byte> key) => map.Remove(RawValue.Read<TKey>(key));

    public override bool Remove(ReadOnlySpan<byte> key, long expected) => map.Remove(RawValue.Read<TKey>(key), expected);

    public override bool Touch(ReadOnlySpan<byte> key, TimeSpan? time) => map.Touch(RawValue.Read<TKey>(key), time);

    public override void RemoveExpired() => _ = map.RemoveExpired();

    public override void Clear() => map.Clear();
}
