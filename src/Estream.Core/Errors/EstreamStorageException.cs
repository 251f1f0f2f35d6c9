namespace Estream.Core;

/// <summary>The operating system refused: the disk is full, the directory is read-only, a file is missing or may not be opened.</summary>
public sealed class EstreamStorageException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The file or directory concerned.</param>
    /// <param name="reason">What kind of refusal it was.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamStorageException(string message, string? path, StorageFailure reason, Exception? innerException = null)
        : base(message, path, reason == StorageFailure.DiskFull, innerException)
    {
        Reason = reason;
    }

    /// <summary>What kind of refusal it was.</summary>
    public StorageFailure Reason { get; }
}

/// <summary>Why the storage refused.</summary>
public enum StorageFailure
{
    /// <summary>Something else; the message and the inner exception say what.</summary>
    Other,

    /// <summary>No space, or no quota, is left. Transient: free space and try again.</summary>
    DiskFull,

    /// <summary>The file system or the permissions do not allow writing here.</summary>
    AccessDenied,

    /// <summary>The file or directory is not there.</summary>
    NotFound,

    /// <summary>
    /// What was written did not reach the device, also when the reason is a full one: the system has given those pages up, so a later
    /// flush that succeeds says nothing about them. Not transient.
    /// </summary>
    Device,
}
