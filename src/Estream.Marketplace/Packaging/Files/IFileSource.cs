using System.Buffers;
using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Where static files are read from: a directory, a web server, a commit of a Git repository, memory. Nothing it gives is
/// trusted.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface IFileSource
{
    /// <summary>Reads a file whole.</summary>
    /// <param name="path">Its path below the source: forward slashes, no empty and no dot segments.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Its content, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="EstreamContentException">It has more bytes than it may have, or comes from elsewhere than was asked.</exception>
    /// <exception cref="Estream.Core.EstreamException">It could not be read.</exception>
    ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation);
}

/// <summary>The files of a folder of another source. Thread-safe as that one is.</summary>
/// <param name="source">The other one.</param>
/// <param name="folder">The folder in it.</param>
internal sealed class FolderFileSource(IFileSource source, string folder) : IFileSource
{
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) =>
        source.ReadAsync($"{folder}/{path}", maxBytes, cancellation);
}

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
        bool isSound = path.Length <= MaxLength && path.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && path.AsSpan()
            .IndexOfAny(s_forbidden) < 0
            && path.Split('/').All(segment => segment is not "" and not "." and not "..");
        if (!isSound)
        {
            throw new ArgumentException(
                $"'{path}' is no path below a source of files: printable ASCII, forward slashes, no empty and no dot segments.",
                nameof(path));
        }
    }
}

/// <summary>What somebody serves is not what was asked for: more bytes than it may have, an answer from elsewhere, a form it must not have.
/// Nothing of it was used.</summary>
public sealed class EstreamContentException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What came, from where, and what to do.</param>
    /// <param name="path">The file or address.</param>
    /// <param name="isTransient">Whether the same request can succeed later.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamContentException(string message, string? path, bool isTransient = false, Exception? innerException = null)
        : base(message, path, isTransient, innerException)
    {
    }

    /// <summary>Whether nothing was given at all: who serves it is out of reach, or does not give it to this user.</summary>
    public bool IsUnanswered { get; init; }
}
