using System.Buffers;
using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>A source of static files: a directory, a web server, a commit of a Git repository, or memory. Its content is
/// untrusted.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface IFileSource
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The path of the file below the source: forward slashes, no empty segments and no dot segments.</param>
    /// <param name="maxBytes">The maximum size of the file, in bytes.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The content, or <see langword="null"/> if the file does not exist.</returns>
    /// <exception cref="EstreamContentException">The file is larger than <paramref name="maxBytes"/>, or the answer came from another
    /// address.</exception>
    /// <exception cref="Estream.Core.EstreamException">The file could not be read.</exception>
    ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation);
}

/// <summary>The files of a folder in another source. As thread-safe as that source.</summary>
/// <param name="source">The other source.</param>
/// <param name="folder">The folder in the other source.</param>
internal sealed class FolderFileSource(IFileSource source, string folder) : IFileSource
{
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) =>
        source.ReadAsync($"{folder}/{path}", maxBytes, cancellation);
}

/// <summary>Validates paths below a source, so that no path leads outside the source.</summary>
internal static class FilePaths
{
    private const int MaxLength = 1024;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("\\:?#%*\"<>|");

    /// <summary>Throws if a path could lead outside a source.</summary>
    /// <exception cref="ArgumentException">The path is not valid below a source.</exception>
    public static void Require(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isSound = path.Length <= MaxLength && path.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && path.AsSpan()
            .IndexOfAny(s_forbidden) < 0
            && path.Split('/').All(segment => segment is not "" and not "." and not "..");
        if (!isSound)
        {
            throw new ArgumentException(
                $"'{path}' is not a valid path below a file source. Use printable ASCII and forward slashes, no empty or dot segments.",
                nameof(path));
        }
    }
}

/// <summary>Thrown when served content is not what was requested: it is too large, comes from another address, or has an unexpected form.
/// None of it was used.</summary>
public sealed class EstreamContentException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was received, from where, and what to do.</param>
    /// <param name="path">The file or address.</param>
    /// <param name="isTransient">Whether a retry can succeed.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamContentException(string message, string? path, bool isTransient = false, Exception? innerException = null)
        : base(message, path, isTransient, innerException)
    {
    }

    /// <summary>Whether no content was received: the server is unreachable, or denies access to this user.</summary>
    public bool IsUnanswered { get; init; }
}
