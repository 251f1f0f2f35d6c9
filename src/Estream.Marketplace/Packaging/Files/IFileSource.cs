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
