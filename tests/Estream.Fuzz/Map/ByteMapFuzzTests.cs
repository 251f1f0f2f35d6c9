using Estream.Core;
using Estream.Map;
using Estream.Testing;

namespace Estream.Fuzz.Map;

/// <summary>
/// Damages the files of a small map of bytes at random positions, and reads and writes it by every operation. Each call returns a result or
/// throws one of Estream's own errors; the result of a get is a value that was put. A failure names its seed.
/// </summary>
public sealed class ByteMapFuzzTests : IDisposable
{
    private const int Keys = 40;

    private static readonly int s_rounds = LongRun.Count(1_000, 20_000);

    private ByteMapOptions _options = new() { InitialCapacity = 0, SegmentBytes = 4096 };

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_ByteMap_files_give_answers_or_errors(bool isEncrypted)
    {
        using QueueKeyRing keys = new("first", new byte[QueueKeyRing.KeyBytes]);
        _options = _options with { Keys = isEncrypted ? keys : null };
        Dictionary<string, byte[]> whole = Make();
        for (int seed = 0; seed < s_rounds; seed++)
        {
            try
            {
                Round(whole, new Random(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }
    }

    private Dictionary<string, byte[]> Make()
    {
        using (ByteMap map = ByteMap.Open(_directory.Path, _options))
        {
            for (int turn = 0; turn < 5 * Keys; turn++)
            {
                map.Put(Key(turn % Keys), Value(turn % Keys));
            }

            map.Remove(Key(0));
        }

        return Directory.GetFiles(_directory.Path).ToDictionary(path => path, File.ReadAllBytes);
    }

    private void Round(Dictionary<string, byte[]> whole, Random random)
    {
        foreach ((string path, byte[] content) in whole)
        {
            File.WriteAllBytes(path, content);
        }

        foreach (string added in Directory.GetFiles(_directory.Path).Except(whole.Keys))
        {
            File.Delete(added);
        }

        for (int count = random.Next(1, 9); count > 0; count--)
        {
            (string path, byte[] content) = whole.ElementAt(random.Next(whole.Count));
            if (content.Length > 0)
            {
                Damage(path, content.Length, random);
            }
        }

        using ByteMap? reader = Try(() => ByteMap.OpenReadOnly(_directory.Path, _options));
        Read(reader);
        using (ByteMap? writer = Try(() => ByteMap.Open(_directory.Path, _options)))
        {
            Read(writer);
            Write(writer);
        }

        Read(reader);
    }

    // Truncates the file, or damages words at its start (headers and counts), blocks from byte 256 on, or any position.
    private static void Damage(string path, int length, Random random)
    {
        using var file = new FileStream(path, FileMode.Open);
        if (random.Next(60) == 0)
        {
            file.SetLength(random.Next(length));
            return;
        }

        file.Position = random.Next(4) switch
        {
            0 => 8 * random.Next(64),
            1 => 512 + (8 * random.Next(24)),
            2 => Math.Min(length - 8, 256 + (8 * random.Next(480))),
            _ => random.Next(length - 8),
        };
        long[] words = [0, 1, -1, 255, 256, long.MaxValue, long.MinValue, (1L << 27) | 32, 1L << 62, random.NextInt64(), 4095, 4096];
        file.Write(random.Next(2) == 0 ? BitConverter.GetBytes(words[random.Next(words.Length)]) : [(byte)random.Next(256)]);
    }

    private static void Read(ByteMap? map)
    {
        if (map is null)
        {
            return;
        }

        for (int key = 0; key < Keys; key++)
        {
            int number = key;
            byte[]? found = Try(() => map.TryGet(Key(number), out byte[]? value) ? value : null);
            Assert.True(found is null || found.AsSpan().SequenceEqual(Value(key)), $"key {key} has a value that was never put");
        }

        _ = Try(() => map.GetStatistics());
        ByteMap.Enumerator entries = map.GetEnumerator();
        for (int seen = 0; (Try(() => entries.MoveNext() ? "there" : "") ?? "damaged").Length > 0; seen++)
        {
            Assert.InRange(seen, 0, 4_000);
        }

        entries.Dispose();
    }

    private static void Write(ByteMap? map)
    {
        for (int turn = 0; map is not null && turn < 4 * Keys; turn++)
        {
            int key = turn % Keys;
            object? stored = Try(() => (object)map.Put(Key(key), Value(key)));
            bool isLost = stored is not null && Try(() => (object)map.ContainsKey(Key(key))) is false;
            Assert.False(isLost, $"{key} was stored and is gone");
        }

        _ = Try(() => (object?)map?.CompareExchange(Key(3), Value(3), Value(3)));
        _ = Try(() => (object?)map?.Remove(Key(7)));
        _ = Try(() => Run(() => map?.Flush()));
        _ = Try(() => Run(() => map?.Compact()));
        _ = Try(() => Run(() => map?.Clear()));
    }

    private static byte[] Key(int number) => BitConverter.GetBytes(number * 77);

    private static byte[] Value(int number) => [.. Enumerable.Repeat((byte)(number + 1), number * 11 % 300)];

    private static string Run(Action action)
    {
        action();
        return "";
    }

    private static T? Try<T>(Func<T?> action)
        where T : class
    {
        try
        {
            return action();
        }
        catch (EstreamException error)
        {
            Assert.NotNull(error.Path);
            return null;
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("GivesUpChanges", StringComparison.Ordinal))
        {
            // The damage hit the word that records the feed: a writer without a feed is rejected with an instruction.
            return null;
        }
    }
}
