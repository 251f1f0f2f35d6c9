namespace Estream.Map.Tests;

/// <summary>Concatenated byte strings, as calls for many keys take and return them.</summary>
internal static class PackedBytes
{
    public static (byte[] All, int[] Lengths) Of(IReadOnlyCollection<byte[]> parts) =>
        ([.. parts.SelectMany(part => part)], [.. parts.Select(part => part.Length)]);

    /// <summary>The values that a call returned; <see langword="null"/> for an absent value.</summary>
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

    /// <summary>Some of a few thousand keys of 0 to 40 bytes.</summary>
    public static byte[][] Keys(Random random, int most) =>
        [.. Enumerable.Range(0, random.Next(most)).Select(_ => Key(random.Next(3_000)))];

    /// <summary>Returns the key of a number.</summary>
    public static byte[] Key(int number)
    {
        byte[] key = new byte[number == 0 ? 0 : 4 + (number % 37)];
        if (key.Length > 0)
        {
            BitConverter.TryWriteBytes(key, number);
        }

        return key;
    }

    /// <summary>The identity of a key in a dictionary.</summary>
    public static string Name(byte[] key) => Convert.ToHexString(key);
}
