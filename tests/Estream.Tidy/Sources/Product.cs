using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.Sources;

/// <summary>The built product, as a compiler sees it.</summary>
internal static class Product
{
    /// <summary>The assemblies that this test runs with: the framework and the product's libraries.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Loads one built assembly, the source of its public surface.</summary>
    public static IAssemblySymbol Load(string assemblyPath)
    {
        MetadataReference library = MetadataReference.CreateFromFile(assemblyPath);
        string name = Path.GetFileName(assemblyPath);
        IEnumerable<MetadataReference> others = References.Where(reference => Path.GetFileName(reference.Display) != name);
        CSharpCompilation compilation = CSharpCompilation.Create("Surface", [], [library, .. others]);
        return (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(library)!;
    }
}
