using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>Opens and creates maps whose entries have versions and may expire; see <see cref="VersionedMap{TKey, TValue}"/>.</summary>
public static class VersionedMap
{
    /// <summary>
    /// Opens the map in a directory for writing, as its single writer or as one of several (<see cref="MapOptions.Writers"/>), and
    /// creates it if it does not exist. Rolls back an incomplete write of a crashed writer.
    /// </summary>
    /// <typeparam name="TKey">Compared and hashed by its bytes, so it must have no padding.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB less 16 bytes.</typeparam>
    /// <param name="directory">The directory of the map, used for nothing else. Created with its parents.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, is writing to the map; or other writers exist
    /// and a feed should start or end.</exception>
    /// <exception cref="EstreamFormatException">The map has other types, no versions or another format
    /// version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="InvalidOperationException">The map has a change feed, and <see cref="MapOptions.Changes"/> is not
    /// set.</exception>
    /// <exception cref="EstreamStorageException">A storage error: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, or a type is too large.</exception>
    public static VersionedMap<TKey, TValue> Open<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        var feed = VersionedFeed<TKey, TValue>.To(options.Changes);
        return new(StateMap.Open(directory, options, MetaLayout.FeatureStamps, feed), options.Clock);
    }

    /// <summary>
    /// Opens the map in a directory for reading, concurrently with its writers. Never writes: works on a read-only file system.
    /// </summary>
    /// <typeparam name="TKey">The key type of the map, or one with the same fields.</typeparam>
    /// <typeparam name="TValue">The value type of the map, or one with the same fields.</typeparam>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Only storage, clock and prefaulting are used.</param>
    /// <exception cref="EstreamStorageException">The map does not exist or may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map has other types, no versions or another format
    /// version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    public static VersionedMap<TKey, TValue> OpenReadOnly<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        return new(StateMap.OpenReadOnly<TKey, VersionedValue<TValue>>(directory, options, MetaLayout.FeatureStamps), options.Clock);
    }

    /// <summary>Creates a map in the memory of this process, outside the garbage-collected heap, on huge pages if available. It has a
    /// single writer.</summary>
    /// <typeparam name="TKey">Compared and hashed by its bytes, so it must have no padding.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB less 16 bytes.</typeparam>
    /// <param name="options">The options; <see langword="null"/> for the defaults. The storage is not used.</param>
    /// <exception cref="InsufficientMemoryException">There is not enough address space.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, a type is too large, or the options ask for several
    /// writers.</exception>
    public static VersionedMap<TKey, TValue> CreateInMemory<TKey, TValue>(MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        var feed = VersionedFeed<TKey, TValue>.To(options.Changes);
        return new(StateMap.CreateInMemory(options, MetaLayout.FeatureStamps, feed), options.Clock);
    }
}
