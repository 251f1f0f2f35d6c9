namespace Estream.Map.Tests;

/// <summary>Byte strings one behind the other, as calls for many keys take and give them.</summary>
internal static class PackedBytes
{
    public static (byte[] All, int[] Lengths) Of(IReadOnlyCollection<byte[]> parts) =>
        ([.. parts.SelectMany(part => part)], [.. parts.Select(part => part.Length)]);

    /// <summary>The values that a call gave: <see langword="null"/> where it says that there is none.</summary>
    public static List<byte[]?> Split(ReadOnlySpan<byte> all, ReadOnlySpan<int> lengths)
    {
        var parts = new List<byte[]?>();
        foreach (int length in lengths)
        {
            parts.Add(length < 0 ? null : all[..length].ToArray());
            all = all[Math.Max(length, 0)..];
        }

        Assert.True(all.IsEmpty, $"{all.Length} bytes are of no value");
        return parts;
    }

    /// <summary>Some keys of a few thousand, of 0 to 40 bytes.</summary>
    public static byte[][] Keys(Random random, int most) =>
        [.. Enumerable.Range(0, random.Next(most)).Select(_ => Key(random.Next(3_000)))];

    /// <summary>A key of a number.</summary>
    public static byte[] Key(int number)
    {
        byte[] key = new byte[number == 0 ? 0 : 4 + (number % 37)];
        if (key.Length > 0)
        {
            BitConverter.TryWriteBytes(key, number);
        }

        return key;
    }

    /// <summary>What tells a key from others in a dictionary.</summary>
    public static string Name(byte[] key) => Convert.ToHexString(key);
}
