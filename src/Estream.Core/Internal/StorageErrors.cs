using System.ComponentModel;

namespace Estream.Core.Internal;

/// <summary>Converts errors of the system to an <see cref="EstreamStorageException"/> with advice.</summary>
internal static class StorageErrors
{
    public static EstreamStorageException FromErrno(int error, string path, string action)
    {
        StorageFailure reason = error switch
        {
            NativeMethods.ErrorNoSpace or NativeMethods.ErrorQuota => StorageFailure.DiskFull,
            NativeMethods.ErrorReadOnlyFileSystem or 1 or 13 => StorageFailure.AccessDenied,
            2 or 20 => StorageFailure.NotFound,
            _ => StorageFailure.Other,
        };
        return Create(reason, path, action, new Win32Exception(error));
    }

    /// <summary>Creates the exception for written data that did not reach the device.</summary>
    public static EstreamStorageException NotWritten(int error, string path) =>
        Create(StorageFailure.Device, path, "write to the device", new Win32Exception(error));

    /// <summary>Creates the exception for a device that could not read at an offset.</summary>
    public static EstreamStorageException NotRead(Exception cause, string path, long offset) =>
        new(
            $"Could not read '{path}' at offset {offset}. {cause.Message.TrimEnd('.')}. Check the device, and restore the file from a "
            + "copy.",
            path, StorageFailure.Device, cause);

    /// <inheritdoc cref="NotRead(Exception, string, long)"/>
    public static EstreamStorageException NotRead(int error, string path, long offset) => NotRead(new Win32Exception(error), path, offset);

    public static EstreamStorageException From(Exception cause, string path, string action)
    {
        StorageFailure reason = cause switch
        {
            UnauthorizedAccessException => StorageFailure.AccessDenied,
            FileNotFoundException or DirectoryNotFoundException => StorageFailure.NotFound,
            IOException io => FromHResult(io.HResult),
            _ => StorageFailure.Other,
        };
        return Create(reason, path, action, cause);
    }

    // On Unix the HResult of an IOException is the errno.
    private static StorageFailure FromHResult(int code) => code switch
    {
        NativeMethods.ErrorNoSpace or NativeMethods.ErrorQuota => StorageFailure.DiskFull,
        NativeMethods.ErrorReadOnlyFileSystem => StorageFailure.AccessDenied,
        _ => StorageFailure.Other,
    };

    private static EstreamStorageException Create(StorageFailure reason, string path, string action, Exception cause)
    {
        string advice = reason switch
        {
            StorageFailure.DiskFull => "The disk is full: free space and try again; data stored earlier is not lost.",
            StorageFailure.AccessDenied =>
                "Access is denied: check the owner, the permissions and whether the file system is mounted "
                + "read-only.",
            StorageFailure.NotFound => "It does not exist: check the path.",
            StorageFailure.Device =>
                $"{cause.Message}. Data written since the last successful flush may be lost, and a retry does not restore it: check "
                + "the device, then reopen the files.",
            _ => cause.Message + ".",
        };
        return new EstreamStorageException($"Could not {action}: '{path}'. {advice}", path, reason, cause);
    }
}
