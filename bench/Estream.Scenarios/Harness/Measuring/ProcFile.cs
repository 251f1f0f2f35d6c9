namespace Estream.Scenarios.Harness;

/// <summary>Reads small text files of /proc and /sys; returns "unknown" if a file is missing, because a report must not fail a
/// run.</summary>
internal static class ProcFile
{
    private const string Unknown = "unknown";

    public static string Text(string path)
    {
        return File.Exists(path) ? File.ReadAllText(path).Trim() : Unknown;
    }

    /// <summary>Returns the value of the first <c>key : value</c> line.</summary>
    public static string Value(string path, string key)
    {
        if (!File.Exists(path))
        {
            return Unknown;
        }

        string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
        return line is null ? Unknown : line[(line.IndexOf(':') + 1)..].Trim();
    }

    /// <summary>Returns the bracketed choice of a line such as <c>always [madvise] never</c>.</summary>
    public static string Selected(string path)
    {
        string text = Text(path);
        int open = text.IndexOf('[');
        int close = text.IndexOf(']');
        return open >= 0 && close > open ? text[(open + 1)..close] : text;
    }
}
