using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.Sources;

/// <summary>The assemblies of the built product, for use with the compiler.</summary>
internal static class Product
{
    // Its internal namespaces, such as Windows, would hide names of the samples.
    private const string WebFramework = "Microsoft.AspNetCore.App";

    /// <summary>The assemblies that this test runs with: the framework and the product's libraries.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => !path.Contains(WebFramework, StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Loads the symbols of one built assembly, which include its public surface.</summary>
    public static IAssemblySymbol Load(string assemblyPath)
    {
        MetadataReference library = MetadataReference.CreateFromFile(assemblyPath);
        string name = Path.GetFileName(assemblyPath);
        IEnumerable<MetadataReference> others = References.Where(reference => Path.GetFileName(reference.Display) != name);
        CSharpCompilation compilation = CSharpCompilation.Create("Surface", [], [library, .. others]);
        return (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(library)!;
    }
}
