using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class AllocationTests
{
    private const int Calls = 10_000;

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void Nothing_is_allocated_by_reading_and_writing(MapHome home)
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

    [Fact]
    public void Nothing_is_allocated_by_an_enumeration()
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
