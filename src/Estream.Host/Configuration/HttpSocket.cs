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
    /// <param name="setting">The setting; null or empty for the default.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="file">The default file name.</param>
    public static string? PathOf(string? setting, string data, string file = "http.sock")
    {
        if (setting == None || OperatingSystem.IsWindows())
        {
            return null;
        }

        string path = Path.GetFullPath(setting is { Length: > 0 } ? setting : Path.Combine(data, "run", file));
        return Encoding.UTF8.GetByteCount(path) <= MaxPathBytes ? path : null;
    }
}
