using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Turns what the file system refuses into the exception for it.</summary>
internal static class FileFailure
{
    // What the system calls no space and no quota; .NET keeps it in the code of an exception.
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
                $"Could not {action}: '{path}'. {refused.Message} Check path, owner and free space, and try again; nothing is left half "
                + "done.", path, reason, refused);
        }
    }
}
