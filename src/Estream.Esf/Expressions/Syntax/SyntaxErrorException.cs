namespace Estream.Esf.Expressions.Syntax;

/// <summary>Stops parsing or binding at the first error; never leaves the library.</summary>
internal sealed class SyntaxErrorException(int position, string message) : Exception(message)
{
    /// <summary>Returns the error with its line and column.</summary>
    public EsfExpressionError In(string text)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, Math.Min(position, text.Length));
        return new EsfExpressionError(before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'), Message);
    }
}
