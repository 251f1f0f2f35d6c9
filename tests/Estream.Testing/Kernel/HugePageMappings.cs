using System.Globalization;

namespace Estream.Testing;

/// <summary>Counts the bytes of this process's mappings that the kernel backs with transparent huge pages.</summary>
public static class HugePageMappings
{
    /// <summary>Returns the bytes on huge pages of all mapped files in a folder on tmpfs.</summary>
    /// <param name="directory">The folder.</param>
    /// <returns>The number of bytes.</returns>
    public static long BytesBelow(string directory)
    {
        // proc(5): a line with address range and path, then lines with counts in kB.
        long kilobytes = 0;
        bool counts = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                counts = line.Contains(directory, StringComparison.Ordinal);
            }
            else if (counts && words[0] == "ShmemPmdMapped:")
            {
                kilobytes += long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        return kilobytes << 10;
    }
}
