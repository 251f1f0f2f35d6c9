using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class VersionedByteMap
{
    /// <summary>Stores a value under a key, whatever is there. Costs what <see cref="ByteMap.Put"/> costs.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <param name="timeToLive">How long it is there; <see langword="null"/>: until it is removed or replaced. What an entry had before
    /// does not matter.</param>
    /// <returns>The version it has now.</returns>
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

    /// <summary>Stores a value under a key if nobody has changed the entry since it had the expected version.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="expectedVersion">The version the entry must have; 0: the key must not be there.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <param name="version">The version the entry has now, whether it was stored or not; 0 if it is not there.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>.</param>
    /// <returns>Whether it was stored.</returns>
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

    /// <summary>Sets how long an entry is there from now on. Value and version stay. Blocks are written once, so it costs what storing the
    /// value again costs.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">From now on; <see langword="null"/>: until it is removed or replaced.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Touch(ReadOnlySpan<byte> key, TimeSpan? timeToLive)
    {
        bool isThere = _map.WritableVersions(key, default).Touch(key, timeToLive);
        GC.KeepAlive(this);
        return isThere;
    }

    /// <summary>Removes a key with its value. The space is used again.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key) => RemoveIf(key, Stamp.AnyVersion);

    /// <summary>Removes a key if nobody has changed the entry since it had the expected version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have.</param>
    /// <returns>Whether it was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is not above 0.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key, long expectedVersion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion);
        return RemoveIf(key, expectedVersion);
    }

    /// <summary>
    /// Takes all entries away whose time is over. Nobody needs to call it where the map is written: writing does the same bit by bit. Looks
    /// at every entry, about a tenth of a microsecond each.
    /// </summary>
    /// <returns>How many were taken away.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long RemoveExpired()
    {
        long removed = _map.WritableVersions(default, default).RemoveExpired();
        GC.KeepAlive(this);
        return removed;
    }

    /// <summary>Makes a batch: changes of several keys that happen wholly or not at all, if what it requires is so; see
    /// <see cref="ByteMap.CreateBatch"/>.</summary>
    /// <param name="capacity">How many keys it takes, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for batches are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedByteMapBatch CreateBatch(int capacity = 16)
    {
        _ = _map.WritableVersions(default, default);
        return new VersionedByteMapBatch(_map, _map.NewPlan(capacity, out MapBatch<nuint, nuint> references), references, _clock);
    }

    /// <summary>Removes everything at once and goes back to the smallest size. User words stay, and versions go on rising. Readers see all
    /// entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error; all entries are there or
    /// none.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear() => _map.Clear();

    /// <summary>Sets a user word, by one atomic store; see <see cref="ByteMap.SetUserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value) => _map.SetUserWord(index, value);

    /// <summary>Writes everything to the device and returns when it is there; see <see cref="ByteMap.Flush"/>.</summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush() => _map.Flush();

    /// <summary>Moves everything together now; see <see cref="ByteMap.Compact"/>.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error. The map is whole.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Compact() => _map.Compact();

    private bool RemoveIf(ReadOnlySpan<byte> key, long expected)
    {
        bool isRemoved = _map.WritableVersions(key, default).Remove(key, expected);
        GC.KeepAlive(this);
        return isRemoved;
    }
}
