using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class VersionedByteMap
{
    /// <summary>Stores a value under a key, whatever version it has. Costs as much as <see cref="ByteMap.Put"/>.</summary>
    /// <param name="key">The key, 0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">The value, 0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <param name="timeToLive">The time until the entry expires; <see langword="null"/>: it does not expire. A previous expiry of the key
    /// does not matter.</param>
    /// <returns>The new version of the entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? timeToLive = null)
    {
        _ = _map.WritableVersions(key, value).Store(key, Stamp.AnyVersion, value, timeToLive, out long version);
        GC.KeepAlive(this);
        return version;
    }

    /// <summary>Stores a value under a key if the entry still has the expected version.</summary>
    /// <param name="key">The key, 0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="expectedVersion">The version the entry must have; 0: the map must not have the key.</param>
    /// <param name="value">The value, 0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <param name="version">The current version of the entry, stored or not; 0 if the map does not have the key.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>.</param>
    /// <returns>Whether the value was stored.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0, or the time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(
        ReadOnlySpan<byte> key, long expectedVersion, ReadOnlySpan<byte> value, out long version, TimeSpan? timeToLive = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        bool isStored = _map.WritableVersions(key, value).Store(key, expectedVersion, value, timeToLive, out version);
        GC.KeepAlive(this);
        return isStored;
    }

    /// <summary>Sets when an entry expires. Value and version stay. Blocks are written only once, so this costs as much as storing the
    /// value again.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">The time from now until the entry expires; <see langword="null"/>: it does not expire.</param>
    /// <returns>Whether the map has the key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>.</exception>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Touch(ReadOnlySpan<byte> key, TimeSpan? timeToLive)
    {
        bool isThere = _map.WritableVersions(key, default).Touch(key, timeToLive);
        GC.KeepAlive(this);
        return isThere;
    }

    /// <summary>Removes a key with its value. The space is reused.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether the map had the key.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key) => RemoveIf(key, Stamp.AnyVersion);

    /// <summary>Removes a key if its entry still has the expected version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have.</param>
    /// <returns>Whether the key was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is not above 0.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key, long expectedVersion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion);
        return RemoveIf(key, expectedVersion);
    }

    /// <summary>
    /// Removes all expired entries. Not required in a map that is written: writes remove them gradually. Reads every entry, in about a
    /// tenth of a microsecond each.
    /// </summary>
    /// <returns>The number of removed entries.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long RemoveExpired()
    {
        long removed = _map.WritableVersions(default, default).RemoveExpired();
        GC.KeepAlive(this);
        return removed;
    }

    /// <summary>Creates a batch: changes of several keys that are applied atomically, if its requirements are met; see
    /// <see cref="ByteMap.CreateBatch"/>.</summary>
    /// <param name="capacity">The maximum number of keys in the batch, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 slots for batches are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedByteMapBatch CreateBatch(int capacity = 16)
    {
        _ = _map.WritableVersions(default, default);
        return new VersionedByteMapBatch(_map, _map.NewPlan(capacity, out MapBatch<nuint, nuint> references), references, _clock);
    }

    /// <summary>Removes all entries at once and returns to the smallest size. User words stay, and versions continue to rise. Readers see
    /// all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error; the map has all entries or
    /// none.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear() => _map.Clear();

    /// <summary>Sets a user word, by one atomic store; see <see cref="ByteMap.SetUserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value) => _map.SetUserWord(index, value);

    /// <summary>Flushes everything and returns when it is durable; see <see cref="ByteMap.Flush"/>.</summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush() => _map.Flush();

    /// <summary>Compacts the whole map now; see <see cref="ByteMap.Compact"/>.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error. No entry is lost.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Compact() => _map.Compact();

    /// <summary>
    /// Applies a change of another map, so that this map becomes a replica of that map. A put stores the value with the version and the
    /// expiry of the change, and is ignored if the entry has a later version. Later versions of this map are above all applied versions.
    /// </summary>
    /// <param name="change">A change of a <see cref="VersionedByteMap"/>. Apply the changes of a key in their order; applying a change
    /// again has no effect until a later change of the key is applied.</param>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long, or a put has no version.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Apply(in MapChange change)
    {
        VersionedEntryStore entries = _map.WritableVersions(change.Key, change.Value);
        switch (change.Kind)
        {
            case MapChangeKind.Clear:
                _map.Clear();
                break;
            case MapChangeKind.Put when change.Version <= Stamp.NoVersion:
                throw new ArgumentException("The change has no version: it is of a map without versions.", nameof(change));
            case MapChangeKind.Put:
                entries.ApplyPut(in change);
                break;
            default:
                entries.ApplyRemove(in change);
                break;
        }

        GC.KeepAlive(this);
    }

    private bool RemoveIf(ReadOnlySpan<byte> key, long expected)
    {
        bool isRemoved = _map.WritableVersions(key, default).Remove(key, expected);
        GC.KeepAlive(this);
        return isRemoved;
    }
}
