namespace Estream.Core;

/// <summary>
/// The root of what the environment or damaged data can do to Estream. A caller's own mistake is never one of these:
/// that is an <see cref="ArgumentException"/>, <see cref="InvalidOperationException"/> or <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>Every message says what happened, where (file, offset, field) and what to do about it.</remarks>
public abstract class EstreamException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The file or directory concerned, when there is one.</param>
    /// <param name="isTransient">Whether the same call can succeed later without anything being repaired.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    protected EstreamException(string message, string? path, bool isTransient, Exception? innerException)
        : base(message, innerException)
    {
        Path = path;
        IsTransient = isTransient;
    }

    /// <summary>The file or directory concerned, or <see langword="null"/>.</summary>
    public string? Path { get; }

    /// <summary>Whether the same call can succeed later without anything being repaired (a full disk can empty, a lease can end).</summary>
    public bool IsTransient { get; }
}

/// <summary>Bytes on storage contradict the format: a length out of range, a checksum that does not match, a header torn apart.</summary>
public sealed class EstreamCorruptionException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What contradicts what, where, and what to do.</param>
    /// <param name="path">The damaged file.</param>
    /// <param name="offset">The byte offset of the damage in that file, or -1 when the file as a whole is meant.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamCorruptionException(string message, string? path, long offset = -1, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Offset = offset;
    }

    /// <summary>The byte offset of the damage in <see cref="EstreamException.Path"/>, or -1.</summary>
    public long Offset { get; }
}

/// <summary>
/// The data is whole but not for this reader: another kind of file, a newer format version, or other key and value types than
/// the ones asked for. Nothing was changed.
/// </summary>
public sealed class EstreamFormatException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was found, what was expected, and what to do.</param>
    /// <param name="path">The file concerned.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamFormatException(string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
    }
}

/// <summary>Another live process or object holds the right that was asked for. Transient: it ends with its owner.</summary>
public sealed class EstreamLeaseException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Who holds it, on what, and the way out.</param>
    /// <param name="path">The locked file.</param>
    /// <param name="ownerProcessId">The owner's process id, or 0 when it is not known.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamLeaseException(string message, string? path, int ownerProcessId = 0, Exception? innerException = null)
        : base(message, path, isTransient: true, innerException)
    {
        OwnerProcessId = ownerProcessId;
    }

    /// <summary>The owner's process id, or 0 when it is not known.</summary>
    public int OwnerProcessId { get; }
}
