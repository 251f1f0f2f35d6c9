namespace Estream.Esf.Expressions;

/// <summary>A text is no expression over the messages it was written for.</summary>
public sealed class EsfExpressionException : FormatException
{
    internal EsfExpressionException(EsfExpressionError error, string text)
        : base($"The expression '{text}' {error}")
    {
        Error = error;
    }

    /// <summary>The mistake and its place.</summary>
    public EsfExpressionError Error { get; }
}
