namespace Estream.Core;

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
