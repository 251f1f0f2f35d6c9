using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Map.Tests;

/// <summary>
/// Random operations on a byte map and on a dictionary, which must agree after each operation. There are few keys, values of all lengths,
/// files so small that they are released all the time, closing and reopening, and hashes of so few bits that keys collide.
/// </summary>
public sealed class ByteMapModelTests
{
    private const int Keys = 60;

    private static readonly int[] s_lengths = [0, 1, 7, 8, 100, 600, 3_000, 9_000];

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_byte_map_agrees_with_a_dictionary(Operation[] operations) =>
        Run(operations, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 8192 });

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_byte_map_agrees_with_a_dictionary_when_keys_have_the_same_hash(Operation[] operations) =>
        Run(operations, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, HashMask = 0x3 });

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void A_byte_map_agrees_with_a_dictionary_when_files_are_large(Operation[] operations) =>
        Run(operations, new ByteMapOptions { InitialCapacity = 0 });

    [Property(40, 300, EndSize = 1_000, LongEndSize = 2_500, Arbitrary = [typeof(Operations)])]
    public void An_encrypted_byte_map_agrees_with_a_dictionary(Operation[] operations) =>
        Run(operations, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, HashMask = 0xF, Keys = TestRing.Shared });

    private static void Run(Operation[] operations, ByteMapOptions options)
    {
        using TempDirectory directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        ByteMap map = ByteMap.Open(directory.Path, options);
        Dictionary<string, byte[]> model = [];
        try
        {
            foreach (Operation operation in operations)
            {
                if (operation.Verb == Verb.Reopen)
                {
                    map.Dispose();
                    map = ByteMap.Open(directory.Path, options);
                }
                else
                {
                    Apply(operation, map, model);
                }

                Assert.Equal(model.Count, map.Count);
            }

            AssertSame(model, map);
            using ByteMap reader = ByteMap.OpenReadOnly(directory.Path, options);
            AssertSame(model, reader);
        }
        finally
        {
            map.Dispose();
        }
    }

    private static void AssertSame(Dictionary<string, byte[]> model, ByteMap map)
    {
        Dictionary<string, byte[]> found = map.ToDictionary();
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.All(model, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(found[pair.Key])));
        Assert.Equal(map.Count, map.GetStatistics().Entries);
    }

    private static void Apply(Operation operation, ByteMap map, Dictionary<string, byte[]> model)
    {
        byte[] key = KeyOf(operation.Key);
        string name = Convert.ToHexString(key);
        byte[] value = ValueOf(operation.Value);
        switch (operation.Verb)
        {
            case Verb.Put:
                Assert.Equal(!model.ContainsKey(name), map.Put(key, value));
                model[name] = value;
                break;
            case Verb.Add:
                Assert.Equal(model.TryAdd(name, value), map.TryAdd(key, value));
                break;
            case Verb.Remove:
                Assert.Equal(model.Remove(name), map.Remove(key));
                break;
            case Verb.Exchange:
                bool isExpected = model.TryGetValue(name, out byte[]? current) && current.AsSpan().SequenceEqual(value);
                Assert.Equal(isExpected, map.CompareExchange(key, value, ValueOf(operation.Value + 1)));
                model[name] = isExpected ? ValueOf(operation.Value + 1) : model.GetValueOrDefault(name)!;
                if (model[name] is null)
                {
                    model.Remove(name);
                }

                break;
            case Verb.Clear:
                map.Clear();
                model.Clear();
                break;
            case Verb.Compact:
                map.Compact();
                break;
            case Verb.Flush:
                map.Flush();
                break;
            default:
                Assert.Equal(model.TryGetValue(name, out byte[]? expected), map.TryGet(key, out byte[]? actual));
                Assert.Equal(expected, actual);
                break;
        }
    }

    // Key n consists of n bytes, so key 0 is empty.
    private static byte[] KeyOf(int number) => [.. Enumerable.Repeat((byte)number, number)];

    private static byte[] ValueOf(int number) => [.. Enumerable.Repeat((byte)(number * 31), s_lengths[number % s_lengths.Length])];

    /// <summary>The kind of an operation.</summary>
    public enum Verb
    {
        Put,
        Add,
        Remove,
        Exchange,
        Get,
        Reopen,
        Compact,
        Flush,
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
                (5, Gen.Constant(Verb.Add)),
                (8, Gen.Constant(Verb.Get)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Compact)),
                (1, Gen.Constant(Verb.Flush)),
                (1, Gen.Constant(Verb.Clear)));
            Gen<Operation> operation =
                from v in verb
                from key in Gen.Choose(0, Keys - 1)
                from value in Gen.Choose(0, s_lengths.Length * 2)
                select new Operation(v, key, value);
            return Arb.From(operation.ArrayOf(), ModelTests.ShrinkByHalves);
        }
    }
}
