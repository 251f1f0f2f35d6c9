using Estream.Core;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The documents of a registry in a directory. Thread-safe.</summary>
public sealed class DirectoryRoleSource : IRoleSource
{
    private readonly string _directory;

    /// <summary>The documents in a directory.</summary>
    /// <param name="directory">Its path.</param>
    public DirectoryRoleSource(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = directory;
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(string file, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        string path = Path.Combine(_directory, file);
        try
        {
            return ValueTask.FromResult<Stream?>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<Stream?>(null);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException($"The registry's document '{path}' cannot be read: {refused.Message} Check path and rights.", path, refused is UnauthorizedAccessException ? StorageFailure.AccessDenied : StorageFailure.Other, refused);
        }
    }
}
