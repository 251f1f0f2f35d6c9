using Estream.Core;

namespace Estream.Wire.Fix;

/// <summary>A FIX dictionary cannot be read, contradicts itself, or is larger than dictionaries may be.</summary>
public sealed class FixDictionaryException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="source">The file, or the name of the stream it came from.</param>
    /// <param name="line">The line, from 1; 0 where there is none.</param>
    /// <param name="message">What is wrong and what to write instead; the place is put in front.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public FixDictionaryException(string source, int line, string message, Exception? innerException = null)
        : base(line > 0 ? $"{source}, line {line}: {message}" : $"{source}: {message}", source, isTransient: false, innerException)
    {
        Line = line;
    }

    /// <summary>The line, from 1; 0 where there is none.</summary>
    public int Line { get; }
}
