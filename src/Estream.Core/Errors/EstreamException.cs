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
