using System.Globalization;

namespace Estream.Core.Internal;

/// <summary>Counts the huge pages in a range of the address space of this process, from /proc/self/smaps.</summary>
internal static class HugePageCount
{
    private static readonly string[] s_fields =
        ["AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:", "Shared_Hugetlb:", "Private_Hugetlb:"];

    public static long In(nuint address, long length)
    {
        long kibibytes = 0;
        bool isInside = false;
        foreach (string line in KernelFile.ReadLines("/proc/self/smaps"))
        {
            // A mapping begins with its bounds, "7f12-7f56 rw-s ..."; its counts follow, one field per line. The kernel may split a region
            // into several mappings.
            if (TryReadBounds(line, out ulong start, out ulong end))
            {
                isInside = start < address + (ulong)length && end > address;
            }
            else if (isInside && Array.Find(s_fields, field => line.StartsWith(field, StringComparison.Ordinal)) is { } field)
            {
                kibibytes += long.Parse(line.AsSpan(field.Length).Trim().TrimEnd(" kB"), NumberStyles.None, CultureInfo.InvariantCulture);
            }
        }

        return kibibytes * 1024;
    }

    private static bool TryReadBounds(string line, out ulong start, out ulong end)
    {
        start = 0;
        end = 0;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash
            && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out start)
            && ulong.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out end);
    }
}
