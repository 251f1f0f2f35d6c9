using System.Buffers;

namespace Estream.Marketplace.Files;

/// <summary>Paths below a source: what they may look like, so that none leads out of it.</summary>
internal static class FilePaths
{
    private const int MaxLength = 1024;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("\\:?#%*\"<>|");

    /// <summary>Refuses a path that could lead elsewhere.</summary>
    /// <exception cref="ArgumentException">It is none below a source.</exception>
    public static void Require(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isSound = path.Length <= MaxLength && path.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && path.AsSpan().IndexOfAny(s_forbidden) < 0
            && path.Split('/').All(segment => segment is not "" and not "." and not "..");
        if (!isSound)
        {
            throw new ArgumentException($"'{path}' is no path below a source of files: printable ASCII, forward slashes, no empty and no dot segments.", nameof(path));
        }
    }
}
