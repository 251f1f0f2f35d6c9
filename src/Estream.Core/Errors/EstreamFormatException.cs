namespace Estream.Core;

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
