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
            throw new ArgumentException($"The lengths add up to {sum}, but there are {all.Length} bytes.", name);
        }
    }

    /// <exception cref="ArgumentException">The numbers of keys and values differ.</exception>
    public static void RequirePairs(int keys, int values, string name)
    {
        if (values != keys)
        {
            throw new ArgumentException($"keys and values must have the same length ({keys} != {values}).", name);
        }
    }
}
