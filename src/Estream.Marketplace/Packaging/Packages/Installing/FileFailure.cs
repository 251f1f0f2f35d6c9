using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Converts file system failures to <see cref="EstreamStorageException"/>.</summary>
internal static class FileFailure
{
    // The errno values ENOSPC and EDQUOT, which .NET stores in the HResult of an exception.
    private const int NoSpace = 28;
    private const int NoQuota = 122;

    public static T Guard<T>(string path, string action, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            StorageFailure reason = refused switch
            {
                UnauthorizedAccessException => StorageFailure.AccessDenied,
                FileNotFoundException or DirectoryNotFoundException => StorageFailure.NotFound,
                { HResult: NoSpace or NoQuota } => StorageFailure.DiskFull,
                _ => StorageFailure.Other,
            };
            throw new EstreamStorageException(
                $"Could not {action}: '{path}'. {refused.Message} Check the path, its owner and the free space, and try again; no "
                + "partial change was made.", path, reason, refused);
        }
    }
}
