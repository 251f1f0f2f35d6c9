namespace Estream.Core.Internal;

/// <summary>The small text files in which the kernel says things. One that is missing or refused says nothing.</summary>
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
    /// <returns><see langword="null"/> where it is missing or refused: unlike one that is empty, it has not been seen.</returns>
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

    /// <summary>The first line; empty when there is none.</summary>
    public static string ReadLine(string path) => ReadLines(path) is [var first, ..] ? first : "";

    /// <summary>The word in brackets in a list of choices such as <c>always [madvise] never</c>; empty when there is none.</summary>
    public static string ReadChoice(string path)
    {
        string line = ReadLine(path);
        int start = line.IndexOf('[', StringComparison.Ordinal);
        int end = line.IndexOf(']', StringComparison.Ordinal);
        return start >= 0 && end > start ? line[(start + 1)..end] : "";
    }
}
