using Estream.Esf.Schema;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Estream.Esf.Generator.Internal;

/// <summary>An error at a place of a schema file, compared by value.</summary>
internal sealed record DiagnosticInfo(string Code, string Path, int Line, int Column, string Message)
{
    public static DiagnosticInfo Of(SchemaDiagnostic diagnostic) => new(
        diagnostic.Code, diagnostic.File, diagnostic.Position.Line, diagnostic.Position.Column, diagnostic.Message);

    public Diagnostic ToDiagnostic() => Diagnostic.Create(Descriptors.Of(Code), LocationOf(Path, Line, Column), Message);

    /// <summary>A place of a file that is no source code: the compiler prints it as <c>file(line,column)</c>.</summary>
    public static Location LocationOf(string path, int line, int column)
    {
        LinePosition position = new(Math.Max(line - 1, 0), Math.Max(column - 1, 0));
        return Location.Create(path, default, new LinePositionSpan(position, position));
    }
}
