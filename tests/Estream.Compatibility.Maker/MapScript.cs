using Estream.Map;

namespace Estream.Compatibility;

/// <summary>An endless sequence of map operations; the n-th depends only on n. Never change it: files of old versions contain its
/// results.</summary>
public static class MapScript
{
    /// <summary>The user word with the number of the last completed operation.</summary>
    public const int DoneWord = 5;

    /// <summary>The number of keys, from 0, that every batch puts.</summary>
    public const int BatchKeys = 16;

    public static bool IsRemove(long operation) => SeededBytes.Mix((ulong)operation) % 5 == 0;

    public static long KeyOf(long operation, long keys) => (long)(SeededBytes.Mix((ulong)operation * 3) % (ulong)keys);

    /// <summary>The text of a key, up to 64 bytes.</summary>
    public static Utf8Key64 TextOf(long key) =>
        Utf8Key64.TryCreate($"device-{key}-ä{new string('x', (int)(key % 40))}", out Utf8Key64 text)
            ? text
            : throw new InvalidOperationException($"key {key}");

    public static LatestEntry EntryOf(long operation) =>
        LatestEntry.Create(operation * 64, operation, operation * 1_000, SeededBytes.Of(operation));

    /// <summary>Performs an operation on a map, and records its number.</summary>
    public static void Apply<TKey, TValue>(StateMap<TKey, TValue> map, long operation, long keys, Func<long, TKey> key,
        Func<long, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        TKey changed = key(KeyOf(operation, keys));
        if (IsRemove(operation))
        {
            map.Remove(in changed);
        }
        else
        {
            TValue stored = value(operation);
            map.Put(in changed, in stored);
        }

        map.SetUserWord(DoneWord, operation);
    }

    /// <summary>Performs an operation on a map with versions. Each third operation puts a value with an expiry, in as many seconds as the
    /// number of the operation.</summary>
    /// <returns>The new version, or 0.</returns>
    public static long Apply(VersionedMap<long, long> map, long operation, long keys)
    {
        long version = 0;
        if (IsRemove(operation))
        {
            map.Remove(KeyOf(operation, keys));
        }
        else
        {
            version = map.Put(KeyOf(operation, keys), operation * 5, TimeToLiveOf(operation));
        }

        map.SetUserWord(DoneWord, operation);
        return version;
    }

    public static TimeSpan? TimeToLiveOf(long operation) => operation % 3 == 0 ? TimeSpan.FromSeconds(operation) : null;

    /// <summary>The directory of the map with a change feed.</summary>
    public static string MapOf(string directory) => Path.Combine(directory, "map");

    /// <summary>The directory of the change feed.</summary>
    public static string FeedOf(string directory) => Path.Combine(directory, "feed");

    /// <summary>The last operation that wrote each key, after a number of operations.</summary>
    public static Dictionary<long, long> After(long operations, long keys)
    {
        var model = new Dictionary<long, long>();
        for (long operation = 1; operation <= operations; operation++)
        {
            if (IsRemove(operation))
            {
                model.Remove(KeyOf(operation, keys));
            }
            else
            {
                model[KeyOf(operation, keys)] = operation;
            }
        }

        return model;
    }
}
