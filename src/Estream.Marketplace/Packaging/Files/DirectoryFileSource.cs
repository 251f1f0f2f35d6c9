using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Reads files below a directory. Follows symbolic links, because the directory belongs to the operator. Thread-safe.</summary>
public sealed class DirectoryFileSource : IFileSource
{
    private readonly string _directory;

    /// <summary>Creates a source for a directory.</summary>
    /// <param name="directory">The directory; accessed only on reads.</param>
    public DirectoryFileSource(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = directory;
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        string file = Path.Combine(_directory, path);
        try
        {
            FileKinds.ThrowIfSpecial(file);
            FileStream stream =
                new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                // The limit applies to the bytes read, not to the reported file size: the file may be a pipe, or grow.
                byte[]? content = await BoundedContent.ReadAsync(stream, maxBytes, cancellation).ConfigureAwait(false);
                return content
                    ?? throw new EstreamContentException(
                        $"The file '{file}' has more than the {maxBytes} bytes allowed. Check the directory, or fetch it again.",
                        file);
            }
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The file '{file}' cannot be read: {refused.Message} Check the directory and its permissions.", file, StorageFailure.Other,
                refused);
        }
    }
}
