using Estream.Map;

namespace Estream.Compatibility;

/// <summary>
/// An endless list of operations on a map in which the n-th follows from n alone. Never change it: files of old versions hold what it gave.
/// </summary>
public static class MapScript
{
    /// <summary>The user word that holds the number of the last operation done.</summary>
    public const int DoneWord = 5;

    public static bool IsRemove(long operation) => SeededBytes.Mix((ulong)operation) % 5 == 0;

    public static long KeyOf(long operation, long keys) => (long)(SeededBytes.Mix((ulong)operation * 3) % (ulong)keys);

    /// <summary>The text of a key, up to 64 bytes.</summary>
    public static Utf8Key64 TextOf(long key) =>
        Utf8Key64.TryCreate($"device-{key}-ä{new string('x', (int)(key % 40))}", out Utf8Key64 text) ? text : throw new InvalidOperationException($"key {key}");

    public static LatestEntry EntryOf(long operation) => LatestEntry.Create(operation * 64, operation, operation * 1_000, SeededBytes.Of(operation));

    /// <summary>Does an operation on a map, and notes that it is done.</summary>
    public static void Apply<TKey, TValue>(StateMap<TKey, TValue> map, long operation, long keys, Func<long, TKey> key, Func<long, TValue> value)
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

    /// <summary>Which operation wrote each key last, after so many operations.</summary>
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
