using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random operations on a map and on a dictionary, which must agree after each operation. There are few keys, growth from the smallest
/// size, and closing, crashes and reopening in between. A single writer makes the changes, or two objects of several writers in turn. A
/// failure prints the shrunk list of operations.
/// </summary>
public sealed class ModelTests
{
    private const int Keys = 400;

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_one_writer_with_small_values_agrees_with_a_dictionary(Operation[] operations) =>
        Run<long, long>(MapWriters.One, operations, key => key * 0x10001, number => number);

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_several_writers_with_small_values_agrees_with_a_dictionary(Operation[] operations) =>
        Run<long, long>(MapWriters.Many, operations, key => key * 0x10001, number => number);

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_one_writer_with_large_values_agrees_with_a_dictionary(Operation[] operations) =>
        Run<long, (long, long, long)>(MapWriters.One, operations, key => key, number => (number, ~number, number * 3));

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_several_writers_with_large_values_agrees_with_a_dictionary(Operation[] operations) =>
        Run<long, (long, long, long)>(MapWriters.Many, operations, key => key, number => (number, ~number, number * 3));

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_one_writer_with_small_keys_agrees_with_a_dictionary(Operation[] operations) =>
        Run<ushort, int>(MapWriters.One, operations, key => (ushort)key, number => number);

    [Property(40, 300, EndSize = 1_500, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_map_of_several_writers_with_small_keys_agrees_with_a_dictionary(Operation[] operations) =>
        Run<ushort, int>(MapWriters.Many, operations, key => (ushort)key, number => number);

    internal static IEnumerable<T[]> ShrinkByHalves<T>(T[] operations)
    {
        for (int size = operations.Length / 2; size > 0; size /= 2)
        {
            for (int start = 0; start + size <= operations.Length; start += size)
            {
                yield return [.. operations[..start], .. operations[(start + size)..]];
            }
        }
    }

    private static void Run<TKey, TValue>(MapWriters writers, Operation[] operations, Func<int, TKey> keyOf, Func<int, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using TempDirectory directory = new();
        KillableStorage storage = new();
        MapOptions options = new() { InitialCapacity = 0, Writers = writers, Storage = storage };
        var maps = new StateMap<TKey, TValue>?[writers == MapWriters.One ? 1 : 2];
        Dictionary<TKey, TValue> model = [];
        try
        {
            for (int turn = 0; turn < operations.Length; turn++)
            {
                Operation operation = operations[turn];
                if (operation.Verb is Verb.Reopen or Verb.Kill)
                {
                    End(maps, operation.Verb == Verb.Kill ? storage : null);
                }

                ref StateMap<TKey, TValue>? map = ref maps[turn % maps.Length];
                map ??= StateMap.Open<TKey, TValue>(directory.Path, options);
                Apply(operation, map, model, keyOf(operation.Key), valueOf(operation.Value), valueOf(operation.Value + 1));
                Assert.Equal(model.Count, map.Count);
            }

            using StateMap<TKey, TValue> reader = operations.Length == 0
                ? StateMap.CreateInMemory<TKey, TValue>()
                : StateMap.OpenReadOnly<TKey, TValue>(directory.Path);
            Assert.Equal(model.OrderBy(pair => pair.Key), reader.OrderBy(pair => pair.Key));
        }
        finally
        {
            End(maps, killed: null);
        }
    }

    private static void End<TKey, TValue>(StateMap<TKey, TValue>?[] maps, KillableStorage? killed)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (killed is null)
        {
            Array.ForEach(maps, map => map?.Dispose());
        }

        killed?.Kill();
        Array.Clear(maps);
    }

    private static void Apply<TKey, TValue>(
        Operation operation, StateMap<TKey, TValue> map, Dictionary<TKey, TValue> model, TKey key, TValue value, TValue next)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        switch (operation.Verb)
        {
            case Verb.Put:
                Assert.Equal(!model.ContainsKey(key), map.Put(key, value));
                model[key] = value;
                break;
            case Verb.Remove:
                Assert.Equal(model.Remove(key), map.Remove(key));
                break;
            case Verb.Exchange:
                bool isExpected = model.TryGetValue(key, out TValue current) && current.Equals(value);
                Assert.Equal(isExpected, map.CompareExchange(key, value, next));
                if (isExpected)
                {
                    model[key] = next;
                }

                break;
            case Verb.Clear:
                map.Clear();
                model.Clear();
                break;
            default:
                Assert.Equal(model.TryGetValue(key, out TValue expected), map.TryGet(key, out TValue actual));
                Assert.Equal(expected, actual);
                break;
        }
    }

    /// <summary>The kind of an operation.</summary>
    public enum Verb
    {
        Put,
        Remove,
        Exchange,
        Get,
        Reopen,
        Kill,
        Clear,
    }

    /// <summary>One operation.</summary>
    public readonly record struct Operation(Verb Verb, int Key, int Value);

    /// <summary>Operations in the mix described by the class; a failing list is shrunk by halves.</summary>
    public static class Operations
    {
        /// <summary>A list of operations.</summary>
        public static Arbitrary<Operation[]> All()
        {
            Gen<Verb> verb = Gen.Frequency(
                (60, Gen.Constant(Verb.Put)),
                (20, Gen.Constant(Verb.Remove)),
                (10, Gen.Constant(Verb.Exchange)),
                (8, Gen.Constant(Verb.Get)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from key in Gen.Choose(0, Keys - 1)
                from value in Gen.Choose(0, 3)
                select new Operation(v, key, value);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
