using System.Globalization;

namespace Estream.Esf.Expressions;

/// <summary>A mistake in the text of an expression.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1, in UTF-16 units.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record EsfExpressionError(int Line, int Column, string Message)
{
    /// <summary>Place and message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Line},{Column}): {Message}");
}
