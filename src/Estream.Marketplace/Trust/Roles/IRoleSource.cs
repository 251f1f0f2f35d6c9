namespace Estream.Marketplace.Trust.Roles;

/// <summary>Where the documents of a registry are got from: a directory, a web server, a Git repository. Nothing it gives is believed before it was verified. Thread-safe.</summary>
public interface IRoleSource
{
    /// <summary>Opens a document.</summary>
    /// <param name="file">Its name: <c>timestamp.json</c>, <c>3.snapshot.json</c>, or <c>files/</c> and 64 hexadecimal digits. It needs no quoting in paths and addresses.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Its bytes, which may be more than there should be: the reader stops where it has enough. Null where there is none.</returns>
    /// <exception cref="Core.EstreamException">The place cannot be reached; that is no statement about the document.</exception>
    ValueTask<Stream?> OpenAsync(string file, CancellationToken cancellation);
}
