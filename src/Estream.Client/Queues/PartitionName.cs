using System.Globalization;

namespace Estream.Client;

/// <summary>The names of the partitions of a queue: <c>trades.0000</c>, <c>trades.0001</c> and so on. See docs/formats/client.md.</summary>
internal static class PartitionName
{
    /// <summary>The number of characters after the name of the queue.</summary>
    public const int SuffixLength = 5;

    private const int Digits = SuffixLength - 1;

    /// <summary>Returns the name of a partition.</summary>
    public static string Of(string queue, int partition) => string.Create(CultureInfo.InvariantCulture, $"{queue}.{partition:D4}");

    /// <summary>Splits a name into queue and partition.</summary>
    /// <returns>False if the name is not the name of a partition.</returns>
    public static bool TryParse(string name, out string queue, out int partition)
    {
        (queue, partition) = ("", 0);
        if (name.Length <= SuffixLength || name[^SuffixLength] != '.'
            || !int.TryParse(name.AsSpan(name.Length - Digits), NumberStyles.None, CultureInfo.InvariantCulture, out partition))
        {
            return false;
        }

        queue = name[..^SuffixLength];
        return true;
    }
}
