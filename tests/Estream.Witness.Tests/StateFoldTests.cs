using System.Buffers.Binary;
using Estream.Core;
using Estream.Testing;
using Estream.Witness.Internal;
using Estream.Witness.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Witness.Tests;

/// <summary>Tests that states and their roots match the definition, whatever the order of changes. Also tests proofs of entries.</summary>
public sealed class StateFoldTests
{
    // Computed by a separate program that was written from the format documentation only.
    [Theory]
    [InlineData(0, "0a1e2736777f80a62beb2df72b649878481c0ca10194b832b5136befbae54017")]
    [InlineData(1, "50b9bf226d1c9ce71fefd2bdf6d743d942364a7c44d259a67eb673800dcc4c67")]
    [InlineData(16, "147b5d5967fd46c641ab378ad06c88906cf63a38b0da167f0dd299815bb930eb")]
    [InlineData(17, "63851d5a99261cd7f22790917b65dff8f03ede6ebb3f027e4762f80a8260c538")]
    [InlineData(1_000, "3ed036b17d2cdcc322e4c43f447f198a8161efb7ba2457ff0ca12b99f55adbbc")]
    [InlineData(20_000, "4c322cd821a808350b8850ade3747219b0de0db7cb7575673d5fcc953e3e6c93")]
    public void Roots_match_the_golden_values(int entries, string root)
    {
        StateFold fold = new();
        for (int number = entries - 1; number >= 0; number--)
        {
            fold.Apply(NaiveState.Sample(number));
        }

        Assert.Equal(root, Convert.ToHexStringLower(RootOf(fold)));
        Assert.Equal(entries, fold.Messages);
    }

    [Fact]
    public void The_root_matches_the_definition_while_a_state_grows_and_shrinks()
    {
        StateFold fold = new();
        NaiveState naive = new();
        Random random = new(1);
        int[] order = [.. Enumerable.Range(0, 3_000)];
        random.Shuffle(order);
        for (int at = 0; at < order.Length; at++)
        {
            Apply(fold, naive, NaiveState.Sample(order[at]));
            CheckNowAndThen(fold, naive, at);
        }

        random.Shuffle(order);
        for (int at = 0; at < order.Length; at++)
        {
            Apply(fold, naive, NaiveState.Event(at % 2 == 0 ? MapChangeKind.Remove : MapChangeKind.Expire, NaiveState.Key(order[at])));
            CheckNowAndThen(fold, naive, order.Length - at);
        }

        Assert.Empty(naive.Keys);
        Assert.Equal(RootOf(new StateFold()), RootOf(fold));
    }

    [Property(60, 1_000, EndSize = 1_200, LongEndSize = 4_000, Arbitrary = [typeof(Operations)])]
    public void Equal_states_have_equal_roots_whatever_the_order_of_changes(Operation[] operations)
    {
        StateFold fold = new();
        NaiveState naive = new();
        foreach ((int verb, int key, int value) in operations)
        {
            Apply(fold, naive, MessageOf(verb, key, value));
            if (verb < 4)
            {
                Assert.Equal(naive.Root(), RootOf(fold));
            }
        }

        // A second state gets only the remaining entries, in the order of their keys.
        StateFold other = new();
        foreach (string key in naive.Keys.Order(StringComparer.Ordinal))
        {
            byte[] bytes = Convert.FromHexString(key);
            Assert.True(naive.TryGet(bytes, out (long Version, long Ends, byte[] Value) held));
            other.Apply(NaiveState.Put(bytes, held.Value, held.Version, held.Ends));
        }

        Assert.Equal(naive.Root(), RootOf(fold));
        Assert.Equal(RootOf(fold), RootOf(other));
    }

    [Fact]
    public void A_message_that_is_not_an_event_changes_nothing()
    {
        StateFold fold = new();
        NaiveState naive = new();
        Apply(fold, naive, NaiveState.Sample(1));
        byte[] before = RootOf(fold), other = NaiveState.Sample(2);
        foreach (byte[] message in new byte[][] { [], other[..23], [5, .. other[1..]], [0, .. other[1..]],
            [.. other[..4], 200, .. other[5..]], [.. other[..7], 255, .. other[8..]] })
        {
            Apply(fold, naive, message);
            Assert.Equal(before, RootOf(fold));
        }

        Assert.Equal(7, fold.Messages);
        Assert.Equal(naive.Root(), before);
    }

    [Fact]
    public void Empty_values_and_values_larger_than_the_buffer_are_hashed_in_order()
    {
        StateFold fold = new();
        NaiveState naive = new();
        byte[] large = new byte[200_000];
        foreach (byte[] message in new byte[][]
        {
            NaiveState.Put([1], [1]), NaiveState.Put([1], large), NaiveState.Put([2], large), NaiveState.Put([2], [], 7, 8),
            NaiveState.Put([], []), NaiveState.Put(large, large),
            NaiveState.Put([3], large), NaiveState.Event(MapChangeKind.Remove, [3]), NaiveState.Event(MapChangeKind.Remove, large),
            NaiveState.Put([4], large),
        })
        {
            Apply(fold, naive, message);
        }

        Assert.Equal(naive.Root(), RootOf(fold));
        Apply(fold, naive, NaiveState.Event(MapChangeKind.Clear, []));
        Assert.Equal(naive.Root(), RootOf(fold));
        Apply(fold, naive, NaiveState.Put([9], [9]));
        Assert.Equal(naive.Root(), RootOf(fold));
    }

    // Simulates keys that an attacker chose so that their hashes share a prefix. For this many bits, finding such keys is infeasible.
    [Theory]
    [InlineData(0, 40)]
    [InlineData(7, 40)]
    [InlineData(100, 300)]
    [InlineData(251, 32)]
    public void Keys_with_common_hash_prefixes_have_proofs_deeper_than_the_prefix(int commonBits, int count)
    {
        Random random = new(commonBits);
        StateTrie trie = new();
        Dictionary<string, byte[]> entries = [];
        byte[] beginning = new byte[32];
        random.NextBytes(beginning);
        while (entries.Count < count)
        {
            byte[] entry = new byte[64];
            random.NextBytes(entry);
            for (int bit = 0; bit < commonBits; bit++)
            {
                int mask = 0x80 >> (bit % 8);
                entry[bit / 8] = (byte)((entry[bit / 8] & ~mask) | (beginning[bit / 8] & mask));
            }

            if (entries.TryAdd(Convert.ToHexString(entry[..32]), entry))
            {
                trie.Put(entry);
            }
        }

        byte[] root = new byte[32], path = new byte[StateHash.MaxDepth * 32], bucket = new byte[16 * 64], proven = new byte[32];
        trie.GetRoot(root);
        Assert.Equal(NaiveState.Root(entries.Values), root);
        foreach (byte[] entry in entries.Values)
        {
            (int depth, int held) = trie.Prove(entry.AsSpan(0, 32), path, bucket);
            Assert.InRange(depth, commonBits + 1, StateHash.MaxDepth);
            Assert.True(StateHash.Find(bucket.AsSpan(0, held * 64), entry.AsSpan(0, 32)) >= 0);
            StateHash.HashPath(entry.AsSpan(0, 32), path.AsSpan(0, depth * 32), bucket.AsSpan(0, held * 64), proven);
            Assert.Equal(root, proven);
        }
    }

    [Fact]
    public void Every_key_present_or_absent_has_a_path_to_the_root()
    {
        byte[] path = new byte[StateHash.MaxDepth * 32], bucket = new byte[16 * 64], root = new byte[32], hash = new byte[32];
        foreach (int count in new int[] { 0, 1, 16, 17, 33, 100, 2_500 })
        {
            StateFold fold = new();
            NaiveState naive = new();
            for (int number = 0; number < count; number++)
            {
                Apply(fold, naive, NaiveState.Sample(number));
            }

            Assert.Equal(naive.Root(), RootOf(fold));
            for (int number = 0; number < count + 200; number++)
            {
                byte[] key = NaiveState.Key(number);
                StateHash.HashKey(key, hash);
                (int depth, int held) = fold.Prove(hash, path, bucket);
                Assert.Equal(naive.TryGet(key, out _), StateHash.Find(bucket.AsSpan(0, held * 64), hash) >= 0);
                StateHash.HashPath(hash, path.AsSpan(0, depth * 32), bucket.AsSpan(0, held * 64), root);
                Assert.Equal(naive.Root(), root);
                number += count > 500 ? 37 : 0;
            }
        }
    }

    [Fact]
    public void Changing_existing_entries_and_hashing_allocates_nothing()
    {
        StateFold fold = new();
        for (int number = 0; number < 5_000; number++)
        {
            fold.Apply(NaiveState.Sample(number));
        }

        byte[] put = NaiveState.Put("key 1"u8.ToArray(), new byte[8]),
        removed = NaiveState.Event(MapChangeKind.Remove, "key 2"u8.ToArray()), added = NaiveState.Sample(2), root = RootOf(fold);
        long round = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(50, () =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(put.AsSpan(^8..), ++round);
            for (int at = 0; at < 300; at++)
            {
                put.AsSpan(28, 1)[0] = (byte)('1' + (at % 9));
                fold.Apply(put);
                fold.Apply(removed);
                fold.Apply(added);
            }

            fold.GetRoot(root);
        }));
    }

    private static byte[] MessageOf(int verb, int key, int value) => verb switch
    {
        < 70 => NaiveState.Put(NaiveState.Key(key), new byte[value], value / 4, value / 5),
        < 99 => NaiveState.Event(verb < 85 ? MapChangeKind.Remove : MapChangeKind.Expire, NaiveState.Key(key)),
        _ when key < 40 => NaiveState.Event(MapChangeKind.Clear, []),
        _ => [],
    };

    private static void Apply(StateFold fold, NaiveState naive, byte[] message)
    {
        fold.Apply(message);
        naive.Apply(message);
    }

    private static void CheckNowAndThen(StateFold fold, NaiveState naive, int size)
    {
        if (size < 70 || size % 97 == 0)
        {
            Assert.Equal(naive.Root(), RootOf(fold));
        }
    }

    private static byte[] RootOf(StateFold fold)
    {
        byte[] root = new byte[MerkleTree.HashBytes];
        fold.GetRoot(root);
        return root;
    }

    /// <summary>A change of a state; <see cref="MessageOf"/> creates its message.</summary>
    public readonly record struct Operation(int Verb, int Key, int Value);

    /// <summary>Changes of 400 keys: mostly puts, some removals, few clears and few messages that are not events.</summary>
    public static class Operations
    {
        /// <summary>One change.</summary>
        public static Arbitrary<Operation> One() =>
            (from verb in Gen.Choose(0, 99)
             from key in Gen.Choose(0, 399)
             from value in Gen.Choose(0, 5)
             select new Operation(verb, key, value)).ToArbitrary();
    }
}
