using Estream.Core;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A log that lies in a directory, as <see cref="TransparencyLog"/> writes it. Thread-safe.</summary>
public sealed class DirectoryLogSource : ILogSource
{
    private readonly string _directory;

    /// <summary>Reads below a directory.</summary>
    /// <param name="directory">The log's prefix; looked at when something is read.</param>
    public DirectoryLogSource(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = directory;
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Path.Combine(_directory, path);
        try
        {
            FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                // What is read is counted and not what the file says it has: it may be a pipe, or grow.
                byte[]? content = await BoundedContent.ReadAsync(stream, maxBytes, cancellation).ConfigureAwait(false);
                return content ?? throw new EstreamLogException(LogFault.TooLong, $"The file '{file}' of a log has more than the {maxBytes} bytes that it may have. Check the directory, or fetch the log again.", file);
            }
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException($"The file '{file}' of a log cannot be read: {refused.Message} Check the directory and its permissions.", file, StorageFailure.Other, refused);
        }
    }
}
