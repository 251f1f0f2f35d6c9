using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A map on a file system with huge pages uses huge pages without configuration. The check uses the counts of the
/// kernel.</summary>
public sealed class HugePagesTests
{
    private const int Entries = 300_000;
    private const int ByteEntries = 20_000;

    [MountFact]
    public void A_map_uses_huge_pages_on_a_private_tmpfs()
    {
        using var disk = new TmpfsMount(128 << 20, "huge=always");
        using StateMap<long, long> map = StateMap.Open<long, long>(disk.Path);
        Fill(map);
        Assert.True(HugePageMappings.BytesBelow(disk.Path) >= 2 << 20, "no table is mapped by huge pages");
        AssertWhole(map);
    }

    [ReservedHugePagesFact]
    public void A_map_uses_huge_pages_on_hugetlbfs()
    {
        using var pages = new ReservedHugePages(48);
        using (StateMap<long, long> map = StateMap.Open<long, long>(pages.Path))
        {
            Fill(map);
            AssertWhole(map);
        }

        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(pages.Path);
        AssertWhole(reader);
    }

    [ReservedHugePagesFact]
    public void A_byte_map_uses_huge_pages_on_hugetlbfs()
    {
        using var pages = new ReservedHugePages(64);
        using (ByteMap map = ByteMap.Open(pages.Path))
        {
            for (int key = 0; key < ByteEntries; key++)
            {
                map.Put(BitConverter.GetBytes(key), Value(key));
            }

            AssertWhole(map);
        }

        using ByteMap reader = ByteMap.OpenReadOnly(pages.Path);
        AssertWhole(reader);
    }

    private static byte[] Value(int key) => [.. Enumerable.Repeat((byte)key, key % 1_000)];

    private static void AssertWhole(ByteMap map)
    {
        Assert.Equal(ByteEntries, map.Count);
        for (int key = 0; key < ByteEntries; key++)
        {
            Assert.True(map.TryGet(BitConverter.GetBytes(key), out byte[]? value));
            Assert.Equal(Value(key), value);
        }
    }

    private static void Fill(StateMap<long, long> map)
    {
        for (long key = 0; key < Entries; key++)
        {
            map.Put(key, ~key);
        }
    }

    private static void AssertWhole(StateMap<long, long> map)
    {
        Assert.Equal(Entries, map.Count);
        for (long key = 0; key < Entries; key++)
        {
            Assert.True(map.TryGet(key, out long value));
            Assert.Equal(~key, value);
        }
    }
}
