namespace Estream.Core;

/// <summary>The system refused a call: the disk is full, a directory is read-only, or a file is missing or inaccessible.</summary>
public sealed class EstreamStorageException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The file or directory.</param>
    /// <param name="reason">The kind of failure.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamStorageException(string message, string? path, StorageFailure reason, Exception? innerException = null)
        : base(message, path, reason == StorageFailure.DiskFull, innerException)
    {
        Reason = reason;
    }

    /// <summary>The kind of failure.</summary>
    public StorageFailure Reason { get; }
}

/// <summary>Why the storage failed.</summary>
public enum StorageFailure
{
    /// <summary>Another failure; see the message and the inner exception.</summary>
    Other,

    /// <summary>No space or quota is left. Transient: free space and try again.</summary>
    DiskFull,

    /// <summary>The file system or the permissions do not allow writing here.</summary>
    AccessDenied,

    /// <summary>The file or directory does not exist.</summary>
    NotFound,

    /// <summary>
    /// The device failed: it could not read, or written data did not reach it. The kernel discards pages that it could not write, so a
    /// later successful flush proves nothing about them. Not transient.
    /// </summary>
    Device,
}
