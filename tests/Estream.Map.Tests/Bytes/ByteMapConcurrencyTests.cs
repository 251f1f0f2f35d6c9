using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Readers concurrent with the writer, with files so small that their memory is overwritten all the time.</summary>
public sealed class ByteMapConcurrencyTests : IDisposable
{
    private const int Keys = 60;

    private static readonly TimeSpan s_duration = LongRun.Duration(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true, ulong.MaxValue)]
    [InlineData(false, ulong.MaxValue)]
    [InlineData(false, 3UL)]
    public void A_key_that_stays_is_always_found_with_a_whole_value(bool isInOtherMapping, ulong hashMask)
    {
        ByteMapOptions options = new() { InitialCapacity = 0, SegmentBytes = 16 * 1024, HashMask = hashMask };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        for (long key = 0; key < Keys; key++)
        {
            map.Put(ByteScript.KeyOf(key), Value(key, key));
        }

        using ByteMap other = ByteMap.OpenReadOnly(_directory.Path, options);
        ByteMap reader = isInOtherMapping ? other : map;
        ConcurrencyTests.Run(
            stop =>
            {
                for (long turn = 0; turn < 5_000 || !stop.IsCancellationRequested; turn++)
                {
                    map.Put(ByteScript.KeyOf(turn % Keys), Value(turn % Keys, turn));
                }
            },
            stop =>
            {
                byte[] buffer = new byte[3_000];
                do
                {
                    for (long key = 0; key < Keys; key++)
                    {
                        Assert.True(reader.TryGet(ByteScript.KeyOf(key), buffer, out int length).IsOk,
                            "a key that was there all the time was missed");
                        AssertWhole(key, buffer.AsSpan(0, length));
                    }

                    int met = 0;
                    foreach (ByteMapEntry entry in reader)
                    {
                        AssertWhole(BitConverter.ToInt64(entry.Key), entry.Value);
                        met++;
                    }

                    Assert.Equal(Keys, met);
                }
                while (!stop.IsCancellationRequested);
            },
            s_duration);
        Assert.True(map.GetStatistics().Passes > 2, $"{map.GetStatistics()}");
    }

    // The key, the turn, and as many bytes of the turn as the turn specifies.
    private static byte[] Value(long key, long turn)
    {
        byte[] value = new byte[16 + (turn * 31 % 900)];
        Array.Fill(value, (byte)turn);
        BitConverter.TryWriteBytes(value, key);
        BitConverter.TryWriteBytes(value.AsSpan(8), turn);
        return value;
    }

    private static void AssertWhole(long key, ReadOnlySpan<byte> value)
    {
        long turn = BitConverter.ToInt64(value[8..]);
        Assert.Equal(key, BitConverter.ToInt64(value));
        Assert.Equal(16 + (turn * 31 % 900), value.Length);
        Assert.False(value[16..].ContainsAnyExcept((byte)turn), "a mixture of two values");
    }
}
