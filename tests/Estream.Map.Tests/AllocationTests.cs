using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class AllocationTests
{
    private const int Calls = 10_000;

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void Reading_and_writing_allocate_nothing(MapHome home)
    {
        using MapUnderTest<Utf8Key64, LatestEntry> latest = new(home, 1_000);
        using MapUnderTest<long, long> numbers = new(home, 1_000);
        using MapUnderTest<long, CheckedValue> values = new(home, 1_000);
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(Calls, () =>
        {
            turn++;
            Span<byte> name = stackalloc byte[16];
            name.Clear();
            BitConverter.TryWriteBytes(name, turn % 500);
            Utf8Key64.TryCreate(name, out Utf8Key64 key);
            latest.Map.Put(key, LatestEntry.Create(turn, turn, turn, name));
            _ = latest.Map.TryGet(key, out LatestEntry entry) && entry.Message.Length == 16;
            numbers.Map.Put(turn % 700, turn);
            numbers.Map.CompareExchange(turn % 700, turn, turn + 1);
            numbers.Map.Remove((turn + 1) % 700);
            values.Map.Put(turn % 300, CheckedValue.Of(turn));
            values.Map.SetUserWord(0, turn);
            _ = values.Map.UserWord(0) + values.Map.Count;
        });
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void Reading_and_writing_a_byte_map_allocate_only_for_an_occasional_file(MapHome home)
    {
        using TempDirectory directory = new();
        using ByteMap map = home == MapHome.Files ? ByteMap.Open(directory.Path) : ByteMap.CreateInMemory();
        using ByteMap reader = home == MapHome.Files ? ByteMap.OpenReadOnly(directory.Path) : ByteMap.CreateInMemory();
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            turn++;
            Span<byte> key = stackalloc byte[12];
            Span<byte> value = stackalloc byte[200];
            BitConverter.TryWriteBytes(key, turn % 70);
            map.Put(key, value[..(turn % 200)]);
            map.CompareExchange(key, value[..(turn % 200)], value);
            _ = map.TryGet(key, value, out int _).IsOk | reader.TryGet(key, value, out int _).IsOk;
            _ = map.Count + map.UserWord(0);
            map.Remove(key);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Enumerating_a_byte_map_allocates_only_a_borrowed_buffer()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        for (int key = 0; key < 100; key++)
        {
            map.Put(BitConverter.GetBytes(key), new byte[key]);
        }

        long sum = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            foreach (ByteMapEntry entry in map)
            {
                sum += entry.Key.Length + entry.Value.Length;
            }
        });
        Assert.Equal(0, bytes);
        Assert.NotEqual(0, sum);
    }

    /// <summary>Writes fill segment after segment, and each segment allocates an object with a name: at most three
    /// bytes per value.</summary>
    [Fact]
    public void Replacing_values_allocates_per_segment_and_not_per_value()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        byte[] key = new byte[24];
        byte[] value = new byte[64];
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(Calls, () =>
        {
            BitConverter.TryWriteBytes(key, turn++ % 1_000);
            map.Put(key, value);
        });
        Assert.InRange(bytes, 0, 3 * Calls);
        Assert.Equal(1_000, map.Count);
    }

    [Fact]
    public void Enumeration_allocates_nothing()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        for (long key = 0; key < 100; key++)
        {
            map.Put(key, 1);
        }

        long sum = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            foreach ((long key, long value) in map)
            {
                sum += key + value;
            }
        });
        Assert.Equal(0, bytes);
        Assert.NotEqual(0, sum);
    }
}
