using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>An error in a schema file: its position, what is wrong, and what to write instead.</summary>
public sealed class SchemaDiagnostic
{
    /// <summary>Creates an error.</summary>
    public SchemaDiagnostic(string code, string file, SourcePosition position, string message)
    {
        Code = code;
        File = file;
        Position = position;
        Message = message;
    }

    /// <summary>The stable code of the kind of error, for example <c>ESF009</c>.</summary>
    public string Code { get; }

    /// <summary>The file name that was passed to the reader.</summary>
    public string File { get; }

    /// <summary>The line and column of the error.</summary>
    public SourcePosition Position { get; }

    /// <summary>What is wrong and what to write instead.</summary>
    public string Message { get; }

    /// <summary>Returns the error in the usual form of compilers: <c>file(line,column): error CODE: message</c>.</summary>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0}({1}): error {2}: {3}", File, Position, Code, Message);
}
