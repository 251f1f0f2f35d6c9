namespace Estream.Esf.Schema.Internal;

/// <summary>Ends the reading of a YAML text at its first error.</summary>
internal sealed class YamlErrorException(string code, SourcePosition position, string message) : Exception(message)
{
    /// <summary>The diagnostic code.</summary>
    public string Code => code;

    /// <summary>The position of the error.</summary>
    public SourcePosition Position => position;
}
