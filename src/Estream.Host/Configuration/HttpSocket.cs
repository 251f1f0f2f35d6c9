using System.Text;

namespace Estream.Host.Configuration;

/// <summary>The Unix socket through which programs of the host's user reach the host. Default: <c>run/http.sock</c> in the data
/// folder.</summary>
internal static class HttpSocket
{
    /// <summary>The maximum length of a socket path on Linux.</summary>
    public const int MaxPathBytes = 107;

    private const string None = "none";

    /// <summary>Returns the path of the socket; null if it is disabled, if the path is too long, and on Windows.</summary>
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
