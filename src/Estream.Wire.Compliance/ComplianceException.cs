namespace Estream.Wire.Compliance;

/// <summary>An adapter does not keep what a check asks for.</summary>
public sealed class ComplianceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is promised, and what was seen instead.</param>
    /// <param name="innerException">What the adapter threw, where it did.</param>
    public ComplianceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
