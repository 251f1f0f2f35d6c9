using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>One mistake in a schema file: where it is, what is wrong and what to write instead.</summary>
public sealed class SchemaDiagnostic
{
    /// <summary>A mistake by code, place and message.</summary>
    public SchemaDiagnostic(string code, string file, SourcePosition position, string message)
    {
        Code = code;
        File = file;
        Position = position;
        Message = message;
    }

    /// <summary>Stable code of the kind of mistake, for example <c>ESF009</c>.</summary>
    public string Code { get; }

    /// <summary>The file as it was named to the reader.</summary>
    public string File { get; }

    /// <summary>Line and column of the mistake.</summary>
    public SourcePosition Position { get; }

    /// <summary>What is wrong and what to write instead.</summary>
    public string Message { get; }

    /// <summary>The mistake in the form compilers use: <c>file(line,column): error CODE: message</c>.</summary>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0}({1}): error {2}: {3}", File, Position, Code, Message);
}
