using Estream.Esf.Generator.Emit;
using Estream.Esf.Schema;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Estream.Esf.Generator.Internal;

/// <summary>Compiles one schema file: reads it, and emits the C# of its types if it has no errors.</summary>
internal static class SchemaFileCompiler
{
    /// <summary>Names that a schema or an enum cannot have: the generated class has members with these names, or uses types with
    /// these names.</summary>
    private static readonly string[] s_reserved =
    [
        "View", "Writer", "SchemaId", "FixedLength", "MaxLength", "CanonicalText", "Schema", "Shape", "SchemaHolder", "Write", "Validate",
        "Additions", "Extending", "WideningHolder",
        "EsfGet", "EsfPut", "EsfJson", "EsfPrivate", "EsfSchema", "EsfStatus", "EsfValidator", "BinaryPrimitives", "MethodImpl",
        "MethodImplOptions", "System",
    ];

    public static bool IsVisibility(string visibility) => visibility is "" or "internal" or "public";

    public static CompiledFile Compile(SchemaFileInput file, string visibility, CancellationToken cancel)
    {
        SchemaReadResult result = file.Read();
        cancel.ThrowIfCancellationRequested();
        if (result.Document is not SchemaDocument document)
        {
            return Failed(file.Path, result.Diagnostics.Select(DiagnosticInfo.Of));
        }

        DiagnosticInfo[] reserved = document.Schemas.Select(s => (s.Name, s.Position))
            .Concat(document.Enums.Concat(document.ImportedEnums).Select(e => (e.Name, e.Position)))
            .Where(named => s_reserved.Contains(named.Name) || TypeMapper.KnownItems.Contains(named.Name))
            .Select(named => Reserved(file.Path, named.Name, named.Position))
            .ToArray();
        if (reserved.Length > 0)
        {
            return Failed(file.Path, reserved);
        }

        SchemaLock published = ReadLock(file, document, out IReadOnlyList<SchemaDiagnostic> breaches);
        string access = visibility == "public" ? "public" : "internal";
        List<GeneratedType> types = [];
        foreach (EnumDefinition definition in document.Enums.Concat(document.ImportedEnums))
        {
            string source = EnumEmitter.Emit(document.Namespace, definition, access);
            types.Add(TypeOf(file.Path, document.Namespace, definition.Name, source, definition.Position));
        }

        foreach (MessageSchema schema in document.Schemas)
        {
            cancel.ThrowIfCancellationRequested();
            types.Add(TypeOf(file.Path, document.Namespace, schema.Name,
                MessageEmitter.Emit(schema, access, published.Find(schema.QualifiedName)), schema.Position));
        }

        return new CompiledFile(file.Path, new EquatableList<GeneratedType>(types),
            new EquatableList<DiagnosticInfo>(breaches.Select(DiagnosticInfo.Of)));
    }

    /// <summary>
    /// Reads the published versions of the file. Returns an empty lock if the lock cannot be read or a change is incompatible. The types
    /// are emitted anyway. Without the types, this error would be buried among errors in all code that uses the types.
    /// </summary>
    private static SchemaLock ReadLock(SchemaFileInput file, SchemaDocument document, out IReadOnlyList<SchemaDiagnostic> breaches)
    {
        SchemaLockReadResult? read = file.Lock is LockFileInput found ? SchemaLockReader.Read(found.Text, found.Path) : null;
        SchemaLock published = read?.Lock ?? SchemaLock.Empty;
        breaches = read is { Lock: null } ? read.Diagnostics : published.Check(document, file.Path);
        return breaches.Count == 0 ? published : SchemaLock.Empty;
    }

    private static CompiledFile Failed(string path, IEnumerable<DiagnosticInfo> errors) =>
        new(path, EquatableList<GeneratedType>.Empty, new EquatableList<DiagnosticInfo>(errors));

    private static GeneratedType TypeOf(string path, string ns, string name, string source, SourcePosition position) =>
        new(CSharpNames.Namespace(ns) + "." + name, source, path, position.Line, position.Column);

    private static DiagnosticInfo Reserved(string path, string name, SourcePosition position) => new(
        Descriptors.ReservedNameId,
        path,
        position.Line,
        position.Column,
        $"The name '{name}' is reserved, because generated code uses it. Choose another, for example 'My{name}'.");
}

/// <summary>An error at a position in a schema file, compared by value.</summary>
internal sealed record DiagnosticInfo(string Code, string Path, int Line, int Column, string Message)
{
    public static DiagnosticInfo Of(SchemaDiagnostic diagnostic) => new(
        diagnostic.Code, diagnostic.File, diagnostic.Position.Line, diagnostic.Position.Column, diagnostic.Message);

    public Diagnostic ToDiagnostic() => Diagnostic.Create(Descriptors.Of(Code), LocationOf(Path, Line, Column), Message);

    /// <summary>Returns a location in a file that is not source code. The compiler prints it as <c>file(line,column)</c>.</summary>
    public static Location LocationOf(string path, int line, int column)
    {
        LinePosition position = new(Math.Max(line - 1, 0), Math.Max(column - 1, 0));
        return Location.Create(path, default, new LinePositionSpan(position, position));
    }
}
