namespace Estream.Core;

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
