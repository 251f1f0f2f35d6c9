using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>
/// The operations of several writers on one map. Each writer has an endless list of operations, determined by its number. The operations
/// change the writer's own keys, whose values it knows exactly, shared keys, and counters that all writers increment. Waves of
/// adding and removing make the map grow and shrink.
/// </summary>
public static class ManyScript
{
    public const int KeysPerWriter = 300;
    public const int SharedKeys = 6;
    public const int Counters = 3;

    /// <summary>Bytes per writer in the acknowledgement file: the number of its last operation, and how often it incremented a
    /// counter.</summary>
    public const int AcknowledgementBytes = 128;
    public const int AdditionsOffset = 8;

    /// <summary>How many operations a writer does between two snapshots.</summary>
    public const int SnapshotEvery = 500;

    private const long FirstKeyOfWriter = 1_000_000;
    private const long FirstCounter = 1_000;
    private const long Wave = 1_500;

    public static long FirstKeyOf(int writer) => (writer + 1) * FirstKeyOfWriter;

    public static long CounterOf(long number) => FirstCounter + (number % Counters);

    /// <summary>The value that a writer stores with an operation.</summary>
    public static long Mark(int writer, long operation) => ((long)writer << 48) | operation;

    public static void Do<TValue>(StateMap<long, TValue> map, int writer, long operation, RegionSpan acknowledgements,
        Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        long key = KeyOf(writer, operation);
        if (IsPut(writer, operation))
        {
            map.Put(key, make(Mark(writer, operation)));
        }
        else
        {
            map.Remove(key);
        }

        if (operation % 3 == 0)
        {
            map.Put(operation / 3 % SharedKeys, make(Mark(writer, operation)));
        }

        if (operation % 5 == 0)
        {
            Add(map, CounterOf(operation / 5), make, read);
            acknowledgements.AddInt64(((long)writer * AcknowledgementBytes) + AdditionsOffset, 1);
        }

        acknowledgements.WriteInt64Release((long)writer * AcknowledgementBytes, operation);
    }

    /// <summary>The keys of a writer after the given number of operations, each with the operation that wrote it.</summary>
    public static Dictionary<long, long> Model(int writer, long operations)
    {
        Dictionary<long, long> model = [];
        for (long operation = 1; operation <= operations; operation++)
        {
            if (IsPut(writer, operation))
            {
                model[KeyOf(writer, operation)] = operation;
            }
            else
            {
                model.Remove(KeyOf(writer, operation));
            }
        }

        return model;
    }

    /// <summary>Whether a writer may have stored the value found under a key.</summary>
    public static bool IsPossible(long key, long mark)
    {
        int writer = (int)(mark >> 48);
        long operation = mark & 0xFFFF_FFFF_FFFF;
        return key switch
        {
            < SharedKeys => operation % 3 == 0 && operation / 3 % SharedKeys == key,
            < FirstKeyOfWriter => mark >= 0,
            _ => IsPut(writer, operation) && KeyOf(writer, operation) == key,
        };
    }

    /// <summary>Whether the keys of a writer match its last acknowledged operation or the next one.</summary>
    public static bool IsModel<TValue>(StateMap<long, TValue> map, int writer, long acknowledged, Func<TValue, long> read)
        where TValue : unmanaged => IsExactly<TValue>(map.TryGet, writer, Model(writer, acknowledged), read)
            || IsExactly<TValue>(map.TryGet, writer, Model(writer, acknowledged + 1), read);

    /// <summary>Whether a snapshot that a writer created after an operation is correct: the writer's own keys are as they were after that
    /// operation, and all keys have possible values.</summary>
    public static bool IsImage<TValue>(MapSnapshot<long, TValue> snapshot, int writer, long operation, Func<TValue, long> read)
        where TValue : unmanaged =>
        IsExactly<TValue>(snapshot.TryGet, writer, Model(writer, operation), read)
        && snapshot.All(pair => IsPossible(pair.Key, read(pair.Value)))
        && snapshot.Select(pair => pair.Key).Distinct().LongCount() == snapshot.Count;

    private delegate bool TryGet<TValue>(in long key, out TValue value);

    private static bool IsExactly<TValue>(TryGet<TValue> tryGet, int writer, Dictionary<long, long> model, Func<TValue, long> read)
        where TValue : unmanaged
    {
        for (long key = FirstKeyOf(writer); key < FirstKeyOf(writer) + KeysPerWriter; key++)
        {
            bool isThere = tryGet(key, out TValue value);
            if (isThere != model.TryGetValue(key, out long operation) || (isThere && read(value) != Mark(writer, operation)))
            {
                return false;
            }
        }

        return true;
    }

    private static void Add<TValue>(StateMap<long, TValue> map, long counter, Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        while (map.TryGet(counter, out TValue value) && !map.CompareExchange(counter, value, make(read(value) + 1)))
        {
        }
    }

    private static bool IsPut(int writer, long operation) =>
        Mix(writer, operation) % 10 < (operation / Wave % 2 == 0 ? 8u : 1u);

    private static long KeyOf(int writer, long operation) => FirstKeyOf(writer) + (long)((Mix(writer, operation) >> 8) % KeysPerWriter);

    private static ulong Mix(int writer, long operation)
    {
        ulong mixed = (ulong)Mark(writer, operation) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        return mixed ^ (mixed >> 31);
    }
}
