using Estream.Esf.Generator.Emit;
using Estream.Esf.Schema;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Estream.Esf.Generator.Internal;

/// <summary>Compiles one schema file: reads it, and writes the C# of its types when it has no mistake.</summary>
internal static class SchemaFileCompiler
{
    /// <summary>Names that a schema or an enum cannot have: the generated class has members of these names, or uses types of
    /// them.</summary>
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
    /// What was published of the file; nothing where the lock cannot be read or is broken. The types are written all the
    /// same: one error that says what is wrong is better read alone than among those of all code that uses the types.
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
        $"the name '{name}' cannot be compiled, because generated code uses it itself: choose another, for example 'My{name}'");
}

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
