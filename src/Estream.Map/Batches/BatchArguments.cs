namespace Estream.Map.Internal;

/// <summary>Checks the arguments of calls for many byte strings, which are concatenated, with their lengths in a second list.</summary>
internal static class BatchArguments
{
    /// <exception cref="ArgumentException">A length is negative or too large, or their sum is not the number of bytes.</exception>
    public static void Require(ReadOnlySpan<byte> all, ReadOnlySpan<int> lengths, int most, string name)
    {
        long sum = 0;
        foreach (int length in lengths)
        {
            if ((uint)length > (uint)most)
            {
                throw new ArgumentException($"A length is {length}; it must be 0 to {most} bytes.", name);
            }

            sum += length;
        }

        if (sum != all.Length)
        {
            throw new ArgumentException($"The lengths are {sum} bytes together, and there are {all.Length}.", name);
        }
    }

    /// <exception cref="ArgumentException">The numbers of keys and values differ.</exception>
    public static void RequirePairs(int keys, int values, string name)
    {
        if (values != keys)
        {
            throw new ArgumentException($"{keys} keys and {values} values are no pairs.", name);
        }
    }
}
