using Estream.Core;
using Estream.Map;
using Estream.Testing;

namespace Estream.Fuzz.Map;

/// <summary>
/// Damages the files of a small map at random positions, and reads and writes it by every operation. Each call returns a result or throws
/// one of Estream's own errors with the path; never another exception, a memory fault, or an endless search. A failure names its seed.
/// </summary>
public sealed class MapFuzzTests : IDisposable
{
    private static readonly int s_rounds = LongRun.Count(1_500, 30_000);

    // Twice the capacity that 120 entries need: a damaged count may cause one resize, but not one with each write.
    private const long MostCapacity = 4_096;

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Damaged_map_files_with_small_slots_give_answers_or_errors() => Check<long, long>(key => key, number => number);

    [Fact]
    public void Damaged_map_files_with_journaled_values_give_answers_or_errors() =>
        Check<long, Guid>(key => key, number => new Guid((int)number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));

    [Fact]
    public void Damaged_map_files_of_the_host_give_answers_or_errors() => Check<Utf8Key64, LatestEntry>(
        key => Utf8Key64.TryCreate($"device-{key}", out Utf8Key64 text) ? text : default,
        number => LatestEntry.Create(number, number, number, [1, 2, 3]));

    private void Check<TKey, TValue>(Func<long, TKey> keyOf, Func<long, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var image = new MapImage<TKey, TValue>(_directory.Combine("map"), keyOf, valueOf);
        for (int seed = 0; seed < s_rounds; seed++)
        {
            try
            {
                Round(image, new Random(seed), keyOf, valueOf);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, {typeof(TKey).Name}, {typeof(TValue).Name}: {error.Message}", error);
            }
        }
    }

    private static void Round<TKey, TValue>(MapImage<TKey, TValue> image, Random random, Func<long, TKey> keyOf, Func<long, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        image.Damage(random);
        using StateMap<TKey, TValue>? reader = Try(() => StateMap.OpenReadOnly<TKey, TValue>(image.Directory));
        Read(reader, keyOf);
        MapWriters writers = random.Next(2) == 0 ? MapWriters.One : MapWriters.Many;
        using (StateMap<TKey, TValue>? writer =
            Try(() => StateMap.Open<TKey, TValue>(image.Directory, new MapOptions { Writers = writers })))
        {
            Read(writer, keyOf);
            Write(writer, keyOf, valueOf);
        }

        Read(reader, keyOf);
        reader?.Dispose();
        image.Restore();
    }

    private static void Read<TKey, TValue>(StateMap<TKey, TValue>? map, Func<long, TKey> keyOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (map is null)
        {
            return;
        }

        for (long key = 0; key < 20; key++)
        {
            long number = key;
            _ = Try(() => map.TryGet(keyOf(number), out _));
        }

        _ = Try(() => map.Count);
        _ = Try(() => map.UserWord(0));
        _ = Try(() => Run(() =>
        {
            StateMap<TKey, TValue>.Enumerator entries = map.GetEnumerator();
            for (int seen = 0; entries.MoveNext(); seen++)
            {
                Assert.InRange(seen, 0, 4_000);
            }
        }));
    }

    private static void Write<TKey, TValue>(StateMap<TKey, TValue>? map, Func<long, TKey> keyOf, Func<long, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (map is null)
        {
            return;
        }

        // Puts more keys than the table holds, so that the map copies the entries to a larger table.
        for (long key = 0; key < 120; key++)
        {
            (TKey mine, TValue value) = (keyOf(key), valueOf(key + 1));
            bool isStored = Try(() => Run(() => map.Put(mine, value)));
            bool? isThere = isStored ? Try<bool?>(() => map.ContainsKey(mine)) : null;
            Assert.False(isThere == false, $"{key} was stored and is gone");
            Assert.InRange(map.Capacity, 0, MostCapacity);
        }

        _ = Try(() => map.CompareExchange(keyOf(3), valueOf(4), valueOf(5)));
        _ = Try(() => map.Remove(keyOf(7)));
        _ = Try(() => Run(map.Clear));
    }

    private static bool Run(Action action)
    {
        action();
        return true;
    }

    private static T? Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (EstreamException error)
        {
            Assert.NotNull(error.Path);
            Assert.Contains(error.Path, error.Message, StringComparison.Ordinal);
            return default;
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("GivesUpChanges", StringComparison.Ordinal))
        {
            // The damage hit the word that records the feed: a writer without a feed is rejected with an instruction.
            return default;
        }
    }
}
