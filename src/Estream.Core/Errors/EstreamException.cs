namespace Estream.Core;

/// <summary>
/// The base of exceptions for failures of the environment and for damaged data. An error of the caller is an <see
/// cref="ArgumentException"/>, <see cref="InvalidOperationException"/> or <see cref="ObjectDisposedException"/> instead.
/// </summary>
/// <remarks>Every message states what happened, where (file, offset, field) and what to do about it.</remarks>
public abstract class EstreamException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The file or directory, if there is one.</param>
    /// <param name="isTransient">Whether the same call can succeed later without a repair.</param>
    /// <param name="innerException">The cause.</param>
    protected EstreamException(string message, string? path, bool isTransient, Exception? innerException)
        : base(message, innerException)
    {
        Path = path;
        IsTransient = isTransient;
    }

    /// <summary>The file or directory, or <see langword="null"/>.</summary>
    public string? Path { get; }

    /// <summary>Whether the same call can succeed later without a repair, for example when the disk has space again.</summary>
    public bool IsTransient { get; }
}

/// <summary>Stored bytes violate the format: a length out of range, a wrong checksum, a torn header.</summary>
public sealed class EstreamCorruptionException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What violates the format, where, and what to do.</param>
    /// <param name="path">The damaged file.</param>
    /// <param name="offset">The byte offset of the damage in that file, or -1 for the whole file.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamCorruptionException(string message, string? path, long offset = -1, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Offset = offset;
    }

    /// <summary>The byte offset of the damage in <see cref="EstreamException.Path"/>, or -1.</summary>
    public long Offset { get; }
}

/// <summary>
/// The data is valid, but not for this reader: another kind of file, a newer format version, or other key and value types. Nothing was
/// changed.
/// </summary>
public sealed class EstreamFormatException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was found, what was expected, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamFormatException(string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
    }
}

/// <summary>Another live process or object holds the requested right. Transient: the right ends with its owner.</summary>
public sealed class EstreamLeaseException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The owner and the file, and what to do.</param>
    /// <param name="path">The locked file.</param>
    /// <param name="ownerProcessId">The process id of the owner, or 0 if unknown.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamLeaseException(string message, string? path, int ownerProcessId = 0, Exception? innerException = null)
        : base(message, path, isTransient: true, innerException)
    {
        OwnerProcessId = ownerProcessId;
    }

    /// <summary>The process id of the owner, or 0 if unknown.</summary>
    public int OwnerProcessId { get; }
}
