using System.Text;

namespace Estream.Host.Configuration;

/// <summary>The Unix socket through which programs of the user the host runs as reach it: <c>run/http.sock</c> in the data folder unless
/// another path is set.</summary>
internal static class HttpSocket
{
    /// <summary>The longest path that Linux binds a socket to.</summary>
    public const int MaxPathBytes = 107;

    private const string None = "none";

    /// <summary>The path; null if there is to be none, if the data folder has too long a path, and on Windows.</summary>
    public static string? PathOf(string? setting, string data)
    {
        if (setting == None || OperatingSystem.IsWindows())
        {
            return null;
        }

        string path = Path.GetFullPath(setting is { Length: > 0 } ? setting : Path.Combine(data, "run", "http.sock"));
        return Encoding.UTF8.GetByteCount(path) <= MaxPathBytes ? path : null;
    }
}
