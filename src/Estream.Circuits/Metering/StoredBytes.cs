namespace Estream.Circuits.Metering;

/// <summary>How many bytes the files of a queue, a map or a state have.</summary>
internal static class StoredBytes
{
    private static readonly EnumerationOptions s_all = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Adds them up. Files that come or go meanwhile count or not; a directory that is not there has none.</summary>
    public static long In(string directory)
    {
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", s_all))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes while it is looked at.
        }

        return bytes;
    }
}
