using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class StateMapTests
{
    public static TheoryData<MapHome> Homes => [MapHome.Memory, MapHome.Files];

    [Theory]
    [MemberData(nameof(Homes))]
    public void A_missing_key_gives_the_default(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        Assert.False(under.Map.TryGet(1, out long value));
        Assert.Equal(0, value);
        Assert.False(under.Map.ContainsKey(1));
        Assert.False(under.Map.Remove(1));
        Assert.False(under.Map.CompareExchange(1, 0, 1));
        Assert.Equal(0, under.Map.Count);
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void Put_adds_and_then_replaces(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        Assert.True(under.Map.Put(0, 10));
        Assert.False(under.Map.Put(0, 11));
        Assert.True(under.Map.TryGet(0, out long value));
        Assert.Equal(11, value);
        Assert.Equal(1, under.Map.Count);
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void A_removed_key_is_absent_and_can_be_added_again(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        under.Map.Put(-1, 1);
        Assert.True(under.Map.Remove(-1));
        Assert.False(under.Map.Remove(-1));
        Assert.False(under.Map.ContainsKey(-1));
        Assert.Equal(0, under.Map.Count);
        Assert.True(under.Map.Put(-1, 2));
        Assert.True(under.Map.TryGet(-1, out long value));
        Assert.Equal(2, value);
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void CompareExchange_replaces_only_the_expected_value(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        under.Map.Put(5, 1);
        Assert.False(under.Map.CompareExchange(5, 2, 3));
        Assert.True(under.Map.CompareExchange(5, 1, 3));
        Assert.True(under.Map.TryGet(5, out long value));
        Assert.Equal(3, value);
        Assert.Equal(1, under.Map.Count);
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void A_full_map_grows_instead_of_failing(MapHome home)
    {
        const int Entries = 100_000;
        using MapUnderTest<long, long> under = new(home);
        long capacityBefore = under.Map.Capacity;
        for (long key = 0; key < Entries; key++)
        {
            Assert.True(under.Map.Put(key, -key));
        }

        Assert.Equal(Entries, under.Map.Count);

        // Another thread may still be creating the next table. A later write then begins to use it.
        Eventually.True(
            () => under.Map.Put(Entries, 0) && under.Map.Remove(Entries) && under.Map.Capacity >= Entries
                && under.Map.Capacity > capacityBefore,
            "there is room for all of them");
        Assert.Equal(Entries, under.Map.Count);
        for (long key = 0; key < Entries; key++)
        {
            Assert.True(under.Map.TryGet(key, out long value) && value == -key);
        }

        Assert.False(under.Map.ContainsKey(Entries));
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void The_slots_of_removed_keys_are_reused(MapHome home)
    {
        // Adds far more keys in total than there are slots, but never many at a time. Removed keys must leave nothing behind that makes the
        // map grow.
        using MapUnderTest<long, long> under = new(home, 1000);
        long capacity = under.Map.Capacity;
        for (long key = 0; key < 200_000; key++)
        {
            under.Map.Put(key, key);
            if (key >= 500)
            {
                Assert.True(under.Map.Remove(key - 500));
            }
        }

        Assert.Equal(500, under.Map.Count);
        Assert.Equal(capacity, under.Map.Capacity);
    }

    [Fact]
    public void Removing_entries_resets_the_overflow_counts()
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map = StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0 });
        for (long key = 0; key < map.Capacity; key++)
        {
            map.Put(key, key);
        }

        using DeadWriter<long, long> witness = new(directory.Path);
        Assert.Contains(Enumerable.Range(0, 64), bucket => ControlWord.HasOverflow(witness.ControlOf(bucket)));
        for (long key = 0; key < map.Capacity; key++)
        {
            Assert.True(map.Remove(key));
        }

        Assert.All(Enumerable.Range(0, 64), bucket => Assert.Equal(0, witness.ControlOf(bucket) & 0xFFFFFF));
    }

    [Theory]
    [MemberData(nameof(Homes))]
    public void Clear_removes_everything_and_keeps_the_user_words(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home, 10_000);
        under.Map.SetUserWord(7, 77);
        for (long key = 0; key < 5_000; key++)
        {
            under.Map.Put(key, key);
        }

        under.Map.Clear();
        Assert.Equal(0, under.Map.Count);
        Assert.False(under.Map.ContainsKey(17));
        Assert.Equal(77, under.Map.UserWord(7));
        Assert.True(under.Map.Put(17, 1));
        Assert.Equal(1, under.Map.Count);
    }

    [Fact]
    public void User_words_are_independent_and_their_index_is_checked()
    {
        using MapUnderTest<long, long> under = new(MapHome.Memory);
        for (int index = 0; index < StateMap.UserWordCount; index++)
        {
            Assert.Equal(0, under.Map.UserWord(index));
            under.Map.SetUserWord(index, long.MinValue + index);
        }

        for (int index = 0; index < StateMap.UserWordCount; index++)
        {
            Assert.Equal(long.MinValue + index, under.Map.UserWord(index));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => under.Map.UserWord(StateMap.UserWordCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => under.Map.SetUserWord(-1, 0));
    }

    [Fact]
    public void After_Dispose_every_call_throws()
    {
        MapUnderTest<long, long> under = new(MapHome.Files);
        under.Map.Put(1, 1);
        StateMap<long, long>.Enumerator late = under.Map.GetEnumerator();
        under.Dispose();
        under.Map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => under.Map.TryGet(1, out _));
        Assert.Throws<ObjectDisposedException>(() => under.Map.Put(1, 1));
        Assert.Throws<ObjectDisposedException>(() => under.Map.Count);
        Assert.Throws<ObjectDisposedException>(() => under.Map.UserWord(0));
        Assert.Throws<ObjectDisposedException>(() => under.Map.HostCrashed);
        Assert.Throws<ObjectDisposedException>(under.Map.Flush);

        // A disposed map must not look like the end of the enumeration.
        Assert.Throws<ObjectDisposedException>(() => late.MoveNext());
    }
}
