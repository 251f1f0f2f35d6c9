using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>
/// The hash must spread typical keys over the high bits, with any seed. Random placement of 65,536 keys leaves 36.8 % of as many buckets
/// empty. Regular keys under multiplication are not random, so a few percent more are allowed. A single multiplication left up to 76 %
/// empty.
/// </summary>
public sealed class KeyHashTests
{
    private const int Keys = 65_536;

    public static TheoryData<ulong> Seeds => [0, 1, 0xFFFFFFFFFFFFFFFF, 0x123456789ABCDEF];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_counting_keys(ulong seed) => AssertSpread(seed, i => (long)i);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_keys_that_differ_only_in_their_high_bits(ulong seed) => AssertSpread(seed, i => (long)i << 48);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_keys_that_differ_only_in_their_middle_bits(ulong seed) => AssertSpread(seed, i => (long)i << 24);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_round_floating_point_keys(ulong seed) => AssertSpread(seed, i => (double)i);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_counting_keys_of_four_bytes(ulong seed) => AssertSpread(seed, i => i * 4096);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_device_names(ulong seed) => AssertSpread(seed, i =>
    {
        _ = Utf8Key64.TryCreate($"device-{i:D6}", out Utf8Key64 key);
        return key;
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_hash_spreads_pairs_of_small_numbers(ulong seed) => AssertSpread(seed, i => new Pair(i & 0xFF, i >> 8));

    [Fact]
    public void Another_seed_gives_another_hash()
    {
        KeyHash left = new(1);
        KeyHash right = new(2);
        int same = Enumerable.Range(0, 1000).Count(i => left.Of(in Boxed(i)[0]) >> 48 == right.Of(in Boxed(i)[0]) >> 48);
        Assert.InRange(same, 0, 5);
    }

    [Fact]
    public void Every_bit_of_a_wide_key_changes_the_hash()
    {
        KeyHash hash = new(7);
        Wide key = default;
        HashSet<ulong> hashes = [hash.Of(in key)];
        for (int bit = 0; bit < 9 * 64; bit++)
        {
            Wide changed = default;
            changed[bit / 64] = 1L << (bit % 64);
            Assert.True(hashes.Add(hash.Of(in changed)));
        }
    }

    private static long[] Boxed(long value) => [value];

    private static void AssertSpread<TKey>(ulong seed, Func<int, TKey> keyOf)
        where TKey : unmanaged
    {
        KeyHash hash = new(seed);
        bool[] hit = new bool[Keys];
        for (int index = 0; index < Keys; index++)
        {
            TKey key = keyOf(index);
            hit[hash.Of(in key) >> 48] = true;
        }

        Assert.InRange(hit.Count(isHit => !isHit) / (double)Keys, 0, 0.42);
    }

    private readonly record struct Pair(long Left, long Right);

    [System.Runtime.CompilerServices.InlineArray(9)]
    private struct Wide
    {
        private long _first;
    }
}
