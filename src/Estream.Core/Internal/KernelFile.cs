namespace Estream.Core.Internal;

/// <summary>Reads the small text files of the kernel. A missing or inaccessible file counts as empty.</summary>
internal static class KernelFile
{
    public static IReadOnlyList<string> ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The first lines of a file that may be long.</summary>
    /// <returns><see langword="null"/> if it is missing or inaccessible.</returns>
    public static IReadOnlyList<string>? TryReadLines(string path, int most)
    {
        try
        {
            return [.. File.ReadLines(path).Take(most)];
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The first line; empty if there is none.</summary>
    public static string ReadLine(string path) => ReadLines(path) is [var first, ..] ? first : "";

    /// <summary>The word in brackets in a list of choices such as <c>always [madvise] never</c>; empty if there is none.</summary>
    public static string ReadChoice(string path)
    {
        string line = ReadLine(path);
        int start = line.IndexOf('[', StringComparison.Ordinal);
        int end = line.IndexOf(']', StringComparison.Ordinal);
        return start >= 0 && end > start ? line[(start + 1)..end] : "";
    }
}
