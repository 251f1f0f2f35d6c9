using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>Opens and makes maps whose entries have versions and may end; see <see cref="VersionedMap{TKey, TValue}"/>.</summary>
public static class VersionedMap
{
    /// <summary>Opens the map in a directory for writing, as its one writer or as one of several (<see cref="MapOptions.Writers"/>), and
    /// makes it when it is missing. A half-written value of a writer that died is taken back.</summary>
    /// <typeparam name="TKey">Compared and hashed as its bytes, so it must have no padding.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB less 16 bytes.</typeparam>
    /// <param name="directory">A directory of its own; made with its parents.</param>
    /// <param name="options">Defaults where <see langword="null"/>.</param>
    /// <exception cref="EstreamLeaseException">Another process, or another object of this one, is writing to the map; or does so beside
    /// this one, and a feed was to begin or to be given up.</exception>
    /// <exception cref="EstreamFormatException">The map has other types, no versions or another format version, or the files are no
    /// map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    /// <exception cref="InvalidOperationException">The changes of the map are told to a feed, and there is no
    /// <see cref="MapOptions.Changes"/>.</exception>
    /// <exception cref="EstreamStorageException">The system refused: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, or a type is too large.</exception>
    public static VersionedMap<TKey, TValue> Open<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        var feed = VersionedFeed<TKey, TValue>.To(options.Changes);
        return new(StateMap.Open(directory, options, MetaLayout.FeatureStamps, feed), options.Clock);
    }

    /// <summary>Opens the map in a directory for reading, beside its writers if there are any. Nothing is ever written: a read-only file
    /// system will do.</summary>
    /// <typeparam name="TKey">The key type the map was made with, or one with the same fields.</typeparam>
    /// <typeparam name="TValue">The value type the map was made with, or one with the same fields.</typeparam>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">Defaults where <see langword="null"/>; only storage, clock and prefaulting matter.</param>
    /// <exception cref="EstreamStorageException">There is no map, or it may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map has other types, no versions or another format version, or the files are no
    /// map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    public static VersionedMap<TKey, TValue> OpenReadOnly<TKey, TValue>(string directory, MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        return new(StateMap.OpenReadOnly<TKey, VersionedValue<TValue>>(directory, options, MetaLayout.FeatureStamps), options.Clock);
    }

    /// <summary>Makes a map in the memory of this process, outside the garbage-collected heap and on huge pages where the system gives
    /// them. It has one writer.</summary>
    /// <typeparam name="TKey">Compared and hashed as its bytes, so it must have no padding.</typeparam>
    /// <typeparam name="TValue">Any type without references, up to 64 KiB less 16 bytes.</typeparam>
    /// <param name="options">Defaults where <see langword="null"/>; the storage does not matter.</param>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    /// <exception cref="ArgumentException">The key has padding bytes, a type is too large, or several writers were asked for.</exception>
    public static VersionedMap<TKey, TValue> CreateInMemory<TKey, TValue>(MapOptions? options = null)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        options ??= new MapOptions();
        var feed = VersionedFeed<TKey, TValue>.To(options.Changes);
        return new(StateMap.CreateInMemory(options, MetaLayout.FeatureStamps, feed), options.Clock);
    }
}
