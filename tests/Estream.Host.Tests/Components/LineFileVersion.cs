using System.Collections.Immutable;
using Estream.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Host.Tests.Components;

/// <summary>Builds versions of the component samples/LineFile: changes the manifest and the sources, and compiles the sources.</summary>
internal static class LineFileVersion
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly string[] s_sources =
        [.. Directory.GetFiles(RepositoryRoot.Combine("samples", "LineFile"), "*.cs").Order(StringComparer.Ordinal)
            .Select(File.ReadAllText)];

    /// <summary>The manifest of a version.</summary>
    public static string Manifest(string version) =>
        Replaced(File.ReadAllText(RepositoryRoot.Combine("samples", "LineFile", "estream-component.toml")), "version = \"1.0.0\"",
            $"version = \"{version}\"");

    /// <summary>Compiles the assembly.</summary>
    /// <param name="changes">Texts in the sources, and their replacements in this version.</param>
    public static byte[] Compile(params (string Old, string New)[] changes)
    {
        string[] sources = [.. s_sources.Select(source =>
            changes.Aggregate(source, (text, change) => text.Replace(change.Old, change.New, StringComparison.Ordinal)))];
        Assert.All(changes, change => Assert.Contains(s_sources, source => source.Contains(change.Old, StringComparison.Ordinal)));
        CSharpCompilation compilation = CSharpCompilation.Create(
            "LineFile", [.. sources.Append(Usings).Select(source => CSharpSyntaxTree.ParseText(source))], s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return image.ToArray();
    }

    public static string Replaced(string text, string old, string with)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, with, StringComparison.Ordinal);
    }
}
