namespace Estream.Marketplace.Trust.Log;

/// <summary>Where the files of a log are read from: a directory, a web server, memory. Nothing it gives is trusted.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface ILogSource
{
    /// <summary>Reads a file whole.</summary>
    /// <param name="path">A path of <see cref="LogPaths"/>.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Its content, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="Estream.Core.EstreamException">It could not be read, or has more bytes than it may have.</exception>
    ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation);
}
